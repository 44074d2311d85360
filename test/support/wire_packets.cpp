#include "support/wire_packets.hpp"

#include <algorithm>

namespace fixture {

namespace {

constexpr std::size_t v4_header = 20;
constexpr std::size_t v6_header = 40;
constexpr std::size_t icmp_header = 8;
constexpr std::uint8_t tcp = 6;
constexpr std::uint8_t icmp_v4 = 1;
constexpr std::uint8_t icmp_v6 = 58;
constexpr std::size_t tcp_flags = 13;
constexpr std::uint8_t syn = 0x02;
constexpr std::uint8_t ack = 0x10;
constexpr std::size_t most_quoted = 500;  // an error must fit everywhere, and quote enough to find the socket

void put_16(packet& into, std::size_t at, std::size_t value) {
  into[at] = static_cast<std::uint8_t>(value >> 8);
  into[at + 1] = static_cast<std::uint8_t>(value);
}

// RFC 1071. `sum` is what came before.
std::uint32_t add_up(std::span<const std::uint8_t> octets, std::uint32_t sum) {
  for (std::size_t at = 0; at < octets.size(); at += 2) {
    const std::uint32_t low = at + 1 < octets.size() ? octets[at + 1] : 0;
    sum += static_cast<std::uint32_t>(octets[at]) << 8 | low;
  }
  return sum;
}

std::uint16_t checksum(std::uint32_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

struct message {
  std::uint8_t type;
  std::uint8_t code;
};

message v4_message(refusal why) {
  switch (why) {
    case refusal::no_network: return {3, 0};
    case refusal::no_host: return {3, 1};
    case refusal::no_port: return {3, 3};
    case refusal::not_permitted: return {3, 13};
    case refusal::too_big: break;
  }
  return {3, 4};
}

message v6_message(refusal why) {
  switch (why) {
    case refusal::no_network: return {1, 0};
    case refusal::no_host: return {1, 3};
    case refusal::no_port: return {1, 4};
    case refusal::not_permitted: return {1, 1};
    case refusal::too_big: break;
  }
  return {2, 0};
}

packet v4_frame(std::size_t size, std::span<const std::uint8_t> offending) {
  packet made(v4_header + size);
  made[0] = 0x45;
  put_16(made, 2, made.size());
  made[8] = 64;  // hops
  made[9] = icmp_v4;
  std::copy_n(offending.begin() + 16, 4, made.begin() + 12);
  std::copy_n(offending.begin() + 12, 4, made.begin() + 16);
  put_16(made, 10, checksum(add_up(std::span(made).first(v4_header), 0)));
  return made;
}

packet v6_frame(std::size_t size, std::span<const std::uint8_t> offending) {
  packet made(v6_header + size);
  made[0] = 0x60;
  put_16(made, 4, size);
  made[6] = icmp_v6;
  made[7] = 64;  // hops
  std::copy_n(offending.begin() + 24, 16, made.begin() + 8);
  std::copy_n(offending.begin() + 8, 16, made.begin() + 24);
  return made;
}

}  // namespace

std::optional<packet_view> look_at(std::span<const std::uint8_t> octets) {
  if (octets.empty()) return std::nullopt;
  packet_view seen{};
  seen.is_v6 = octets[0] >> 4 == 6;
  const std::size_t header = seen.is_v6 ? v6_header : v4_header;
  if (octets.size() < header) return std::nullopt;
  std::copy_n(octets.begin() + (seen.is_v6 ? 8 : 12), seen.is_v6 ? 16 : 4, seen.from.begin());
  std::copy_n(octets.begin() + (seen.is_v6 ? 24 : 16), seen.is_v6 ? 16 : 4, seen.to.begin());
  const bool is_tcp = octets[seen.is_v6 ? 6 : 9] == tcp && octets.size() > header + tcp_flags;
  seen.begins_tcp = is_tcp && (octets[header + tcp_flags] & (syn | ack)) == syn;
  return seen;
}

packet refuse(std::span<const std::uint8_t> offending, refusal why, std::uint16_t mtu) {
  const bool is_v6 = offending[0] >> 4 == 6;
  const std::span quoted = offending.first(std::min(offending.size(), most_quoted));
  const std::size_t size = icmp_header + quoted.size();
  packet made = is_v6 ? v6_frame(size, offending) : v4_frame(size, offending);
  const std::size_t at = is_v6 ? v6_header : v4_header;
  const message said = is_v6 ? v6_message(why) : v4_message(why);
  made[at] = said.type;
  made[at + 1] = said.code;
  if (why == refusal::too_big) put_16(made, at + 6, mtu);
  std::copy(quoted.begin(), quoted.end(), made.begin() + static_cast<std::ptrdiff_t>(at + icmp_header));
  std::uint32_t sum = add_up(std::span(made).subspan(at), 0);
  // The checksum of ICMPv6 covers the addresses, the size and the protocol, too (RFC 4443, 2.3).
  if (is_v6) sum = add_up(std::span(made).subspan(8, 32), sum) + static_cast<std::uint32_t>(size) + icmp_v6;
  put_16(made, at + 2, checksum(sum));
  return made;
}

}  // namespace fixture
