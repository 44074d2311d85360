#include "service/loop_clock.hpp"

#include <map>
#include <mutex>
#include <utility>

#include "values/kept_for_ever.hpp"

namespace uvdial::detail {

namespace {

// Loops of different threads share the table, but each entry is used by the thread of its loop only.
struct clock_table {
  std::mutex guard{};
  std::map<const uv_loop_t*, loop_clock*> clocks{};
};

clock_table& all_clocks() {
  static kept_for_ever<clock_table> kept;
  return kept.value;
}

}  // namespace

std::shared_ptr<loop_clock> loop_clock::of(uv_loop_t& loop) {
  clock_table& table = all_clocks();
  const std::scoped_lock locked(table.guard);
  const auto [place, made] = table.clocks.try_emplace(&loop, nullptr);
  if (!made) return place->second->shared_from_this();
  try {
    auto clock = std::make_shared<loop_clock>(loop);
    place->second = clock.get();
    return clock;
  } catch (...) {
    table.clocks.erase(place);
    throw;
  }
}

loop_clock::~loop_clock() {
  clock_table& table = all_clocks();
  const std::scoped_lock locked(table.guard);
  table.clocks.erase(&loop_);
}

void loop_clock::list::push(clock_wait& one) noexcept {
  one.previous_ = std::exchange(last, &one);
  (one.previous_ ? one.previous_->next_ : first) = &one;
  one.next_ = nullptr;
}

void loop_clock::list::remove(clock_wait& one) noexcept {
  (one.previous_ ? one.previous_->next_ : first) = one.next_;
  (one.next_ ? one.next_->previous_ : last) = one.previous_;
}

void loop_clock::set(clock_wait& one, instant when) {
  times_.set(one, when);
  turn_.hold(true);
}

void loop_clock::put_in_line(clock_wait& one) noexcept {
  one.number_ = ++last_number_;
  posted_.push(one);
}

void loop_clock::post(clock_wait& one) noexcept {
  if (one.number_ != 0) return;
  times_.remove(one);
  put_in_line(one);
  turn_.hold(true);
  turn_.wake_soon();
}

void loop_clock::remove(clock_wait& one) noexcept {
  times_.remove(one);
  if (std::exchange(one.number_, 0) != 0) posted_.remove(one);
  hold_while_waited_for();
}

void loop_clock::hold_while_waited_for() noexcept { turn_.hold(posted_.first || times_.earliest()); }

// What those who are told post or set meanwhile is for the next turn: a task that sleeps for nothing, again and again,
// must not keep the loop from its other work.
void loop_clock::woken() noexcept {
  const auto self = shared_from_this();
  const instant time = turn_.before_poll();
  while (wake_entry* due = times_.take_due(time)) put_in_line(*static_cast<clock_wait*>(due));
  const std::uint64_t last = last_number_;
  while (posted_.first && posted_.first->number_ <= last) {
    clock_wait& one = *posted_.first;
    remove(one);
    one.told();
  }
}

}  // namespace uvdial::detail
