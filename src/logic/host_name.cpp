#include "logic/host_name.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

namespace uvdial::detail {

namespace {

constexpr std::size_t most_octets = 253;       // RFC 1035, 3.1: 255 on the wire, with length octets
constexpr std::size_t most_label_octets = 63;  // RFC 1035, 2.3.4

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// Letters, digits, hyphen, and the underscore that real zones contain.
constexpr std::array<bool, 256> name_octets = [] {
  std::array<bool, 256> octets{};
  for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"))
    octets[static_cast<unsigned char>(c)] = true;
  return octets;
}();

// Most names are found possible in one pass.
bool has_plain_labels(std::string_view name) noexcept {
  std::size_t size = 0;  // of the label
  for (const char c : name) {
    if (name_octets[static_cast<unsigned char>(c)])
      ++size;
    else if (c != '.' || size == 0 || size > most_label_octets)
      return false;
    else
      size = 0;
  }
  return size > 0 && size <= most_label_octets;
}

// Null where it can be one of a host's name.
const char* why_impossible_label(std::string_view label) noexcept {
  if (label.empty()) return "an empty label";
  if (label.size() > most_label_octets) return "a label of more than 63 octets";
  for (const char c : label) {
    if (!name_octets[static_cast<unsigned char>(c)]) return "a character that host names cannot have";
  }
  return nullptr;
}

constexpr std::uint64_t lower_case_bits = 0x2020202020202020;

std::uint64_t eight_octets_at(const char* text) noexcept {
  std::uint64_t octets;
  std::memcpy(&octets, text, sizeof octets);
  return octets;
}

std::uint64_t few_octets(std::string_view text) noexcept {  // fewer than eight
  std::uint64_t octets = 0;
  for (const char c : text) octets = octets << 8 | static_cast<unsigned char>(c);
  return octets;
}

constexpr std::uint64_t mixed(std::uint64_t value) noexcept {
  value *= 0x9e3779b97f4a7c15;  // 2 to the 64 through the golden ratio: odd, and without a pattern
  return value ^ (value >> 32);
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

bool same_name(std::string_view one, std::string_view other) noexcept {
  if (one.size() != other.size()) return false;
  if (one == other) return true;  // programs rarely change the case of a name
  return std::equal(one.begin(), one.end(), other.begin(),
                    [](char left, char right) { return to_lower(left) == to_lower(right); });
}

// Eight octets at a time; the last eight may overlap with those before. Letters of both cases differ in one bit, which is
// set here for all octets. That a few others become alike too ("@" and "`") costs nothing: same_name() tells them apart.
std::uint64_t folded_hash(std::string_view name) noexcept {
  std::uint64_t hash = name.size();
  if (name.size() < 8) return mixed(hash ^ (few_octets(name) | lower_case_bits));
  const char* const last = name.data() + name.size() - 8;
  for (const char* text = name.data(); text < last; text += 8)
    hash = mixed(hash ^ (eight_octets_at(text) | lower_case_bits));
  return mixed(hash ^ (eight_octets_at(last) | lower_case_bits));
}

const char* why_impossible(std::string_view host) noexcept {
  const std::string_view name = without_final_dot(host);
  if (name.empty()) return "an empty name";
  if (name.size() > most_octets) return "more than 253 octets";
  for (std::size_t begin = 0; !has_plain_labels(name.substr(begin));) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    if (const char* why = why_impossible_label(name.substr(begin, end - begin))) return why;
    begin = end + 1;
  }
  if (is_number(name.substr(name.rfind('.') + 1))) return "a number as its last label";
  // RFC 7686, 2: name resolution libraries "MUST generate a name error" for these, without asking anybody.
  return ends_in(name, ".onion") ? "an onion service, which DNS does not know" : nullptr;
}

bool is_this_machine(std::string_view host) noexcept {
  const std::string_view name = without_final_dot(host);
  constexpr std::string_view localhost = ".localhost";
  return ends_in(name, localhost) ||
         (name.size() + 1 == localhost.size() && ends_in(name, localhost.substr(1)));
}

bool is_asked_first(std::string_view host, const search_rules& rules) noexcept {
  return rules.domains.empty() || host.ends_with('.') ||
         static_cast<std::size_t>(std::count(host.begin(), host.end(), '.')) >= rules.ndots;
}

std::vector<std::string> candidate_names(std::string_view host, const search_rules& rules) {
  const std::string_view name = without_final_dot(host);
  std::vector<std::string> names;
  if (name.size() != host.size()) {
    names.emplace_back(name);
    return names;
  }
  if (is_asked_first(host, rules)) names.emplace_back(name);
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
