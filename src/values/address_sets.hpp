#pragma once
// The named sets of addresses, as networks.
#include <optional>
#include <span>
#include <string_view>

#include "uvdial/address_policy.hpp"

namespace uvdial::detail {

struct known_network {
  address_set set;
  std::string_view text;  // "10.0.0.0/8", or a bare address
};

// All networks of all sets. Lives for ever.
std::span<const known_network> known_networks() noexcept;

// "link-local" and so on; nullopt: no set is called that.
std::optional<address_set> set_named(std::string_view name) noexcept;

// For messages: "private, loopback, link-local, ..."
constexpr std::string_view names_of_sets =
    "private, loopback, link-local, multicast, unspecified, metadata, reserved";

}  // namespace uvdial::detail
