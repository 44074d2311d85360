#include "logic/hosts_table.hpp"

#include <algorithm>
#include <stdexcept>
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

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

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

void hosts_table::add_line(std::string_view line) {
  const std::optional<endpoint> address = read_address(take_word(line));
  if (!address) return;
  std::vector<std::string> names;
  for (std::string_view word = take_word(line); !word.empty(); word = take_word(line))
    add_once(names, std::string(word));
  std::vector<std::string> seen;  // "localhost" and "LOCALHOST" on one line are one name
  for (const std::string& name : names) {
    const std::string key = folded_name(name);
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) continue;
    seen.push_back(key);
    add(key, *address, names);
  }
  if (!names.empty()) names_.emplace(address->address_to_string(), std::move(names));
}

void hosts_table::add(const std::string& name, const endpoint& address,
                      const std::vector<std::string>& names) {
  hosts_entry& entry = entries_[name];
  if (entry.canonical_name.empty()) entry.canonical_name = names.front();
  if (std::find(entry.addresses.begin(), entry.addresses.end(), address) == entry.addresses.end())
    entry.addresses.push_back(address);
  for (const std::string& alias : names) {
    if (alias != entry.canonical_name) add_once(entry.aliases, alias);
  }
}

const std::vector<std::string>* hosts_table::names_of(const endpoint& address) const {
  const auto found = names_.find(address.address_to_string());
  return found == names_.end() ? nullptr : &found->second;
}

const hosts_entry* hosts_table::find(std::string_view name) const {
  const auto found = entries_.find(without_final_dot(name));
  return found == entries_.end() ? nullptr : &found->second;
}

}  // namespace uvdial::detail
