#pragma once
// Interfaces, addresses and routes of the network that the process is in, by way of the kernel's own interface: no
// program has to be there. Each call throws std::system_error that says what was refused.
#include <cstdint>
#include <string>
#include <string_view>

namespace fixture::netlink {

// Down takes the routes along, and those of IPv6 its addresses too.
void set_up(const std::string& interface, bool up);

// It can be used at once.
void add_address(const std::string& interface, std::string_view literal, int prefix);

// What is done with packets to addresses behind a route.
enum class route_kind : std::uint8_t { unicast, local, blackhole, unreachable, prohibit };

struct route {
  std::string_view prefix;  // a bare address: "0.0.0.0" and a length of 0 is the default route of IPv4
  int length = 0;
  route_kind kind = route_kind::unicast;
  std::string interface {};  // of unicast
};
void add_route(const route& wanted);
void remove_route(const route& unwanted);

}  // namespace fixture::netlink
