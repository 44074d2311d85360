#pragma once
// A network: the addresses that begin with the same bits.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "uvdial/endpoint.hpp"

namespace uvdial::detail {

struct network {
  ip_family family;
  std::uint8_t length;                  // of the prefix, in bits
  std::array<std::uint8_t, 16> prefix;  // in network order; zero beyond its length

  std::string to_string() const;  // "10.0.0.0/8"
};

// Whether the address, of the same family, begins with the prefix.
bool has_prefix(const std::uint8_t* address, const std::uint8_t* prefix, std::uint8_t length) noexcept;

// Reads "10.0.0.0/8", "fd00::/8", or a bare address, which is a network of its own. Throws
// std::invalid_argument as address_policy says.
network read_network(std::string_view text);

}  // namespace uvdial::detail
