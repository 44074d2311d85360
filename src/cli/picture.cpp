#include "cli/picture.hpp"

#include <algorithm>

namespace uvdial::cli {

namespace {

using step = trace_event::step;

// The bar that a step ends: the last one still open for that family or address. A step without a beginning
// gets a bar without a length.
bar& bar_of(picture& drawn, const traced_step& ending) {
  const auto fits = [&ending](const bar& one) {
    return one.now == bar::state::open && one.family == ending.family && one.to == ending.to;
  };
  const auto found = std::find_if(drawn.bars.rbegin(), drawn.bars.rend(), fits);
  if (found != drawn.bars.rend()) return *found;
  return drawn.bars.emplace_back(bar{ending.family, ending.to, ending.at, ending.at});
}

bar::state state_after(const traced_step& ending) {
  if (ending.what == step::win) return bar::state::won;
  if (ending.what == step::fail) return bar::state::failed;
  if (ending.what == step::abort) return bar::state::aborted;
  return ending.addresses > 0 ? bar::state::answered : bar::state::unanswered;
}

}  // namespace

picture read_picture(std::span<const traced_step> steps) {
  picture drawn;
  for (const traced_step& one : steps) {
    drawn.length = std::max(drawn.length, one.at);
    if (one.what == step::end) {
      drawn.ended = true;
      drawn.code = one.code;
      continue;
    }
    if (one.what == step::filter) {
      drawn.bars.push_back({one.family, one.to, one.at, one.at, bar::state::blocked});
      continue;
    }
    if (one.what == step::question || one.what == step::start) {
      drawn.bars.push_back({one.family, one.to, one.at, one.at});
      continue;
    }
    bar& ended = bar_of(drawn, one);
    if (one.what == step::confirm) {
      ended.confirming = true;
      continue;
    }
    ended.now = state_after(one);
    ended.until = one.at;
    ended.addresses = one.addresses;
    ended.code = one.code;
    ended.server = one.server;
  }
  for (bar& one : drawn.bars) {
    if (one.now == bar::state::open) one.until = drawn.length;
  }
  return drawn;
}

}  // namespace uvdial::cli
