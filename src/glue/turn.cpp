#include "glue/turn.hpp"

#include "uvdial/error.hpp"

namespace uvdial::detail {

namespace {

// Starting and stopping a prepare, check, idle or timer handle fails only for a null callback.
template <class Uv>
void never_fails(int status, const uv_handle<Uv>&) noexcept {
  (void)status;
}

}  // namespace

instant now() noexcept { return instant(static_cast<std::int64_t>(uv_hrtime())); }

void require_handle(int status) {
  if (status >= 0) return;
  make_error(error_kind::out_of_resources, std::error_code(status, uv_category()),
             "no memory for a loop handle")
      ->raise();
}

void start_timer(const uv_handle<uv_timer_t>& timer, uv_timer_cb on_timer, instant when) noexcept {
  uv_update_time(timer->loop);
  const auto target = std::chrono::ceil<std::chrono::milliseconds>(when).count();
  const auto clock = static_cast<std::int64_t>(uv_now(timer->loop));
  const auto delay = static_cast<std::uint64_t>(target > clock ? target - clock : 1);
  never_fails(uv_timer_start(timer.get(), on_timer, delay, 0), timer);
}

turn::turn(uv_loop_t& loop, turn_client& client, const std::shared_ptr<handle_count>& count)
    : client_(client), loop_(loop) {
  require_handle(timer_.open(count, [&loop](uv_timer_t* handle) { return uv_timer_init(&loop, handle); }));
  require_handle(idle_.open(count, [&loop](uv_idle_t* handle) { return uv_idle_init(&loop, handle); }));
  require_handle(
      prepare_.open(count, [&loop](uv_prepare_t* handle) { return uv_prepare_init(&loop, handle); }));
  require_handle(check_.open(count, [&loop](uv_check_t* handle) { return uv_check_init(&loop, handle); }));
  timer_->data = idle_->data = prepare_->data = check_->data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(timer_.get()));
  uv_unref(reinterpret_cast<uv_handle_t*>(idle_.get()));
  uv_unref(reinterpret_cast<uv_handle_t*>(prepare_.get()));
  uv_unref(reinterpret_cast<uv_handle_t*>(check_.get()));
}

void turn::hold(bool wanted) noexcept {
  if (held_ == wanted) return;
  held_ = wanted;
  if (wanted)
    uv_ref(reinterpret_cast<uv_handle_t*>(check_.get()));
  else
    uv_unref(reinterpret_cast<uv_handle_t*>(check_.get()));
  settle();
}

void turn::watch(bool wanted) noexcept {
  if (watched_ == wanted) return;
  watched_ = wanted;
  settle();
}

void turn::wake_soon() noexcept {
  if (due_) return;
  due_ = true;
  never_fails(uv_idle_start(idle_.get(), on_idle), idle_);
  settle();
}

void turn::settle() noexcept {
  const bool active = uv_is_active(reinterpret_cast<uv_handle_t*>(check_.get())) != 0;
  const bool wanted = held_ || watched_ || due_;
  if (active == wanted) return;
  if (wanted) {
    never_fails(uv_prepare_start(prepare_.get(), on_prepare), prepare_);
    never_fails(uv_check_start(check_.get(), on_check), check_);
    return;
  }
  never_fails(uv_prepare_stop(prepare_.get()), prepare_);
  never_fails(uv_check_stop(check_.get()), check_);
  never_fails(uv_timer_stop(timer_.get()), timer_);
  armed_.reset();
}

void turn::arm() noexcept {
  const std::optional<instant> wanted = client_.next_wake();
  if (!wanted || due_) return;
  if (*wanted <= now()) return wake_soon();  // a client may mean this very moment
  // A timer that fires too early only asks again; one that is set for every change costs more.
  if (armed_ && *armed_ <= *wanted) return;
  start_timer(timer_, on_timer, *wanted);
  armed_ = *wanted;
}

void turn::take_back() noexcept {
  if (!due_) return;
  due_ = false;
  never_fails(uv_idle_stop(idle_.get()), idle_);
  settle();
}

void turn::act() noexcept {
  if (!due_) return;
  take_back();
  client_.woken();  // last: this object may be gone after it
}

// The prepare phase that follows asks the client again: it may have changed its mind since the timer was set.
void turn::on_timer(uv_timer_t* handle) noexcept { static_cast<turn*>(handle->data)->armed_.reset(); }

void turn::on_prepare(uv_prepare_t* handle) noexcept {
  auto* self = static_cast<turn*>(handle->data);
  self->before_poll_ = now();
  self->arm();
}

void turn::on_check(uv_check_t* handle) noexcept { static_cast<turn*>(handle->data)->act(); }

}  // namespace uvdial::detail
