#pragma once
// What a question came to: the answer section of its reply, or why there is none.
#include "glue/dns_channel.hpp"

namespace uvdial::detail {

// The code of a question that c-ares ended with this failure. c-ares reports a socket or a file that it could not
// open as if the server or the file were at fault. So when it does, the kernel is asked for a descriptor: if there is
// none, that was it.
std::error_code failure_code(int status) noexcept;

// Fills in addresses, names and ttl, or `why`. `asked` is the name that the question was for.
void read_reply(const std::string& asked, ip_family family, const unsigned char* packet, int size,
                dns_reply& reply);

}  // namespace uvdial::detail
