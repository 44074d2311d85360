// The JSON lines, letter by letter, and the promise about attempts: each start has one end, before the last
// line.
#include "cli/json_events.hpp"

#include <string>
#include <system_error>
#include <vector>

#include "cli/json_line.hpp"
#include "unity.hpp"

using namespace std::chrono_literals;
using uvdial::attempt;
using uvdial::dial_report;
using uvdial::endpoint;
using uvdial::error_kind;
using uvdial::ip_family;
using uvdial::make_error;
using uvdial::resolve_errc;
using uvdial::trace_event;
using uvdial::cli::json_events;
using step = trace_event::step;

void setUp() {}
void tearDown() {}

namespace {

const endpoint v6 = endpoint::parse("[2001:db8::1]:443");
const endpoint v4 = endpoint::parse("192.0.2.7:443");
const endpoint other_v4 = endpoint::parse("192.0.2.8:443");
const endpoint here = endpoint::parse("192.0.2.99:50000");

std::error_code code(std::errc which) { return std::make_error_code(which); }

trace_event question(ip_family family, std::chrono::microseconds at) {
  return {.dial = 1, .what = step::question, .at = at, .host = "demo.test", .family = family};
}

trace_event answer(ip_family family, std::chrono::microseconds at, std::span<const endpoint> addresses,
                   std::error_code why = {}) {
  return {.dial = 1, .what = step::answer, .at = at, .family = family, .addresses = addresses, .code = why};
}

trace_event event(step what, const endpoint& to, std::chrono::microseconds at, std::error_code why = {}) {
  return {.dial = 1, .what = what, .at = at, .to = to, .code = why};
}

trace_event end(std::chrono::microseconds at, std::error_code why = {}) {
  return {.dial = 1, .what = step::end, .at = at, .code = why};
}

attempt tried(attempt::state what, const endpoint& to, std::error_code why = {}) {
  return {.what = what, .to = to, .why = why, .started = 0us, .ended = 0us};
}

std::string failed(json_events& events, error_kind kind, std::error_code why,
                   std::vector<attempt> attempts = {}) {
  dial_report report;
  report.attempts = std::move(attempts);
  return events.failed(*make_error(kind, why, "what happened", report));
}

}  // namespace

static void test_a_question_names_its_family() {
  json_events events;
  TEST_ASSERT_EQUAL("{\"event\":\"resolve_start\",\"t_ms\":0.000,\"family\":\"ipv6\"}\n",
                    events.step(question(ip_family::v6, 0us)));
  TEST_ASSERT_EQUAL("{\"event\":\"resolve_start\",\"t_ms\":0.007,\"family\":\"ipv4\"}\n",
                    events.step(question(ip_family::v4, 7us)));
}

static void test_an_answer_lists_addresses_or_says_why_there_are_none() {
  json_events events;
  const std::vector<endpoint> two{v4, other_v4};
  TEST_ASSERT_EQUAL(
      "{\"event\":\"resolve_done\",\"t_ms\":1.250,\"family\":\"ipv4\",\"addresses\":[\"192.0.2.7\",\"192.0.2."
      "8\"],\"error\":null}\n",
      events.step(answer(ip_family::v4, 1250us, two)));
  TEST_ASSERT_EQUAL(
      "{\"event\":\"resolve_done\",\"t_ms\":20.004,\"family\":\"ipv6\",\"addresses\":[],\"error\":\"NODATA\"}"
      "\n",
      events.step(answer(ip_family::v6, 20004us, {}, resolve_errc::no_address)));
}

static void test_an_attempt_starts_and_fails_with_a_code() {
  json_events events;
  TEST_ASSERT_EQUAL("{\"event\":\"attempt_start\",\"t_ms\":1.000,\"address\":\"2001:db8::1\",\"port\":443}\n",
                    events.step(event(step::start, v6, 1ms)));
  TEST_ASSERT_EQUAL(
      "{\"event\":\"attempt_failed\",\"t_ms\":1234567.890,\"address\":\"2001:db8::1\",\"port\":443,\"error\":"
      "\"ECONNREFUSED\"}\n",
      events.step(event(step::fail, v6, 1234567890us, code(std::errc::connection_refused))));
}

static void test_an_attempt_that_is_called_off_says_so() {
  json_events events;
  (void)events.step(event(step::start, v4, 1ms));
  TEST_ASSERT_EQUAL(
      "{\"event\":\"attempt_cancelled\",\"t_ms\":2.000,\"address\":\"192.0.2.7\",\"port\":443}\n",
      events.step(event(step::abort, v4, 2ms)));
}

static void test_victory_and_end_are_told_by_the_last_line_alone() {
  json_events events;
  (void)events.step(event(step::start, v4, 1ms));
  TEST_ASSERT_EQUAL("", events.step(event(step::win, v4, 2ms)));
  TEST_ASSERT_EQUAL("", events.step(end(3ms)));
  TEST_ASSERT_EQUAL(
      "{\"event\":\"connected\",\"t_ms\":3.000,\"address\":\"192.0.2.7\",\"port\":443,\"local_address\":"
      "\"192.0.2.99\"}\n",
      events.connected(here));
}

static void test_a_local_address_that_is_gone_is_null() {
  json_events events;
  (void)events.step(event(step::start, v4, 1ms));
  (void)events.step(event(step::win, v4, 2ms));
  TEST_ASSERT_EQUAL(
      "{\"event\":\"connected\",\"t_ms\":2.000,\"address\":\"192.0.2.7\",\"port\":443,\"local_address\":null}"
      "\n",
      events.connected(std::nullopt));
}

static void test_a_failure_lists_every_attempt_with_its_reason() {
  json_events events;
  TEST_ASSERT_EQUAL(
      "{\"event\":\"failed\",\"t_ms\":0.000,\"error\":\"connect_error\",\"code\":\"ECONNREFUSED\","
      "\"message\":\"what happened\","
      "\"attempts\":[{\"address\":\"2001:db8::1\",\"port\":443,\"error\":\"ECONNREFUSED\"},"
      "{\"address\":\"192.0.2.7\",\"port\":443,\"error\":\"EHOSTUNREACH\"},"
      "{\"address\":\"192.0.2.8\",\"port\":443,\"error\":\"BLOCKED\"}]}\n",
      failed(events, error_kind::connect, code(std::errc::connection_refused),
             {tried(attempt::state::failed, v6, code(std::errc::connection_refused)),
              tried(attempt::state::failed, v4, code(std::errc::host_unreachable)),
              tried(attempt::state::filtered, other_v4)}));
}

static void test_a_blocked_address_has_no_line_of_its_own() {
  json_events events;
  TEST_ASSERT_EQUAL("", events.step(event(step::filter, v4, 1ms)));
  TEST_ASSERT_EQUAL(
      "{\"event\":\"failed\",\"t_ms\":1.000,\"error\":\"address_blocked\",\"code\":\"EACCES\",\"message\":"
      "\"what happened\",\"attempts\":[{\"address\":\"192.0.2.7\",\"port\":443,\"error\":\"BLOCKED\"}]}\n",
      failed(events, error_kind::address_blocked, code(std::errc::permission_denied),
             {tried(attempt::state::filtered, v4)}));
}

static void test_without_an_address_there_are_no_attempts() {
  json_events events;
  TEST_ASSERT_EQUAL(
      "{\"event\":\"failed\",\"t_ms\":0.000,\"error\":\"host_not_found\",\"code\":\"NXDOMAIN\",\"message\":"
      "\"what happened\",\"attempts\":[]}\n",
      failed(events, error_kind::host_not_found, resolve_errc::host_not_found));
}

static void test_a_deadline_cancels_what_is_open_and_is_etimedout() {
  json_events events;
  (void)events.step(event(step::start, v6, 1ms));
  (void)events.step(event(step::start, v4, 2ms));
  TEST_ASSERT_EQUAL(
      "{\"event\":\"attempt_cancelled\",\"t_ms\":2.000,\"address\":\"2001:db8::1\",\"port\":443}\n"
      "{\"event\":\"attempt_cancelled\",\"t_ms\":2.000,\"address\":\"192.0.2.7\",\"port\":443}\n"
      "{\"event\":\"failed\",\"t_ms\":2.000,\"error\":\"timeout_error\",\"code\":\"ETIMEDOUT\",\"message\":"
      "\"what happened\","
      "\"attempts\":[{\"address\":\"2001:db8::1\",\"port\":443,\"error\":\"ECANCELED\"},"
      "{\"address\":\"192.0.2.7\",\"port\":443,\"error\":\"ECANCELED\"}]}\n",
      failed(events, error_kind::timeout, {},
             {tried(attempt::state::open, v6), tried(attempt::state::open, v4)}));
}

static void test_a_dial_that_is_cancelled_after_its_victory_cancels_the_winner() {
  json_events events;
  (void)events.step(event(step::start, v4, 1ms));
  (void)events.step(event(step::win, v4, 2ms));
  (void)events.step(end(2ms));
  TEST_ASSERT_EQUAL(
      "{\"event\":\"attempt_cancelled\",\"t_ms\":2.000,\"address\":\"192.0.2.7\",\"port\":443}\n"
      "{\"event\":\"failed\",\"t_ms\":2.000,\"error\":\"cancelled_error\",\"code\":\"ECANCELED\",\"message\":"
      "\"what happened\","
      "\"attempts\":[{\"address\":\"192.0.2.7\",\"port\":443,\"error\":\"ECANCELED\"}]}\n",
      failed(events, error_kind::cancelled, {}, {tried(attempt::state::won, v4)}));
}

static void test_a_loser_that_nobody_called_off_is_called_off_before_the_last_line() {
  json_events events;
  (void)events.step(event(step::start, v6, 1ms));
  (void)events.step(event(step::start, v4, 2ms));
  (void)events.step(event(step::win, v4, 3ms));
  TEST_ASSERT_EQUAL(
      "{\"event\":\"attempt_cancelled\",\"t_ms\":3.000,\"address\":\"2001:db8::1\",\"port\":443}\n"
      "{\"event\":\"connected\",\"t_ms\":3.000,\"address\":\"192.0.2.7\",\"port\":443,\"local_address\":"
      "\"192.0.2.99\"}\n",
      events.connected(here));
}

static void test_an_end_without_a_start_and_a_second_end_are_not_told() {
  json_events events;
  TEST_ASSERT_EQUAL("", events.step(event(step::fail, v4, 1ms, code(std::errc::connection_refused))));
  (void)events.step(event(step::start, v4, 1ms));
  (void)events.step(event(step::abort, v4, 2ms));
  TEST_ASSERT_EQUAL("", events.step(event(step::abort, v4, 3ms)));
}

static void test_time_does_not_go_backwards() {
  json_events events;
  (void)events.step(question(ip_family::v6, 5ms));
  TEST_ASSERT_CONTAINS_STRING("\"t_ms\":5.000", events.step(question(ip_family::v4, 4ms)));
}

static void test_a_message_is_escaped() {
  json_events events;
  const auto why =
      make_error(error_kind::host_not_found, resolve_errc::host_not_found, "connect \"d\xff\n\":80");
  TEST_ASSERT_CONTAINS_STRING("\"message\":\"connect \\\"d\xef\xbf\xbd\\n\\\":80\"", events.failed(*why));
}

static void test_a_unix_socket_has_a_path_and_nothing_else() {
  TEST_ASSERT_EQUAL_STRING(
      R"({"event":"connected","t_ms":0.090,"address":"/run/\"x\".sock","port":null,"local_address":null})"
      "\n",
      uvdial::cli::connected_unix_line("/run/\"x\".sock", 90us));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_question_names_its_family);
  RUN_TEST(test_an_answer_lists_addresses_or_says_why_there_are_none);
  RUN_TEST(test_an_attempt_starts_and_fails_with_a_code);
  RUN_TEST(test_an_attempt_that_is_called_off_says_so);
  RUN_TEST(test_victory_and_end_are_told_by_the_last_line_alone);
  RUN_TEST(test_a_local_address_that_is_gone_is_null);
  RUN_TEST(test_a_failure_lists_every_attempt_with_its_reason);
  RUN_TEST(test_a_blocked_address_has_no_line_of_its_own);
  RUN_TEST(test_without_an_address_there_are_no_attempts);
  RUN_TEST(test_a_deadline_cancels_what_is_open_and_is_etimedout);
  RUN_TEST(test_a_dial_that_is_cancelled_after_its_victory_cancels_the_winner);
  RUN_TEST(test_a_loser_that_nobody_called_off_is_called_off_before_the_last_line);
  RUN_TEST(test_an_end_without_a_start_and_a_second_end_are_not_told);
  RUN_TEST(test_time_does_not_go_backwards);
  RUN_TEST(test_a_message_is_escaped);
  RUN_TEST(test_a_unix_socket_has_a_path_and_nothing_else);
  return UNITY_END();
}
