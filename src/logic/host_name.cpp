#include "logic/host_name.hpp"

#include <algorithm>
#include <string>

namespace uvdial::detail {

namespace {

constexpr std::size_t most_octets = 253;       // RFC 1035, 3.1: 255 on the wire, with length octets
constexpr std::size_t most_label_octets = 63;  // RFC 1035, 2.3.4

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// Letters, digits, hyphen, and the underscore that real zones contain.
bool is_name_octet(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

// "1", "0x7f": old address parsers read such names as IPv4 addresses, so no top-level domain looks like that.
bool is_number(std::string_view label) noexcept {
  if (std::all_of(label.begin(), label.end(), is_digit)) return true;
  if (!label.starts_with("0x") && !label.starts_with("0X")) return false;
  return label.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string_view::npos;
}

// Without regard to case; `domain` is in lower case.
bool ends_in(std::string_view name, std::string_view domain) noexcept {
  if (name.size() < domain.size()) return false;
  name.remove_prefix(name.size() - domain.size());
  return std::equal(name.begin(), name.end(), domain.begin(),
                    [](char c, char lower) { return to_lower(c) == lower; });
}

}  // namespace

std::string_view without_final_dot(std::string_view host) noexcept {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

std::string folded_name(std::string_view host) {
  std::string folded(without_final_dot(host));
  std::transform(folded.begin(), folded.end(), folded.begin(), to_lower);
  return folded;
}

const char* why_impossible(std::string_view host) noexcept {
  const std::string_view name = without_final_dot(host);
  if (name.empty()) return "an empty name";
  if (name.size() > most_octets) return "more than 253 octets";
  std::size_t begin = 0;
  for (;;) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    const std::string_view label = name.substr(begin, end - begin);
    if (label.empty()) return "an empty label";
    if (label.size() > most_label_octets) return "a label of more than 63 octets";
    if (!std::all_of(label.begin(), label.end(), is_name_octet))
      return "a character that host names cannot have";
    if (end == name.size()) break;
    begin = end + 1;
  }
  if (is_number(name.substr(begin))) return "a number as its last label";
  // RFC 7686, 2: name resolution libraries "MUST generate a name error" for these, without asking anybody.
  return ends_in(name, ".onion") ? "an onion service, which DNS does not know" : nullptr;
}

bool is_this_machine(std::string_view host) noexcept {
  const std::string_view name = without_final_dot(host);
  constexpr std::string_view localhost = ".localhost";
  return ends_in(name, localhost) ||
         (name.size() + 1 == localhost.size() && ends_in(name, localhost.substr(1)));
}

std::vector<std::string> candidate_names(std::string_view host, const search_rules& rules) {
  const std::string_view name = without_final_dot(host);
  std::vector<std::string> names;
  if (name.size() != host.size()) {
    names.emplace_back(name);
    return names;
  }
  const auto dots = static_cast<std::size_t>(std::count(name.begin(), name.end(), '.'));
  const bool as_it_is_first = dots >= rules.ndots;
  if (as_it_is_first) names.emplace_back(name);
  for (const std::string& domain : rules.domains) {
    const std::string_view suffix = without_final_dot(domain);
    std::string longer(name);
    if (!suffix.empty()) longer.append(".").append(suffix);
    if (!why_impossible(longer) && std::find(names.begin(), names.end(), longer) == names.end())
      names.push_back(std::move(longer));
  }
  if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
  return names;
}

}  // namespace uvdial::detail
