#pragma once
// What the packet of a DNS answer says.
#include <span>
#include <string_view>

#include "glue/server_channel.hpp"
#include "logic/dns_reply.hpp"

namespace uvdial::detail {

// The datagram had no room for the whole answer (RFC 1035, 4.1.1: TC).
bool is_truncated(const unsigned char* packet, int size) noexcept;

// The packet answers this question, whatever else it holds.
bool is_about(std::span<const unsigned char> packet, std::string_view asked, dns_record record) noexcept;

// Fills in addresses or names, the canonical name if it is another one, aliases and ttl, or `why`. `asked` is the name that the question
// was for, `status` the ARES_ code that came with the packet. Throws std::bad_alloc.
void read_reply(std::string_view asked, dns_record record, int status, const unsigned char* packet, int size,
                dns_reply& reply);

}  // namespace uvdial::detail
