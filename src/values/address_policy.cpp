// Rules are kept in the order of their weight, so that the first one that matches decides. There are a few
// dozen of them at most, and comparing a prefix takes nanoseconds: nothing cleverer than a walk is needed.
#include "uvdial/address_policy.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <tuple>

#include "values/address_sets.hpp"
#include "values/inner_addresses.hpp"
#include "values/network.hpp"

namespace uvdial {
namespace {

using detail::v4_bytes;
using detail::v6_bytes;

v4_bytes v4_bytes_of(const endpoint& of) noexcept {
  sockaddr_in whole;
  v4_bytes bytes;
  std::memcpy(&whole, &of.native(), sizeof whole);
  std::memcpy(bytes.data(), &whole.sin_addr, sizeof bytes);
  return bytes;
}

v6_bytes v6_bytes_of(const endpoint& of) noexcept {
  sockaddr_in6 whole;
  v6_bytes bytes;
  std::memcpy(&whole, &of.native(), sizeof whole);
  std::memcpy(bytes.data(), &whole.sin6_addr, sizeof bytes);
  return bytes;
}

}  // namespace

address_policy address_policy::nothing() {
  address_policy made;
  made.otherwise_ = verdict::deny;
  return made;
}

address_policy address_policy::public_only() {
  address_policy made;
  for (const detail::known_network& one : detail::known_networks())
    made.add(one.text, origin::set, verdict::deny);
  return made;
}

address_policy& address_policy::allow(address_set what) {
  add(what, verdict::allow);
  return *this;
}

address_policy& address_policy::allow(std::string_view what) {
  add(what, verdict::allow);
  return *this;
}

address_policy& address_policy::deny(address_set what) {
  add(what, verdict::deny);
  return *this;
}

address_policy& address_policy::deny(std::string_view what) {
  add(what, verdict::deny);
  return *this;
}

void address_policy::add(address_set what, verdict says) {
  for (const detail::known_network& one : detail::known_networks()) {
    if (one.set == what) add(one.text, origin::set, says);
  }
}

void address_policy::add(std::string_view what, verdict says) {
  if (const auto set = detail::set_named(what)) return add(*set, says);
  add(what, origin::text, says);
}

void address_policy::add(std::string_view network, origin from, verdict says) {
  const detail::network read = detail::read_network(network);
  const rule made{read.length, from, says, read.family, read.prefix};
  const auto weighs_more = [](const rule& left, const rule& right) {
    const auto rank = [](const rule& one) {
      return std::tuple(-one.length, one.from, one.says, one.family, one.prefix);
    };
    return rank(left) < rank(right);
  };
  const auto place = std::lower_bound(rules_.begin(), rules_.end(), made, weighs_more);
  if (place == rules_.end() || *place != made) rules_.insert(place, made);
}

std::optional<address_policy::verdict> address_policy::judge(ip_family family,
                                                             const std::uint8_t* address) const noexcept {
  for (const rule& one : rules_) {
    if (one.family == family && detail::has_prefix(address, one.prefix.data(), one.length)) return one.says;
  }
  return std::nullopt;
}

bool address_policy::allows(const endpoint& to) const noexcept {
  if (rules_.empty()) return otherwise_ == verdict::allow;
  if (to.family() == ip_family::v4)
    return judge(ip_family::v4, v4_bytes_of(to).data()).value_or(otherwise_) == verdict::allow;

  const v6_bytes address = v6_bytes_of(to);
  const detail::inner_addresses inner(address);
  for (const v4_bytes& one : inner) {
    if (judge(ip_family::v4, one.data()).value_or(otherwise_) == verdict::deny) return false;
  }
  const verdict unless_told = inner.empty() ? otherwise_ : verdict::allow;
  return judge(ip_family::v6, address.data()).value_or(unless_told) == verdict::allow;
}

}  // namespace uvdial
