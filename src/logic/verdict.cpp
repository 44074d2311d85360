// Which leaf and which code: one error has to stand for many failures, so this picks the one that says most
// of what the caller can do about it. The text, in describe.cpp, leaves nothing out.
#include "logic/verdict.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

namespace uvdial::detail {
namespace {

template <std::size_t Count>
bool is_one_of(const std::error_code& code, const std::array<std::errc, Count>& conditions) noexcept {
  return std::any_of(conditions.begin(), conditions.end(), [&code](std::errc one) { return code == one; });
}

bool lacks_resources(const attempt& one) noexcept {
  return one.what == attempt::state::failed && is_shortage(one.why);
}

// The codes that say nothing of the host, only that this machine has no way there. A name with addresses of
// both families on a machine without IPv6 always has some.
bool lacks_a_way(const attempt& one) noexcept {
  constexpr std::array no_way{std::errc::network_unreachable, std::errc::host_unreachable,
                              std::errc::address_family_not_supported, std::errc::address_not_available};
  return one.what == attempt::state::failed && is_one_of(one.why, no_way);
}

bool was_answered(const attempt& one) noexcept {
  return one.what == attempt::state::failed && !lacks_a_way(one);
}

bool was_filtered(const attempt& one) noexcept { return one.what == attempt::state::filtered; }

bool was_refused(const attempt& one) noexcept { return one.why == std::errc::connection_refused; }

// Smaller says more. What came from the host itself comes first.
std::size_t telling_rank(const std::error_code& code) noexcept {
  constexpr std::array first{std::errc::connection_refused, std::errc::connection_reset,
                             std::errc::timed_out};
  constexpr std::array last{std::errc::host_unreachable, std::errc::network_unreachable,
                            std::errc::address_family_not_supported};
  for (std::size_t at = 0; at < first.size(); ++at) {
    if (code == first[at]) return at;
  }
  for (std::size_t at = 0; at < last.size(); ++at) {
    if (code == last[at]) return first.size() + 1 + at;
  }
  return first.size();
}

// The most telling code of the attempts that decide; of equal ones the first started one's.
template <class Decides>
std::error_code most_telling(const std::vector<attempt>& attempts, Decides decides) noexcept {
  std::optional<std::error_code> best;
  for (const attempt& one : attempts) {
    if (!decides(one)) continue;
    if (!best || telling_rank(one.why) < telling_rank(*best)) best = one.why;
  }
  return best.value_or(std::error_code{});
}

verdict judge_attempts(const std::vector<attempt>& attempts) noexcept {
  const auto any = [&attempts](auto test) { return std::any_of(attempts.begin(), attempts.end(), test); };
  const auto all = [&attempts](auto test) { return std::all_of(attempts.begin(), attempts.end(), test); };

  if (any(lacks_resources)) return {error_kind::out_of_resources, most_telling(attempts, lacks_resources)};
  if (any(was_answered)) {
    const bool refused = all([](const attempt& one) { return !was_answered(one) || was_refused(one); });
    const auto kind = refused ? error_kind::connection_refused : error_kind::connect;
    return {kind, most_telling(attempts, was_answered)};
  }
  if (all(was_filtered)) {
    return {error_kind::address_blocked, std::make_error_code(std::errc::permission_denied)};
  }
  return {error_kind::unreachable, most_telling(attempts, lacks_a_way)};
}

std::error_code code_of(const family_report& family) noexcept {
  return family.why ? family.why : make_error_code(resolve_errc::no_address);
}

verdict judge_answers(const std::vector<family_report>& families) noexcept {
  struct rule {
    resolve_errc meaning;
    error_kind kind;
  };
  // A name that does not exist for one family exists for none, whatever became of the other question. Of the
  // others the one that most likely goes away when asked again comes first.
  constexpr std::array<rule, 4> rules{{{resolve_errc::host_not_found, error_kind::host_not_found},
                                       {resolve_errc::out_of_resources, error_kind::out_of_resources},
                                       {resolve_errc::dns_timeout, error_kind::dns_timeout},
                                       {resolve_errc::dns_failure, error_kind::dns_failure}}};
  for (const rule& one : rules) {
    for (const family_report& family : families) {
      if (family.answered && to_resolve_errc(code_of(family)) == one.meaning)
        return {one.kind, code_of(family)};
    }
  }
  const auto first =
      std::find_if(families.begin(), families.end(), [](const family_report& one) { return one.answered; });
  // Without a question: the addresses were given, and none of them is of a family asked for.
  if (first == families.end()) return {error_kind::no_address, make_error_code(resolve_errc::no_address)};
  return {error_kind::no_address, code_of(*first)};
}

}  // namespace

bool is_shortage(const std::error_code& code) noexcept {
  constexpr std::array shortages{std::errc::too_many_files_open, std::errc::too_many_files_open_in_system,
                                 std::errc::no_buffer_space, std::errc::not_enough_memory,
                                 std::errc::resource_unavailable_try_again};
  return is_one_of(code, shortages);
}

verdict judge(const dial_report& report) {
  return report.attempts.empty() ? judge_answers(report.families) : judge_attempts(report.attempts);
}

}  // namespace uvdial::detail
