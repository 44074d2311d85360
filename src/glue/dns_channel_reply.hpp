#pragma once
// The answer section of a reply.
#include "glue/dns_channel.hpp"

namespace uvdial::detail {

// Fills in addresses, names and ttl, or `why`. `asked` is the name that the question was for.
void read_reply(const std::string& asked, ip_family family, const unsigned char* packet, int size, dns_reply& reply);

}  // namespace uvdial::detail
