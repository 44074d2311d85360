#include "glue/alarm.hpp"

namespace uvdial::detail {

void alarm::open(uv_loop_t& loop, turn& wakes, const std::shared_ptr<handle_count>& count) {
  if (timer_) return;
  require_handle(timer_.open(count, [&loop](uv_timer_t* handle) { return uv_timer_init(&loop, handle); }));
  wakes_ = &wakes;
  timer_->data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(timer_.get()));
}

void alarm::close() noexcept {
  timer_.reset();
  wakes_ = nullptr;
  set_to_.reset();
}

void alarm::ring_by(instant when) noexcept {
  if (set_to_ && *set_to_ <= when) return;
  start_timer(timer_, on_timer, when);
  set_to_ = when;
}

// Marks only: whoever is woken, after ready sockets were read, decides what the time means.
void alarm::on_timer(uv_timer_t* handle) noexcept {
  auto* self = static_cast<alarm*>(handle->data);
  self->set_to_.reset();
  self->wakes_->wake_soon();
}

}  // namespace uvdial::detail
