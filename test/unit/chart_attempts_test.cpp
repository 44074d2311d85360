// What the picture of a dial says about addresses that were no plain race: forbidden ones, and confirm steps.
#include <string>

#include "cli/chart.hpp"
#include "support/traced_dial.hpp"
#include "support/unity.hpp"

using namespace uvdial;
using namespace std::chrono_literals;
using fixture::dial;
using fixture::uv_code;
using step = trace_event::step;

void setUp() {}
void tearDown() {}

static void test_a_blocked_address_has_no_bar() {
  const auto guarded = dial()
                           .asks(ip_family::v4, 0us)
                           .hears(ip_family::v4, 20ms, 2)
                           .does(step::filter, 20ms, "10.0.0.7:443")
                           .does(step::start, 20ms, "192.0.2.7:443")
                           .does(step::win, 30ms, "192.0.2.7:443")
                           .ends(30ms);
  TEST_ASSERT_EQUAL_STRING(R"(
             ms  0         10         20         30
  DNS A          ░░░░░░░░░░░░░░░░░░░░░░             0..20  2 addresses
  10.0.0.7:443                                             blocked by the policy
  192.0.2.7:443                       ███████████  20..30  connected
)",
                           guarded.drawn());
}

static void test_a_confirm_step_is_part_of_its_attempt() {
  const auto checked = dial()
                           .does(step::start, 0us, "[::1]:80")
                           .does(step::confirm, 10ms, "[::1]:80")
                           .does(step::fail, 20ms, "[::1]:80", uv_code(std::errc::connection_reset))
                           .does(step::start, 20ms, "127.0.0.1:80")
                           .does(step::confirm, 25ms, "127.0.0.1:80")
                           .does(step::win, 40ms, "127.0.0.1:80")
                           .ends(40ms);
  TEST_ASSERT_EQUAL_STRING(R"(
            ms  0        20        40
  [::1]:80      ─────────╳            0..20  connected, then failed (ECONNRESET)
  127.0.0.1:80           ██████████  20..40  connected and confirmed
)",
                           checked.drawn());
}

static void test_a_confirm_step_without_an_answer_is_told_at_the_deadline() {
  const auto late = dial()
                        .does(step::start, 0us, "[::1]:80")
                        .does(step::confirm, 10ms, "[::1]:80")
                        .does(step::abort, 400ms, "[::1]:80")
                        .ends(400ms, uv_code(std::errc::timed_out));
  TEST_ASSERT_CONTAINS_STRING("  0..400  not confirmed at the deadline\n", late.drawn());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_blocked_address_has_no_bar);
  RUN_TEST(test_a_confirm_step_is_part_of_its_attempt);
  RUN_TEST(test_a_confirm_step_without_an_answer_is_told_at_the_deadline);
  return UNITY_END();
}
