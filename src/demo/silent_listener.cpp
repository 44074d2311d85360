#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "demo/peers.hpp"

namespace uvdial::demo {
namespace {

// Loopback handshakes are done before connect() returns; one that is not within this time meets silence.
constexpr int patience = 50;  // ms
constexpr int most_fillings = 4;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

descriptor connecting_socket(const endpoint& to) {
  const int family = to.family() == ip_family::v6 ? AF_INET6 : AF_INET;
  descriptor made(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (made.get() < 0) fail("socket");
  if (::connect(made.get(), &to.native(), to.native_size()) < 0 && errno != EINPROGRESS) fail("connect");
  return made;
}

bool answered(const descriptor& socket) {
  pollfd waited{socket.get(), POLLOUT, 0};
  const int ready = ::poll(&waited, 1, patience);
  if (ready < 0) fail("poll");
  return ready > 0;
}

}  // namespace

silent_listener::silent_listener(reserved_port port)
    : address_(port.address()), listening_(std::move(port).release()) {
  if (::listen(listening_.get(), 0) < 0) fail("listen");
  for (int count = 0; count < most_fillings; ++count) {
    filling_.push_back(connecting_socket(address_));
    if (!answered(filling_.back())) return;
  }
  throw std::runtime_error("this kernel answers connections that a full queue has no room for: " +
                           address_.to_string());
}

}  // namespace uvdial::demo
