#pragma once
// Unix-domain sockets by their path, without uv_pipe_connect: that of libuv 1.44 knows no abstract names and cuts
// long ones off.
#include <sys/socket.h>
#include <sys/un.h>
#include <uv.h>

#include <memory>
#include <string>
#include <string_view>

#include "glue/handle.hpp"

namespace uvdial::detail {

// Where such a socket is. Value type.
class unix_address {
 public:
  // A file, or what follows a first '\0' or '@' as an abstract name (Linux). Throws std::invalid_argument that quotes
  // the path: empty, too long for the system (107 bytes each on Linux), a '\0' in the path of a file.
  explicit unix_address(std::string_view path);

  const sockaddr& native() const noexcept { return reinterpret_cast<const sockaddr&>(address_); }
  socklen_t native_size() const noexcept { return size_; }
  // "unix:/run/x.sock", "unix:@name"; bytes that do not print as \xNN.
  std::string to_string() const;

 private:
  sockaddr_un address_{};
  socklen_t size_ = 0;
};

using unix_handle = uv_handle<uv_pipe_t>;

// Connects at once, or not at all: Linux makes nobody wait for a Unix-domain connection. 0: `into` is the connected,
// non-blocking handle. UV_EAGAIN: the listener has no room for it now. Other libuv codes: it cannot be.
int connect_unix_socket(uv_loop_t& loop, const unix_address& to, const std::shared_ptr<handle_count>& count,
                        unix_handle& into) noexcept;

}  // namespace uvdial::detail
