// A connect to a Unix-domain socket succeeds or fails at once, with one exception: the listener's queue of accepted
// connections is full. A blocking connect would wait; a non-blocking one says EAGAIN, and nothing ever says when there
// is room again, neither poll nor epoll. So it is tried again after a pause, which grows. A try costs three system
// calls, and the deadline is looked at only after one: who has room by then is connected to, however late it is.
#include "dial/unix_dial.hpp"

#include <algorithm>
#include <new>
#include <string>

#include "logic/verdict.hpp"

namespace uvdial::detail {

namespace {

// A listener that is alive accepts within the first; one that has hung for long is asked twenty times a second.
constexpr std::chrono::milliseconds first_pause{1};
constexpr std::chrono::milliseconds longest_pause{50};

error_kind kind_of(int status) noexcept {
  switch (status) {
    case UV_ECANCELED: return error_kind::cancelled;
    case UV_ETIMEDOUT: return error_kind::timeout;
    case UV_ECONNREFUSED: return error_kind::connection_refused;
    default: break;
  }
  return is_shortage({status, uv_category()}) ? error_kind::out_of_resources : error_kind::connect;
}

}  // namespace

unix_dial::unix_dial(std::shared_ptr<running_dial_owner> owner, request wanted)
    : owner_(std::move(owner)),
      started_(now()),
      to_(wanted.to),
      options_(wanted.options),
      on_done_(std::move(wanted.on_done)),
      pause_(first_pause) {
  report_.host = to_.to_string();
}

void unix_dial::begin() { attempt(); }

void unix_dial::tick(instant) {
  if (state_ == state::waiting) attempt();
}

void unix_dial::attempt() noexcept try {
  const int status = connect_unix_socket(owner_->loop(), to_, owner_->count(), socket_);
  if (status != UV_EAGAIN) return settle(status);
  const instant time = now();
  instant next = time + pause_;
  if (options_.timeout) {
    const instant deadline = started_ + *options_.timeout;
    if (time >= deadline) return settle(UV_ETIMEDOUT);
    next = std::min(next, deadline);
  }
  pause_ = std::min(2 * pause_, longest_pause);
  owner_->schedule(*this, next, time);
} catch (const std::bad_alloc&) {  // to wait with
  settle(UV_ENOMEM);
}

void unix_dial::settle(int status) noexcept {
  state_ = state::settled;
  status_ = status;
  report_.elapsed = std::chrono::floor<std::chrono::microseconds>(now() - started_);
  owner_->unschedule(*this);
  owner_->post(*this);
}

void unix_dial::step() noexcept {
  if (state_ != state::settled) return;
  const auto self = shared_from_this();
  state_ = state::ended;
  callback<pipe_stream> on_done = std::move(on_done_);
  outcome<pipe_stream> ended = result();
  if (options_.report) *options_.report = std::move(report_);
  let_go();
  on_done(std::move(ended));
}

outcome<pipe_stream> unix_dial::result() noexcept try {
  if (status_ == 0) return pipe_stream(pipe_handle(socket_.release()));
  return make_error(kind_of(status_), {status_, uv_category()}, description(), report_);
} catch (const std::bad_alloc&) {
  if (status_ == UV_ECANCELED) return make_error(error_kind::cancelled, {status_, uv_category()}, {});
  return make_error(error_kind::out_of_resources, {UV_ENOMEM, uv_category()}, {});
}

std::string unix_dial::description() const {
  const auto time = std::chrono::floor<std::chrono::milliseconds>(report_.elapsed).count();
  const std::string after = " after " + std::to_string(time) + " ms";
  const std::string text = "connect " + report_.host + ": ";
  if (status_ == UV_ECANCELED) return text + "cancelled" + after;
  if (status_ == UV_ETIMEDOUT) return text + "timed out" + after + ": the listener accepts nobody";
  return text + uv_category().message(status_);
}

void unix_dial::let_go() noexcept {
  socket_.reset();
  if (const auto owner = std::move(owner_)) {
    owner->unschedule(*this);
    owner->remove(*this);
  }
}

void unix_dial::cancel(std::uint32_t) noexcept {
  if (state_ == state::ended) return;
  socket_.reset();  // a stream that was ready closes here
  settle(UV_ECANCELED);
}

void unix_dial::drop(std::uint32_t) noexcept {
  if (state_ == state::ended) return;
  const auto self = shared_from_this();
  const callback<pipe_stream> silent = std::move(on_done_);  // what it captured goes last
  state_ = state::ended;
  let_go();
}

bool unix_dial::running(std::uint32_t) const noexcept { return state_ != state::ended; }

}  // namespace uvdial::detail
