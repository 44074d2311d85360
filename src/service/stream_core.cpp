#include "service/stream_core.hpp"

#include <stdexcept>

namespace uvdial::detail {

stream_core::stream_core(stream_handle connected) : loop_(*connected->loop), handle_(std::move(connected)) {
  handle_->data = this;
}

operation stream_core::read(const read_demand& demand, callback<std::size_t> on_done) {
  need_turn();
  const std::uint32_t ticket = reader_.start(stream(), demand, std::move(on_done));
  return {std::shared_ptr<pending>(shared_from_this(), &reader_), ticket};
}

operation stream_core::receive(std::span<std::byte> buffer, stream_reader::chunk_callback on_chunk,
                               callback<std::uint64_t> on_done) {
  need_turn();
  const std::uint32_t ticket = reader_.receive(stream(), buffer, std::move(on_chunk), std::move(on_done));
  return {std::shared_ptr<pending>(shared_from_this(), &reader_), ticket};
}

operation stream_core::write(buffer_list buffers, callback<std::size_t> on_done) {
  if (shut_down_) throw std::logic_error("stream: write() after shutdown()");
  need_turn();
  auto call = std::make_shared<write_call>(shared_from_this(), size_of(buffers), std::move(on_done));
  call->start(stream(), buffers);
  settle();
  return {std::move(call), 0};
}

operation stream_core::shutdown(callback<done> on_done) {
  if (shut_down_) throw std::logic_error("stream: shutdown() twice");
  need_turn();
  auto call = std::make_shared<shutdown_call>(shared_from_this(), std::move(on_done));
  shut_down_ = true;
  call->start(stream());
  settle();
  return {std::move(call), 0};
}

operation stream_core::wait_for_room(callback<done> on_done) {
  need_turn();
  auto call = std::make_shared<room_call>(shared_from_this(), std::move(on_done));
  call->begin();
  if (backlog.room_is_decided(unsent())) turn_->wake_soon();
  settle();
  return {std::move(call), 0};
}

std::size_t stream_core::unsent() const noexcept {
  return handle_ ? uv_stream_get_write_queue_size(handle_.get()) : 0;
}

void stream_core::set_high_water_mark(std::size_t bytes) noexcept {
  backlog.set_high_water_mark(bytes);
  if (backlog.awaited() && backlog.room_is_decided(unsent())) turn_->wake_soon();
}

void stream_core::set_read_timeout(std::optional<std::chrono::milliseconds> idle) {
  if (idle) {
    need_turn();
    read_alarm_.open(loop_, *turn_, turn_handles_);
  }
  reader_.set_timeout(idle);
  settle();
}

void stream_core::set_write_timeout(std::optional<std::chrono::milliseconds> idle) noexcept {
  backlog.set_timeout(idle, unsent());
  settle();
}

// Allocates nothing, and neither does what follows: a close that nobody hears of would break every promise above it.
void stream_core::close(callback<done> on_closed) noexcept {
  reader_.detach();
  read_alarm_.close();
  if (idle() && !on_closed) {
    turn_.reset();  // an operation that somebody keeps would hold its handles open
    return handle_.reset();
  }
  backlog.end_waits(UV_ECANCELED);
  on_closed_ = std::move(on_closed);
  until_closed_ = shared_from_this();
  close_then(std::move(handle_), *this);
}

// libuv has ended its requests by now; what is left are results that wait for the check phase, and the read.
void stream_core::handle_closed() noexcept {
  auto self = std::move(until_closed_);
  deliver_due();
  reader_.deliver_closed();
  turn_.reset();
  if (!on_closed_) return;
  auto tell = [self = std::move(self)] {
    auto on_closed = std::move(self->on_closed_);
    on_closed(done{});
  };
  if (!turn_handles_ || turn_handles_->open() == 0) return tell();
  turn_handles_->when_none(std::move(tell));
}

stream_handle stream_core::release() noexcept {
  reader_.detach();
  read_alarm_.close();
  turn_.reset();
  handle_->data = nullptr;
  return std::move(handle_);
}

// Made before the first call starts, so that none that runs can lack the memory to end.
void stream_core::need_turn() {
  if (turn_) return;
  turn_handles_ = std::make_shared<handle_count>();
  turn_.emplace(loop_, static_cast<turn_client&>(*this), turn_handles_);
}

void stream_core::wake() noexcept {
  settle();
  turn_->wake_soon();
}

// A running operation keeps the loop alive. libuv sees to that where it reads or writes; not while a result waits for
// the check phase, while receive() is paused, or for who waits for room.
void stream_core::settle() noexcept {
  if (!turn_) return;
  turn_->hold(results_wait() || reader_.paused() || backlog.awaited());
  turn_->watch(backlog.timed());
  if (const auto end = reader_.deadline()) read_alarm_.ring_by(*end);
}

std::optional<instant> stream_core::next_wake() noexcept {
  return handle_ ? backlog.next_wake(unsent()) : std::nullopt;
}

void stream_core::woken() noexcept {
  const auto self = shared_from_this();
  if (handle_) {
    if (reader_.deadline()) reader_.expire(turn_->before_poll());
    backlog.act(unsent(), turn_->before_poll());
  }
  deliver_due();
  settle();
}

}  // namespace uvdial::detail
