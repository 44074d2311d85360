#include "cli/arguments.hpp"

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

// Plain decimal: no sign, no space, no unit, and no leading zero, which some readers take for octal.
bool plain_decimal(std::string_view text) noexcept {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return false;
  return std::all_of(text.begin(), text.end(), [](char each) { return each >= '0' && each <= '9'; });
}

milliseconds read_milliseconds(std::string_view option, std::string_view text, range allowed) {
  int value = 0;
  const bool fits =
      plain_decimal(text) && std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc();
  if (fits && value >= allowed.first && value <= allowed.last) return milliseconds(value);
  throw usage_error("option " + std::string(option) + " takes a whole number of milliseconds from " +
                    std::to_string(allowed.first) + " to " + std::to_string(allowed.last) + ", not " +
                    quoted(text));
}

void read_timeout(arguments& into, std::string_view text) {
  into.options.timeout = read_milliseconds("--timeout", text, timeout_range);
}

void read_attempt_delay(arguments& into, std::string_view text) {
  into.options.attempt_delay = read_milliseconds("--attempt-delay", text, attempt_delay_range);
}

void read_resolution_delay(arguments& into, std::string_view text) {
  into.options.resolution_delay = read_milliseconds("--resolution-delay", text, resolution_delay_range);
}

void read_family(arguments& into, std::string_view text) {
  if (text == "any")
    into.options.families = family_policy::v6_first;
  else if (text == "ipv4")
    into.options.families = family_policy::v4_only;
  else if (text == "ipv6")
    into.options.families = family_policy::v6_only;
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

void read_dns_server(arguments& into, std::string_view text) try {
  into.dns_servers.push_back(read_server(text));
} catch (const std::invalid_argument&) {
  throw usage_error("option --dns-server takes an IP address, with or without a port, not " + quoted(text));
}

void read_hosts(arguments& into, std::string_view text) {
  if (text.empty()) throw usage_error("option --hosts takes the name of a file, not ''");
  into.hosts_file = text;
}

void only_connect(arguments& into, std::string_view) { into.then = arguments::after_connect::close; }

void write_json(arguments& into, std::string_view) {
  into.json = true;
  into.then = arguments::after_connect::close;
}

void write_trace(arguments& into, std::string_view) { into.trace = true; }
void only_resolve(arguments& into, std::string_view) { into.what = arguments::wish::resolve; }
void show_help(arguments& into, std::string_view) { into.what = arguments::wish::help; }
void show_version(arguments& into, std::string_view) { into.what = arguments::wish::version; }

struct option {
  std::string_view name;
  enum class value : std::uint8_t { none, needed } takes;
  void (*read)(arguments& into, std::string_view text);
  bool about_connecting = false;  // of no use with --resolve
};
constexpr std::array options = {
    option{"-z", option::value::none, only_connect},
    option{"--json", option::value::none, write_json},
    option{"--trace", option::value::none, write_trace, true},
    option{"--resolve", option::value::none, only_resolve},
    option{"--dns-server", option::value::needed, read_dns_server},
    option{"--hosts", option::value::needed, read_hosts},
    option{"--timeout", option::value::needed, read_timeout},
    option{"--attempt-delay", option::value::needed, read_attempt_delay, true},
    option{"--resolution-delay", option::value::needed, read_resolution_delay, true},
    option{"--family", option::value::needed, read_family},
    option{"--help", option::value::none, show_help},
    option{"--version", option::value::none, show_version},
};

const option& find_option(std::string_view word, std::string_view name) {
  const auto* found =
      std::find_if(options.begin(), options.end(), [name](const option& o) { return o.name == name; });
  if (found == options.end()) throw usage_error("unknown option " + quoted(word) + "; see uvdial --help");
  return *found;
}

// What is being read.
struct reading {
  arguments into{};
  std::vector<std::string_view> operands{};
  std::string_view about_connecting{};  // the last option of that kind

  bool goes_on() const noexcept {
    return into.what != arguments::wish::help && into.what != arguments::wish::version;
  }
};

// Reads the option at the front of `words` and returns the words after it and its value.
std::span<const char* const> read_option(reading& all, std::span<const char* const> words) {
  arguments& into = all.into;
  const std::string_view word = words.front();
  // Short options have no "=" form, so that "-z=1" is quoted as a whole.
  const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string_view::npos;
  const option& found = find_option(word, word.substr(0, equals));
  if (found.about_connecting) all.about_connecting = found.name;
  const bool has_value = equals != std::string_view::npos;
  if (found.takes == option::value::none) {
    if (has_value)
      throw usage_error("option " + std::string(found.name) + " takes no value: " + quoted(word));
    found.read(into, {});
    return words.subspan(1);
  }
  if (has_value) {
    found.read(into, word.substr(equals + 1));
    return words.subspan(1);
  }
  if (words.size() < 2) throw usage_error("option " + quoted(word) + " needs a value");
  found.read(into, words[1]);
  return words.subspan(2);
}

target read_target(std::span<const std::string_view> words) {
  return words.size() == 1 ? target::parse(words[0]) : target::parse(words[0], words[1]);
}

// What --resolve is given: HOST, HOST PORT or HOST:PORT, so that the words of a dial do too. The port is
// read, and then left out. A colon alone separates a port; two of them, or brackets around the whole word,
// are those of an IPv6 address.
std::string read_host(std::span<const std::string_view> words) {
  const std::string_view first = words[0];
  const bool has_port =
      first.starts_with('[') ? !first.ends_with(']') : std::count(first.begin(), first.end(), ':') == 1;
  if (words.size() == 2 || has_port) return read_target(words).host;
  constexpr std::string_view any_port = "1";
  return target::parse(first, any_port).host;
}

void read_operands(reading& all) try {
  const auto& words = all.operands;
  if (words.empty()) throw usage_error("no HOST given; see uvdial --help");
  if (words.size() > 2) throw usage_error("unexpected argument " + quoted(words[2]) + "; see uvdial --help");
  if (all.into.what == arguments::wish::resolve)
    all.into.host = read_host(words);
  else
    all.into.to = read_target(words);
} catch (const std::invalid_argument& wrong) {
  throw usage_error(one_line(wrong.what()));
}

}  // namespace

arguments read_arguments(std::span<const char* const> words) {
  reading all;
  bool options_ended = false;
  while (!words.empty() && all.goes_on()) {
    const std::string_view word = words.front();
    if (!options_ended && word.size() > 1 && word.front() == '-' && word != "--") {
      words = read_option(all, words);
      continue;
    }
    if (options_ended || word != "--")
      all.operands.push_back(word);
    else
      options_ended = true;
    words = words.subspan(1);
  }
  if (!all.goes_on()) return std::move(all.into);
  if (all.into.what == arguments::wish::resolve && !all.about_connecting.empty())
    throw usage_error("option " + quoted(all.about_connecting) +
                      " goes with a connection, and --resolve makes none");
  read_operands(all);
  return std::move(all.into);
}

}  // namespace uvdial::cli
