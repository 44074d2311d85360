#pragma once
// The name under which DNS keeps the names of an address.
#include <string>

#include "uvdial/endpoint.hpp"

namespace uvdial::detail {

// An IPv4-mapped address (RFC 4291, 2.5.5.2) becomes the IPv4 address in it; any other comes back as it is.
endpoint without_mapping(const endpoint& address);

// "7.2.0.192.in-addr.arpa" (RFC 1035, 3.5), or the 32 digits under "ip6.arpa" (RFC 3596, 2.5). An IPv4-mapped
// address is the IPv4 address in it.
std::string reverse_name(const endpoint& address);

}  // namespace uvdial::detail
