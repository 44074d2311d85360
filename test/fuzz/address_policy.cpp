// Rules about addresses, one a line, beside a judge that goes through all of them bit by bit.
#include "uvdial/address_policy.hpp"

#include <netinet/in.h>

#include <array>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <vector>

#include "fuzz/fuzz_target.hpp"
#include "values/address_sets.hpp"
#include "values/inner_addresses.hpp"
#include "values/network.hpp"
#include "values/text.hpp"

using uvdial::address_policy;
using uvdial::endpoint;
using uvdial::ip_family;
using uvdial::detail::network;

namespace {

using octets16 = std::array<std::uint8_t, 16>;

struct rule {
  bool allows;
  std::string text;
};

struct weighed {
  network what;
  bool from_text;
  bool allows;
};

endpoint v4_address(const octets16& octets) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  std::memcpy(&made.sin_addr, octets.data(), sizeof made.sin_addr);
  return endpoint(reinterpret_cast<const sockaddr&>(made));
}

endpoint v6_address(const octets16& octets) {
  sockaddr_in6 made{};
  made.sin6_family = AF_INET6;
  std::memcpy(&made.sin6_addr, octets.data(), sizeof made.sin6_addr);
  return endpoint(reinterpret_cast<const sockaddr&>(made));
}

bool bit(const octets16& octets, unsigned at) { return ((octets[at / 8] >> (7 - at % 8)) & 1) != 0; }

bool matches(const network& what, ip_family family, const octets16& address) {
  if (what.family != family) return false;
  for (unsigned at = 0; at < what.length; ++at) {
    if (bit(what.prefix, at) != bit(address, at)) return false;
  }
  return true;
}

// The longest prefix; of equals a network outranks a set, and then deny outranks allow.
std::optional<bool> judge(const std::vector<weighed>& all, ip_family family, const octets16& address) {
  const auto weight = [](const weighed& one) {
    return std::tuple(one.what.length, one.from_text, !one.allows);
  };
  const weighed* best = nullptr;
  for (const weighed& each : all) {
    if (matches(each.what, family, address) && (!best || weight(each) > weight(*best))) best = &each;
  }
  return best ? std::optional(best->allows) : std::nullopt;
}

void weigh(const rule& one, std::vector<weighed>& into) {
  const auto set = uvdial::detail::set_named(one.text);
  if (!set) return into.push_back({uvdial::detail::read_network(one.text), true, one.allows});
  for (const auto& each : uvdial::detail::known_networks()) {
    if (each.set == *set) into.push_back({uvdial::detail::read_network(each.text), false, one.allows});
  }
}

void check_network(const std::string& text) {
  if (uvdial::detail::set_named(text)) return;
  const network read = uvdial::detail::read_network(text);
  const network again = uvdial::detail::read_network(read.to_string());
  fuzz::require(again.family == read.family && again.length == read.length && again.prefix == read.prefix,
                "a network that is printed is read as the same", text);
}

// True, and it is a rule of the policy; else it was refused.
bool take(address_policy& policy, const rule& one) {
  const address_policy before = policy;
  try {
    (void)(one.allows ? policy.allow(one.text) : policy.deny(one.text));
  } catch (const std::invalid_argument& why) {
    const std::string what = why.what();
    fuzz::require(what.find(uvdial::detail::quoted(one.text)) != std::string::npos,
                  "a refusal quotes the text", what);
    fuzz::require(fuzz::is_one_line(what), "a refusal is one line", what);
    fuzz::require(policy == before, "what is refused changes nothing", one.text);
    return false;
  }
  check_network(one.text);
  return true;
}

}  // namespace

FUZZ_TARGET(address_policy) {
  const bool nothing = input.flag();
  octets16 address{};
  for (auto& each : address) each = input.octet();
  address_policy policy = nothing ? address_policy::nothing() : address_policy();
  std::vector<rule> taken;
  while (!input.spent() && taken.size() < 32) {
    const std::string line = input.line();
    const rule one{line.starts_with('+'), line.substr(line.empty() ? 0 : 1)};
    if (take(policy, one)) taken.push_back(one);
  }
  address_policy reversed = nothing ? address_policy::nothing() : address_policy();
  std::vector<weighed> all;
  for (auto each = taken.rbegin(); each != taken.rend(); ++each) {
    (void)take(reversed, *each);
    weigh(*each, all);
  }
  fuzz::require(policy == reversed, "the order of the rules does not matter");

  const bool otherwise = !nothing;
  fuzz::require(policy.allows(v4_address(address)) == judge(all, ip_family::v4, address).value_or(otherwise),
                "an IPv4 address is judged as the rules say");
  bool allowed = true;
  const uvdial::detail::inner_addresses inner(address);
  for (const auto& each : inner) {
    octets16 whole{};
    std::copy(each.begin(), each.end(), whole.begin());
    allowed = allowed && judge(all, ip_family::v4, whole).value_or(otherwise);
  }
  allowed = allowed && judge(all, ip_family::v6, address).value_or(inner.empty() ? otherwise : true);
  fuzz::require(policy.allows(v6_address(address)) == allowed, "an IPv6 address is judged as the rules say");
}
