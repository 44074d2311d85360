#include "glue/alarm.hpp"

#include "uvdial/error.hpp"

namespace uvdial::detail {

void alarm::open(uv_loop_t& loop, turn& wakes, const std::shared_ptr<handle_count>& count) {
  if (timer_) return;
  const int status = timer_.open(count, [&loop](uv_timer_t* handle) { return uv_timer_init(&loop, handle); });
  if (status < 0) {
    make_error(error_kind::out_of_resources, std::error_code(status, uv_category()),
               "no memory for a loop handle")
        ->raise();
  }
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
  uv_loop_t* loop = timer_->loop;
  uv_update_time(loop);
  const auto target = std::chrono::ceil<std::chrono::milliseconds>(when).count();
  const auto clock = static_cast<std::int64_t>(uv_now(loop));
  const auto delay = static_cast<std::uint64_t>(target > clock ? target - clock : 1);
  (void)uv_timer_start(timer_.get(), on_timer, delay, 0);  // fails only for a null callback
  set_to_ = when;
}

// Marks only: whoever is woken, after ready sockets were read, decides what the time means.
void alarm::on_timer(uv_timer_t* handle) noexcept {
  auto* self = static_cast<alarm*>(handle->data);
  self->set_to_.reset();
  self->wakes_->wake_soon();
}

}  // namespace uvdial::detail
