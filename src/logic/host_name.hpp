#pragma once
// Which texts can be host names at all, and which names a short one stands for.
#include <string>
#include <string_view>
#include <vector>

namespace uvdial::detail {

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

// The names to ask for, in order, without trailing dots; none that a suffix makes impossible. A name that ends in a dot
// stands for itself alone.
std::vector<std::string> candidate_names(std::string_view host, const search_rules& rules);

}  // namespace uvdial::detail
