#include "uvdial/tcp_stream.hpp"

#include <uv.h>

#include "service/stream_core.hpp"

namespace uvdial {

namespace {

using name_call = int (*)(const uv_tcp_t*, sockaddr*, int*);

endpoint ask_name(name_call call, const detail::stream_core& core, const char* what) {
  sockaddr_storage found{};
  int size = sizeof(found);
  const auto* handle = reinterpret_cast<const uv_tcp_t*>(core.stream());
  const int status = call(handle, reinterpret_cast<sockaddr*>(&found), &size);
  if (status < 0) detail::stream_failure(what, status)->raise();
  return endpoint(reinterpret_cast<const sockaddr&>(found));
}

}  // namespace

tcp_stream::tcp_stream(tcp_handle connected)
    : byte_stream(detail::adopt(reinterpret_cast<uv_stream_t*>(connected.release()), "tcp_stream")) {}

endpoint tcp_stream::local() const { return ask_name(uv_tcp_getsockname, alive(), "local address"); }

endpoint tcp_stream::peer() const { return ask_name(uv_tcp_getpeername, alive(), "peer address"); }

uv_tcp_t& tcp_stream::native() noexcept { return *reinterpret_cast<uv_tcp_t*>(alive().stream()); }

tcp_handle tcp_stream::release() && {
  return tcp_handle(reinterpret_cast<uv_tcp_t*>(leave("release()")->release().release()));
}

}  // namespace uvdial
