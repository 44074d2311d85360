// What a race takes from those before it about the same host, and what it leaves to the next one.
#include <algorithm>

#include "logic/race.hpp"
#include "uvdial/error.hpp"

namespace uvdial::detail {
namespace {

// The host has no such addresses, and that is known. Anything else is no answer, and tells nothing of the host.
bool is_negative(const std::error_code& why) noexcept {
  if (!why) return true;
  const resolve_errc meaning = to_resolve_errc(why);
  return meaning == resolve_errc::host_not_found || meaning == resolve_errc::no_address;
}

}  // namespace

// Addresses of other families do not count, nor does the order. A lookup that failed says nothing against what was
// learned; but what is learned without its addresses, or before they came, holds only until they come.
void race::compare(ip_family family, std::span<const candidate> addresses,
                   const std::error_code& why) noexcept {
  if (!remembers_ || !asks(family)) return;
  answer_mark mark = 0;
  for (const candidate& one : addresses) {
    if (one.to.family() == family) mark += mark_of(one.to);
  }
  const auto at = static_cast<std::size_t>(family);
  seen_[at] = mark;
  if (addresses.empty() && !is_negative(why)) return;
  if (!lately_ || lately_->answers[at].value_or(0) == mark) return;
  untried_.favour(nullptr);
  lately_.reset();
  outdated_ = true;
}

// Whether a race that was lost speaks against what was learned: it may have ended before it tried that.
bool race::disproved() const noexcept {
  const auto was_it = [this](const attempt& one) { return lately_ && one.to == lately_->winner; };
  return outdated_ || std::any_of(attempts_.begin(), attempts_.end(), was_it);
}

lesson race::learned() const noexcept {
  if (!remembers_ || !end_ || end_->end == finish::how::stopped) return {};
  if (end_->end != finish::how::won) return {disproved() ? lesson::deed::forget : lesson::deed::keep};
  const auto place = static_cast<std::size_t>(end_->winner);
  const endpoint& winner = attempts_[place].to;
  if (lately_ && lately_->winner == winner) return {};
  // The first choice would go first again without being remembered.
  if (place == 0) return {lesson::deed::forget};
  return {lesson::deed::learn, remembered_winner{winner, seen_}};
}

}  // namespace uvdial::detail
