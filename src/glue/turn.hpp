#pragma once
// One turn of the loop, and the places in it where we act.
//
// libuv runs timers before (or, since 1.45, after) it reads sockets. A loop that was held up for 300 ms by
// somebody else's callback therefore finds every timer due, while the answer that would have stopped it waits
// unread in the socket: dials fail that have long connected. So a timer callback of ours only marks, and keeps
// the poll of this turn from blocking (an active idle handle does that); what it means is acted on in the check
// phase, right after the poll, when all ready sockets have been read.
//
//      timers ──► prepare ──► poll ──► check          mark ──► arm the timer ──► read ──► act
//
// The timer is armed in the prepare phase, once a turn, whatever was asked for since: it is the last moment
// before the loop may block, and starting a uv timer for every change would cost more than the change. Nothing
// is armed while nothing is wanted, and none of the four handles keeps the loop alive unless hold(true) says so.
//
// Times are those of uv_hrtime. libuv's own clock is the same one, in whole milliseconds and possibly a little
// behind, so a target is rounded up to a whole millisecond of that clock: a wake is never early.
#include <uv.h>

#include <chrono>
#include <memory>
#include <optional>

#include "glue/handle.hpp"

namespace uvdial::detail {

using instant = std::chrono::nanoseconds;  // of uv_hrtime

instant now() noexcept;

// What a handle's init said. Throws out_of_resources for a negative status.
void require_handle(int status);

// Starts the timer for `when`, rounded up to the milliseconds of the loop's clock, at least one.
void start_timer(const uv_handle<uv_timer_t>& timer, uv_timer_cb on_timer, instant when) noexcept;

class turn_client {
 public:
  // Once a turn, before the loop waits. When to be woken at the latest; nullopt: not by time.
  virtual std::optional<instant> next_wake() noexcept = 0;
  // In the check phase, after ready sockets were read, when a wake is due or wake_soon() was called. The turn
  // (and the client) may be destroyed inside.
  virtual void woken() noexcept = 0;

 protected:
  ~turn_client() = default;
};

// Pinned (its handles point to it), loop thread only.
class turn {
 public:
  // Throws out_of_resources where memory is gone. `client` outlives this object.
  turn(uv_loop_t& loop, turn_client& client, const std::shared_ptr<handle_count>& count);
  turn(const turn&) = delete;
  turn& operator=(const turn&) = delete;
  ~turn() = default;

  // Keeps the loop alive, and calls the client once a turn.
  void hold(bool wanted) noexcept;
  // Without hold: whether next_wake() is asked all the same. Does not keep the loop alive.
  void watch(bool wanted) noexcept;
  // woken() in the check phase of this turn if that is still to come, else of the next one.
  void wake_soon() noexcept;
  bool is_due() const noexcept { return due_; }
  // What wake_soon() was called for is done: no woken() for it.
  void take_back() noexcept;
  // Inside woken(): a time before the poll, so that what had come by then has been read. What is due later may still
  // be beaten by data that came while somebody else's callback held up this very turn: it waits for the next one.
  instant before_poll() const noexcept { return before_poll_; }

 private:
  static void on_timer(uv_timer_t* handle) noexcept;
  static void on_idle(uv_idle_t*) noexcept {}
  static void on_prepare(uv_prepare_t* handle) noexcept;
  static void on_check(uv_check_t* handle) noexcept;
  void arm() noexcept;
  void act() noexcept;
  void settle() noexcept;

  turn_client& client_;
  uv_loop_t& loop_;
  uv_handle<uv_timer_t> timer_;
  uv_handle<uv_idle_t> idle_;
  uv_handle<uv_prepare_t> prepare_;
  uv_handle<uv_check_t> check_;
  std::optional<instant> armed_{};  // what the timer is set to
  instant before_poll_{};           // of the last turn that had a prepare phase of ours
  bool held_ = false;
  bool watched_ = false;
  bool due_ = false;
};

}  // namespace uvdial::detail
