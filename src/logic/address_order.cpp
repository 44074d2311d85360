// RFC 6724, 6 sorts destinations by ten rules, each of which breaks the ties of those before it:
//
//   1 avoid unusable destinations      5 prefer matching label      8  prefer smaller scope
//   2 prefer matching scope            6 prefer higher precedence   9  longest matching prefix
//   3, 4, 7 see below                                               10 leave the order unchanged
//
// Each rule that is used asks for a property of one destination and its source, never of two destinations.
// So all of them fit into one number, the rank, and the whole of section 6 is a stable sort by it. A pair of
// comparisons that contradict each other cannot happen, which a rule by rule comparison has to take care of.
//
// Left out, because no portable interface tells a program what they need: rule 3 (a deprecated source; the
// system avoids those itself when it chooses the source), rule 4 (home addresses of Mobile IPv6) and rule 7
// (whether the way leads through a tunnel; the policy table sorts the old tunnels, 6to4 and Teredo, down).
//
// Rule 9 is used for IPv6 only. Two IPv6 addresses that share the high bits are likely near each other. For
// IPv4 that is not so: the source is mostly a private address behind a NAT, and comparing bits with it would
// pin every client of a round-robin name to the same server.
//
// The policy table is the default one. A host may configure its own (/etc/gai.conf); it is not read.
#include "logic/address_order.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace uvdial::detail {
namespace {

using address_bytes = std::array<std::uint8_t, 16>;

struct policy {
  address_bytes prefix;
  unsigned bits;
  unsigned precedence;
  unsigned label;
};

// RFC 6724, 2.1: the default policy table; longer prefixes first, so the first match is the longest.
constexpr std::array<policy, 9> policies{{
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, 50, 0},       // ::1
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0}, 96, 35, 4},  // IPv4
    {{}, 96, 1, 3},                                                       // IPv4-compatible, deprecated
    {{0x20, 0x01, 0, 0}, 32, 5, 5},                                       // Teredo
    {{0x20, 0x02}, 16, 30, 2},                                            // 6to4
    {{0x3f, 0xfe}, 16, 1, 12},                                            // 6bone, gone
    {{0xfe, 0xc0}, 10, 1, 11},                                            // site-local, deprecated
    {{0xfc, 0x00}, 7, 3, 13},                                             // unique local
    {{}, 0, 40, 1},                                                       // all other IPv6
}};

enum scope : unsigned { link_local = 2, site_local = 5, global = 14 };  // RFC 4291, 2.7

// The source address tells no prefix length. 64 bits are what networks use (RFC 4291, 2.5.4).
constexpr unsigned longest_prefix = 64;

// RFC 6724, 3.2: IPv4 addresses take part as IPv4-mapped ones, ::ffff:a.b.c.d.
address_bytes bytes_of(const endpoint& from) noexcept {
  address_bytes bytes{};
  if (from.family() == ip_family::v6) {
    sockaddr_in6 address{};
    std::memcpy(&address, &from.native(), sizeof address);
    std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
    return bytes;
  }
  sockaddr_in address{};
  std::memcpy(&address, &from.native(), sizeof address);
  bytes[10] = bytes[11] = 0xff;
  std::memcpy(bytes.data() + 12, &address.sin_addr, 4);
  return bytes;
}

unsigned common_bits(const address_bytes& left, const address_bytes& right) noexcept {
  for (std::size_t at = 0; at < left.size(); ++at) {
    const auto different = static_cast<std::uint8_t>(left[at] ^ right[at]);
    if (different != 0)
      return static_cast<unsigned>(8 * at) + static_cast<unsigned>(std::countl_zero(different));
  }
  return 128;
}

const policy& policy_of(const address_bytes& address) noexcept {
  for (const policy& entry : policies) {
    if (common_bits(entry.prefix, address) >= entry.bits) return entry;
  }
  return policies.back();
}

bool is_v4(const address_bytes& address) noexcept { return policy_of(address).label == 4; }

unsigned scope_of(const address_bytes& address) noexcept {
  if (is_v4(address)) {
    // RFC 6724, 3.2: 169.254/16 and 127/8 have link-local scope, all others, private ones included, global.
    const bool near = address[12] == 127 || (address[12] == 169 && address[13] == 254);
    return near ? scope::link_local : scope::global;
  }
  // RFC 6724, 3.1: a multicast address has its scope in a field of its own.
  if (address[0] == 0xff) return address[1] & 0x0fU;
  // RFC 6724, 3.4: the loopback address is treated as having link-local scope.
  if (policy_of(address).label == 0) return scope::link_local;
  if (address[0] == 0xfe && (address[1] & 0xc0U) == 0x80) return scope::link_local;
  if (address[0] == 0xfe && (address[1] & 0xc0U) == 0xc0) return scope::site_local;
  return scope::global;
}

}  // namespace

std::uint32_t order_rank(const destination& place) noexcept {
  // Rule 1: "If DB is known to be unreachable or if Source(DB) is undefined, then prefer DA." Among such
  // destinations nothing else can be compared, so they keep their order.
  if (!place.source) return ~std::uint32_t{0};

  const address_bytes to = bytes_of(place.to);
  const address_bytes from = bytes_of(*place.source);
  const policy& to_policy = policy_of(to);

  // Rule 2: "If Scope(DA) = Scope(Source(DA)) and Scope(DB) <> Scope(Source(DB)), then prefer DA."
  std::uint32_t rank = scope_of(to) == scope_of(from) ? 0 : 1;
  // Rule 5: "If Label(Source(DA)) = Label(DA) and Label(Source(DB)) <> Label(DB), then prefer DA."
  rank = rank << 1 | (to_policy.label == policy_of(from).label ? 0U : 1U);
  // Rule 6: "If Precedence(DA) > Precedence(DB), then prefer DA."
  rank = rank << 6 | (50U - to_policy.precedence);
  // Rule 8: "If Scope(DA) < Scope(DB), then prefer DA."
  rank = rank << 4 | scope_of(to);
  // Rule 9: "If CommonPrefixLen(Source(DA), DA) > CommonPrefixLen(Source(DB), DB), then prefer DA."
  // For IPv4 that is the same for all: mapped addresses share 96 bits anyway, and 64 count.
  return rank << 7 | (longest_prefix - std::min(common_bits(from, to), longest_prefix));
}

void order_addresses(std::span<destination> list, std::optional<ip_family> ahead) noexcept {
  const auto before = [ahead](const destination& left, const destination& right) {
    const bool left_behind = ahead && left.to.family() != *ahead;
    const bool right_behind = ahead && right.to.family() != *ahead;
    if (left_behind != right_behind) return right_behind;
    return order_rank(left) < order_rank(right);
  };
  // Rule 10: "Otherwise, leave the order unchanged." Insertion is stable, and unlike std::stable_sort it
  // allocates nothing; the lists are short.
  for (auto at = list.begin(); at != list.end(); ++at) {
    std::rotate(std::upper_bound(list.begin(), at, *at, before), at, at + 1);
  }
}

}  // namespace uvdial::detail
