#pragma once
// The numbers of RFC 1035, 4 that reading and building a message share.
#include <cstddef>
#include <cstdint>

namespace uvdial::demo {

constexpr std::size_t header_size = 12;
constexpr std::size_t longest_label = 63;  // RFC 1035, 2.3.4
constexpr std::size_t longest_name = 255;  // on the wire, with the lengths and the root
constexpr std::uint16_t class_in = 1;

constexpr std::uint16_t flag_reply = 0x8000;
constexpr std::uint16_t flag_authoritative = 0x0400;
constexpr std::uint16_t flag_truncated = 0x0200;
constexpr std::uint16_t flag_recursion_desired = 0x0100;
constexpr std::uint16_t flag_recursion_available = 0x0080;
constexpr std::uint16_t opcode_bits = 0x7800;

}  // namespace uvdial::demo
