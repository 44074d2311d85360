#include "uvdial/endpoint.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <type_traits>

#include "uvdial/error.hpp"
#include "values/literal.hpp"
#include "values/text.hpp"

namespace uvdial {

static_assert(sizeof(endpoint) == 28 && sizeof(sockaddr_in6) <= sizeof(endpoint));
static_assert(alignof(sockaddr_in6) <= alignof(endpoint) && std::is_trivially_copyable_v<endpoint>);

namespace {

// The bytes of an endpoint are read and written by copy: a cast would break the aliasing rules.
template <class Address>
Address read(const void* bytes) noexcept {
  Address address;
  std::memcpy(&address, bytes, sizeof address);
  return address;
}

// Two endpoints are compared byte by byte, so padding and the flow label (which says nothing about where an
// address leads) are left zero.
sockaddr_in plain(const in_addr& address, std::uint16_t network_port) noexcept {
  sockaddr_in fresh{};
  fresh.sin_family = AF_INET;
  fresh.sin_port = network_port;
  fresh.sin_addr = address;
  return fresh;
}

sockaddr_in6 plain(const in6_addr& address, std::uint16_t network_port, std::uint32_t scope) noexcept {
  sockaddr_in6 fresh{};
  fresh.sin6_family = AF_INET6;
  fresh.sin6_port = network_port;
  fresh.sin6_addr = address;
  fresh.sin6_scope_id = scope;
  return fresh;
}

// The index that `zone` names; 0, with errno set: none.
unsigned interface_index(std::string_view zone) noexcept {
  errno = ENODEV;
  // Longer names must not reach if_nametoindex: old C libraries cut them and find another interface.
  if (zone.empty() || zone.size() >= IF_NAMESIZE || zone.find('\0') != std::string_view::npos) return 0;
  char name[IF_NAMESIZE] = {};
  std::memcpy(name, zone.data(), zone.size());
  if (const unsigned named = if_nametoindex(name)) return named;

  const int reason = errno;
  unsigned number = 0;
  const auto digits = std::from_chars(zone.data(), zone.data() + zone.size(), number);
  const bool plain_number = digits.ec == std::errc() && digits.ptr == zone.data() + zone.size();
  if (plain_number && number != 0 && zone.front() != '0' && if_indextoname(number, name)) return number;
  errno = reason;
  return 0;
}

// libuv would send a link-local address without a zone out of the first interface it finds.
std::uint32_t scope_of(const detail::literal& literal, std::string_view text) {
  const detail::given whole{"address", text};
  if (!literal.zone) {
    if (literal.link_local()) whole.refuse("a link-local address needs a zone, as in fe80::1%eth0");
    return 0;
  }
  if (const unsigned index = interface_index(*literal.zone)) return index;
  const std::error_code reason(-errno, uv_category());  // libuv's words begin in lower case
  whole.refuse("no interface " + detail::quoted(*literal.zone) + " (" + reason.message() + ")");
}

}  // namespace

endpoint::endpoint(const sockaddr& from) {
  if (from.sa_family == AF_INET) {
    const auto given = read<sockaddr_in>(&from);
    const auto fresh = plain(given.sin_addr, given.sin_port);
    std::memcpy(bytes_, &fresh, sizeof fresh);
    return;
  }
  if (from.sa_family != AF_INET6)
    throw std::invalid_argument("bad address family " + std::to_string(from.sa_family) +
                                ": only IPv4 and IPv6 have endpoints");
  const auto given = read<sockaddr_in6>(&from);
  const auto fresh = plain(given.sin6_addr, given.sin6_port, given.sin6_scope_id);
  std::memcpy(bytes_, &fresh, sizeof fresh);
}

endpoint endpoint::parse(std::string_view text) {
  const detail::given whole{"endpoint", text};
  const auto parts = detail::split(whole);
  const auto number = detail::read_port(whole, parts.port);
  const auto result = from_literal(parts.host, number);
  if (!result) whole.refuse("an endpoint needs an IP address, and the host is a name or a broken address");
  return *result;
}

std::optional<endpoint> endpoint::from_literal(std::string_view address, std::uint16_t port) {
  const auto literal = detail::read_literal(address);
  if (!literal) return std::nullopt;
  return detail::to_endpoint(*literal, address, port);
}

endpoint detail::to_endpoint(const literal& given, std::string_view text, std::uint16_t port) {
  if (given.family == ip_family::v4) {
    const auto fresh = plain(read<in_addr>(given.bytes), htons(port));
    return endpoint(reinterpret_cast<const sockaddr&>(fresh));
  }
  const auto fresh = plain(read<in6_addr>(given.bytes), htons(port), scope_of(given, text));
  return endpoint(reinterpret_cast<const sockaddr&>(fresh));
}

ip_family endpoint::family() const noexcept {
  return read<sockaddr_in>(bytes_).sin_family == AF_INET ? ip_family::v4 : ip_family::v6;
}

std::uint16_t endpoint::port() const noexcept {
  if (family() == ip_family::v4) return ntohs(read<sockaddr_in>(bytes_).sin_port);
  return ntohs(read<sockaddr_in6>(bytes_).sin6_port);
}

endpoint endpoint::with_port(std::uint16_t port) const noexcept {
  endpoint result = *this;
  if (family() == ip_family::v4) {
    const auto fresh = plain(read<sockaddr_in>(bytes_).sin_addr, htons(port));
    std::memcpy(result.bytes_, &fresh, sizeof fresh);
    return result;
  }
  const auto fresh = plain(read<sockaddr_in6>(bytes_).sin6_addr, htons(port), scope());
  std::memcpy(result.bytes_, &fresh, sizeof fresh);
  return result;
}

const sockaddr& endpoint::native() const noexcept { return *reinterpret_cast<const sockaddr*>(bytes_); }

unsigned endpoint::native_size() const noexcept {
  return family() == ip_family::v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
}

std::uint32_t endpoint::scope() const noexcept {
  return family() == ip_family::v4 ? 0 : read<sockaddr_in6>(bytes_).sin6_scope_id;
}

bool endpoint::link_local() const noexcept {
  if (family() == ip_family::v4) return ntohl(read<sockaddr_in>(bytes_).sin_addr.s_addr) >> 16 == 0xa9fe;
  const auto address = read<sockaddr_in6>(bytes_).sin6_addr;
  return address.s6_addr[0] == 0xfe && (address.s6_addr[1] & 0xc0) == 0x80;
}

bool endpoint::loopback() const noexcept {
  if (family() == ip_family::v4) return ntohl(read<sockaddr_in>(bytes_).sin_addr.s_addr) >> 24 == 127;
  const auto address = read<sockaddr_in6>(bytes_).sin6_addr;
  return std::memcmp(&address, &in6addr_loopback, sizeof address) == 0;
}

std::string endpoint::address_to_string() const {
  char text[INET6_ADDRSTRLEN] = {};
  if (family() == ip_family::v4) {
    const auto address = read<sockaddr_in>(bytes_).sin_addr;
    return inet_ntop(AF_INET, &address, text, sizeof text);
  }
  const auto address = read<sockaddr_in6>(bytes_);
  std::string result = inet_ntop(AF_INET6, &address.sin6_addr, text, sizeof text);
  if (address.sin6_scope_id == 0) return result;
  char name[IF_NAMESIZE] = {};
  // An interface may have gone since the address was read; its number is still true.
  const bool named = if_indextoname(address.sin6_scope_id, name) != nullptr;
  return result + "%" + (named ? std::string(name) : std::to_string(address.sin6_scope_id));
}

std::string endpoint::to_string() const {
  std::string text = address_to_string();
  if (family() == ip_family::v6) text.insert(0, 1, '[').push_back(']');
  return text.append(1, ':').append(std::to_string(port()));
}

}  // namespace uvdial
