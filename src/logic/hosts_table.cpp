#include "logic/hosts_table.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <unordered_set>
#include <utility>

#include "logic/host_name.hpp"

namespace uvdial::detail {

namespace {

// Takes the next word off the front; empty at the end of the line or at a comment.
std::string_view take_word(std::string_view& line) {
  constexpr std::string_view blank = " \t\r\f\v";
  const std::size_t begin = std::min(line.find_first_not_of(blank), line.size());
  line.remove_prefix(begin);
  const std::size_t end = std::min(line.find_first_of(" \t\r\f\v#"), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

std::optional<endpoint> read_address(std::string_view word) {
  try {
    return endpoint::from_literal(word, 0);
  } catch (const std::invalid_argument&) {
    return std::nullopt;  // a zone that is not here, or none where one is needed: this line is of no use
  }
}

// Each once. Nearly all lines have one.
std::vector<std::string> names_in(std::string_view rest) {
  std::vector<std::string> names;
  const std::string_view first = take_word(rest);
  if (first.empty()) return names;
  names.emplace_back(first);
  std::unordered_set<std::string_view> seen;
  for (std::string_view next = take_word(rest); !next.empty(); next = take_word(rest)) {
    if (seen.empty()) seen.insert(first);
    if (seen.insert(next).second) names.emplace_back(next);
  }
  return names;
}

struct hash_of_address {
  std::size_t operator()(const endpoint& address) const noexcept {
    const auto* octets = reinterpret_cast<const char*>(&address.native());
    return std::hash<std::string_view>{}({octets, address.native_size()});
  }
};

}  // namespace

hosts_table hosts_table::parse(std::string_view text) {
  hosts_table table;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    table.add_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return table;
}

void hosts_table::add_line(std::string_view text) {
  const std::optional<endpoint> address = read_address(take_word(text));
  if (!address) return;
  line read{*address, names_in(text)};
  if (read.names.empty()) return;
  const auto number = static_cast<line_number>(lines_.size());
  for (const std::string& name : read.names) {
    std::vector<line_number>& lines = lines_of_[folded_name(name)];
    if (lines.empty() || lines.back() != number)
      lines.push_back(number);  // "localhost LOCALHOST" is one name
  }
  first_line_of_.emplace(address->address_to_string(), number);
  lines_.push_back(std::move(read));
}

const std::vector<std::string>* hosts_table::names_of(const endpoint& address) const {
  const auto found = first_line_of_.find(address.address_to_string());
  return found == first_line_of_.end() ? nullptr : &lines_[found->second].names;
}

std::optional<hosts_entry> hosts_table::find(std::string_view name) const {
  const auto found = lines_of_.find(without_final_dot(name));
  if (found == lines_of_.end()) return std::nullopt;
  const line& first = lines_[found->second.front()];
  hosts_entry entry{{first.address}, first.names.front(), {first.names.begin() + 1, first.names.end()}};
  if (found->second.size() == 1) return entry;

  std::unordered_set<endpoint, hash_of_address> addresses{first.address};
  std::unordered_set<std::string_view> names(first.names.begin(), first.names.end());
  for (const line_number number : found->second) {
    const line& each = lines_[number];
    if (addresses.insert(each.address).second) entry.addresses.push_back(each.address);
    for (const std::string& alias : each.names) {
      if (names.insert(alias).second) entry.aliases.push_back(alias);
    }
  }
  return entry;
}

}  // namespace uvdial::detail
