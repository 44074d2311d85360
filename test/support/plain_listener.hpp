// A TCP listener on the loopback that accepts only when the test says so, and nothing of it is on the loop.
#pragma once

#include <sys/socket.h>

#include <stdexcept>

#include "demo/ports.hpp"

namespace fixture {

class plain_listener {
 public:
  explicit plain_listener(uvdial::ip_family family = uvdial::ip_family::v4)
      : plain_listener(uvdial::demo::loopback(family)) {}
  explicit plain_listener(const uvdial::endpoint& where, int backlog = 16)
      : socket_(uvdial::demo::bound_socket(uvdial::demo::socket_kind::tcp, where)) {
    if (::listen(socket_.get(), backlog) != 0) throw std::runtime_error("no listener");
  }

  uvdial::endpoint address() const { return uvdial::demo::bound_address(socket_); }
  // Non-blocking; -1 where nobody waits.
  uvdial::demo::descriptor accept() const {
    return uvdial::demo::descriptor(::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  }
  bool nobody_came() const { return accept().get() < 0; }
  // Where the next one who waits comes from; throws where nobody does.
  uvdial::endpoint next_peer() const {
    const uvdial::demo::descriptor next = accept();
    sockaddr_storage found{};
    socklen_t size = sizeof found;
    if (::getpeername(next.get(), reinterpret_cast<sockaddr*>(&found), &size) != 0)
      throw std::runtime_error("nobody came");
    return uvdial::endpoint(reinterpret_cast<const sockaddr&>(found));
  }

 private:
  uvdial::demo::descriptor socket_;
};

}  // namespace fixture
