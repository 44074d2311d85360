#include <utility>

#include "uvdial/endpoint.hpp"
#include "values/text.hpp"

namespace uvdial {

target::target(std::string host_, std::uint16_t port_) : host(std::move(host_)), port(port_) {
  (void)detail::check_target(host, port);  // whether it is an address is of no interest here
}

target target::parse(std::string_view text) {
  const detail::given whole{"target", text};
  const auto parts = detail::split(whole);
  const auto number = detail::read_port(whole, parts.port);
  (void)detail::check_host(whole, parts.host);
  return {std::string(parts.host), number};
}

target target::parse(std::string_view host, std::string_view port) {
  const detail::given whole{"host", host};
  detail::check_characters(whole);
  const auto bare = detail::without_brackets(whole);
  const auto number = detail::read_port({"port", port, host}, port);
  (void)detail::check_host(whole, bare);
  return {std::string(bare), number};
}

std::string target::to_string() const {
  const auto number = std::to_string(port);
  if (host.find(':') == std::string::npos) return host + ":" + number;
  return "[" + host + "]:" + number;
}

}  // namespace uvdial
