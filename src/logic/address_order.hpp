#pragma once
// In which order the addresses of a host are worth trying: RFC 6724, section 6.
#include <cstdint>
#include <optional>
#include <span>

#include "uvdial/endpoint.hpp"

namespace uvdial::detail {

// One address to order, and where a connection to it would come from.
struct destination {
  endpoint to;
  std::optional<endpoint> source{};  // nullopt: there is no way there, as far as anyone knows
  bool asked = false;                // the source was asked for; the order does not look at it
};

// The place of a destination as a number, smaller goes first. It depends on nothing but this destination.
std::uint32_t order_rank(const destination& place) noexcept;

// Sorts by rank; equal ones keep their order. All of the family `ahead`, where given, go before the rest.
void order_addresses(std::span<destination> list, std::optional<ip_family> ahead = std::nullopt) noexcept;

}  // namespace uvdial::detail
