#include "values/literal.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

namespace uvdial::detail {

namespace {

// inet_pton wants a terminated string, and would take "::1\0junk" for "::1".
bool read_bytes(int family, std::string_view text, unsigned char* into) noexcept {
  char terminated[INET6_ADDRSTRLEN] = {};
  if (text.empty() || text.size() >= sizeof terminated) return false;
  if (text.find('\0') != std::string_view::npos) return false;
  std::copy(text.begin(), text.end(), terminated);
  return inet_pton(family, terminated, into) == 1;
}

}  // namespace

bool literal::link_local() const noexcept {
  if (family == ip_family::v4) return bytes[0] == 169 && bytes[1] == 254;
  return bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

std::optional<literal> read_literal(std::string_view text) noexcept {
  literal read{ip_family::v6, {}, std::nullopt};
  const auto percent = text.find('%');
  if (percent != std::string_view::npos) read.zone = text.substr(percent + 1);
  if (read_bytes(AF_INET6, text.substr(0, percent), read.bytes)) return read;
  if (read.zone) return std::nullopt;
  read.family = ip_family::v4;
  if (read_bytes(AF_INET, text, read.bytes)) return read;
  return std::nullopt;
}

}  // namespace uvdial::detail
