#include "cli/option_readers.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "cli/safe_text.hpp"
#include "values/text.hpp"

namespace uvdial::cli {

namespace {

using detail::quoted;
using std::chrono::milliseconds;

struct range {
  int first, last;
};
constexpr range timeout_range{1, 86'400'000};   // up to a day: longer ones are mistakes
constexpr range attempt_delay_range{10, 2000};  // RFC 8305, 8
constexpr range resolution_delay_range{0, 2000};
constexpr range repeat_range{1, 10'000};  // each closed connection holds a local port for a minute

// Plain decimal: no sign, no space, no unit, and no leading zero, which some readers take for octal.
bool plain_decimal(std::string_view text) noexcept {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return false;
  return std::all_of(text.begin(), text.end(), [](char each) { return each >= '0' && each <= '9'; });
}

int read_number(std::string_view name, std::string_view unit, std::string_view text, range allowed) {
  int value = 0;
  const bool fits =
      plain_decimal(text) && std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc();
  if (fits && value >= allowed.first && value <= allowed.last) return value;
  throw usage_error("option " + std::string(name) + " takes a whole number " + std::string(unit) + "from " +
                    std::to_string(allowed.first) + " to " + std::to_string(allowed.last) + ", not " +
                    quoted(text));
}

milliseconds read_milliseconds(std::string_view name, std::string_view text, range allowed) {
  return milliseconds(read_number(name, "of milliseconds ", text, allowed));
}

void read_timeout(reading& all, std::string_view text) {
  all.into.options.timeout = read_milliseconds("--timeout", text, timeout_range);
}

void read_attempt_delay(reading& all, std::string_view text) {
  all.into.options.attempt_delay = read_milliseconds("--attempt-delay", text, attempt_delay_range);
}

void read_resolution_delay(reading& all, std::string_view text) {
  all.into.options.resolution_delay = read_milliseconds("--resolution-delay", text, resolution_delay_range);
}

void read_repeat(reading& all, std::string_view text) {
  all.into.repeat = static_cast<std::size_t>(read_number("--repeat", "", text, repeat_range));
  all.into.then = arguments::after_connect::close;
}

void read_family(reading& all, std::string_view text) {
  if (text == "any")
    all.into.options.families = family_policy::v6_first;
  else if (text == "ipv4")
    all.into.options.families = family_policy::v4_only;
  else if (text == "ipv6")
    all.into.options.families = family_policy::v6_only;
  else
    throw usage_error("option --family takes any, ipv4 or ipv6, not " + quoted(text));
}

// "192.0.2.1", "192.0.2.1:53", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:53".
endpoint read_server(std::string_view text) {
  const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
  const auto bare = endpoint::from_literal(bracketed ? text.substr(1, text.size() - 2) : text, 0);
  if (bare && (!bracketed || bare->family() == ip_family::v6)) return *bare;
  return endpoint::parse(text);
}

void read_dns_server(reading& all, std::string_view text) try {
  all.into.dns_servers.push_back(read_server(text));
} catch (const std::invalid_argument&) {
  throw usage_error("option --dns-server takes an IP address, with or without a port, not " + quoted(text));
}

void read_hosts(reading& all, std::string_view text) {
  if (text.empty()) throw usage_error("option --hosts takes the name of a file, not " + quoted(text));
  all.into.hosts_file = text;
}

std::optional<endpoint> read_literal(std::string_view text) try {
  return endpoint::from_literal(text, 0);
} catch (const std::invalid_argument& wrong) {  // its zone
  throw usage_error("option --bind: " + one_line(wrong.what()));
}

void read_bind(reading& all, std::string_view text) {
  const std::optional<endpoint> local = read_literal(text);
  if (!local) throw usage_error("option --bind takes an IP address without a port, not " + quoted(text));
  const bool is_v4 = local->family() == ip_family::v4;
  std::optional<endpoint>& place = is_v4 ? all.into.options.bind_v4 : all.into.options.bind_v6;
  if (place) {
    throw usage_error("option --bind takes one address of each family, and " + quoted(text) +
                      " is the second of " + (is_v4 ? "IPv4" : "IPv6"));
  }
  place = local;
}

// The rules are put together when all of them are known; here they are only tried.
void read_allow(reading& all, std::string_view text) try {
  (void)address_policy().allow(text);
  all.allowed.push_back(text);
} catch (const std::invalid_argument& wrong) {
  throw usage_error("option --allow: " + one_line(wrong.what()));
}

void read_deny(reading& all, std::string_view text) try {
  (void)address_policy().deny(text);
  all.denied.push_back(text);
} catch (const std::invalid_argument& wrong) {
  throw usage_error("option --deny: " + one_line(wrong.what()));
}

void read_unix(reading& all, std::string_view text) {
  if (text.empty()) throw usage_error("option --unix takes the path of a socket, not " + quoted(text));
  all.into.unix_path = text;
}

void read_svg(reading& all, std::string_view text) {
  if (text.empty()) throw usage_error("option --svg takes the name of a file, not " + quoted(text));
  all.into.svg_file = text;
}

void only_connect(reading& all, std::string_view) { all.into.then = arguments::after_connect::close; }

void write_json(reading& all, std::string_view) {
  all.into.json = true;
  all.into.then = arguments::after_connect::close;
}

void write_trace(reading& all, std::string_view) { all.into.trace = true; }
void only_resolve(reading& all, std::string_view) { all.into.what = arguments::wish::resolve; }
void show_help(reading& all, std::string_view) { all.into.what = arguments::wish::help; }
void show_version(reading& all, std::string_view) { all.into.what = arguments::wish::version; }

constexpr auto host_dials = static_cast<std::uint8_t>(job::dial);
constexpr auto unix_dials = static_cast<std::uint8_t>(job::dial_unix);
constexpr auto lookups = static_cast<std::uint8_t>(job::resolve);
constexpr std::uint8_t dials = host_dials | unix_dials;
constexpr std::uint8_t names = host_dials | lookups;
constexpr std::uint8_t everything = dials | lookups;

using enum option::value;
constexpr std::array options = {
    option{"-z", none, everything, only_connect},
    option{"--json", none, everything, write_json},
    option{"--trace", none, dials, write_trace},
    option{"--svg", needed, host_dials, read_svg},
    option{"--repeat", needed, dials, read_repeat},
    option{"--resolve", none, lookups, only_resolve},
    option{"--unix", needed, unix_dials, read_unix},
    option{"--dns-server", needed, names, read_dns_server},
    option{"--hosts", needed, names, read_hosts},
    option{"--family", needed, names, read_family},
    option{"--bind", needed, host_dials, read_bind},
    option{"--deny", needed, host_dials, read_deny},
    option{"--allow", needed, host_dials, read_allow},
    option{"--timeout", needed, everything, read_timeout},
    option{"--attempt-delay", needed, host_dials, read_attempt_delay},
    option{"--resolution-delay", needed, host_dials, read_resolution_delay},
    option{"--help", none, everything, show_help},
    option{"--version", none, everything, show_version},
};

}  // namespace

std::span<const option> all_options() noexcept { return options; }

const option* find_option(std::string_view name) noexcept {
  const auto* found =
      std::find_if(options.begin(), options.end(), [name](const option& o) { return o.name == name; });
  return found == options.end() ? nullptr : found;
}

}  // namespace uvdial::cli
