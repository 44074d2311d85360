// Each form has its own RFC and its own place for the four bytes. An address may have two forms at once (a
// 6to4 prefix and an ISATAP interface identifier), and then leads to whatever either says.
//
// Hard is only NAT64 with the local prefix. RFC 8215 gives networks a /48 and leaves them free to cut
// prefixes out of it, and RFC 6052, 2.2 puts the bytes elsewhere for each length; which one a network has,
// nobody but it knows. So every reading counts. Only one that is in 0.0.0.0/8 is set aside where another one
// is not: no router forwards a packet to there (RFC 6890, table 1), and without that no address with the
// usual /96 would be let through, since its other readings are zeros.
//
// What the bits say that have to be zero is not looked at: who takes an address out by RFC 6052, 2.3 reads
// past them.
#include "values/inner_addresses.hpp"

#include <algorithm>
#include <initializer_list>

namespace uvdial::detail {
namespace {

bool begins(const v6_bytes& address, std::initializer_list<std::uint8_t> with) noexcept {
  return std::equal(with.begin(), with.end(), address.begin());
}

v4_bytes four_at(const v6_bytes& address, std::size_t place) noexcept {
  return {address[place], address[place + 1], address[place + 2], address[place + 3]};
}

v4_bytes inverted(v4_bytes address) noexcept {
  for (std::uint8_t& one : address) one = static_cast<std::uint8_t>(~one);
  return address;
}

// Bytes 8 and 9 are an interface identifier's first; 2 in the former says that it is unique (RFC 5214, 6.1).
bool is_isatap(const v6_bytes& address) noexcept {
  const bool unique_or_not = address[8] == 0 || address[8] == 2;
  return unique_or_not && address[9] == 0 && address[10] == 0x5e && address[11] == 0xfe;
}

bool is_teredo(const v6_bytes& address) noexcept { return begins(address, {0x20, 0x01, 0, 0}); }

// An address whose last 32 bits are an IPv4 address.
bool ends_in_v4(const v6_bytes& address) noexcept {
  if (begins(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff})) return true;  // mapped: RFC 4291, 2.5.5.2
  if (begins(address, {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0})) return true;  // translated: RFC 2765, 2.1
  if (begins(address, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) return true;  // NAT64: RFC 6052, 2.1
  // Compatible: RFC 4291, 2.5.5.1. Two addresses look like it and mean something else: :: and ::1.
  constexpr v6_bytes unspecified{};
  constexpr v6_bytes loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return begins(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}) && address != unspecified &&
         address != loopback;
}

}  // namespace

inner_addresses::inner_addresses(const v6_bytes& of) noexcept {
  if (is_teredo(of)) {
    // Server and client: RFC 4380, 4. What looks like ISATAP's identifier there is flags and a port.
    add(four_at(of, 4));
    add(inverted(four_at(of, 12)));
    return;
  }
  if (begins(of, {0x20, 0x02})) add(four_at(of, 2));                 // 6to4: RFC 3056, 2
  if (begins(of, {0, 0x64, 0xff, 0x9b, 0, 1})) add_local_nat64(of);  // RFC 8215
  if (ends_in_v4(of) || is_isatap(of)) add(four_at(of, 12));
}

void inner_addresses::add_local_nat64(const v6_bytes& of) noexcept {
  // Prefixes of 48, 56, 64 and 96 bits; byte 8 is never part of the address.
  const std::array<v4_bytes, 4> readings{v4_bytes{of[6], of[7], of[9], of[10]},
                                         v4_bytes{of[7], of[9], of[10], of[11]},
                                         v4_bytes{of[9], of[10], of[11], of[12]}, four_at(of, 12)};
  for (const v4_bytes& reading : readings) {
    if (reading[0] != 0) add(reading);
  }
  if (empty()) add(readings.back());
}

}  // namespace uvdial::detail
