// What a race has to say when it is over.
#include <algorithm>

#include "logic/race.hpp"

namespace uvdial::detail {
namespace {

std::size_t place_of(attempt_id id) noexcept { return static_cast<std::size_t>(id); }

}  // namespace

bool race::ended() const noexcept { return ended_; }

const endpoint& race::address(attempt_id started) const noexcept { return attempts_[place_of(started)].to; }

bool race::confirming(attempt_id id) const noexcept {
  const std::size_t place = place_of(id);
  return !end_ && place < attempts_.size() && (connected_ & pending_ & std::uint64_t{1} << place) != 0;
}

win_reason race::why_won() const noexcept {
  if (!end_ || end_->end != finish::how::won) return win_reason::none;
  const std::size_t place = place_of(end_->winner);
  if (place == 0) return favoured_ ? win_reason::remembered : win_reason::first_choice;
  const auto slow = [](const attempt& one) { return one.what == attempt::state::open; };
  const auto* const last = attempts_.begin() + place;
  return std::any_of(attempts_.begin(), last, slow) ? win_reason::others_slower : win_reason::others_failed;
}

std::vector<attempt> race::all_attempts() const {
  std::vector<attempt> all;
  all.reserve(attempts_.size() + filtered_.size());
  all.assign(attempts_.begin(), attempts_.end());
  all.insert(all.end(), filtered_.begin(), filtered_.end());
  return all;
}

}  // namespace uvdial::detail
