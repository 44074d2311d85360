// --resolve on a loop, with a resolver that the test plays by hand.
#include "cli/resolve_session.hpp"

#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/loop_fixture.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using cli::arguments;
using cli::resolve_session;
using names = std::vector<std::string>;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

// Keeps the callback of the one operation it is asked for; the test calls it.
class played_resolver final : public resolver {
 public:
  lookup_handle lookup(const question&, answer_sink&) override {
    throw std::logic_error("nobody dials here");
  }

  operation resolve(const std::string& host, const resolve_options& options,
                    callback<host_entry> on_done) override {
    if (host == "refused") throw std::invalid_argument("bad host \"refused\"");
    asked = "resolve " + host;
    asked_options = options;
    on_entry = std::move(on_done);
    return operation(state, 0);
  }

  operation reverse(const endpoint& address, const resolve_options& options,
                    callback<names> on_done) override {
    asked = "reverse " + address.address_to_string();
    asked_options = options;
    on_names = std::move(on_done);
    return operation(state, 0);
  }

  struct grip final : detail::pending {
    void cancel(std::uint32_t) noexcept override { cancelled = true; }
    void drop(std::uint32_t) noexcept override { dropped = true; }
    bool running(std::uint32_t) const noexcept override { return !dropped; }
    bool cancelled = false;
    bool dropped = false;
  };

  std::string asked{};
  resolve_options asked_options{};
  callback<host_entry> on_entry{};
  callback<names> on_names{};
  std::shared_ptr<grip> state = std::make_shared<grip>();
};

struct world {
  arguments wanted{};
  played_resolver resolver{};
  int ends = 0;
  std::optional<resolve_session> session{};

  explicit world(const std::string& host, bool json = false) {
    wanted.what = arguments::wish::resolve;
    wanted.host = host;
    wanted.json = json;
    session.emplace(fixture::loop(), wanted, resolver, [this] { ++ends; });
  }
  const resolve_session::ending& end() const { return session->end(); }
};

std::shared_ptr<const error> not_found() {
  return make_error(error_kind::host_not_found, resolve_errc::host_not_found,
                    "resolve demo.test: host not found (NXDOMAIN) after 1 ms");
}

std::shared_ptr<const error> cancelled() {
  return make_error(error_kind::cancelled, {UV_ECANCELED, uv_category()}, "resolve demo.test: cancelled");
}

const endpoint v6 = endpoint::parse("[2001:db8::1]:1");

std::string without_time(std::string line) {
  const std::size_t at = line.find("\"t_ms\":") + 7;
  return line.replace(at, line.find(',', at) - at, "T");
}

}  // namespace

void test_a_name_is_resolved_with_the_options_of_the_command_line() {
  world w("demo.test");
  w.wanted.options.timeout = 9ms;
  w.wanted.options.families = family_policy::v4_only;
  w.session->start();
  TEST_ASSERT_EQUAL("resolve demo.test", w.resolver.asked);
  TEST_ASSERT_EQUAL(9ms, w.resolver.asked_options.timeout);
  TEST_ASSERT_TRUE(w.resolver.asked_options.families == family_policy::v4_only);
  w.resolver.on_entry(host_entry{"www.demo.test", {"demo.test"}, {v6}});
  fixture::run();  // the signals hold it no more
  TEST_ASSERT_EQUAL(0, w.end().status);
  TEST_ASSERT_EQUAL("name     www.demo.test\nalias    demo.test\naddress  2001:db8::1\n", w.end().out);
  TEST_ASSERT_EQUAL("", w.end().complaint);
  TEST_ASSERT_EQUAL(1, w.ends);
}

void test_a_literal_is_looked_up_backwards() {
  world w("2001:db8::1");
  w.session->start();
  TEST_ASSERT_EQUAL("reverse 2001:db8::1", w.resolver.asked);
  w.resolver.on_names(names{"www.demo.test"});
  fixture::run();
  TEST_ASSERT_EQUAL(0, w.end().status);
  TEST_ASSERT_EQUAL("address  2001:db8::1\nname     www.demo.test\n", w.end().out);
}

void test_json_is_one_line_for_either() {
  world name("demo.test", true);
  name.session->start();
  name.resolver.on_entry(host_entry{"www.demo.test", {}, {v6}});
  world address("2001:db8::1", true);
  address.session->start();
  address.resolver.on_names(names{"www.demo.test"});
  fixture::run();
  TEST_ASSERT_EQUAL(
      "{\"event\":\"resolved\",\"t_ms\":T,\"host\":\"demo.test\",\"canonical_name\":\"www.demo.test\","
      "\"aliases\":[],\"addresses\":[\"2001:db8::1\"]}\n",
      without_time(name.end().out));
  TEST_ASSERT_EQUAL(
      "{\"event\":\"resolved\",\"t_ms\":T,\"address\":\"2001:db8::1\",\"names\":[\"www.demo.test\"]}\n",
      without_time(address.end().out));
}

void test_a_failure_is_a_complaint_and_status_1() {
  world w("demo.test");
  w.session->start();
  w.resolver.on_entry(not_found());
  fixture::run();
  TEST_ASSERT_EQUAL(1, w.end().status);
  TEST_ASSERT_EQUAL("", w.end().out);
  TEST_ASSERT_EQUAL("resolve demo.test: host not found (NXDOMAIN) after 1 ms", w.end().complaint);
  TEST_ASSERT_EQUAL(1, w.ends);
}

void test_a_failure_with_json_is_the_last_line_of_a_dial() {
  world w("demo.test", true);
  w.session->start();
  w.resolver.on_entry(not_found());
  fixture::run();
  TEST_ASSERT_EQUAL(1, w.end().status);
  TEST_ASSERT_EQUAL("", w.end().complaint);
  TEST_ASSERT_EQUAL(
      "{\"event\":\"failed\",\"t_ms\":T,\"error\":\"host_not_found\",\"code\":\"NXDOMAIN\",\"message\":"
      "\"resolve demo.test: host not found (NXDOMAIN) after 1 ms\",\"attempts\":[]}\n",
      without_time(w.end().out));
}

void test_a_signal_cancels_and_is_the_exit_status() {
  for (const int number : {SIGINT, SIGTERM}) {
    world w("2001:db8::1", true);
    w.session->start();
    TEST_ASSERT_EQUAL(0, std::raise(number));
    fixture::run_turn();
    TEST_ASSERT_TRUE(w.resolver.state->cancelled);
    TEST_ASSERT_EQUAL(0, w.ends);
    w.resolver.on_names(cancelled());
    fixture::run();
    TEST_ASSERT_EQUAL(128 + number, w.end().status);
    TEST_ASSERT_CONTAINS_STRING("\"error\":\"cancelled_error\",\"code\":\"ECANCELED\"", w.end().out);
    TEST_ASSERT_EQUAL(1, w.ends);
  }
}

void test_what_is_refused_at_the_start_leaves_nothing_behind() {
  world refused("refused");
  TEST_ASSERT_THROWS(std::invalid_argument, refused.session->start());
  world zone("fe80::1%no-such-if");
  TEST_ASSERT_THROWS(std::invalid_argument, zone.session->start());
  TEST_ASSERT_EQUAL(0, refused.ends + zone.ends);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_name_is_resolved_with_the_options_of_the_command_line);
  RUN_TEST(test_a_literal_is_looked_up_backwards);
  RUN_TEST(test_json_is_one_line_for_either);
  RUN_TEST(test_a_failure_is_a_complaint_and_status_1);
  RUN_TEST(test_a_failure_with_json_is_the_last_line_of_a_dial);
  RUN_TEST(test_a_signal_cancels_and_is_the_exit_status);
  RUN_TEST(test_what_is_refused_at_the_start_leaves_nothing_behind);
  return UNITY_END();
}
