#pragma once
// IP packets as the wire of a test sees them: who wants to reach whom, and what a router on the way says back.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace fixture {

// Why a router, or the host itself, will not have a packet. Each has its own ICMP message in both families.
enum class refusal : std::uint8_t {
  no_network,     // v4: network unreachable           v6: no route
  no_host,        // v4: host unreachable              v6: address unreachable
  no_port,        // v4 and v6: port unreachable
  not_permitted,  // v4 and v6: administratively prohibited
  too_big         // v4: fragmentation needed          v6: packet too big
};

using packet = std::vector<std::uint8_t>;

struct packet_view {
  bool is_v6;
  std::array<std::uint8_t, 16> from{};  // an IPv4 address has the first four
  std::array<std::uint8_t, 16> to{};
  bool begins_tcp;  // a SYN without an ACK
};
// nullopt: not a whole IP packet.
std::optional<packet_view> look_at(std::span<const std::uint8_t> octets);

// The ICMP message that the receiver of `offending` would send about it; `mtu` is told where it was too big.
packet refuse(std::span<const std::uint8_t> offending, refusal why, std::uint16_t mtu);

}  // namespace fixture
