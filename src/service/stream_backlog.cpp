#include "service/stream_backlog.hpp"

#include <uv.h>

#include <algorithm>

namespace uvdial::detail {

namespace {

// Not: a write that could not be made, and one behind the end. EPIPE says that writing is over; of a peer that has
// closed its end of a Unix-domain socket there may still be an orderly end to read.
bool ends_the_connection(int uv_code) noexcept {
  return uv_code < 0 && uv_code != UV_ECANCELED && uv_code != UV_EPIPE && uv_code != UV_ENOMEM &&
         uv_code != UV_ENOBUFS;
}

}  // namespace

void stream_backlog::add(backlog_call& call) noexcept {
  call.listed_ = true;
  call.since_ = timeout_ ? now() : instant{};
  call.previous_ = last_;
  (last_ ? last_->next_ : first_) = &call;
  last_ = &call;
  if (call.waits_for_room()) ++waits_;
}

bool stream_backlog::remove(backlog_call& call) noexcept {
  if (!call.listed_) return false;
  call.listed_ = false;
  (call.previous_ ? call.previous_->next_ : first_) = call.next_;
  (call.next_ ? call.next_->previous_ : last_) = call.previous_;
  call.previous_ = call.next_ = nullptr;
  if (call.waits_for_room()) --waits_;
  return true;
}

// They take themselves out of the list.
void stream_backlog::end_waits(int uv_code) noexcept {
  for (backlog_call* call = first_; call;) {
    backlog_call* next = call->next_;
    call->room(uv_code);
    call = next;
  }
}

void stream_backlog::set_timeout(std::optional<std::chrono::milliseconds> idle, std::size_t unsent) noexcept {
  timeout_ = idle;
  taken_ = given_ - unsent;
  moved_ = idle ? now() : instant{};
}

// What libuv cancelled because the stream closes says nothing about the connection.
void stream_backlog::write_ended(int uv_code) noexcept {
  write_error_ = uv_code == UV_ECANCELED ? 0 : uv_code;
  if (connection_failure_ == 0 && ends_the_connection(uv_code)) connection_failure_ = uv_code;
}

instant stream_backlog::deadline_of(const backlog_call& call) const noexcept {
  return std::max(call.since_, moved_) + *timeout_;
}

void stream_backlog::look(std::size_t unsent) noexcept {
  if (!timed()) return;
  const std::uint64_t taken = given_ - unsent;
  if (taken == taken_) return;
  taken_ = taken;
  moved_ = now();
}

std::optional<instant> stream_backlog::next_wake(std::size_t unsent) noexcept {
  if (awaited() && room_is_decided(unsent)) return instant{};
  look(unsent);
  if (!timed()) return std::nullopt;
  return deadline_of(*first_);
}

void stream_backlog::act(std::size_t unsent, instant time) noexcept {
  if (awaited() && room_is_decided(unsent)) end_waits(write_error_);
  look(unsent);
  if (!timed()) return;
  while (first_ && deadline_of(*first_) <= time) first_->idle_for(*timeout_);
}

}  // namespace uvdial::detail
