// Where a network has no RFC, the cloud that uses it is named.
#include "values/address_sets.hpp"

#include <array>

namespace uvdial::detail {
namespace {

using enum address_set;

constexpr std::array networks{
    known_network{private_, "10.0.0.0/8"},      // RFC 1918, 3
    known_network{private_, "172.16.0.0/12"},   // RFC 1918, 3
    known_network{private_, "192.168.0.0/16"},  // RFC 1918, 3
    known_network{private_, "100.64.0.0/10"},   // RFC 6598, 7: between a provider and its customers
    known_network{private_, "fc00::/7"},        // RFC 4193, 3.1: unique local addresses
    known_network{private_,
                  "fec0::/10"},  // RFC 3879, 4: site-local, deprecated and still routed at some sites

    known_network{loopback, "127.0.0.0/8"},  // RFC 1122, 3.2.1.3 (g)
    known_network{loopback, "::1"},          // RFC 4291, 2.5.3
    known_network{loopback, "0.0.0.0"},      // Linux and others connect this one to 127.0.0.1,
    known_network{loopback, "::"},           // and this one to ::1

    known_network{link_local, "169.254.0.0/16"},  // RFC 3927, 2.1
    known_network{link_local, "fe80::/10"},       // RFC 4291, 2.5.6

    known_network{multicast, "224.0.0.0/4"},      // RFC 5771, 3
    known_network{multicast, "ff00::/8"},         // RFC 4291, 2.7
    known_network{multicast, "255.255.255.255"},  // RFC 919, 7: everybody on the link

    known_network{unspecified, "0.0.0.0/8"},  // RFC 1122, 3.2.1.3 (a) and (b): "this" network
    known_network{unspecified, "::"},         // RFC 4291, 2.5.2

    known_network{metadata, "169.254.169.254"},  // most clouds
    known_network{metadata, "169.254.170.2"},    // AWS: credentials of containers (ECS)
    known_network{metadata, "169.254.170.23"},   // AWS: credentials of pods (EKS)
    known_network{metadata, "fd00:ec2::254"},    // AWS: instances
    known_network{metadata, "fd00:ec2::23"},     // AWS: pods
    known_network{metadata, "100.100.100.200"},  // Alibaba Cloud
    known_network{metadata, "168.63.129.16"},    // Azure: its agent's server, at a public address
    known_network{metadata, "fd20:ce::254"},     // Google Cloud
    known_network{metadata, "192.0.0.192"},      // Oracle Cloud

    known_network{reserved, "192.0.0.0/24"},     // RFC 6890, 2.1: protocol assignments
    known_network{reserved, "192.0.2.0/24"},     // RFC 5737, 3: documentation
    known_network{reserved, "198.51.100.0/24"},  // RFC 5737, 3
    known_network{reserved, "203.0.113.0/24"},   // RFC 5737, 3
    known_network{reserved, "198.18.0.0/15"},    // RFC 2544, C.2.2: benchmarking
    known_network{reserved, "240.0.0.0/4"},      // RFC 1112, 4: class E
    known_network{reserved, "2001:db8::/32"},    // RFC 3849, 2: documentation
    known_network{reserved, "3fff::/20"},        // RFC 9637: documentation
    known_network{reserved, "100::/64"},         // RFC 6666: what is sent there is discarded
    known_network{reserved, "2001:2::/48"},      // RFC 5180, 8: benchmarking
};

struct set_name {
  std::string_view name;
  address_set set;
};

constexpr std::array names{
    set_name{"private", private_},        set_name{"loopback", loopback},
    set_name{"link-local", link_local},   set_name{"multicast", multicast},
    set_name{"unspecified", unspecified}, set_name{"metadata", metadata},
    set_name{"reserved", reserved},
};

}  // namespace

std::span<const known_network> known_networks() noexcept { return networks; }

std::optional<address_set> set_named(std::string_view name) noexcept {
  for (const set_name& one : names) {
    if (one.name == name) return one.set;
  }
  return std::nullopt;
}

}  // namespace uvdial::detail
