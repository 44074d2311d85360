#include "support/getent.hpp"

#include <cstdlib>
#include <sstream>
#include <vector>

#include "glue/source_sockets.hpp"
#include "logic/address_order.hpp"
#include "support/child.hpp"
#include "support/loop_fixture.hpp"
#include "support/recording_sink.hpp"

namespace fixture {

namespace {

constexpr int not_found = 2;  // getent(1)

// The answers of both families as one list, in the order of RFC 6724.
std::vector<uvdial::endpoint> ordered(const std::vector<uvdial::answer>& answers) {
  uvdial::detail::source_sockets sources;
  std::vector<uvdial::detail::destination> list;
  for (const uvdial::answer& each : answers) {
    for (const uvdial::endpoint& address : each.endpoints) {
      list.push_back({.to = address, .source = sources.source_for(address), .asked = true});
    }
  }
  uvdial::detail::order_addresses(list);
  std::vector<uvdial::endpoint> addresses;
  addresses.reserve(list.size());
  for (const auto& each : list) addresses.push_back(each.to);
  return addresses;
}

}  // namespace

// "192.0.2.1       STREAM canonical.test", then the same with DGRAM and RAW, then the next address without a name.
std::string ask_getent(const std::string& name) {
  const child::result said = child::run({"getent", "ahosts", name});
  if (said.status == not_found) return "nothing";
  if (said.status != 0) return "status " + std::to_string(said.status) + " " + said.err;
  std::string text;
  for (const std::string& line : child::lines_of(said.out)) {
    std::istringstream words(line);
    std::string address, type, canonical_name;
    words >> address >> type >> canonical_name;
    if (type != "STREAM") continue;
    if (text.empty()) text = canonical_name + ":";
    text += " " + address;
  }
  return text;
}

library_view ask_library(uvdial::resolver& names, const std::string& name) {
  recording_sink sink;
  const uvdial::lookup_handle running = names.lookup({name, 80, uvdial::family_policy::v6_first}, sink);
  if (sink.answers.size() < 2) run_until([&sink] { return sink.answers.size() >= 2; });

  library_view view;
  for (const uvdial::answer& each : sink.answers) {
    if (!each.endpoints.empty() && view.text.empty()) view.text = each.canonical_name + ":";
    if (view.reason.empty() && each.endpoints.empty()) view.reason = uvdial::code_name(each.why);
  }
  for (const uvdial::endpoint& address : ordered(sink.answers))
    view.text += " " + address.address_to_string();
  if (view.text.empty()) return {"nothing", view.reason};
  return {view.text, {}};
}

environment_variable::environment_variable(std::string name, const std::string& value)
    : name_(std::move(name)) {
  TEST_ASSERT_EQUAL(0, setenv(name_.c_str(), value.c_str(), 1));
}

environment_variable::~environment_variable() {
  (void)unsetenv(name_.c_str());  // fails only for a bad name, which setenv would not have taken
}

}  // namespace fixture
