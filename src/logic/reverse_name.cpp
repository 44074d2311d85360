#include "logic/reverse_name.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace uvdial::detail {

namespace {

std::string reverse_of_v4(const unsigned char* octets) {
  std::string name;
  for (int i = 3; i >= 0; --i) name += std::to_string(octets[i]) + ".";
  return name + "in-addr.arpa";
}

std::string reverse_of_v6(const std::array<unsigned char, 16>& octets) {
  constexpr char digits[] = "0123456789abcdef";
  std::string name;
  for (auto each = octets.rbegin(); each != octets.rend(); ++each) {
    name += {digits[*each & 0xf], '.', digits[*each >> 4], '.'};
  }
  return name + "ip6.arpa";
}

}  // namespace

endpoint without_mapping(const endpoint& address) {
  if (address.family() == ip_family::v4) return address;
  constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address.native());
  const unsigned char* octets = v6.sin6_addr.s6_addr;
  if (!std::equal(mapped.begin(), mapped.end(), octets)) return address;
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = v6.sin6_port;
  std::memcpy(&v4.sin_addr, octets + mapped.size(), sizeof v4.sin_addr);
  return endpoint(reinterpret_cast<const sockaddr&>(v4));
}

std::string reverse_name(const endpoint& address) {
  const endpoint plain = without_mapping(address);
  if (plain.family() == ip_family::v4) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(plain.native());
    return reverse_of_v4(reinterpret_cast<const unsigned char*>(&v4.sin_addr));
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(plain.native());
  std::array<unsigned char, 16> octets;
  std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
  return reverse_of_v6(octets);
}

}  // namespace uvdial::detail
