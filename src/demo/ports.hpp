#pragma once
// Ports of the loopback, taken before anybody says what they are for.
//
// A socket that is bound but does not listen keeps its port from everybody else, and the kernel refuses who
// connects to it. So one class is both: the way to get the same free port for several addresses at once, and
// a peer that refuses. Nothing here needs a loop.
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "uvdial/endpoint.hpp"

namespace uvdial::demo {

// Owns a file descriptor.
class descriptor {
 public:
  explicit descriptor(int number) noexcept : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~descriptor();

  int get() const noexcept { return number_; }
  int release() noexcept { return std::exchange(number_, -1); }

 private:
  int number_;
};

enum class socket_kind : std::uint8_t { tcp, udp };

// Whether a TCP port may be had that closed connections still wait on. Whoever says yes shares the port with others
// that say yes, until one of them listens.
enum class address_reuse : std::uint8_t { no, yes };

// A bound, non-blocking socket; a v6 one is for IPv6 alone. Throws std::system_error.
descriptor bound_socket(socket_kind kind, const endpoint& to, address_reuse reuse = address_reuse::no);
// What it is bound to. Throws std::system_error.
endpoint bound_address(const descriptor& socket);

// While it lives its TCP port is taken and refuses connections. Throws std::system_error where there is none.
class reserved_port {
 public:
  // Port 0: any free one.
  explicit reserved_port(const endpoint& where, address_reuse reuse = address_reuse::no)
      : socket_(bound_socket(socket_kind::tcp, where, reuse)), address_(bound_address(socket_)) {}

  const endpoint& address() const noexcept { return address_; }
  descriptor release() && noexcept { return std::move(socket_); }

 private:
  descriptor socket_;
  endpoint address_;
};

endpoint loopback(ip_family family, std::uint16_t port = 0);  // 127.0.0.1 or ::1

// False on machines without ::1, where the tests and demos of IPv6 have nothing to stand on.
bool v6_loopback_available();

reserved_port reserve(ip_family family);

// One port number that was free for all of these bare addresses, in their order.
std::vector<reserved_port> reserve_same(std::initializer_list<std::string_view> addresses);

struct port_pair {
  reserved_port v6;
  reserved_port v4;
};
port_pair reserve_pair();  // the same port number of ::1 and 127.0.0.1

}  // namespace uvdial::demo
