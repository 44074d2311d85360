// What stands below the picture of a dial: the names asked, and why the winner won.
#include "cli/closing_lines.hpp"

#include "support/unity.hpp"

using namespace uvdial;
using namespace std::chrono_literals;
using cli::closing_lines;
using lines = std::vector<std::string>;

void setUp() {}
void tearDown() {}

namespace {

dial_report won(std::vector<std::string> names) {
  dial_report report{.host = "db", .port = 80, .names = std::move(names)};
  report.attempts.push_back({attempt::state::won, endpoint::parse("192.0.2.7:80"), {}, 0us, 12ms});
  report.winner = 0;
  report.why_won = win_reason::first_choice;
  report.elapsed = 12'900us;
  return report;
}

const std::string why = "  connected to 192.0.2.7:80 (IPv4) in 12 ms: the first choice";

}  // namespace

static void test_a_host_asked_as_it_is_needs_no_line() {
  TEST_ASSERT_TRUE(closing_lines(won({})) == lines{why});
  TEST_ASSERT_TRUE(closing_lines(won({"db"})) == lines{why});
}

static void test_other_names_are_told_in_the_order_asked() {
  TEST_ASSERT_TRUE(closing_lines(won({"db.a.test", "db.test", "db"})) ==
                   (lines{"  asked: db.a.test, db.test, db", why}));
  TEST_ASSERT_TRUE(closing_lines(won({"db.a.test"})) == (lines{"  asked: db.a.test", why}));
}

static void test_addresses_that_were_left_out_are_counted() {
  dial_report report = won({"db"});
  report.left_out = 9'936;
  TEST_ASSERT_TRUE(closing_lines(report) == (lines{"  left out: 9936 more addresses", why}));
}

static void test_a_failure_still_says_which_names_were_asked() {
  TEST_ASSERT_TRUE(closing_lines({.host = "db", .names = {"db.a.test", "db"}}) ==
                   lines{"  asked: db.a.test, db"});
  TEST_ASSERT_TRUE(closing_lines({.host = "db", .names = {"db"}}).empty());
}

static void test_names_cannot_break_the_terminal() {
  TEST_ASSERT_TRUE(closing_lines({.host = "db", .names = {"d\x1b[2Jb\n"}}) ==
                   lines{"  asked: d\\x1b[2Jb\\x0a"});
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_host_asked_as_it_is_needs_no_line);
  RUN_TEST(test_other_names_are_told_in_the_order_asked);
  RUN_TEST(test_addresses_that_were_left_out_are_counted);
  RUN_TEST(test_a_failure_still_says_which_names_were_asked);
  RUN_TEST(test_names_cannot_break_the_terminal);
  return UNITY_END();
}
