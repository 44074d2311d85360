#include "uvdial/sleep.hpp"

#include <uv.h>

#include <stdexcept>
#include <string>
#include <utility>

#include "service/call_failure.hpp"
#include "service/loop_clock.hpp"
#include "uvdial/error.hpp"

namespace uvdial {

namespace {

using detail::instant;
using detail::loop_clock;

// Keeps itself alive while it waits, so that a detached one runs on.
class sleep_call final : public detail::pending,
                         public detail::clock_wait,
                         public std::enable_shared_from_this<sleep_call> {
 public:
  sleep_call(std::shared_ptr<loop_clock> clock, callback<done> on_done) noexcept
      : clock_(std::move(clock)), on_done_(std::move(on_done)) {}

  void begin(instant until) {
    clock_->set(*this, until);
    self_ = shared_from_this();
  }

  void told() noexcept override {
    const auto self = std::move(self_);
    const auto clock = std::move(clock_);
    callback<done> on_done = std::move(on_done_);
    if (cancelled_)
      on_done(detail::call_failure("sleep", UV_ECANCELED));
    else
      on_done(done{});
  }

  void cancel(std::uint32_t) noexcept override {
    if (!running(0)) return;
    cancelled_ = true;
    clock_->post(*this);
  }
  void drop(std::uint32_t) noexcept override {
    if (!running(0)) return;
    const auto self = std::move(self_);
    const auto clock = std::move(clock_);
    const callback<done> silent =
        std::move(on_done_);  // what it captured goes first, the clock's handles last
    clock->remove(*this);
  }
  bool running(std::uint32_t) const noexcept override { return self_ != nullptr; }

 private:
  std::shared_ptr<loop_clock> clock_;
  std::shared_ptr<sleep_call> self_{};
  callback<done> on_done_;
  bool cancelled_ = false;
};

// A time that is too far away to be counted is the end of all time.
instant after(std::chrono::milliseconds duration) noexcept {
  const instant start = detail::now();
  if (duration > std::chrono::floor<std::chrono::milliseconds>(instant::max() - start)) return instant::max();
  return start + duration;
}

}  // namespace

operation sleep(uv_loop_t& loop, std::chrono::milliseconds duration, callback<done> on_done) {
  if (duration < std::chrono::milliseconds(0))
    throw std::invalid_argument("sleep: bad duration " + std::to_string(duration.count()) +
                                " ms: it must not be negative");
  if (!on_done) throw std::invalid_argument("sleep: an empty callback");
  auto call = std::make_shared<sleep_call>(loop_clock::of(loop), std::move(on_done));
  call->begin(after(duration));
  return {std::move(call), 0};
}

}  // namespace uvdial
