#include "values/text.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "uvdial/endpoint.hpp"
#include "values/literal.hpp"

namespace uvdial::detail {

namespace {

constexpr std::size_t longest_quote = 200;

bool control(char each) { return static_cast<unsigned char>(each) < 0x20 || each == 0x7f; }
bool digit(char each) { return each >= '0' && each <= '9'; }

void append_escaped(std::string& line, char each) {
  constexpr char digits[] = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(each);
  line += "\\x";
  line += digits[byte >> 4];
  line += digits[byte & 15];
}

void require_v6(const given& whole, std::string_view inside) {
  const auto read = read_literal(inside);
  if (!read || read->family != ip_family::v6) whole.refuse("only an IPv6 address goes in brackets");
}

host_and_port split_bracketed(const given& whole) {
  const auto end = whole.text.find(']');
  if (end == std::string_view::npos) whole.refuse("the closing bracket is missing");
  const auto inside = whole.text.substr(1, end - 1);
  const auto rest = whole.text.substr(end + 1);
  require_v6(whole, inside);
  if (rest.empty() || rest == ":") whole.refuse("the port is missing, as in [2001:db8::1]:443");
  if (rest.front() != ':') whole.refuse("a colon and the port must follow the closing bracket");
  return {inside, rest.substr(1), true};
}

}  // namespace

std::string quoted(std::string_view text) {
  std::string line = "\"";
  for (const char each : text.substr(0, longest_quote)) {
    if (control(each)) {
      append_escaped(line, each);
      continue;
    }
    if (each == '"' || each == '\\') line += '\\';
    line += each;
  }
  line += '"';
  if (text.size() > longest_quote) line += "...";
  return line;
}

void given::refuse(std::string_view why) const {
  std::string line = "bad ";
  line.append(what).append(" ").append(quoted(text)).append(": ").append(why);
  throw std::invalid_argument(line);
}

void check_characters(const given& whole) {
  const auto text = whole.text;
  if (text.empty()) whole.refuse("it is empty");
  if (std::any_of(text.begin(), text.end(), control)) whole.refuse("it has a control character in it");
  if (text.find(' ') != std::string_view::npos) whole.refuse("it has a space in it");
  if (text.find_first_of("/?#@") != std::string_view::npos)
    whole.refuse("a URL is not taken here, only a host and a port");
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
  if (text.back() != ']') host.refuse("the closing bracket is missing");
  const auto inside = text.substr(1, text.size() - 2);
  require_v6(host, inside);
  return inside;
}

std::uint16_t read_port(const given& whole, std::string_view port) {
  if (port.empty()) whole.refuse("the port is missing");
  if (!std::all_of(port.begin(), port.end(), digit)) {
    if (const auto known = port_of_service(port)) return *known;
    whole.refuse("the port is neither a number from 1 to 65535 nor a service name known here");
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
