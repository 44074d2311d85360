// The options of `uvdial` that change a dial, and the signals that end it, in its JSON lines and exit status.
#include <csignal>
#include <string>

#include "e2e/contract_lines.hpp"

using namespace contract;
using namespace uvdial;
using demo::listener;
using demo::record_type;
using demo::reserve;
using demo::silent_listener;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

void a_signal_cancels_the_dial(int number, int expected_status) {
  const world here;
  const silent_listener silent(reserve(ip_family::v4));
  const int port = silent.address().port();
  child::program running = child::start(here.words({"127.0.0.1", std::to_string(port)}));
  fixture::run_until([&running] { return !running.out().empty(); });
  running.signal(number);
  child::finish(running);
  TEST_ASSERT_EQUAL(expected_status, running.status());
  check_lines({started("127.0.0.1", port), cancelled("127.0.0.1", port),
               failed("cancelled_error", "ECANCELED", tried("127.0.0.1", port, "ECANCELED"))},
              told(running.out()).dialing);
  TEST_ASSERT_EQUAL("", running.err());
}

}  // namespace

static void test_the_attempt_delay_is_an_option() {
  require_v6();
  world here;
  demo::port_pair ports = demo::reserve_pair();
  const silent_listener silent(std::move(ports.v6));
  const listener peer(fixture::loop(), std::move(ports.v4));
  const int port = peer.address().port();
  here.dns.host("dual.test", {.addresses = {"::1", "127.0.0.1"}});
  const told all(here.run({"--attempt-delay=400", "dual.test", std::to_string(port)}).out);
  TEST_ASSERT_GREATER_OR_EQUAL(
      400.0, all.time_when(started("127.0.0.1", port)) - all.time_when(started("::1", port)));
}

// RFC 8305, 3: a positive A answer waits for AAAA, but not longer than the Resolution Delay.
static void test_v4_waits_for_a_late_v6_answer_as_long_as_it_is_told() {
  require_v6();
  world here;
  const listener peer(fixture::loop(), reserve(ip_family::v4));
  const int port = peer.address().port();
  here.dns.answer("late.test", record_type::a, {.addresses = {"127.0.0.1"}});
  here.dns.answer("late.test", record_type::aaaa, {.fault = demo::reply_fault::silent});
  const child::result ended = here.run({"--resolution-delay=120", "late.test", std::to_string(port)});
  TEST_ASSERT_EQUAL_MESSAGE(0, ended.status, ended.err);
  const told all(ended.out);
  check_resolving({resolve_v6, resolve_v4, resolved("ipv4", "\"127.0.0.1\"")},
                  all);  // v6 is still open at the end
  TEST_ASSERT_GREATER_OR_EQUAL(
      120.0, all.time_when(started("127.0.0.1", port)) - all.time_when(resolved("ipv4", "\"127.0.0.1\"")));
}

static void test_a_literal_is_not_resolved() {
  world here;
  const listener peer(fixture::loop(), reserve(ip_family::v4));
  const int port = peer.address().port();
  const told all(here.run({"127.0.0.1", std::to_string(port)}).out);
  check_resolving({}, all);
  check_lines({started("127.0.0.1", port), connected("127.0.0.1", port)}, all.dialing);
  TEST_ASSERT_TRUE(here.dns.questions().empty());
}

static void test_an_ipv6_literal_goes_in_brackets_and_comes_out_bare() {
  require_v6();
  const world here;
  const listener peer(fixture::loop(), reserve(ip_family::v6));
  const int port = peer.address().port();
  check_lines({started("::1", port), connected("::1", port)},
              told(here.run({"[::1]:" + std::to_string(port)}).out).dialing);
}

static void test_a_hosts_file_comes_before_any_server() {
  world here;
  const child::temporary_file hosts("127.0.0.1 hosted.test\n");
  const listener peer(fixture::loop(), reserve(ip_family::v4));
  const int port = peer.address().port();
  const told all(here.run({"--hosts", hosts.path(), "hosted.test", std::to_string(port)}).out);
  check_resolving(
      {resolve_v6, resolve_v4, resolved("ipv6", "", "\"NODATA\""), resolved("ipv4", "\"127.0.0.1\"")}, all);
  check_lines({started("127.0.0.1", port), connected("127.0.0.1", port)}, all.dialing);
  TEST_ASSERT_TRUE(here.dns.questions().empty());
}

static void test_one_family_is_the_only_one_asked_for() {
  require_v6();
  world here;
  demo::port_pair ports = demo::reserve_pair();
  const listener v6(fixture::loop(), std::move(ports.v6));
  const listener v4(fixture::loop(), std::move(ports.v4));
  const int port = v4.address().port();
  here.dns.host("dual.test", {.addresses = {"::1", "127.0.0.1"}});
  const told only_v4(here.run({"--family=ipv4", "dual.test", std::to_string(port)}).out);
  check_resolving({resolve_v4, resolved("ipv4", "\"127.0.0.1\"")}, only_v4);
  check_lines({started("127.0.0.1", port), connected("127.0.0.1", port)}, only_v4.dialing);
  const told only_v6(here.run({"--family=ipv6", "dual.test", std::to_string(port)}).out);
  check_resolving({resolve_v6, resolved("ipv6", "\"::1\"")}, only_v6);
  check_lines({started("::1", port), connected("::1", port)}, only_v6.dialing);
}

static void test_sigint_cancels_the_dial() { a_signal_cancels_the_dial(SIGINT, 130); }

static void test_sigterm_cancels_the_dial() { a_signal_cancels_the_dial(SIGTERM, 143); }

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_the_attempt_delay_is_an_option);
  RUN_TEST(test_v4_waits_for_a_late_v6_answer_as_long_as_it_is_told);
  RUN_TEST(test_a_literal_is_not_resolved);
  RUN_TEST(test_an_ipv6_literal_goes_in_brackets_and_comes_out_bare);
  RUN_TEST(test_a_hosts_file_comes_before_any_server);
  RUN_TEST(test_one_family_is_the_only_one_asked_for);
  RUN_TEST(test_sigint_cancels_the_dial);
  RUN_TEST(test_sigterm_cancels_the_dial);
  return UNITY_END();
}
