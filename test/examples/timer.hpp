#pragma once
// A uv_timer_t with an owner. libuv needs a handle's memory until its close callback has run, longer than the
// owner may live: so the handle is on the heap, closing frees it, and whoever has a `timer` as a member may
// die at any time.
#include <uv.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

#include <uvdial/function.hpp>

class timer {
 public:
  explicit timer(uv_loop_t& loop) : state_(new state) {
    (void)uv_timer_init(&loop, &state_->handle);  // cannot fail
    state_->handle.data = state_.get();
  }

  // Runs `on_due` once, from the loop, unless the timer is stopped, started again or destroyed before. It may
  // destroy the timer. It must not throw.
  void start(std::chrono::milliseconds delay, uvdial::unique_function<void()> on_due) {
    const auto due = [](uv_timer_t* handle) noexcept {
      auto act = std::move(static_cast<state*>(handle->data)->on_due);
      act();
    };
    state_->on_due = std::move(on_due);
    uv_update_time(state_->handle.loop);  // libuv counts from the time of the loop, which may be long past
    (void)uv_timer_start(&state_->handle, due, static_cast<std::uint64_t>(delay.count()), 0);  // nor can this
  }

  void stop() noexcept {
    (void)uv_timer_stop(&state_->handle);  // nor this
    state_->on_due = {};
  }

 private:
  struct state {
    uv_timer_t handle{};
    uvdial::unique_function<void()> on_due{};
  };
  struct close_and_delete {
    void operator()(state* closed) const noexcept {
      uv_close(reinterpret_cast<uv_handle_t*>(&closed->handle),
               [](uv_handle_t* handle) { delete static_cast<state*>(handle->data); });
    }
  };
  std::unique_ptr<state, close_and_delete> state_;
};
