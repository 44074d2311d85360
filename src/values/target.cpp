#include <utility>

#include "uvdial/endpoint.hpp"
#include "values/literal.hpp"
#include "values/text.hpp"

namespace uvdial {

namespace {

// Bytes of 0x80 and above pass: whether a name beyond ASCII exists is for the resolver to say. Only the text
// is judged: whether the interface of a zone exists is seen when the target is dialed.
void check_host(const detail::given& whole, std::string_view host) {
  if (host.empty()) whole.refuse("the host is missing");
  detail::check_characters(whole);
  if (const auto literal = detail::read_literal(host)) {
    if (literal->zone && literal->zone->empty()) whole.refuse("the zone after % is missing");
    if (literal->family == ip_family::v6 && literal->link_local() && !literal->zone)
      whole.refuse("a link-local address needs a zone, as in fe80::1%eth0");
    return;
  }
  if (host.find_first_of("[]") != std::string_view::npos)
    whole.refuse("brackets go around an IPv6 address only, and not into a host of its own");
  if (host.find('%') != std::string_view::npos) whole.refuse("a zone after % goes with an IPv6 address only");
  if (host.find(':') != std::string_view::npos)
    whole.refuse("a colon stands in an IPv6 address only, and this is none");
}

}  // namespace

target::target(std::string host_, std::uint16_t port_) : host(std::move(host_)), port(port_) {
  check_host({"host", host}, host);
  if (port == 0) detail::given{"port", "0"}.refuse("port 0 cannot be connected to");
}

target target::parse(std::string_view text) {
  const detail::given whole{"target", text};
  const auto parts = detail::split(whole);
  const auto number = detail::read_port(whole, parts.port);
  check_host(whole, parts.host);
  return {std::string(parts.host), number};
}

target target::parse(std::string_view host, std::string_view port) {
  const detail::given whole{"host", host};
  detail::check_characters(whole);
  const auto bare = detail::without_brackets(whole);
  const auto number = detail::read_port({"port", port}, port);
  check_host(whole, bare);
  return {std::string(bare), number};
}

std::string target::to_string() const {
  const auto number = std::to_string(port);
  if (host.find(':') == std::string::npos) return host + ":" + number;
  return "[" + host + "]:" + number;
}

}  // namespace uvdial
