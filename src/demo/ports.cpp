#include "demo/ports.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

namespace uvdial::demo {
namespace {

constexpr int most_tries = 100;  // for a number that is free everywhere; the first nearly always is

void check(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
}

endpoint literal(std::string_view address, std::uint16_t port) {
  const auto read = endpoint::from_literal(address, port);
  if (!read) throw std::invalid_argument("not an address: \"" + std::string(address) + "\"");
  return *read;
}

std::optional<reserved_port> reserve_if_free(const endpoint& where) {
  try {
    return reserved_port(where);
  } catch (const std::system_error& failure) {
    if (failure.code() == std::errc::address_in_use) return std::nullopt;
    throw;
  }
}

// Empty when the number that was free for the first address is taken for another.
std::vector<reserved_port> try_to_reserve_same(std::initializer_list<std::string_view> addresses) {
  std::vector<reserved_port> ports;
  std::uint16_t number = 0;
  for (const std::string_view address : addresses) {
    auto port = reserve_if_free(literal(address, number));
    if (!port) return {};
    number = port->address().port();
    ports.push_back(*std::move(port));
  }
  return ports;
}

}  // namespace

descriptor::~descriptor() {
  if (number_ >= 0) (void)::close(number_);  // nothing was written that a failure could lose
}

descriptor bound_socket(socket_kind kind, const endpoint& to, address_reuse reuse) {
  const int family = to.family() == ip_family::v6 ? AF_INET6 : AF_INET;
  const int type = kind == socket_kind::tcp ? SOCK_STREAM : SOCK_DGRAM;
  descriptor made(::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  check(made.get(), "socket");
  const int on = 1;
  if (reuse == address_reuse::yes) {
    check(::setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "SO_REUSEADDR");
  }
  if (family == AF_INET6) {
    check(::setsockopt(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on), "IPV6_V6ONLY");
  }
  check(::bind(made.get(), &to.native(), to.native_size()), "bind");
  return made;
}

endpoint bound_address(const descriptor& socket) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  check(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&bound), &size), "getsockname");
  return endpoint(reinterpret_cast<const sockaddr&>(bound));
}

endpoint loopback(ip_family family, std::uint16_t port) {
  return literal(family == ip_family::v6 ? "::1" : "127.0.0.1", port);
}

bool v6_loopback_available() {
  try {
    (void)bound_socket(socket_kind::tcp, loopback(ip_family::v6));  // only whether it can be is of interest
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

reserved_port reserve(ip_family family) { return reserved_port(loopback(family)); }

std::vector<reserved_port> reserve_same(std::initializer_list<std::string_view> addresses) {
  for (int count = 0; count < most_tries; ++count) {
    auto ports = try_to_reserve_same(addresses);
    if (ports.size() == addresses.size()) return ports;
  }
  throw std::system_error(EADDRINUSE, std::generic_category(), "no port is free for all addresses");
}

port_pair reserve_pair() {
  auto ports = reserve_same({"::1", "127.0.0.1"});
  return {std::move(ports[0]), std::move(ports[1])};
}

}  // namespace uvdial::demo
