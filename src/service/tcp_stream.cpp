#include <fcntl.h>
#include <sys/socket.h>
#include <uv.h>

#include <cerrno>
#include <stdexcept>

#include "service/stream_core.hpp"
#include "uvdial/error.hpp"
#include "uvdial/stream.hpp"

namespace uvdial {

namespace {

void throw_failure(const char* what, int uv_code) { detail::stream_failure(what, uv_code)->raise(); }

using name_call = int (*)(const uv_tcp_t*, sockaddr*, int*);

endpoint ask_name(name_call call, const uv_tcp_t* handle, const char* what) {
  sockaddr_storage found{};
  int size = sizeof(found);
  const int status = call(handle, reinterpret_cast<sockaddr*>(&found), &size);
  if (status < 0) throw_failure(what, status);
  return endpoint(reinterpret_cast<const sockaddr&>(found));
}

template <class Callback>
void require_callback(const Callback& on_done, const char* what) {
  if (!on_done) throw std::invalid_argument(std::string("tcp_stream: ") + what + " without a callback");
}

}  // namespace

class tcp_stream::core : public detail::stream_core {
  using detail::stream_core::stream_core;
};

tcp_stream::tcp_stream(tcp_handle connected) : core_(std::make_shared<core>(std::move(connected))) {}
tcp_stream::tcp_stream(tcp_stream&&) noexcept = default;

tcp_stream& tcp_stream::operator=(tcp_stream&& other) noexcept {
  if (this == &other) return *this;
  const tcp_stream old(std::move(*this));
  core_ = std::move(other.core_);
  return *this;
}

tcp_stream::~tcp_stream() {
  if (core_) core_->close({});
}

tcp_stream::core& tcp_stream::alive() const {
  if (!core_) throw std::logic_error("tcp_stream: used after it was closed, released or moved from");
  return *core_;
}

operation tcp_stream::read(std::span<std::byte> into, callback<std::size_t> on_done) {
  if (into.empty()) throw std::invalid_argument("tcp_stream: read() into an empty buffer");
  require_callback(on_done, "read()");
  return alive().read(into, std::move(on_done));
}

operation tcp_stream::write(std::span<const std::byte> bytes, callback<std::size_t> on_done) {
  require_callback(on_done, "write()");
  return alive().write(bytes, std::move(on_done));
}

operation tcp_stream::shutdown(callback<done> on_done) {
  require_callback(on_done, "shutdown()");
  return alive().shutdown(std::move(on_done));
}

void tcp_stream::close(callback<done> on_closed) {
  require_callback(on_closed, "close()");
  alive();
  const auto closing = std::move(core_);
  closing->close(std::move(on_closed));
}

endpoint tcp_stream::local() const { return ask_name(uv_tcp_getsockname, alive().tcp(), "local address"); }

endpoint tcp_stream::peer() const { return ask_name(uv_tcp_getpeername, alive().tcp(), "peer address"); }

std::size_t tcp_stream::unsent() const noexcept {
  return core_ && core_->tcp() ? uv_stream_get_write_queue_size(core_->stream()) : 0;
}

uv_tcp_t& tcp_stream::native() noexcept { return *alive().tcp(); }

tcp_handle tcp_stream::release() && {
  if (!alive().idle()) throw std::logic_error("tcp_stream: release() while a call is in flight");
  const auto releasing = std::move(core_);
  return releasing->release();
}

int tcp_stream::release_socket() && {
  if (!alive().idle()) throw std::logic_error("tcp_stream: release_socket() while a call is in flight");
  uv_os_fd_t ours = -1;
  const int status = uv_fileno(reinterpret_cast<const uv_handle_t*>(alive().tcp()), &ours);
  if (status < 0) throw_failure("release_socket", status);
  const int duplicate = fcntl(ours, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) throw_failure("release_socket", uv_translate_sys_error(errno));
  const tcp_stream closing(std::move(*this));  // the duplicate keeps the connection
  return duplicate;
}

}  // namespace uvdial
