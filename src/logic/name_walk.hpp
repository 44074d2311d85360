#pragma once
// One walk through the candidate names for both families at once.
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "logic/host_name.hpp"
#include "uvdial/endpoint.hpp"
#include "uvdial/options.hpp"

namespace uvdial::detail {

// The families that a policy asks for, in the order of asking: AAAA, then A (RFC 8305, 3), or as preferred.
std::span<const ip_family> families_of(family_policy policy) noexcept;

// Two walks, one for each family, would find two different hosts: `db` as db.a.test with IPv4 and as db.b.test
// with IPv6, in one race. So each candidate is asked for both families, one candidate after the other, and a
// candidate that gave one address to either family ends the walk for both. Until that is known an empty reply
// may have to wait for the other family's: `feed` says what may be reported, and when to go on.
class name_walk {
 public:
  enum class step : std::uint8_t {
    keep,         // the reply may not be final: hold it until the next feed
    report,       // this reply is final
    report_both,  // the reply held before is final, and so is this one, in that order
    next          // forget both; ask for name() again, which has changed
  };

  // The candidates are those of candidate_names(). `families` live as long.
  name_walk(std::string_view host, std::shared_ptr<const search_rules> rules,
            std::span<const ip_family> families);

  const std::string& name() const noexcept { return candidates_.empty() ? host_ : candidates_[at_]; }
  // name(), and those before it.
  std::span<const std::string> asked() const noexcept {
    return candidates_.empty() ? std::span(&host_, 1) : std::span(candidates_).first(at_ + 1);
  }
  std::span<const ip_family> families() const noexcept { return families_; }

  // `why` unset: addresses came. Once for each family and candidate. Throws std::bad_alloc.
  step feed(ip_family family, const std::error_code& why);

  // What a family without addresses comes to, over all candidates: a name that exists without an address, or a
  // server that failed, says more than a later candidate that does not exist. Where others could not be asked for, that
  // one does not exist says nothing.
  std::error_code final_code(ip_family family) const noexcept;

 private:
  struct family_state {
    bool replied = false;
    std::error_code why{};    // of the current candidate
    std::error_code worst{};  // remembered over all candidates
  };
  family_state& state(ip_family family) noexcept { return states_[static_cast<std::size_t>(family)]; }
  bool may_go_on() const noexcept;
  bool is_last_candidate();

  std::string host_;                           // without a final dot
  std::shared_ptr<const search_rules> rules_;  // null: the host is the only candidate
  std::vector<std::string>
      candidates_{};  // empty: the host is the first one, and no other was asked for so far
  std::span<const ip_family> families_;
  std::size_t at_ = 0;
  bool settled_ = false;    // this candidate is the one: what comes is final
  bool cut_short_ = false;  // although others were not asked for
  family_state states_[2];
};

}  // namespace uvdial::detail
