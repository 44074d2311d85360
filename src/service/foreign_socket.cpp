#include "service/foreign_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <uv.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <string>

#include "service/stream_call.hpp"

namespace uvdial::detail {

void foreign_socket::require(int uv_status) const {
  if (uv_status < 0)
    call_failure((std::string(taker_) + ": adopt() of descriptor " + std::to_string(descriptor_)).c_str(),
                 uv_status)
        ->raise();
}

void foreign_socket::require_call(int result) const {
  if (result < 0) require(uv_translate_sys_error(errno));
}

void foreign_socket::refuse(const char* why) const {
  throw std::invalid_argument(std::string(taker_) + ": bad descriptor " + std::to_string(descriptor_) + ": " +
                              why);
}

void foreign_socket::require_connected(std::initializer_list<int> families, const char* else_it_is) const {
  struct stat found {};
  require_call(fstat(descriptor_, &found));
  if (!S_ISSOCK(found.st_mode)) refuse("it is no socket");
  int type = 0;
  socklen_t size = sizeof type;
  require_call(getsockopt(descriptor_, SOL_SOCKET, SO_TYPE, &type, &size));
  if (type != SOCK_STREAM) refuse("it is no stream socket");
  sockaddr_storage address{};
  size = sizeof address;
  require_call(getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size));
  if (std::find(families.begin(), families.end(), address.ss_family) == families.end()) refuse(else_it_is);
  size = sizeof address;
  require_call(getpeername(descriptor_, reinterpret_cast<sockaddr*>(&address), &size));
}

}  // namespace uvdial::detail
