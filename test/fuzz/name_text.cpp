// Host names: which there can be, which are the same, what a short one stands for, and international ones.
#include <algorithm>

#include "fuzz/fuzz_target.hpp"
#include "logic/host_name.hpp"
#include "values/international_name.hpp"

using namespace uvdial::detail;

namespace {

std::string in_capitals(std::string text) {
  for (char& each : text) {
    if (each >= 'a' && each <= 'z') each = static_cast<char>(each - 'a' + 'A');
  }
  return text;
}

void check_sameness(const std::string& name) {
  const std::string folded = folded_name(name);
  const std::string capitals = in_capitals(name);
  fuzz::require(same_name(without_final_dot(name), folded), "a name is its folded self", name);
  fuzz::require(folded_name(capitals) == folded, "case does not matter", name);
  fuzz::require(folded_hash(without_final_dot(capitals)) == folded_hash(folded), "nor to the hash", name);
  fuzz::require(is_this_machine(name) == is_this_machine(capitals), "nor to localhost", name);
  fuzz::require((why_impossible(name) == nullptr) == (why_impossible(capitals) == nullptr),
                "nor to what there can be", name);
}

void check_possible(const std::string& name) {
  if (why_impossible(name)) return;
  fuzz::require(name.size() <= 254 && is_ascii(name), "what can be is not too long", name);
  fuzz::require(name.find("..") == std::string::npos && name.front() != '.', "and has no empty label", name);
}

void check_international(const std::string& name) {
  const ascii_name made = to_ascii_name(name);
  fuzz::require(fuzz::is_one_line(made.problem), "a problem is one line", made.problem);
  if (!made.problem.empty()) {
    fuzz::require(made.name.empty() && !is_ascii(name), "a name with a problem is no name", name);
    return;
  }
  fuzz::require(is_ascii(made.name), "an international name becomes ASCII", name);
  fuzz::require(to_ascii_name(made.name).name == made.name, "and stays what it is", made.name);
}

void check_candidates(const std::string& name, const search_rules& rules) {
  const auto candidates = candidate_names(name, rules);
  const std::string bare(without_final_dot(name));
  fuzz::require(std::count(candidates.begin(), candidates.end(), bare) == 1,
                "the name itself is asked for once", name);
  fuzz::require(!is_asked_first(name, rules) || candidates.front() == bare,
                "and first, where it has dots enough", name);
  fuzz::require(bare.size() == name.size() || candidates.size() == 1, "a final dot ends the search", name);
  fuzz::require(candidates.size() <= rules.domains.size() + 1, "each domain makes one name at most", name);
  for (const std::string& each : candidates)
    fuzz::require(each == bare || !why_impossible(each), "a suffix makes no name that cannot be", each);
}

}  // namespace

FUZZ_TARGET(name_text) {
  search_rules rules;
  rules.ndots = input.octet() % 16;
  const std::string name = input.line();
  while (!input.spent() && rules.domains.size() < 8) rules.domains.push_back(input.line());
  check_sameness(name);
  check_possible(name);
  check_international(name);
  if (!why_impossible(name)) check_candidates(name, rules);
  for (const std::string& each : rules.domains)
    fuzz::require(same_name(each, name) == (in_capitals(each) == in_capitals(name)),
                  "same names are the same", each);
}
