#pragma once
// One running question for the names of an address.
#include <memory>
#include <new>
#include <string>

#include "service/resolve_call.hpp"
#include "service/running_lookup.hpp"
#include "uvdial/error.hpp"

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
  // From the loop, where nobody catches.
  void replied(dns_record, const shared_reply& reply) override {
    reverse_answer told{{}, reply->why, reply->server};
    try {
      told.names = reply->names;
    } catch (const std::bad_alloc&) {
      told.why = make_error_code(resolve_errc::out_of_resources);
    }
    leave();
    sink_.named(std::move(told));
  }

  reverse_sink& sink_;
  question_ticket ticket_{};
};

}  // namespace uvdial::detail
