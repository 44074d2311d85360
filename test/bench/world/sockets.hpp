#pragma once
// Sockets of the benchmark's servers. What the system refuses is thrown with the step that it refused.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <system_error>

namespace bench {

inline int check(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

inline sockaddr_in loopback_v4(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

inline in6_addr v6_from(const std::string& literal) {
  in6_addr address{};
  if (inet_pton(AF_INET6, literal.c_str(), &address) != 1)
    throw std::invalid_argument("not an IPv6 address: \"" + literal + "\"");
  return address;
}

inline sockaddr_in6 v6_endpoint(const in6_addr& address, std::uint16_t port) {
  sockaddr_in6 made{};
  made.sin6_family = AF_INET6;
  made.sin6_port = htons(port);
  made.sin6_addr = address;
  return made;
}

template <class Address>
const sockaddr* generic(const Address& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

template <class Address>
int bound_socket(int type, const Address& to) {
  const int made = check(socket(generic(to)->sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
  const int on = 1;
  check(setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "SO_REUSEADDR");
  check(bind(made, generic(to), sizeof to), "bind");
  return made;
}

inline std::uint16_t port_of(int bound) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  check(getsockname(bound, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  return ntohs(address.sin_port);
}

// Beyond what the system lets everybody have, where this is root.
inline void set_receive_buffer(int socket, int bytes) {
  if (setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) == 0) return;
  check(setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes), "SO_RCVBUF");
}

inline void raise_descriptor_limit() {
  rlimit limit{};
  check(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
  limit.rlim_cur = limit.rlim_max;
  check(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
}

}  // namespace bench
