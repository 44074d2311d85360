#pragma once
// Which texts can be host names at all, and which names a short one stands for.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace uvdial::detail {

// As DNS compares names: letters of ASCII without regard to case (RFC 4343).
constexpr char to_lower(char letter) noexcept {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

// "db.test." and "db.test" are one name.
std::string_view without_final_dot(std::string_view host) noexcept;

// One spelling for all of a name: in lower case, without a final dot.
std::string folded_name(std::string_view host);

// Whether two names without a final dot are one, and a hash that is the same for both then. Neither makes a copy.
bool same_name(std::string_view one, std::string_view other) noexcept;
std::uint64_t folded_hash(std::string_view name) noexcept;

// Null where the name may exist; else why it cannot, as a phrase ("an empty label").
const char* why_impossible(std::string_view host) noexcept;

// "localhost" and the names under it: this machine, whatever a server says (RFC 6761, 6.3).
bool is_this_machine(std::string_view host) noexcept;

// How names with few dots are completed (resolv.conf(5): search, ndots).
struct search_rules {
  std::vector<std::string> domains{};
  unsigned ndots = 1;
  bool operator==(const search_rules&) const = default;
};

// The name as it is comes first, before any longer one.
bool is_asked_first(std::string_view host, const search_rules& rules) noexcept;

// The names to ask for, in order, without trailing dots; none that a suffix makes impossible. A name that ends in a dot
// stands for itself alone.
std::vector<std::string> candidate_names(std::string_view host, const search_rules& rules);

}  // namespace uvdial::detail
