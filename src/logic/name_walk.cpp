#include "logic/name_walk.hpp"

#include <array>
#include <utility>

#include "uvdial/error.hpp"

namespace uvdial::detail {

namespace {

// As the system's resolver decides: a name that does not exist, exists without such an address, or whose server
// failed, may exist under the next suffix. Silence and refusals concern the servers, not the name. "Unreachable" is
// also what an answer comes to that was too long for a datagram, from servers without TCP; where it is true of all that
// is asked, it is soon true again.
bool goes_on_after(const std::error_code& why) noexcept {
  const resolve_errc meaning = to_resolve_errc(why);
  return meaning == resolve_errc::host_not_found || meaning == resolve_errc::no_address ||
         code_name(why) == "SERVFAIL" || code_name(why) == "DNSUNREACHABLE";
}

bool is_absent(const std::error_code& why) noexcept {
  return to_resolve_errc(why) == resolve_errc::host_not_found;
}

int weight(const std::error_code& why) noexcept {
  if (!why) return 0;
  const resolve_errc meaning = to_resolve_errc(why);
  if (meaning == resolve_errc::host_not_found) return 1;
  return meaning == resolve_errc::no_address ? 3 : 2;
}

}  // namespace

std::span<const ip_family> families_of(family_policy policy) noexcept {
  static constexpr std::array v6_then_v4{ip_family::v6, ip_family::v4};
  static constexpr std::array v4_then_v6{ip_family::v4, ip_family::v6};
  switch (policy) {
    case family_policy::v6_only: return std::span(v6_then_v4).first(1);
    case family_policy::v4_only: return std::span(v4_then_v6).first(1);
    case family_policy::v4_first: return v4_then_v6;
    case family_policy::v6_first: break;
  }
  return v6_then_v4;
}

name_walk::name_walk(std::string_view host, std::shared_ptr<const search_rules> rules,
                     std::span<const ip_family> families)
    : host_(without_final_dot(host)), rules_(std::move(rules)), families_(families) {
  if (!is_asked_first(host, *rules_)) candidates_ = candidate_names(host, *rules_);
  if (rules_->domains.empty() || host.ends_with('.')) rules_.reset();
}

// Most hosts have addresses under the name that comes first. The longer ones are made where that one has none.
bool name_walk::is_last_candidate() {
  if (!rules_) return true;
  if (candidates_.empty()) candidates_ = candidate_names(host_, *rules_);
  return at_ + 1 == candidates_.size();
}

name_walk::step name_walk::feed(ip_family family, const std::error_code& why) {
  family_state& current = state(family);
  current.replied = true;
  current.why = why;
  if (weight(why) >= weight(current.worst)) current.worst = why;
  if (settled_) return step::report;

  const bool both = families_.size() == 2;
  family_state& other = state(family == ip_family::v4 ? ip_family::v6 : ip_family::v4);
  const bool other_held = both && other.replied;
  if (!why || is_last_candidate()) {
    settled_ = true;
    return other_held ? step::report_both : step::report;
  }
  if (both && !other.replied) return step::keep;
  if (!may_go_on()) {
    settled_ = cut_short_ = true;
    return other_held ? step::report_both : step::report;
  }
  ++at_;
  for (family_state& each : states_) each.replied = false;
  return step::next;
}

bool name_walk::may_go_on() const noexcept {
  for (const ip_family family : families_) {
    if (!goes_on_after(states_[static_cast<std::size_t>(family)].why)) return false;
  }
  return true;
}

std::error_code name_walk::final_code(ip_family family) const noexcept {
  const family_state& asked = states_[static_cast<std::size_t>(family)];
  // What ended the walk is the reason, unless it only says that the last candidate does not exist.
  if (!is_absent(asked.why)) return asked.why;
  if (!is_absent(asked.worst) || !cut_short_) return asked.worst;
  // That one does not exist, but others were not asked for: why they were not is what the other family says.
  for (const ip_family each : families_) {
    const std::error_code& why = states_[static_cast<std::size_t>(each)].why;
    if (!goes_on_after(why)) return why;
  }
  return asked.worst;
}

}  // namespace uvdial::detail
