#include "values/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include "uvdial/endpoint.hpp"
#include "values/utf8.hpp"

namespace uvdial::detail {

namespace {

constexpr std::size_t longest_quote = 200;

// What is looked for in a host, as bits: one pass over the text finds all of it, and every dial makes that pass.
enum trait : unsigned char { control = 1, space = 2, of_url = 4, bracket = 8, percent = 16, colon = 32 };
constexpr unsigned not_in_a_host = control | space | of_url;
constexpr unsigned not_in_a_name = not_in_a_host | bracket | percent | colon;

constexpr std::array<unsigned char, 256> make_traits() {
  std::array<unsigned char, 256> traits{};
  for (std::size_t each = 0; each < 0x20; ++each) traits[each] = control;
  traits[0x7f] = control;
  traits[' '] = space;
  for (const char each : {'/', '?', '#', '@'}) traits[static_cast<unsigned char>(each)] = of_url;
  traits['['] = traits[']'] = bracket;
  traits['%'] = percent;
  traits[':'] = colon;
  return traits;
}
constexpr std::array<unsigned char, 256> traits = make_traits();

unsigned trait_of(char each) noexcept { return traits[static_cast<unsigned char>(each)]; }

unsigned traits_in(std::string_view text) noexcept {
  unsigned found = 0;
  for (const char each : text) found |= trait_of(each);
  return found;
}

void refuse_characters(const given& whole, unsigned found) {
  if (found & control) whole.refuse("it has a control character in it");
  if (found & space) whole.refuse("it has a space in it");
  if (found & of_url) whole.refuse("a URL is not taken here, only a host and a port, as in example.com:443");
}

bool digit(char each) { return each >= '0' && each <= '9'; }

void require_v6(const given& whole, std::string_view inside) {
  const auto read = read_literal(inside);
  if (!read || read->family != ip_family::v6) whole.refuse("only an IPv6 address goes in brackets");
}

host_and_port split_bracketed(const given& whole) {
  const auto end = whole.text.find(']');
  if (end == std::string_view::npos) whole.refuse("the closing bracket is missing, as in [2001:db8::1]:443");
  const auto inside = whole.text.substr(1, end - 1);
  const auto rest = whole.text.substr(end + 1);
  require_v6(whole, inside);
  if (rest.empty() || rest == ":") whole.refuse("the port is missing, as in [2001:db8::1]:443");
  if (rest.front() != ':')
    whole.refuse("a colon and the port must follow the closing bracket, as in [2001:db8::1]:443");
  return {inside, rest.substr(1), true};
}

}  // namespace

std::string quoted(std::string_view text) {
  std::string line = "\"";
  std::string_view rest = utf8_cut(text, longest_quote);
  const bool is_whole = rest.size() == text.size();
  while (!rest.empty()) {
    if (rest.front() == '"' || rest.front() == '\\') line += '\\';
    append_readable(line, rest);
  }
  line += is_whole ? "\"" : "\"...";
  return line;
}

void given::refuse(std::string_view why) const {
  std::string line = "bad ";
  line.append(what).append(" ").append(quoted(text));
  if (!host.empty()) line.append(" of ").append(quoted(host));
  line.append(": ").append(why);
  throw std::invalid_argument(line);
}

void check_characters(const given& whole) {
  if (whole.text.empty()) whole.refuse("it is empty");
  refuse_characters(whole, traits_in(whole.text));
}

std::optional<literal> check_host(const given& whole, std::string_view host) {
  if (host.empty()) whole.refuse("the host is missing");
  auto read = read_literal(host);
  if (read && read->family == ip_family::v4) return read;  // there is nothing in it but digits and dots
  const unsigned found = traits_in(whole.text);
  if (found & not_in_a_host) refuse_characters(whole, found);
  if (read) {
    if (read->zone && read->zone->empty()) whole.refuse("the zone after % is missing, as in fe80::1%eth0");
    if (read->zone && (traits_in(*read->zone) & bracket))
      whole.refuse("brackets go around an IPv6 address, and not into its zone");
    if (read->link_local() && !read->zone)
      whole.refuse("a link-local address needs a zone, as in fe80::1%eth0");
    return read;
  }
  if (!(found & not_in_a_name)) return std::nullopt;
  const unsigned in_host = traits_in(host);  // around it there may be a port
  if (in_host & bracket) whole.refuse("brackets go around an IPv6 address only, as in [2001:db8::1]:443");
  if (in_host & percent) whole.refuse("a zone after % goes with an IPv6 address only, as in fe80::1%eth0");
  if (in_host & colon)
    whole.refuse("a colon stands in an IPv6 address only, and this is none; the port is given apart");
  return std::nullopt;
}

std::optional<literal> check_target(std::string_view host, std::uint16_t port) {
  const auto read = check_host({"host", host}, host);
  if (port == 0) given{"port", "0", host}.refuse("port 0 cannot be connected to");
  return read;
}

host_and_port split(const given& whole) {
  check_characters(whole);
  const auto text = whole.text;
  if (text.front() == '[') return split_bracketed(whole);
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) whole.refuse("the port is missing, as in host:443");
  if (text.find(':', colon + 1) != std::string_view::npos)
    whole.refuse("more than one colon; an IPv6 address goes in brackets, as in [2001:db8::1]:443");
  if (colon == 0) whole.refuse("the host is missing");
  if (colon + 1 == text.size()) whole.refuse("the port is missing, as in host:443");
  return {text.substr(0, colon), text.substr(colon + 1), false};
}

std::string_view without_brackets(const given& host) {
  const auto text = host.text;
  if (text.empty() || text.front() != '[') return text;
  if (text.back() != ']') host.refuse("the closing bracket is missing, as in [2001:db8::1]");
  const auto inside = text.substr(1, text.size() - 2);
  require_v6(host, inside);
  return inside;
}

std::uint16_t read_port(const given& whole, std::string_view port) {
  if (port.empty()) whole.refuse("the port is missing");
  if (!std::all_of(port.begin(), port.end(), digit)) {
    if (const auto known = port_of_service(port)) return *known;
    whole.refuse("the port is neither a number from 1 to 65535 nor a service name known here, as https is");
  }
  if (port == "0") whole.refuse("port 0 cannot be connected to");
  // Some readers take "010" for eight, others for ten.
  if (port.front() == '0') whole.refuse("the port has a leading zero");
  std::uint16_t number = 0;
  const auto read = std::from_chars(port.data(), port.data() + port.size(), number);
  if (read.ec != std::errc()) whole.refuse("the highest port is 65535");
  return number;
}

}  // namespace uvdial::detail
