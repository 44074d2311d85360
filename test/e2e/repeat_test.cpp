// --repeat of `uvdial`: many fresh dials of one host, and what they add up to.
#include <csignal>
#include <regex>
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

// Without --json.
child::result run_for_people(const world& here, const std::vector<std::string>& more) {
  std::vector<std::string> all = here.words(more);
  std::erase(all, "--json");
  return child::run(all);
}

std::string measured(int dials) {  // a pattern
  return R"(\{"dials":)" + std::to_string(dials) +
         R"(,"min_ms":\d+\.\d{3},"median_ms":\d+\.\d{3},"p99_ms":\d+\.\d{3},"max_ms":\d+\.\d{3}\})";
}
const std::string unmeasured = R"(\{"dials":0,"min_ms":null,"median_ms":null,"p99_ms":null,"max_ms":null\})";

void check_summary(const std::string& out, int dials, int failed, const std::string& times,
                   const std::string& errors) {
  const std::string pattern = R"(\{"event":"summary","t_ms":\d+\.\d{3},"dials":)" + std::to_string(dials) +
                              R"(,"failed":)" + std::to_string(failed) + "," + times + R"(,"errors":\[)" +
                              errors + "\\]\\}\n";
  TEST_ASSERT_TRUE_MESSAGE(std::regex_match(out, std::regex(pattern)), out);
}

void a_signal_ends_it(int number, int expected_status) {
  world here;
  const silent_listener silent(reserve(ip_family::v4));
  const int port = silent.address().port();
  // The second dial hangs, and the question before it says that it has begun.
  here.dns.answer_in_turn("slow.test", record_type::a,
                          {{.addresses = {"127.0.0.2"}}, {.addresses = {"127.0.0.1"}}});
  here.dns.answer("slow.test", record_type::aaaa, {});
  child::program running = child::start(here.words({"--repeat=9", "slow.test", std::to_string(port)}));
  fixture::run_until([&here] { return here.dns.asked("slow.test", record_type::a) == 2; });
  running.signal(number);
  child::finish(running);
  TEST_ASSERT_EQUAL(expected_status, running.status());
  check_summary(running.out(), 1, 1,
                R"("all":)" + unmeasured + R"(,"ipv4":)" + unmeasured + R"(,"ipv6":)" + unmeasured,
                R"(\{"error":"connection_refused","code":"ECONNREFUSED","count":1\})");
  TEST_ASSERT_EQUAL("", running.err());
}

}  // namespace

static void test_every_dial_asks_and_connects_again() {
  world here;
  const listener peer(fixture::loop(), reserve(ip_family::v4));
  here.dns.host("plain.test", {.addresses = {"127.0.0.1"}});
  const std::string port = std::to_string(peer.address().port());
  const child::result ended = run_for_people(here, {"--repeat", "5", "plain.test", port});
  TEST_ASSERT_EQUAL_MESSAGE(0, ended.status, ended.err);
  TEST_ASSERT_EQUAL("", ended.err);
  const auto lines = child::lines_of(ended.out);
  TEST_ASSERT_GREATER_THAN(6, lines.size());
  TEST_ASSERT_EQUAL("plain.test:" + port + ": 5 dials, 0 failed", lines[0]);
  TEST_ASSERT_EQUAL(0, lines[2].find("  all        5 "));
  TEST_ASSERT_EQUAL(0, lines[3].find("  IPv4       5 "));
  TEST_ASSERT_EQUAL("", lines[4]);
  TEST_ASSERT_TRUE(lines[5].ends_with("ms  dials"));  // and how they are spread
  TEST_ASSERT_EQUAL(5, here.dns.asked("plain.test", record_type::a));
  TEST_ASSERT_EQUAL(5, here.dns.asked("plain.test", record_type::aaaa));
  TEST_ASSERT_EQUAL(5, peer.accepted());
}

static void test_no_answer_is_kept_for_the_next_dial() {
  require_v6();
  world here;
  demo::port_pair ports = demo::reserve_pair();
  const listener v6(fixture::loop(), std::move(ports.v6));
  const int port = v6.address().port();
  here.dns.answer_in_turn("moving.test", record_type::aaaa, {{.addresses = {"::1"}}, {}});
  here.dns.answer_in_turn("moving.test", record_type::a, {{}, {.addresses = {"127.0.0.1"}}});
  const child::result ended = here.run({"--repeat=3", "moving.test", std::to_string(port)});
  TEST_ASSERT_EQUAL(1, ended.status);
  check_summary(ended.out, 3, 2,
                R"("all":)" + measured(1) + R"(,"ipv4":)" + unmeasured + R"(,"ipv6":)" + measured(1),
                R"(\{"error":"connection_refused","code":"ECONNREFUSED","count":2\})");
}

// A winner that was remembered would go first the next time, and connect at once.
static void test_no_winner_is_remembered_for_the_next_dial() {
  require_v6();
  world here;
  demo::port_pair ports = demo::reserve_pair();
  const silent_listener silent(std::move(ports.v6));
  const listener peer(fixture::loop(), std::move(ports.v4));
  here.dns.host("dual.test", {.addresses = {"::1", "127.0.0.1"}});
  const child::result ended =
      here.run({"--repeat=3", "--attempt-delay=20", "dual.test", std::to_string(peer.address().port())});
  TEST_ASSERT_EQUAL_MESSAGE(0, ended.status, ended.err);
  std::smatch least;
  TEST_ASSERT_TRUE(
      std::regex_search(ended.out, least, std::regex(R"("ipv4":\{"dials":3,"min_ms":([0-9.]+),)")));
  TEST_ASSERT_GREATER_OR_EQUAL(20.0, std::stod(least[1]));
}

static void test_failures_are_told_with_their_counts() {
  world here;
  const child::result ended = run_for_people(here, {"--repeat=3", "nobody.test", "80"});
  TEST_ASSERT_EQUAL(1, ended.status);
  TEST_ASSERT_EQUAL("", ended.err);
  const auto lines = child::lines_of(ended.out);
  TEST_ASSERT_EQUAL(3, lines.size());
  TEST_ASSERT_EQUAL("nobody.test:80: 3 dials, 3 failed", lines[0]);
  TEST_ASSERT_EQUAL("  failed:", lines[1]);
  TEST_ASSERT_EQUAL(0, lines[2].find("       3  host_not_found (NXDOMAIN), the first: "));
}

static void test_the_policy_holds_for_every_dial() {
  const world here;
  const child::result ended = here.run({"--repeat=2", "--deny=loopback", "127.0.0.1", "80"});
  TEST_ASSERT_EQUAL(1, ended.status);
  TEST_ASSERT_CONTAINS_STRING(R"("error":"address_blocked",)", ended.out);
  TEST_ASSERT_CONTAINS_STRING(R"("count":2)", ended.out);
}

static void test_what_the_first_dial_refuses_is_a_usage_error() {
  const world here;
  const child::result ended = here.run({"--repeat=2", "fe80::1%no-such-if", "80"});
  TEST_ASSERT_EQUAL(2, ended.status);
  TEST_ASSERT_EQUAL("", ended.out);
  TEST_ASSERT_EQUAL(1, child::lines_of(ended.err).size());
}

static void test_sigint_tells_what_was_done_so_far() { a_signal_ends_it(SIGINT, 130); }

static void test_sigterm_tells_what_was_done_so_far() { a_signal_ends_it(SIGTERM, 143); }

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_every_dial_asks_and_connects_again);
  RUN_TEST(test_no_answer_is_kept_for_the_next_dial);
  RUN_TEST(test_no_winner_is_remembered_for_the_next_dial);
  RUN_TEST(test_failures_are_told_with_their_counts);
  RUN_TEST(test_the_policy_holds_for_every_dial);
  RUN_TEST(test_what_the_first_dial_refuses_is_a_usage_error);
  RUN_TEST(test_sigint_tells_what_was_done_so_far);
  RUN_TEST(test_sigterm_tells_what_was_done_so_far);
  return UNITY_END();
}
