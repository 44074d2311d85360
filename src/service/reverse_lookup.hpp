#pragma once
// One running question for the names of an address.
#include <memory>
#include <string>

#include "service/resolve_call.hpp"
#include "service/running_lookup.hpp"

namespace uvdial::detail {

// Destroying it silences it. What it hears is told once and remembered nowhere.
class reverse_lookup final : public running_lookup, private reply_listener {
 public:
  reverse_lookup(std::shared_ptr<lookup_group> group, reverse_sink& sink)
      : running_lookup(std::move(group)), sink_(sink) {}
  ~reverse_lookup() { desk().forget(ticket_); }

  // Throws std::bad_alloc only.
  void ask(const std::string& name) { desk().ask(name, dns_record::pointer, *this, ticket_); }
  void fail(const std::error_code& why) override {
    leave();
    sink_.named({{}, why, std::nullopt});
  }

 private:
  void replied(dns_record, const shared_reply& reply) override {
    leave();
    sink_.named({reply->names, reply->why, reply->server});
  }

  reverse_sink& sink_;
  question_ticket ticket_{};
};

}  // namespace uvdial::detail
