#pragma once
// DNS answers put together by hand, octet for octet (RFC 1035, 4), also such as no server should send.
#include <algorithm>
#include <string>
#include <vector>

namespace fixture::wire {

inline constexpr unsigned a = 1;
inline constexpr unsigned cname = 5;
inline constexpr unsigned soa = 6;
inline constexpr unsigned ptr = 12;
inline constexpr unsigned aaaa = 28;

inline std::string u16(unsigned value) { return {static_cast<char>(value >> 8), static_cast<char>(value)}; }
inline std::string u32(unsigned value) { return u16(value >> 16) + u16(value & 0xffffU); }

inline std::string name(const std::string& text) {
  std::string wire;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t dot = std::min(text.find('.', at), text.size());
    wire += static_cast<char>(dot - at) + text.substr(at, dot - at);
    at = dot + 1;
  }
  return wire + '\0';
}

inline std::string record(const std::string& owner, unsigned type, unsigned ttl, const std::string& data) {
  return name(owner) + u16(type) + u16(1) + u32(ttl) + u16(static_cast<unsigned>(data.size())) + data;
}
inline std::string address(const std::string& owner, unsigned ttl, int last = 1) {
  return record(owner, a, ttl, std::string("\xc0\x00\x02", 3) + static_cast<char>(last));
}
inline std::string alias(const std::string& from, const std::string& to, unsigned ttl = 60) {
  return record(from, cname, ttl, name(to));
}
inline std::string authority(unsigned ttl, unsigned minimum) {
  return record("test", soa, ttl,
                name("ns.test") + name("mail.test") + u32(1) + u32(2) + u32(3) + u32(4) + u32(minimum));
}

using parts = std::vector<std::string>;

inline std::string packet(const std::string& asked, unsigned type, const parts& answers,
                          const parts& authorities = {}) {
  std::string wire = u16(7) + u16(0x8180) + u16(1) + u16(static_cast<unsigned>(answers.size())) +
                     u16(static_cast<unsigned>(authorities.size())) + u16(0) + name(asked) + u16(type) +
                     u16(1);
  for (const std::string& each : answers) wire += each;
  for (const std::string& each : authorities) wire += each;
  return wire;
}

}  // namespace fixture::wire
