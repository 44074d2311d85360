#pragma once
// A port that meets every connection with silence: its queue is full, so the kernel drops what asks for a place in it.
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "sockets.hpp"

namespace bench {

// The sockets stay open as long as the process does.
class silent_port {
 public:
  silent_port(const in6_addr& address, std::uint16_t port) : address_(v6_endpoint(address, port)) {
    check(listen(bound_socket(SOCK_STREAM, address_), 0), "listen");
    for (int count = 0; count < most_fillings; ++count)
      if (!is_answered(begin_to_connect())) return;
    throw std::runtime_error("this kernel answers connections that a full queue has no room for");
  }

 private:
  // A handshake over the loopback is done at once; one that is not within this time meets silence.
  static constexpr int patience = 50;  // ms
  static constexpr int most_fillings = 4;

  int begin_to_connect() const {
    const int made = check(socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
    if (connect(made, generic(address_), sizeof address_) < 0 && errno != EINPROGRESS) check(-1, "connect");
    return made;
  }

  static bool is_answered(int connecting) {
    pollfd waited{connecting, POLLOUT, 0};
    return check(poll(&waited, 1, patience), "poll") > 0;
  }

  sockaddr_in6 address_;
};

}  // namespace bench
