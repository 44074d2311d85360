#include "uvdial/byte_stream.hpp"

#include <fcntl.h>
#include <uv.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <string>

#include "service/stream_core.hpp"

namespace uvdial {

namespace {

template <class Callback>
void require_callback(const Callback& on_done, const char* what) {
  if (!on_done) throw std::invalid_argument(std::string("stream: ") + what + " without a callback");
}

void throw_failure(const char* what, int uv_code) { detail::call_failure(what, uv_code)->raise(); }

using buffer_call = int (*)(uv_handle_t*, int*);  // the value 0 asks, any other one sets

int ask_buffer(buffer_call call, uv_stream_t& stream, const char* option) {
  int size = 0;
  const int status = call(reinterpret_cast<uv_handle_t*>(&stream), &size);
  if (status < 0) throw_failure(option, status);
  return size;
}

void set_buffer(buffer_call call, uv_stream_t& stream, const char* option, int bytes) {
  if (bytes < 1)
    throw std::invalid_argument("stream: bad " + std::string(option) + " " + std::to_string(bytes) +
                                ": it must be at least 1");
  const int status = call(reinterpret_cast<uv_handle_t*>(&stream), &bytes);
  if (status < 0) throw_failure(option, status);
}

void require_read(std::span<std::byte> into, bool has_callback, const char* what) {
  if (into.empty()) throw std::invalid_argument(std::string("stream: ") + what + " into an empty buffer");
  if (!has_callback) throw std::invalid_argument(std::string("stream: ") + what + " without a callback");
}

void require_delimiter(std::string_view delimiter, std::size_t room) {
  const std::size_t size = delimiter.size();
  if (size == 0) throw std::invalid_argument("stream: read_until() with an empty delimiter");
  if (size > detail::read_demand::longest_delimiter)
    throw std::invalid_argument("stream: read_until() with a delimiter of " + std::to_string(size) +
                                " bytes; the longest has " +
                                std::to_string(detail::read_demand::longest_delimiter));
  if (size > room)
    throw std::invalid_argument("stream: read_until() with a delimiter of " + std::to_string(size) +
                                " bytes into a buffer of " + std::to_string(room));
}

using timeout = std::optional<std::chrono::milliseconds>;

// What is longer than anybody waits for is cut: it must fit into nanoseconds.
timeout checked(timeout idle, const char* what) {
  if (!idle) return idle;
  if (*idle < std::chrono::milliseconds(1))
    throw std::invalid_argument(std::string("stream: bad ") + what + " " + std::to_string(idle->count()) +
                                " ms: it must be at least 1 ms");
  return std::min<std::chrono::milliseconds>(*idle, std::chrono::hours(24 * 365 * 100));
}

}  // namespace

byte_stream::byte_stream(uv_stream_t* connected, const char* taker) : fresh_(connected) {
  if (!connected)
    throw std::invalid_argument(std::string(taker) + ": there is no handle to adopt, it is null");
  connected->data = nullptr;
}

byte_stream& byte_stream::operator=(byte_stream&& other) noexcept {
  if (this == &other) return *this;
  const byte_stream old(std::move(*this));
  fresh_ = std::move(other.fresh_);
  core_ = std::move(other.core_);
  return *this;
}

void byte_stream::close_core() noexcept { core_->close({}); }

uv_stream_t& byte_stream::handle() const {
  if (core_) return *core_->stream();
  if (!fresh_) throw std::logic_error("stream: used after it was closed, released or moved from");
  return *fresh_;
}

detail::stream_core& byte_stream::core() {
  if (core_) return *core_;
  handle();
  try {
    core_ = std::make_shared<detail::stream_core>(
        std::move(fresh_));  // without memory the handle stays where it is
  } catch (const std::bad_alloc&) {
    throw_failure("stream", UV_ENOMEM);
  }
  return *core_;
}

void byte_stream::require_releasable(const char* call) const {
  handle();
  if (core_ && !core_->idle())
    throw std::logic_error("stream: " + std::string(call) + " while a call is in flight");
  if (kept() != 0)
    throw std::logic_error("stream: " + std::string(call) + ": " + std::to_string(kept()) +
                           " bytes that an unfinished read had taken would be lost; read them first");
}

stream_handle byte_stream::leave(const char* call) {
  require_releasable(call);
  if (!core_) return std::move(fresh_);
  const auto left = std::move(core_);
  return left->release();
}

operation byte_stream::read(std::span<std::byte> into, callback<std::size_t> on_done) {
  require_read(into, static_cast<bool>(on_done), "read()");
  return core().read({detail::read_form::some, into}, std::move(on_done));
}

operation byte_stream::read_exactly(std::span<std::byte> into, callback<std::size_t> on_done) {
  require_read(into, static_cast<bool>(on_done), "read_exactly()");
  return core().read({detail::read_form::exactly, into}, std::move(on_done));
}

operation byte_stream::read_until(std::string_view delimiter, std::span<std::byte> into,
                                  callback<std::size_t> on_done) {
  require_read(into, static_cast<bool>(on_done), "read_until()");
  require_delimiter(delimiter, into.size());
  return core().read({detail::read_form::until, into, delimiter}, std::move(on_done));
}

operation byte_stream::receive(std::span<std::byte> buffer,
                               unique_function<void(std::span<const std::byte>)> on_chunk,
                               callback<std::uint64_t> on_done) {
  require_read(buffer, on_chunk && on_done, "receive()");
  return core().receive(buffer, std::move(on_chunk), std::move(on_done));
}

void byte_stream::pause() noexcept {
  if (core_) core_->reader().pause();
}

void byte_stream::resume() noexcept {
  if (core_) core_->reader().resume();
}

std::size_t byte_stream::kept() const noexcept { return core_ ? core_->reader().kept() : 0; }

operation byte_stream::write(std::span<const std::byte> bytes, callback<std::size_t> on_done) {
  return gather({&bytes, 1}, std::move(on_done));
}

operation byte_stream::gather(std::span<const std::span<const std::byte>> buffers,
                              callback<std::size_t> on_done) {
  require_callback(on_done, "write()");
  return core().write(buffers, std::move(on_done));
}

void byte_stream::set_high_water_mark(std::size_t bytes) { core().set_high_water_mark(bytes); }

bool byte_stream::above_high_water_mark() const noexcept {
  return core_ ? core_->backlog.above_mark(core_->unsent())
               : unsent() > detail::stream_backlog::usual_high_water_mark;
}

operation byte_stream::wait_for_room(callback<done> on_done) {
  require_callback(on_done, "wait_for_room()");
  return core().wait_for_room(std::move(on_done));
}

void byte_stream::set_read_timeout(timeout idle) { core().set_read_timeout(checked(idle, "read timeout")); }

void byte_stream::set_write_timeout(timeout idle) {
  core().set_write_timeout(checked(idle, "write timeout"));
}

operation byte_stream::shutdown(callback<done> on_done) {
  require_callback(on_done, "shutdown()");
  return core().shutdown(std::move(on_done));
}

void byte_stream::close(callback<done> on_closed) {
  require_callback(on_closed, "close()");
  core();
  const auto closing = std::move(core_);
  closing->close(std::move(on_closed));
}

std::size_t byte_stream::unsent() const noexcept {
  if (core_) return core_->unsent();
  return fresh_ ? uv_stream_get_write_queue_size(fresh_.get()) : 0;
}

int byte_stream::send_buffer_size() const { return ask_buffer(uv_send_buffer_size, handle(), "SO_SNDBUF"); }

void byte_stream::set_send_buffer_size(int bytes) {
  set_buffer(uv_send_buffer_size, handle(), "SO_SNDBUF", bytes);
}

int byte_stream::receive_buffer_size() const {
  return ask_buffer(uv_recv_buffer_size, handle(), "SO_RCVBUF");
}

void byte_stream::set_receive_buffer_size(int bytes) {
  set_buffer(uv_recv_buffer_size, handle(), "SO_RCVBUF", bytes);
}

int byte_stream::release_socket() && {
  require_releasable("release_socket()");
  uv_os_fd_t ours = -1;
  const int status = uv_fileno(reinterpret_cast<const uv_handle_t*>(&handle()), &ours);
  if (status < 0) throw_failure("release_socket", status);
  const int duplicate = fcntl(ours, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) throw_failure("release_socket", uv_translate_sys_error(errno));
  const byte_stream closing(std::move(*this));  // the duplicate keeps the connection
  return duplicate;
}

}  // namespace uvdial
