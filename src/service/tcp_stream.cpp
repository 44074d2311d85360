#include "uvdial/tcp_stream.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <uv.h>

#include <cerrno>
#include <stdexcept>
#include <string>

#include "glue/handle.hpp"
#include "service/call_failure.hpp"
#include "service/foreign_socket.hpp"

namespace uvdial {

namespace {

using name_call = int (*)(const uv_tcp_t*, sockaddr*, int*);

uv_tcp_t& as_tcp(uv_stream_t& stream) noexcept { return reinterpret_cast<uv_tcp_t&>(stream); }

endpoint ask_name(name_call call, uv_stream_t& stream, const char* what) {
  sockaddr_storage found{};
  int size = sizeof(found);
  const int status = call(&as_tcp(stream), reinterpret_cast<sockaddr*>(&found), &size);
  if (status < 0) detail::call_failure(what, status)->raise();
  return endpoint(reinterpret_cast<const sockaddr&>(found));
}

// 0 or a libuv code.
int set_option(const uv_tcp_t& handle, int level, int option, const auto& value) noexcept {
  uv_os_fd_t number = -1;
  const int status = uv_fileno(reinterpret_cast<const uv_handle_t*>(&handle), &number);
  if (status < 0) return status;
  return setsockopt(number, level, option, &value, sizeof value) == 0 ? 0 : uv_translate_sys_error(errno);
}

void require_option(const uv_tcp_t& handle, int level, int option, int value, const char* name) {
  const int status = set_option(handle, level, option, value);
  if (status < 0) detail::call_failure(name, status)->raise();
}

// What Linux takes, as its include/net/tcp.h has it: MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL, MAX_TCP_KEEPCNT.
constexpr std::chrono::seconds longest_time{32767};
constexpr int most_probes = 127;

void check_range(const char* what, std::int64_t value, std::int64_t most, const char* unit) {
  if (value >= 1 && value <= most) return;
  throw std::invalid_argument(std::string("tcp_stream: bad keep_alive ") + what + " " +
                              std::to_string(value) + unit + ": it must be from 1 to " +
                              std::to_string(most) + unit);
}

}  // namespace

tcp_stream::tcp_stream(tcp_handle connected)
    : byte_stream(reinterpret_cast<uv_stream_t*>(connected.release()), "tcp_stream") {}

endpoint tcp_stream::local() const { return ask_name(uv_tcp_getsockname, handle(), "local address"); }

endpoint tcp_stream::peer() const { return ask_name(uv_tcp_getpeername, handle(), "peer address"); }

tcp_stream tcp_stream::adopt(uv_loop_t& loop, int descriptor) {
  const detail::foreign_socket given(descriptor, "tcp_stream");
  given.require_connected({AF_INET, AF_INET6}, "it is no socket of IPv4 or IPv6");
  detail::uv_handle<uv_tcp_t> handle;
  given.require(handle.open(nullptr, [&loop](uv_tcp_t* made) { return uv_tcp_init(&loop, made); }));
  tcp_stream stream(tcp_handle(handle.release()));
  given.require(uv_tcp_open(&stream.native(), descriptor));  // last: only now is the descriptor ours
  return stream;
}

void tcp_stream::no_delay(bool wanted) {
  const int status = uv_tcp_nodelay(&as_tcp(handle()), wanted ? 1 : 0);
  if (status < 0) detail::call_failure("TCP_NODELAY", status)->raise();
}

void tcp_stream::keep_alive(std::chrono::seconds idle, std::chrono::seconds interval, int count) {
  check_range("idle", idle.count(), longest_time.count(), " s");
  check_range("interval", interval.count(), longest_time.count(), " s");
  check_range("count", count, most_probes, "");
  const uv_tcp_t& socket = as_tcp(handle());
  // The switch comes last: until then nothing is sent by times that are half old.
  require_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(idle.count()), "TCP_KEEPIDLE");
  require_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, static_cast<int>(interval.count()), "TCP_KEEPINTVL");
  require_option(socket, IPPROTO_TCP, TCP_KEEPCNT, count, "TCP_KEEPCNT");
  require_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1, "SO_KEEPALIVE");
}

void tcp_stream::no_keep_alive() {
  require_option(as_tcp(handle()), SOL_SOCKET, SO_KEEPALIVE, 0, "SO_KEEPALIVE");
}

// uv_tcp_close_reset would refuse after a shutdown. With a linger time of zero the close that follows throws away
// what is unsent and sends RST; should the socket refuse the option, it closes all the same.
void tcp_stream::reset(callback<done> on_closed) {
  if (!on_closed)
    throw std::invalid_argument("stream: reset() without a callback; there is one that wants none");
  (void)set_option(as_tcp(handle()), SOL_SOCKET, SO_LINGER, linger{1, 0});
  close(std::move(on_closed));
}

void tcp_stream::reset() {
  (void)set_option(as_tcp(handle()), SOL_SOCKET, SO_LINGER, linger{1, 0});
  const tcp_stream closing(std::move(*this));
}

uv_tcp_t& tcp_stream::native() noexcept { return as_tcp(handle()); }

tcp_handle tcp_stream::release() && {
  return tcp_handle(reinterpret_cast<uv_tcp_t*>(leave("release()").release()));
}

}  // namespace uvdial
