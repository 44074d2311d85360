// The rules are those that the GNU C library keeps (2.36, tried out), not only those that its manual states:
//
//   - a keyword stands in the first column and a blank follows it; '#' and ';' begin a comment only there, so
//     "search a.test # b" has three domains
//   - the last of "search" and "domain" wins; of "domain" only the first word counts
//   - options add up over all lines and RES_OPTIONS, in that order; each is known by how it begins
//   - a number that cannot be read is 0, and blanks may stand before it
//   - LOCALDOMAIN takes the place of "search" and "domain", and the machine's own domain that of a list that
//     nothing sets
//
// Where that library would go on with something that leads nowhere, the nearest thing that works is taken: no
// timeout and no attempt count below 1, no negative ndots, no domain that a host name cannot end in, no
// link-local server without its interface, and no carriage return at the end of a line. Two things are taken
// over from elsewhere: BSD's "nameserver [address]:port", and a limit of the search list.
#include "logic/resolv_conf.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>

namespace uvdial::detail {

namespace {

constexpr std::size_t most_servers = 3;   // MAXNS
constexpr std::size_t most_domains = 32;  // what Kubernetes writes at most; the GNU C library has no limit
constexpr unsigned most_ndots = 15;       // RES_MAXNDOTS
constexpr unsigned most_seconds = 30;     // RES_MAXRETRANS
constexpr unsigned most_attempts = 5;     // RES_MAXRETRY
constexpr std::string_view blank = " \t";

void skip_blanks(std::string_view& text) noexcept {
  text.remove_prefix(std::min(text.find_first_not_of(blank), text.size()));
}

// Takes the next word off the front; empty at the end.
std::string_view take_word(std::string_view& text) noexcept {
  skip_blanks(text);
  const std::string_view word = text.substr(0, text.find_first_of(blank));
  text.remove_prefix(word.size());
  return word;
}

// True, and `line` is what follows, where the line begins with the keyword.
bool take_keyword(std::string_view& line, std::string_view keyword) noexcept {
  if (!line.starts_with(keyword) || line.size() == keyword.size()) return false;
  if (blank.find(line[keyword.size()]) == std::string_view::npos) return false;
  line.remove_prefix(keyword.size());
  return true;
}

// "127.1" and "0x7f000001" are addresses here: the file belongs to the system, and the system reads them so.
std::optional<endpoint> read_old_v4(std::string_view word) {
  char terminated[64] = {};
  if (word.size() >= sizeof terminated) return std::nullopt;
  std::copy(word.begin(), word.end(), terminated);
  in_addr address{};
  char plain[INET_ADDRSTRLEN] = {};
  if (inet_aton(terminated, &address) == 0) return std::nullopt;
  if (!inet_ntop(AF_INET, &address, plain, sizeof plain)) return std::nullopt;
  return endpoint::from_literal(plain, 0);
}

std::optional<endpoint> read_address(std::string_view word, std::uint16_t port) {
  try {
    return endpoint::from_literal(word, port);
  } catch (const std::invalid_argument&) {
    // A zone that is not here, or none where one is needed.
  }
  try {
    return endpoint::from_literal(word.substr(0, word.find('%')), port);  // a global address needs no zone
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

std::optional<endpoint> read_bracketed(std::string_view word) {
  const std::size_t end = word.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view address = word.substr(1, end - 1);
  std::string_view rest = word.substr(end + 1);
  if (rest.empty()) return read_address(address, 0);
  if (rest.front() != ':') return std::nullopt;
  rest.remove_prefix(1);
  std::uint16_t port = 0;
  const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), port);
  if (read.ec != std::errc() || read.ptr != rest.data() + rest.size() || port == 0) return std::nullopt;
  return read_address(address, port);
}

std::optional<endpoint> read_server(std::string_view word) {
  if (word.starts_with('[')) return read_bracketed(word);
  if (const auto literal = read_address(word, 0)) return literal;
  return read_old_v4(word);
}

// As atoi: 0 where there is no number.
long read_number(std::string_view text) noexcept {
  skip_blanks(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  long number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc::result_out_of_range) return number;
  return text.starts_with('-') ? std::numeric_limits<long>::min() : std::numeric_limits<long>::max();
}

unsigned between(unsigned least, unsigned most, long number) noexcept {
  return static_cast<unsigned>(std::clamp<long>(number, least, most));
}

class reader {
 public:
  explicit reader(const std::optional<std::string>& local_domain) : fixed_search_(local_domain.has_value()) {
    // It ends at a line feed.
    if (local_domain) set_search(std::string_view(*local_domain).substr(0, local_domain->find('\n')));
  }

  void read_line(std::string_view line) {
    line = line.substr(0, line.find('\0'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (take_keyword(line, "nameserver")) return add_server(take_word(line));
    if (take_keyword(line, "options")) return read_options(line);
    const bool only_one = take_keyword(line, "domain");
    if (!only_one && !take_keyword(line, "search")) return;
    skip_blanks(line);
    if (!line.empty() && !fixed_search_) set_search(only_one ? take_word(line) : line);
  }

  void read_options(std::string_view options) {
    for (skip_blanks(options); !options.empty(); skip_blanks(options)) {
      read_option(options);
      (void)take_word(options);  // read already
    }
  }

  resolv_conf take(std::string_view host_name) {
    if (conf_.servers.empty()) conf_.servers.push_back(endpoint::from_literal("127.0.0.1", 0).value());
    const std::size_t dot = host_name.find('.');
    if (!search_is_set_ && dot != std::string_view::npos) add_domain(host_name.substr(dot + 1));
    return std::move(conf_);
  }

 private:
  void add_server(std::string_view word) {
    if (conf_.servers.size() == most_servers) return;
    if (const auto server = read_server(word)) conf_.servers.push_back(*server);
  }

  void set_search(std::string_view domains) {
    search_is_set_ = true;
    conf_.search.domains.clear();
    for (std::string_view word = take_word(domains); !word.empty(); word = take_word(domains))
      add_domain(word);
  }

  // The root is a domain too: the name as it is.
  void add_domain(std::string_view domain) {
    if (conf_.search.domains.size() == most_domains) return;
    if (domain == "." || !why_impossible(domain)) conf_.search.domains.emplace_back(domain);
  }

  // The option that `rest` begins with. Its number may stand behind a blank.
  void read_option(std::string_view rest) {
    const auto begins = [&rest](std::string_view name) {
      if (!rest.starts_with(name)) return false;
      rest.remove_prefix(name.size());
      return true;
    };
    if (begins("ndots:")) {
      conf_.search.ndots = between(0, most_ndots, read_number(rest));
    } else if (begins("timeout:")) {
      conf_.timeout = std::chrono::seconds(between(1, most_seconds, read_number(rest)));
    } else if (begins("attempts:")) {
      conf_.attempts = between(1, most_attempts, read_number(rest));
    } else if (begins("rotate")) {
      conf_.rotate = true;
    } else if (begins("use-vc")) {
      conf_.tcp_only = true;
    } else if (begins("edns0")) {
      conf_.edns = true;
    }
  }

  resolv_conf conf_;
  bool fixed_search_;  // by LOCALDOMAIN
  bool search_is_set_ = false;
};

}  // namespace

resolv_conf read_resolv_conf(std::string_view text, const resolver_surroundings& surroundings) {
  reader reading(surroundings.local_domain);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    reading.read_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  reading.read_options(surroundings.options);
  return reading.take(surroundings.host_name);
}

}  // namespace uvdial::detail
