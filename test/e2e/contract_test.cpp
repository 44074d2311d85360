// How a dial goes and ends, in the JSON lines and exit statuses of `uvdial` that other programs rely on.
#include <string>

#include "e2e/contract_lines.hpp"

using namespace contract;
using namespace uvdial;
using demo::listener;
using demo::reserve;
using demo::silent_listener;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

void check_failure(const child::result& ended, const std::string& last_line) {
  TEST_ASSERT_EQUAL(1, ended.status);
  TEST_ASSERT_EQUAL("", ended.err);
  check_lines({last_line}, told(ended.out).dialing);
}

}  // namespace

static void test_a_plain_dial_resolves_both_families_and_connects() {
  world here;
  const listener peer(fixture::loop(), reserve(ip_family::v4));
  const int port = peer.address().port();
  here.dns.host("plain.test", {.addresses = {"127.0.0.1"}});
  const child::result ended = here.run({"plain.test", std::to_string(port)});
  TEST_ASSERT_EQUAL_MESSAGE(0, ended.status, ended.err);
  TEST_ASSERT_EQUAL("", ended.err);
  const told all(ended.out);
  check_resolving(
      {resolve_v6, resolve_v4, resolved("ipv6", "", "\"NODATA\""), resolved("ipv4", "\"127.0.0.1\"")}, all);
  check_lines({started("127.0.0.1", port), connected("127.0.0.1", port)}, all.dialing);
  TEST_ASSERT_CONTAINS_STRING("\"event\":\"connected\"", all.raw.back());
}

static void test_a_refused_v6_is_followed_by_v4() {
  require_v6();
  world here;
  demo::port_pair ports = demo::reserve_pair();
  const listener peer(fixture::loop(), std::move(ports.v4));
  const int port = peer.address().port();
  here.dns.host("dual.test", {.addresses = {"::1", "127.0.0.1"}});
  const child::result ended = here.run({"dual.test:" + std::to_string(port)});
  TEST_ASSERT_EQUAL_MESSAGE(0, ended.status, ended.err);
  check_lines(
      {started("::1", port), refused("::1", port), started("127.0.0.1", port), connected("127.0.0.1", port)},
      told(ended.out).dialing);
}

// RFC 8305, 5: the next attempt starts after the Connection Attempt Delay, 250 ms, and the first one goes on.
static void test_a_silent_v6_is_joined_by_v4_after_the_attempt_delay() {
  require_v6();
  world here;
  demo::port_pair ports = demo::reserve_pair();
  const silent_listener silent(std::move(ports.v6));
  const listener peer(fixture::loop(), std::move(ports.v4));
  const int port = peer.address().port();
  here.dns.host("dual.test", {.addresses = {"::1", "127.0.0.1"}});
  const child::result ended = here.run({"dual.test", std::to_string(port)});
  TEST_ASSERT_EQUAL_MESSAGE(0, ended.status, ended.err);
  const told all(ended.out);
  check_lines({started("::1", port), started("127.0.0.1", port), cancelled("::1", port),
               connected("127.0.0.1", port)},
              all.dialing);
  TEST_ASSERT_GREATER_OR_EQUAL(
      250.0, all.time_when(started("127.0.0.1", port)) - all.time_when(started("::1", port)));
}

static void test_a_name_that_does_not_exist() {
  world here;
  const child::result ended = here.run({"nobody.test", "80"});
  check_failure(ended, failed("host_not_found", "NXDOMAIN", ""));
  check_resolving(
      {resolve_v6, resolve_v4, resolved("ipv6", "", "\"NXDOMAIN\""), resolved("ipv4", "", "\"NXDOMAIN\"")},
      told(ended.out));
}

static void test_a_name_without_addresses() {
  world here;
  here.dns.host("empty.test", {});
  const child::result ended = here.run({"empty.test", "80"});
  check_failure(ended, failed("no_address", "NODATA", ""));
  check_resolving(
      {resolve_v6, resolve_v4, resolved("ipv6", "", "\"NODATA\""), resolved("ipv4", "", "\"NODATA\"")},
      told(ended.out));
}

static void test_a_server_that_fails() {
  world here;
  here.dns.answer_unknown({.code = demo::response_code::servfail});
  const child::result ended = here.run({"broken.test", "80"});
  check_failure(ended, failed("dns_failure", "SERVFAIL", ""));
  check_resolving(
      {resolve_v6, resolve_v4, resolved("ipv6", "", "\"SERVFAIL\""), resolved("ipv4", "", "\"SERVFAIL\"")},
      told(ended.out));
}

static void test_every_address_refuses() {
  require_v6();
  world here;
  const demo::port_pair ports = demo::reserve_pair();
  const int port = ports.v4.address().port();
  here.dns.host("dual.test", {.addresses = {"::1", "127.0.0.1"}});
  const child::result ended = here.run({"dual.test", std::to_string(port)});
  TEST_ASSERT_EQUAL(1, ended.status);
  check_lines(
      {started("::1", port), refused("::1", port), started("127.0.0.1", port), refused("127.0.0.1", port),
       failed("connection_refused", "ECONNREFUSED",
              tried("::1", port, "ECONNREFUSED") + "," + tried("127.0.0.1", port, "ECONNREFUSED"))},
      told(ended.out).dialing);
}

static void test_a_deadline_cancels_the_open_attempts() {
  require_v6();
  world here;
  demo::port_pair ports = demo::reserve_pair();
  const int port = ports.v4.address().port();
  const silent_listener v6(std::move(ports.v6));
  const silent_listener v4(std::move(ports.v4));
  here.dns.host("dual.test", {.addresses = {"::1", "127.0.0.1"}});
  const child::result ended =
      here.run({"--timeout=700", "--attempt-delay=10", "dual.test", std::to_string(port)});
  TEST_ASSERT_EQUAL(1, ended.status);
  const told all(ended.out);
  TEST_ASSERT_EQUAL(5, all.dialing.size());
  check_lines({started("::1", port), started("127.0.0.1", port)},
              lines(all.dialing.begin(), all.dialing.begin() + 2));
  lines called_off(all.dialing.begin() + 2, all.dialing.begin() + 4);
  std::sort(called_off.begin(), called_off.end());
  check_lines({cancelled("127.0.0.1", port), cancelled("::1", port)}, called_off);
  TEST_ASSERT_EQUAL(failed("timeout_error", "ETIMEDOUT",
                           tried("::1", port, "ECANCELED") + "," + tried("127.0.0.1", port, "ECANCELED")),
                    all.dialing.back());
  TEST_ASSERT_GREATER_OR_EQUAL(700.0, time_of(all.raw.back()));
}

static void test_a_deadline_while_resolving_lists_no_attempts() {
  world here;
  here.dns.answer_unknown({.fault = demo::reply_fault::silent});
  const child::result ended = here.run({"--timeout=300", "silent.test", "80"});
  check_failure(ended, failed("timeout_error", "ETIMEDOUT", ""));
  check_resolving({resolve_v6, resolve_v4}, told(ended.out));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_plain_dial_resolves_both_families_and_connects);
  RUN_TEST(test_a_refused_v6_is_followed_by_v4);
  RUN_TEST(test_a_silent_v6_is_joined_by_v4_after_the_attempt_delay);
  RUN_TEST(test_a_name_that_does_not_exist);
  RUN_TEST(test_a_name_without_addresses);
  RUN_TEST(test_a_server_that_fails);
  RUN_TEST(test_every_address_refuses);
  RUN_TEST(test_a_deadline_cancels_the_open_attempts);
  RUN_TEST(test_a_deadline_while_resolving_lists_no_attempts);
  return UNITY_END();
}
