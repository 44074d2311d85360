// The picture of a dial, line by line.
#include "cli/chart.hpp"

#include <string>

#include "support/traced_dial.hpp"
#include "support/unity.hpp"
#include "uvdial/error.hpp"

using namespace uvdial;
using namespace uvdial::cli;
using namespace std::chrono_literals;
using fixture::dial;
using fixture::uv_code;
using step = trace_event::step;

void setUp() {}
void tearDown() {}

static void test_nothing_is_drawn_of_nothing() { TEST_ASSERT_TRUE(draw_chart({}).empty()); }

static void test_a_plain_dial() {
  const auto plain = dial()
                         .asks(ip_family::v6, 100us)
                         .asks(ip_family::v4, 100us)
                         .hears(ip_family::v6, 700us, 1)
                         .hears(ip_family::v4, 800us, 3)
                         .does(step::start, 810us, "[::1]:8080")
                         .does(step::win, 1'100us, "[::1]:8080")
                         .ends(1'100us);
  TEST_ASSERT_EQUAL_STRING(R"(
          ms  0      0.2     0.4     0.6     0.8     1.0
  DNS AAAA       ░░░░░░░░░░░░░░░░░░░░░░░░░                 0.1..0.7  1 address
  DNS A          ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░             0.1..0.8  3 addresses
  [::1]:8080                                 ████████████  0.8..1.1  connected
)",
                           plain.drawn());
}

static void test_a_silent_address_loses() {
  const auto race = dial()
                        .asks(ip_family::v6, 0us)
                        .asks(ip_family::v4, 0us)
                        .hears(ip_family::v6, 20ms, 1)
                        .hears(ip_family::v4, 21ms, 1)
                        .does(step::start, 21ms, "[2001:db8::7]:443")
                        .does(step::start, 271ms, "192.0.2.7:443")
                        .does(step::win, 300ms, "192.0.2.7:443")
                        .does(step::abort, 300ms, "[2001:db8::7]:443")
                        .ends(300ms);
  TEST_ASSERT_EQUAL_STRING(R"(
                 ms  0       100     200
  DNS AAAA           ░░                           0..20  1 address
  DNS A              ░░                           0..21  1 address
  [2001:db8::7]:443   ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒   21..300  closed: another one won
  192.0.2.7:443                           ███  271..300  connected
)",
                           race.drawn());
}

static void test_refused_addresses_name_their_code() {
  const auto refused = dial()
                           .does(step::start, 0us, "[::1]:8080")
                           .does(step::fail, 90us, "[::1]:8080", uv_code(std::errc::connection_refused))
                           .does(step::start, 100us, "127.0.0.1:8080")
                           .does(step::fail, 30ms, "127.0.0.1:8080", uv_code(std::errc::host_unreachable))
                           .ends(30ms, uv_code(std::errc::connection_refused));
  TEST_ASSERT_EQUAL_STRING(R"(
              ms  0       10       20       30
  [::1]:8080      ╳                            0..0  refused (ECONNREFUSED)
  127.0.0.1:8080  ─────────────────────────╳  0..30  no way there (EHOSTUNREACH)
)",
                           refused.drawn());
}

static void test_a_deadline_leaves_attempts_open() {
  const auto late = dial()
                        .asks(ip_family::v6, 0us)
                        .asks(ip_family::v4, 0us)
                        .hears(ip_family::v4, 2ms, 1)
                        .does(step::start, 52ms, "192.0.2.7:443")
                        .does(step::abort, 600'900us, "192.0.2.7:443")
                        .ends(600'900us, uv_code(std::errc::timed_out));
  TEST_ASSERT_EQUAL_STRING(R"(
             ms  0       200      400     600
  DNS AAAA       ░░░░░░░░░░░░░░░░░░░░░░░░░░   0..600  no answer by the deadline
  DNS A          ░                              0..2  1 address
  192.0.2.7:443    ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒  52..600  still open at the deadline
)",
                           late.drawn());
}

static void test_a_cancelled_dial_says_so() {
  const auto cancelled = dial()
                             .asks(ip_family::v4, 0us)
                             .does(step::start, 10ms, "192.0.2.7:443")
                             .does(step::abort, 40ms, "192.0.2.7:443")
                             .ends(40ms, uv_code(std::errc::operation_canceled));
  TEST_ASSERT_EQUAL_STRING(R"(
             ms  0        10       20       30       40
  DNS A          ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░   0..40  no answer
  192.0.2.7:443           ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒  10..40  closed: cancelled
)",
                           cancelled.drawn());
}

static void test_a_name_that_does_not_exist() {
  const auto unknown = dial()
                           .asks(ip_family::v6, 0us)
                           .asks(ip_family::v4, 0us)
                           .hears(ip_family::v6, 12ms, resolve_errc::no_address)
                           .hears(ip_family::v4, 15ms, resolve_errc::host_not_found)
                           .ends(15ms, resolve_errc::host_not_found);
  TEST_ASSERT_EQUAL_STRING(R"(
        ms  0                5                10               15
  DNS AAAA  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░            0..12  NODATA
  DNS A     ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░╳  0..15  NXDOMAIN
)",
                           unknown.drawn());
}

static void test_the_server_of_a_failed_answer_is_named() {
  const auto half = dial()
                        .asks(ip_family::v6, 0us)
                        .asks(ip_family::v4, 0us)
                        .hears(ip_family::v6, 12ms, resolve_errc::dns_failure, "192.0.2.53:53")
                        .hears(ip_family::v4, 15ms, resolve_errc::no_address, "192.0.2.53:53")
                        .ends(15ms, resolve_errc::dns_failure);
  TEST_ASSERT_EQUAL_STRING(R"(
        ms  0          5           10          15
  DNS AAAA  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░╳        0..12  SERVFAIL from 192.0.2.53
  DNS A     ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  0..15  NODATA
)",
                           half.drawn());
}

static void test_servers_are_left_out_where_they_leave_no_room_for_bars() {
  const auto failed = dial()
                          .asks(ip_family::v6, 0us)
                          .hears(ip_family::v6, 12ms, resolve_errc::dns_timeout,
                                 "[2001:db8:85a3:8d3:1319:8a2e:370:7348]:5353")
                          .ends(12ms, resolve_errc::dns_timeout);
  TEST_ASSERT_EQUAL_STRING(R"(
        ms  0       2       4       6       8       10       12
  DNS AAAA  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░╳  0..12  DNSTIMEOUT
)",
                           failed.drawn());
  TEST_ASSERT_CONTAINS_STRING("DNSTIMEOUT at [2001:db8:85a3:8d3:1319:8a2e:370:7348]:5353",
                              failed.drawn({.width = 100}));
}

static void test_a_dial_that_goes_on_is_drawn_as_far_as_it_went() {
  const auto running = dial()
                           .asks(ip_family::v6, 0us)
                           .hears(ip_family::v6, 20ms, 2)
                           .does(step::start, 20ms, "[::1]:8080")
                           .asks(ip_family::v4, 100ms);
  TEST_ASSERT_EQUAL_STRING(R"(
          ms  0      20      40     60      80
  DNS AAAA    ░░░░░░░░                                   0..20  2 addresses
  [::1]:8080         ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒   20..100  still open
  DNS A                                            ░  100..100  not answered yet
)",
                           running.drawn());
}

static void test_an_answer_that_the_winner_did_not_need() {
  const auto early = dial()
                         .asks(ip_family::v6, 0us)
                         .asks(ip_family::v4, 0us)
                         .hears(ip_family::v6, 20ms, 1)
                         .does(step::start, 20ms, "[::1]:8080")
                         .does(step::win, 40ms, "[::1]:8080")
                         .ends(40ms);
  TEST_ASSERT_EQUAL_STRING(R"(
          ms  0         10         20        30         40
  DNS AAAA    ░░░░░░░░░░░░░░░░░░░░░░                       0..20  1 address
  DNS A       ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░   0..40  not waited for
  [::1]:8080                       █████████████████████  20..40  connected
)",
                           early.drawn());
}

static void test_the_bars_take_what_the_width_leaves() {
  const auto plain =
      dial().does(step::start, 0us, "[::1]:8080").does(step::win, 30ms, "[::1]:8080").ends(30ms);
  TEST_ASSERT_EQUAL_STRING(R"(
          ms  0           20
  [::1]:8080  ██████████████████  0..30  connected
)",
                           plain.drawn({.width = 50}));
  TEST_ASSERT_EQUAL_STRING(R"(
          ms  0             5              10             15            20             25             30
  [::1]:8080  ████████████████████████████████████████████████████████████████████████████████████████  0..30  connected
)",
                           plain.drawn({.width = 120}));
}

static void test_long_addresses_get_lines_of_their_own() {
  const auto race = dial()
                        .asks(ip_family::v6, 0us)
                        .hears(ip_family::v6, 20ms, 2)
                        .does(step::start, 20ms, "[2001:db8:85a3:8d3:1319:8a2e:370:7348]:443")
                        .does(step::start, 270ms, "[2001:db8::7]:443")
                        .does(step::win, 300ms, "[2001:db8::7]:443")
                        .does(step::abort, 300ms, "[2001:db8:85a3:8d3:1319:8a2e:370:7348]:443")
                        .ends(300ms);
  TEST_ASSERT_EQUAL_STRING(R"(
        ms  0          100        200
  DNS AAAA  ░░░                                   0..20  2 addresses
  [2001:db8:85a3:8d3:1319:8a2e:370:7348]:443
              ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒   20..300  closed: another one won
  [2001:db8::7]:443
                                         ████  270..300  connected
)",
                           race.drawn());
}

static void test_a_dial_without_any_length_is_drawn() {
  const auto sudden = dial()
                          .does(step::start, 0us, "[::1]:8080")
                          .does(step::fail, 0us, "[::1]:8080", uv_code(std::errc::network_unreachable))
                          .ends(0us, uv_code(std::errc::network_unreachable));
  TEST_ASSERT_EQUAL_STRING(R"(
          ms  0
  [::1]:8080  ╳                             0.0..0.0  no way there (ENETUNREACH)
)",
                           sudden.drawn());
}

static void test_the_same_address_twice_is_two_attempts() {
  const auto twice = dial()
                         .does(step::start, 0us, "[::1]:8080")
                         .does(step::fail, 10ms, "[::1]:8080", uv_code(std::errc::timed_out))
                         .does(step::start, 10ms, "[::1]:8080")
                         .does(step::win, 30ms, "[::1]:8080")
                         .ends(30ms);
  TEST_ASSERT_EQUAL_STRING(R"(
          ms  0          10          20          30
  [::1]:8080  ───────────╳                          0..10  timed out (ETIMEDOUT)
  [::1]:8080             ████████████████████████  10..30  connected
)",
                           twice.drawn());
}

static void test_colour_is_put_on_bars_and_notes_alone() {
  const auto plain =
      dial().does(step::start, 0us, "[::1]:8080").does(step::win, 30ms, "[::1]:8080").ends(30ms);
  const auto lines = draw_chart(plain.steps, {.width = 60, .colour = true});
  TEST_ASSERT_EQUAL_INT(2, lines.size());
  TEST_ASSERT_CONTAINS_STRING("  [::1]:8080  \x1b[32m", lines[1]);
  TEST_ASSERT_CONTAINS_STRING("\x1b[0m  0..30  \x1b[32mconnected\x1b[0m", lines[1]);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_nothing_is_drawn_of_nothing);
  RUN_TEST(test_a_plain_dial);
  RUN_TEST(test_a_silent_address_loses);
  RUN_TEST(test_refused_addresses_name_their_code);
  RUN_TEST(test_a_deadline_leaves_attempts_open);
  RUN_TEST(test_a_cancelled_dial_says_so);
  RUN_TEST(test_a_name_that_does_not_exist);
  RUN_TEST(test_the_server_of_a_failed_answer_is_named);
  RUN_TEST(test_servers_are_left_out_where_they_leave_no_room_for_bars);
  RUN_TEST(test_a_dial_that_goes_on_is_drawn_as_far_as_it_went);
  RUN_TEST(test_an_answer_that_the_winner_did_not_need);
  RUN_TEST(test_the_bars_take_what_the_width_leaves);
  RUN_TEST(test_long_addresses_get_lines_of_their_own);
  RUN_TEST(test_a_dial_without_any_length_is_drawn);
  RUN_TEST(test_the_same_address_twice_is_two_attempts);
  RUN_TEST(test_colour_is_put_on_bars_and_notes_alone);
  return UNITY_END();
}
