#pragma once
// floor 0
/// \file
/// Which addresses a dialer may connect to: the guard of programs that dial names other people chose.
///
/// ```cpp
/// uvdial::dialer dials(loop, {.policy = uvdial::address_policy::public_only().allow("10.1.2.3")});
/// ```
///
/// It judges the exact address of each attempt, after DNS and before the connect. So it does not matter how
/// the host was written, what its name pointed to when somebody looked before, or which of its addresses
/// comes first. An address that is not allowed is never tried. It stands among the attempts as filtered;
/// where nothing else is left, the dial ends with `address_blocked`.
///
/// Of all rules that an address matches, the one with the longest prefix decides. So `deny("10.0.0.0/8")` and
/// `allow("10.1.0.0/16")` make a rule and its exception, whichever was said first, and `deny("10.1.2.0/24")`
/// an exception of that one. Of rules with equally long prefixes one that was given as a network outranks
/// one of a named set, and then deny outranks allow. What matches no rule is as the policy began: allowed, or
/// denied in `nothing()`.
///
/// IPv6 addresses that carry an IPv4 address lead there, through this machine, a tunnel or a translator:
/// IPv4-mapped and -compatible ones, IPv4-translated (SIIT), 6to4, Teredo, ISATAP, and NAT64 with the
/// prefixes that are the same everywhere (64:ff9b::/96, 64:ff9b:1::/48). The rules for IPv4 must allow each
/// address inside, and no rule for IPv6 may deny the whole; one that allows the whole changes nothing about
/// the inside. No rule for IPv6 is needed to allow such an address in `nothing()`. Where it cannot be known
/// which bytes are the address, all that may be must be allowed: with 64:ff9b:1::/48 some addresses that lead
/// to public ones are therefore refused.
///
/// Left to the user: a NAT64 prefix of the network's own looks like any other, so deny it where there is one.
/// Only dials are judged: not what resolve() gives, and not the DNS servers.
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "uvdial/endpoint.hpp"
#include "uvdial/export.hpp"

namespace uvdial {

/// Networks with a name. The whole of what each holds, with the RFC of each network: src/values/address_sets.cpp.
enum class address_set : std::uint8_t {
  private_,     ///< "private": 10/8, 172.16/12, 192.168/16, carrier-grade NAT 100.64/10, fc00::/7, fec0::/10
  loopback,     ///< "loopback": 127/8, ::1, and 0.0.0.0 and ::, which connect to this machine too
  link_local,   ///< "link-local": 169.254/16, fe80::/10
  multicast,    ///< "multicast": 224/4, ff00::/8, and the broadcast 255.255.255.255
  unspecified,  ///< "unspecified": 0/8, ::
  metadata,     ///< "metadata": where clouds hand out credentials: 169.254.169.254, fd00:ec2::254 and others
  reserved      ///< "reserved": documentation, benchmarking, 240/4 and what else is nobody's
};

/// The rules of one dialer, for `dialer_config::policy`; address_policy.hpp says how they decide. A value: it can be
/// copied, and changing one that was given to a dialer does not change the dialer. Any thread, one at a time.
class UVDIAL_API address_policy {
 public:
  address_policy() noexcept = default;  ///< allows everything
  static address_policy nothing();      ///< denies what is not allowed by a rule
  static address_policy public_only();  ///< denies every named set

  /// Allows what is in a set. Gives this policy again, as the three below do.
  address_policy& allow(address_set what);

  /// Allows what a text names: a network as in "10.0.0.0/8" and "fd00::/8", a bare address, which is a network of
  /// its own, or the name of a set ("private"). Throws std::invalid_argument that quotes the text: also for bits
  /// beyond the prefix ("10.0.0.1/8"), leading zeros ("010.0.0.0/8"), a zone, and an IPv4-mapped network
  /// ("::ffff:10.0.0.0/104"), since the rule for the IPv4 network is what is meant.
  address_policy& allow(std::string_view what);

  address_policy& deny(address_set what);       ///< denies what is in a set
  address_policy& deny(std::string_view what);  ///< denies what a text names; it is read as allow() reads it

  /// Whether a dial may connect to this address. Port and zone do not matter. Allocates nothing.
  bool allows(const endpoint& to) const noexcept;

  /// Whether both have the same rules, in whatever order they were given.
  bool operator==(const address_policy&) const = default;

 private:
  // Of both the first one outranks the other.
  enum class origin : std::uint8_t { text, set };
  enum class verdict : std::uint8_t { deny, allow };
  struct rule {
    std::uint8_t length;  // of the prefix, in bits
    origin from;
    verdict says;
    ip_family family;
    std::array<std::uint8_t, 16> prefix;
    bool operator==(const rule&) const = default;
  };

  void add(address_set what, verdict says);
  void add(std::string_view what, verdict says);
  void add(std::string_view network, origin from, verdict says);
  // What the rules say of these bytes; nullopt: none matches.
  std::optional<verdict> judge(ip_family family, const std::uint8_t* address) const noexcept;

  std::vector<rule> rules_{};  // each once, the more weight the further ahead
  verdict otherwise_ = verdict::allow;
};

}  // namespace uvdial
