#pragma once
// The text form of an IP address, read without asking the machine: no DNS, no interfaces.
#include <cstdint>
#include <optional>
#include <string_view>

#include "uvdial/endpoint.hpp"

namespace uvdial::detail {

struct literal {
  ip_family family;
  unsigned char bytes[16];                 // network order; the first four for IPv4
  std::optional<std::string_view> zone{};  // what stands after '%'; points into the text that was read

  bool link_local() const noexcept;  // fe80::/10 or 169.254.0.0/16
};

// Takes only what inet_pton takes, and a zone after an IPv6 address: "127.1", "010.0.0.1" and "2130706433"
// are no literals, although some programs read them as addresses.
std::optional<literal> read_literal(std::string_view text) noexcept;

// Throws as endpoint::from_literal() does, where the zone is none of this machine's interfaces; `text` is what was read.
endpoint to_endpoint(const literal& read, std::string_view text, std::uint16_t port);

}  // namespace uvdial::detail
