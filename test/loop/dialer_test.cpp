// The dialer on a real loop, with real sockets and a real DNS server on the loopback.
#include "uvdial/dialer.hpp"

#include <string>
#include <vector>

#include "demo/dns_responder.hpp"
#include "demo/peers.hpp"
#include "support/loop_fixture.hpp"
#include "uvdial/ares_resolver.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::dns_responder;
using demo::listener;
using demo::reserve;
using demo::silent_listener;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

struct world {
  dns_responder dns{fixture::loop()};
  std::shared_ptr<ares_resolver> names = std::make_shared<ares_resolver>(
      fixture::loop(),
      ares_resolver_options{
          .servers = {dns.address()}, .hosts_file = "", .search = std::vector<std::string>{}, .ndots = 1});
  std::vector<trace_event::step> steps;
  dialer dials{fixture::loop(),
               {.names = names, .trace = [this](const trace_event& e) { steps.push_back(e.what); }}};
  fixture::recorder<tcp_stream> end;

  void dial(const target& to, const dial_options& options = {}) {
    operation running = dials.connect(to, options, end.callback());
    TEST_ASSERT_TRUE(running.running());
    TEST_ASSERT_FALSE(end.called());
    fixture::run_until([this] { return end.called(); });
    TEST_ASSERT_FALSE(running.running());
  }
};

void require_v6() {
  if (!demo::v6_loopback_available()) TEST_IGNORE_MESSAGE("this machine has no ::1");
}

}  // namespace

void test_a_name_becomes_a_connected_stream() {
  world w;
  listener peer(fixture::loop(), reserve(ip_family::v4));
  w.dns.host("demo.test", {.addresses = {"127.0.0.1"}});
  w.dial({"demo.test", peer.address().port()});
  TEST_ASSERT_TRUE(w.end.succeeded());
  TEST_ASSERT_EQUAL(peer.address(), w.end.result->get_if()->peer());
}

void test_a_literal_never_reaches_dns() {
  world w;
  listener peer(fixture::loop(), reserve(ip_family::v4));
  w.dial({"127.0.0.1", peer.address().port()});
  TEST_ASSERT_TRUE(w.end.succeeded());
  TEST_ASSERT_EQUAL(0u, w.dns.questions().size());
}

void test_a_refused_v6_starts_v4_at_once() {
  require_v6();
  world w;
  auto ports = demo::reserve_pair();
  listener peer(fixture::loop(), std::move(ports.v4));
  w.dns.host("demo.test", {.addresses = {"::1", "127.0.0.1"}});
  dial_report report;
  w.dial({"demo.test", peer.address().port()}, {.attempt_delay = 2000ms, .report = &report});
  TEST_ASSERT_TRUE(w.end.succeeded());
  TEST_ASSERT_EQUAL(2u, report.attempts.size());
  TEST_ASSERT_TRUE(report.attempts[0].why == std::errc::connection_refused);
  TEST_ASSERT_LESS_THAN(std::chrono::microseconds(2000ms), report.attempts[1].started);
}

void test_a_silent_v6_starts_v4_after_the_attempt_delay() {
  require_v6();
  world w;
  auto ports = demo::reserve_pair();
  silent_listener silent(std::move(ports.v6));
  listener peer(fixture::loop(), std::move(ports.v4));
  w.dns.host("demo.test", {.addresses = {"::1", "127.0.0.1"}});
  dial_report report;
  w.dial({"demo.test", peer.address().port()}, {.report = &report});
  TEST_ASSERT_TRUE(w.end.succeeded());
  TEST_ASSERT_EQUAL(2u, report.attempts.size());
  TEST_ASSERT_TRUE(report.attempts[0].what == attempt::state::open);
  TEST_ASSERT_GREATER_OR_EQUAL(std::chrono::microseconds(250ms),
                               report.attempts[1].started - report.attempts[0].started);
}

void test_a_name_that_does_not_exist_is_host_not_found() {
  world w;
  w.dial({"nosuch.test", 80});
  TEST_ASSERT_NOT_NULL(w.end.failure());
  TEST_ASSERT_EQUAL_STRING("host_not_found", kind_name(w.end.failure()->kind()));
  TEST_ASSERT_EQUAL_STRING("NXDOMAIN", code_name(w.end.failure()->code()));
}

void test_a_name_that_cannot_exist_says_why() {
  world w;
  w.dial({"a..b", 80});
  TEST_ASSERT_EQUAL_STRING("host_not_found", kind_name(w.end.failure()->kind()));
  TEST_ASSERT_CONTAINS_STRING("resolve a..b: host not found (an empty label) after ",
                              w.end.failure()->what());
  TEST_ASSERT_EQUAL("an empty label", w.end.failure()->report().families.front().detail);
}

void test_a_deadline_is_a_timeout_error() {
  world w;
  silent_listener silent(reserve(ip_family::v4));
  w.dial({"127.0.0.1", silent.address().port()}, {.timeout = 30ms});
  TEST_ASSERT_NOT_NULL(w.end.failure());
  TEST_ASSERT_EQUAL_STRING("timeout_error", kind_name(w.end.failure()->kind()));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_name_becomes_a_connected_stream);
  RUN_TEST(test_a_literal_never_reaches_dns);
  RUN_TEST(test_a_refused_v6_starts_v4_at_once);
  RUN_TEST(test_a_silent_v6_starts_v4_after_the_attempt_delay);
  RUN_TEST(test_a_name_that_does_not_exist_is_host_not_found);
  RUN_TEST(test_a_name_that_cannot_exist_says_why);
  RUN_TEST(test_a_deadline_is_a_timeout_error);
  return UNITY_END();
}
