#pragma once
// One running lookup of one name: both families, one candidate name after the other.
#include <array>
#include <memory>
#include <string_view>

#include "logic/name_walk.hpp"
#include "service/running_lookup.hpp"
#include "uvdial/resolver.hpp"

namespace uvdial::detail {

// Where all that is asked is known, and final, it is told here: nothing has to run. False: nothing was told.
bool tell_known(question_desk& desk, const question& asked, std::string_view name, const search_rules& rules,
                answer_sink& sink);

// Destroying it silences it. The sink may destroy it while it is told.
class dns_lookup final : public running_lookup, private reply_listener {
 public:
  // `name` is the host in ASCII.
  dns_lookup(std::shared_ptr<lookup_group> group, const question& asked, std::string_view name,
             std::shared_ptr<const search_rules> rules, answer_sink& sink);
  ~dns_lookup();

  // Asks for the candidate that is due, and tells what is known already. Throws std::bad_alloc only. False: the
  // sink destroyed this object.
  [[nodiscard]] bool ask();
  // Answers all families that are open with this code.
  void fail(const std::error_code& why) override;

 private:
  enum class result : std::uint8_t { waits, next, destroyed };
  static std::size_t place_of(ip_family family) noexcept { return static_cast<std::size_t>(family); }

  void replied(dns_record record, const shared_reply& reply) override;
  [[nodiscard]] result take(ip_family family, const known_reply& reply);
  // False: this object was destroyed by the sink.
  [[nodiscard]] bool report(ip_family family, const known_reply& reply);
  [[nodiscard]] bool tell(answer&& told);

  answer_sink& sink_;
  bool* destroyed_ = nullptr;  // where a call on the stack wants to hear of it
  std::array<question_ticket, 2> tickets_{};
  known_reply held_{};  // of the other family than the one that is waited for
  std::uint16_t port_;
  bool first_is_host_;  // the first candidate is the name as it was asked
  std::array<bool, 2> answered_{};
  name_walk walk_;
};

}  // namespace uvdial::detail
