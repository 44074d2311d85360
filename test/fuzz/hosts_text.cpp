// The text of a hosts file, beside a reading of it that is slow and plain.
#include <algorithm>
#include <optional>
#include <stdexcept>
#include <vector>

#include "fuzz/fuzz_target.hpp"
#include "logic/hosts_table.hpp"

using uvdial::endpoint;
using uvdial::detail::folded_name;
using uvdial::detail::hosts_table;

namespace {

struct plain_line {
  endpoint address;
  std::vector<std::string> names;
};

std::optional<endpoint> read_address(const std::string& word) {
  try {
    return endpoint::from_literal(word, 0);
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

std::optional<plain_line> read_line(const std::string& line) {
  std::vector<std::string> words(1);
  for (const char each : line.substr(0, line.find('#'))) {
    if (std::string_view(" \t\r\f\v").find(each) == std::string_view::npos)
      words.back() += each;
    else if (!words.back().empty())
      words.emplace_back();
  }
  if (words.back().empty()) words.pop_back();
  if (words.empty()) return std::nullopt;
  const auto address = read_address(words[0]);
  if (!address) return std::nullopt;
  return plain_line{*address, {words.begin() + 1, words.end()}};
}

std::vector<plain_line> read_lines(const std::string& text) {
  std::vector<plain_line> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (auto line = read_line(text.substr(at, end - at))) lines.push_back(std::move(*line));
    at = end + 1;
  }
  return lines;
}

template <class Value>
void add_once(std::vector<Value>& all, const Value& one) {
  if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
}

// All lines that have the name.
void check_name(const hosts_table& table, const std::vector<plain_line>& lines, const std::string& name) {
  std::vector<endpoint> addresses;
  std::string canonical;
  std::vector<std::string> aliases;
  for (const plain_line& each : lines) {
    const auto is_it = [&name](const std::string& other) { return folded_name(other) == folded_name(name); };
    if (std::none_of(each.names.begin(), each.names.end(), is_it)) continue;
    add_once(addresses, each.address);
    if (canonical.empty()) canonical = each.names.front();
    for (const std::string& alias : each.names) {
      if (alias != canonical) add_once(aliases, alias);
    }
  }
  const auto found = table.find(name);
  fuzz::require(found && found->addresses == addresses, "a name has the addresses of its lines", name);
  fuzz::require(found->canonical_name == canonical, "the first name of its first line is its name", name);
  fuzz::require(found->aliases == aliases, "the other names are its aliases", name);
}

void check_address(const hosts_table& table, const std::vector<plain_line>& lines, const endpoint& address) {
  const auto first = std::find_if(lines.begin(), lines.end(), [&address](const plain_line& each) {
    return each.address == address && !each.names.empty();
  });
  const auto* const found = table.names_of(address.with_port(7));
  fuzz::require((first != lines.end()) == (found != nullptr), "an address with names has them");
  if (!found) return;
  std::vector<std::string> names;
  for (const std::string& each : first->names) add_once(names, each);
  fuzz::require(*found == names, "an address has the names of its first line");
}

}  // namespace

FUZZ_TARGET(hosts_text) {
  const std::string text = input.rest();
  const hosts_table table = hosts_table::parse(text);
  const std::vector<plain_line> lines = read_lines(text);
  std::size_t names = 0;
  for (const plain_line& line : lines) {
    check_address(table, lines, line.address);
    names += line.names.size();
  }
  // The plain reading takes the square of the names, for each of them.
  constexpr std::size_t bearable = 1'000'000;
  std::size_t checks = std::max<std::size_t>(1, bearable / (names * names + 1));
  for (const plain_line& line : lines) {
    for (const std::string& name : line.names) {
      if (checks == 0) return;
      --checks;
      check_name(table, lines, name);
    }
  }
}
