#pragma once
// One running lookup of one name: both families, one candidate name after the other.
#include <array>
#include <memory>
#include <optional>

#include "logic/name_walk.hpp"
#include "service/running_lookup.hpp"
#include "uvdial/resolver.hpp"

namespace uvdial::detail {

// Destroying it silences it. The sink may destroy it while it is told.
class dns_lookup final : public running_lookup, private reply_listener {
 public:
  dns_lookup(std::shared_ptr<lookup_group> group, const question& asked, answer_sink& sink,
             std::vector<std::string> candidates);
  ~dns_lookup();

  // Asks for the candidate that is due, and tells what is known already. Throws std::bad_alloc only. False: the
  // sink destroyed this object.
  [[nodiscard]] bool ask();
  // Answers all families that are open with this code.
  void fail(const std::error_code& why) override;

 private:
  enum class result : std::uint8_t { waits, next, destroyed };
  struct family_state {
    question_ticket ticket{};
    bool answered = false;
    std::optional<dns_reply> held{};
  };
  family_state& state(ip_family family) noexcept { return states_[static_cast<std::size_t>(family)]; }

  void replied(dns_record record, dns_reply reply) override;
  [[nodiscard]] result take(ip_family family, dns_reply reply);
  // False: this object was destroyed by the sink.
  [[nodiscard]] bool report(ip_family family, dns_reply reply);

  answer_sink& sink_;
  std::vector<ip_family> families_;
  std::uint16_t port_;
  bool first_is_host_;  // the first candidate is the name as it was asked
  name_walk walk_;
  std::array<family_state, 2> states_{};
  bool* destroyed_ = nullptr;  // where a call on the stack wants to hear of it
};

}  // namespace uvdial::detail
