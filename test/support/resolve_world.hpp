#pragma once
// resolve() over a resolver that the test plays by hand.
#include <memory>
#include <optional>
#include <string>

#include "service/resolve_calls.hpp"
#include "support/loop_fixture.hpp"
#include "support/scripted_resolver.hpp"

namespace fixture {

struct resolve_world {
  std::shared_ptr<uvdial::detail::handle_count> count = std::make_shared<uvdial::detail::handle_count>();
  std::shared_ptr<uvdial::detail::resolve_calls> calls =
      std::make_shared<uvdial::detail::resolve_calls>(loop(), count);
  std::optional<scripted_resolver> names{std::in_place};
  recorder<uvdial::host_entry> end{};

  uvdial::operation resolve(const std::string& host, const uvdial::resolve_options& options,
                            uvdial::callback<uvdial::host_entry> on_done) {
    return calls->resolve(*names, host, options, std::move(on_done));
  }
  uvdial::operation resolve(const std::string& host, const uvdial::resolve_options& options = {}) {
    return resolve(host, options, end.callback());
  }
  // To the lookup that has run longest.
  void answer(uvdial::answer received) { names->running.front()->sink.answered(std::move(received)); }
  void answer_both() {
    names->at_once = {{uvdial::ip_family::v6, {*uvdial::endpoint::from_literal("::1", 0)}},
                      {uvdial::ip_family::v4, {*uvdial::endpoint::from_literal("127.0.0.1", 0)}}};
  }
};

// "a.test: ::1 127.0.0.1 (alias.test)", or what() of the failure.
inline std::string text_of(const recorder<uvdial::host_entry>& end) {
  if (!end.called()) return "not called";
  if (const uvdial::error* why = end.failure()) return why->what();
  const uvdial::host_entry& entry = *end.result->get_if();
  std::string text = entry.canonical_name + ":";
  for (const uvdial::endpoint& address : entry.endpoints) text += " " + address.address_to_string();
  for (const std::string& alias : entry.aliases) text += " (" + alias + ")";
  return text;
}

// The same text with N for each time in it.
inline std::string without_times(std::string text) {
  for (std::size_t end = text.find(" ms"); end != std::string::npos; end = text.find(" ms", end + 1)) {
    const std::size_t begin = text.find_last_not_of("0123456789", end - 1) + 1;
    text.replace(begin, end - begin, "N");
    end = begin + 1;
  }
  return text;
}

template <class Value>
bool cancelled(const recorder<Value>& end) {
  return end.failure() && end.failure()->kind() == uvdial::error_kind::cancelled;
}

}  // namespace fixture
