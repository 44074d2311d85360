// The line about a success, and what becomes of a report whose success was taken away.
#include <string>

#include "logic/dial_record.hpp"
#include "unity.hpp"
#include "uvdial/report.hpp"

using namespace std::chrono_literals;
using namespace uvdial;

void setUp() {}
void tearDown() {}

namespace {

attempt one(attempt::state what, const char* to) { return {what, endpoint::parse(to), {}, 0us, 260'000us}; }

dial_report won(win_reason why, std::vector<attempt> attempts) {
  dial_report report;
  report.attempts = std::move(attempts);
  for (std::size_t place = 0; place < report.attempts.size(); ++place) {
    if (report.attempts[place].what == attempt::state::won) report.winner = place;
  }
  report.why_won = why;
  report.elapsed = 260'999us;
  return report;
}

const attempt failed = one(attempt::state::failed, "[2001:db8::1]:443");
const attempt unanswered = one(attempt::state::open, "[2001:db8::2]:443");
const attempt winner = one(attempt::state::won, "192.0.2.7:443");

}  // namespace

static void test_each_reason_has_its_words() {
  TEST_ASSERT_EQUAL("connected to 192.0.2.7:443 (IPv4) in 260 ms: the first choice",
                    explain_win(won(win_reason::first_choice, {winner})));
  TEST_ASSERT_EQUAL("connected to 192.0.2.7:443 (IPv4) in 260 ms: it had won lately, and went first",
                    explain_win(won(win_reason::remembered, {winner, unanswered})));
  TEST_ASSERT_EQUAL("connected to 192.0.2.7:443 (IPv4) in 260 ms: 1 attempt before it had failed",
                    explain_win(won(win_reason::others_failed, {failed, winner, unanswered})));
  TEST_ASSERT_EQUAL("connected to 192.0.2.7:443 (IPv4) in 260 ms: 2 attempts before it had failed",
                    explain_win(won(win_reason::others_failed, {failed, failed, winner})));
  TEST_ASSERT_EQUAL("connected to 192.0.2.7:443 (IPv4) in 260 ms: 1 attempt before it had not answered yet",
                    explain_win(won(win_reason::others_slower, {unanswered, failed, winner, unanswered})));
  TEST_ASSERT_EQUAL("connected to 192.0.2.7:443 (IPv4) in 260 ms: 2 attempts before it had not answered yet",
                    explain_win(won(win_reason::others_slower, {unanswered, unanswered, winner})));
}

static void test_the_family_of_the_winner_is_told() {
  TEST_ASSERT_EQUAL(
      "connected to [2001:db8::1]:443 (IPv6) in 260 ms: the first choice",
      explain_win(won(win_reason::first_choice, {one(attempt::state::won, "[2001:db8::1]:443")})));
}

static void test_a_short_time_is_told_with_its_tenths() {
  dial_report quick = won(win_reason::first_choice, {winner});
  quick.elapsed = 460us;
  TEST_ASSERT_EQUAL("connected to 192.0.2.7:443 (IPv4) in 0.4 ms: the first choice", explain_win(quick));
  quick.elapsed = 10'900us;
  TEST_ASSERT_EQUAL("connected to 192.0.2.7:443 (IPv4) in 10 ms: the first choice", explain_win(quick));
}

static void test_where_nobody_won_there_is_nothing_to_explain() {
  TEST_ASSERT_EQUAL("", explain_win({}));
  TEST_ASSERT_EQUAL("", explain_win(won(win_reason::none, {failed, unanswered})));
  dial_report odd = won(win_reason::first_choice, {winner});
  odd.winner = 1;
  TEST_ASSERT_EQUAL("", explain_win(odd));
}

static void test_a_success_that_is_taken_away_leaves_an_open_attempt() {
  dial_report report = won(win_reason::others_failed, {failed, winner, unanswered});
  detail::withdraw_win(report);
  TEST_ASSERT_TRUE(report.attempts[1].what == attempt::state::open);
  TEST_ASSERT_FALSE(report.winner.has_value());
  TEST_ASSERT_TRUE(report.why_won == win_reason::none);
  detail::withdraw_win(report);
  TEST_ASSERT_TRUE(report.attempts[0].what == attempt::state::failed);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_each_reason_has_its_words);
  RUN_TEST(test_the_family_of_the_winner_is_told);
  RUN_TEST(test_a_short_time_is_told_with_its_tenths);
  RUN_TEST(test_where_nobody_won_there_is_nothing_to_explain);
  RUN_TEST(test_a_success_that_is_taken_away_leaves_an_open_attempt);
  return UNITY_END();
}
