#pragma once
// One running lookup of one name: both families, one candidate name after the other.
#include <array>
#include <list>
#include <memory>
#include <optional>

#include "glue/dns_channel.hpp"
#include "logic/name_walk.hpp"
#include "uvdial/resolver.hpp"

namespace uvdial::detail {

class dns_lookup;

// What the lookups of one resolver share, and what outlives the resolver while they run.
struct lookup_group {
  explicit lookup_group(std::shared_ptr<dns_channel> its_channel) : channel(std::move(its_channel)) {}
  ~lookup_group() {
    if (channel) channel->close();
  }
  lookup_group(const lookup_group&) = delete;
  lookup_group& operator=(const lookup_group&) = delete;

  std::shared_ptr<dns_channel> channel;  // null after the resolver was closed
  std::list<dns_lookup*> running{};
};

// Destroying it silences it. The sink may destroy it while it is told.
class dns_lookup final : private dns_waiter {
 public:
  dns_lookup(std::shared_ptr<lookup_group> group, const question& asked, answer_sink& sink,
             std::vector<std::string> candidates);
  ~dns_lookup();
  dns_lookup(const dns_lookup&) = delete;
  dns_lookup& operator=(const dns_lookup&) = delete;

  void ask();  // the candidate that is due; throws std::bad_alloc only
  // Answers all families that are open with this code.
  void fail(const std::error_code& why);

 private:
  struct family_state {
    dns_query* query = nullptr;
    bool answered = false;
    std::optional<dns_reply> held{};
  };
  family_state& state(ip_family family) noexcept { return states_[static_cast<std::size_t>(family)]; }

  void replied(ip_family family, dns_reply reply) override;
  // False: this object was destroyed by the sink.
  [[nodiscard]] bool report(ip_family family, dns_reply reply);
  void leave_group() noexcept;

  std::shared_ptr<lookup_group> group_;
  std::list<dns_lookup*>::iterator place_;
  bool in_group_ = true;
  answer_sink& sink_;
  std::vector<ip_family> families_;
  std::uint16_t port_;
  name_walk walk_;
  std::array<family_state, 2> states_{};
  bool* destroyed_ = nullptr;  // where a call on the stack wants to hear of it
};

}  // namespace uvdial::detail
