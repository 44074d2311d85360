#include "uvdial/byte_stream.hpp"

#include <fcntl.h>
#include <uv.h>

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

void throw_failure(const char* what, int uv_code) { detail::stream_failure(what, uv_code)->raise(); }

using buffer_call = int (*)(uv_handle_t*, int*);  // the value 0 asks, any other one sets

int ask_buffer(buffer_call call, const detail::stream_core& core, const char* option) {
  int size = 0;
  const int status = call(reinterpret_cast<uv_handle_t*>(core.stream()), &size);
  if (status < 0) throw_failure(option, status);
  return size;
}

void set_buffer(buffer_call call, const detail::stream_core& core, const char* option, int bytes) {
  if (bytes < 1)
    throw std::invalid_argument("stream: bad " + std::string(option) + " " + std::to_string(bytes) +
                                ": it must be at least 1");
  const int status = call(reinterpret_cast<uv_handle_t*>(core.stream()), &bytes);
  if (status < 0) throw_failure(option, status);
}

}  // namespace

byte_stream::byte_stream(std::shared_ptr<detail::stream_core> core) noexcept : core_(std::move(core)) {}
byte_stream::byte_stream(byte_stream&&) noexcept = default;

byte_stream& byte_stream::operator=(byte_stream&& other) noexcept {
  if (this == &other) return *this;
  const byte_stream old(std::move(*this));
  core_ = std::move(other.core_);
  return *this;
}

byte_stream::~byte_stream() {
  if (core_) core_->close({});
}

detail::stream_core& byte_stream::alive() const {
  if (!core_) throw std::logic_error("stream: used after it was closed, released or moved from");
  return *core_;
}

std::shared_ptr<detail::stream_core> byte_stream::leave(const char* call) {
  if (!alive().idle()) throw std::logic_error("stream: " + std::string(call) + " while a call is in flight");
  return std::move(core_);
}

operation byte_stream::read(std::span<std::byte> into, callback<std::size_t> on_done) {
  if (into.empty()) throw std::invalid_argument("stream: read() into an empty buffer");
  require_callback(on_done, "read()");
  return alive().read(into, std::move(on_done));
}

operation byte_stream::write(std::span<const std::byte> bytes, callback<std::size_t> on_done) {
  require_callback(on_done, "write()");
  return alive().write(bytes, std::move(on_done));
}

operation byte_stream::shutdown(callback<done> on_done) {
  require_callback(on_done, "shutdown()");
  return alive().shutdown(std::move(on_done));
}

void byte_stream::close(callback<done> on_closed) {
  require_callback(on_closed, "close()");
  alive();
  const auto closing = std::move(core_);
  closing->close(std::move(on_closed));
}

std::size_t byte_stream::unsent() const noexcept {
  return core_ && core_->stream() ? uv_stream_get_write_queue_size(core_->stream()) : 0;
}

int byte_stream::send_buffer_size() const { return ask_buffer(uv_send_buffer_size, alive(), "SO_SNDBUF"); }

void byte_stream::set_send_buffer_size(int bytes) {
  set_buffer(uv_send_buffer_size, alive(), "SO_SNDBUF", bytes);
}

int byte_stream::receive_buffer_size() const { return ask_buffer(uv_recv_buffer_size, alive(), "SO_RCVBUF"); }

void byte_stream::set_receive_buffer_size(int bytes) {
  set_buffer(uv_recv_buffer_size, alive(), "SO_RCVBUF", bytes);
}

int byte_stream::release_socket() && {
  if (!alive().idle()) throw std::logic_error("stream: release_socket() while a call is in flight");
  uv_os_fd_t ours = -1;
  const int status = uv_fileno(reinterpret_cast<const uv_handle_t*>(alive().stream()), &ours);
  if (status < 0) throw_failure("release_socket", status);
  const int duplicate = fcntl(ours, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) throw_failure("release_socket", uv_translate_sys_error(errno));
  const byte_stream closing(std::move(*this));  // the duplicate keeps the connection
  return duplicate;
}

}  // namespace uvdial
