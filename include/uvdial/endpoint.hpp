#pragma once
// floor 0
/// \file
/// Where to connect: `target` is what a person types, `endpoint` is one address that a socket can use.
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "uvdial/export.hpp"

struct sockaddr;

namespace uvdial {

/// IPv4 or IPv6.
enum class ip_family : std::uint8_t {
  v4,  ///< IPv4
  v6   ///< IPv6
};

/// A host (a name or an IP literal) and a port. Value type; reading text never asks DNS.
/// Not an aggregate on purpose: g++ 12 destroys a braced aggregate temporary twice inside co_await.
struct UVDIAL_API target {
  /// Throws std::invalid_argument for port 0 and for a host that can be neither a name nor a literal: an empty
  /// one, a URL, one with spaces or brackets, a link-local v6 literal without a zone. Bytes of 0x80 and above
  /// pass: the resolver decides. Whether a zone's interface exists is seen when the target is dialed.
  target(std::string host, std::uint16_t port);

  /// Reads `host:port` or `[v6%zone]:port`. The port is 1..65535 in plain decimal, or one of the
  /// service names of `port_of_service`. Throws std::invalid_argument that quotes the bad text.
  static target parse(std::string_view text);
  /// The same for a host and a port that come apart; brackets around a v6 literal are taken off.
  static target parse(std::string_view host, std::string_view port);

  std::string to_string() const;                   ///< `host:port`, `[v6]:port`
  bool operator==(const target&) const = default;  ///< the same text and the same port

  std::string host;    ///< not empty; a v6 literal has no brackets and may end in `%zone`
  std::uint16_t port;  ///< host byte order, 1..65535
};

/// The port of a well-known TCP service ("https" is 443), from a table of its own: /etc/services is not
/// read. Lower case. nullopt: not in the table.
UVDIAL_API std::optional<std::uint16_t> port_of_service(std::string_view name) noexcept;

/// One IPv4 or IPv6 socket address. Value type of 28 bytes; owns nothing, copying never throws.
class UVDIAL_API endpoint {
 public:
  /// Copies an address of the family AF_INET or AF_INET6; throws std::invalid_argument for others.
  explicit endpoint(const sockaddr& from);

  /// Reads `192.0.2.1:80` or `[fe80::1%eth0]:80`; never DNS. Throws std::invalid_argument that quotes the text.
  static endpoint parse(std::string_view text);

  /// Reads an address without a port and without brackets, as in `192.0.2.1` or `fe80::1%eth0`; `port` may be 0.
  /// nullopt: not a literal (so it may be a name); "127.1" and "010.0.0.1" are none. Throws
  /// std::invalid_argument for a literal whose zone is no interface of this machine, and for a link-local v6
  /// one without a zone.
  static std::optional<endpoint> from_literal(std::string_view address, std::uint16_t port);

  ip_family family() const noexcept;    ///< IPv4 or IPv6; an IPv4-mapped address is IPv6
  std::uint16_t port() const noexcept;  ///< host byte order
  endpoint with_port(
      std::uint16_t port) const noexcept;   ///< this address with another port, in host byte order
  const sockaddr& native() const noexcept;  ///< lives as long as this endpoint
  unsigned native_size() const noexcept;    ///< bytes of native()
  std::uint32_t scope() const noexcept;     ///< the interface of a v6 zone; 0: none
  bool link_local() const noexcept;         ///< fe80::/10 or 169.254.0.0/16
  bool loopback() const noexcept;           ///< ::1 or 127.0.0.0/8

  std::string address_to_string() const;  ///< bare: `192.0.2.1`, `fe80::1%eth0`
  std::string to_string() const;          ///< with port: `192.0.2.1:80`, `[fe80::1%eth0]:80`

  /// An order for sets and maps, byte by byte: it says nothing about which address is better.
  auto operator<=>(const endpoint&) const = default;

 private:
  endpoint() = default;
  alignas(4) unsigned char bytes_[28] = {};  // a sockaddr_in or sockaddr_in6, the rest zero
};

}  // namespace uvdial
