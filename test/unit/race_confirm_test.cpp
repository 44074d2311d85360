// A look at a fresh connection before it may win: dial_options::confirm. The rows' notation: race_table.hpp.
#include <string>

#include "race_table.hpp"
#include "unity.hpp"

using race_table::check;

void setUp() {}
void tearDown() {}

static std::string attempts(const char* setup, const char* script) {
  return race_table::run({"", setup, script, ""}).attempts;
}

static void test_a_connection_wins_with_the_yes_of_its_step() {
  check({
      {"later", "known=6a confirm 6a=accept@10+yes@20", "", "0 start 6a; 10 confirm 6a; 30 won 6a"},
      {"inside the step", "known=6a confirm 6a=accept@10+yes@now", "",
       "0 start 6a; 10 confirm 6a; 10 won 6a"},
      {"never: the race goes on for ever", "known=6a confirm 6a=accept@10", "", "0 start 6a; 10 confirm 6a"},
      {"it is asked once", "known=6a confirm 6a=accept@10", "11 connected 6a", "0 start 6a; 10 confirm 6a"},
      {"a yes to what is not connected is none", "known=6a confirm", "10 yes 6a; 20 yes #7", "0 start 6a"},
      {"a second yes", "known=6a confirm 6a=accept@10", "20 yes 6a; 20 yes 6a",
       "0 start 6a; 10 confirm 6a; 20 won 6a"},
      {"without a step there is no yes", "known=6a", "10 yes 6a; 20 connected 6a", "0 start 6a; 20 won 6a"},
  });
  TEST_ASSERT_EQUAL_STRING("6a won 0-30", attempts("known=6a confirm 6a=accept@10+yes@20", ""));
}

static void test_the_losers_stay_open_until_the_yes() {
  check({
      {"those that connect", "known=6a,6b confirm 6b=accept@10+yes@100", "",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake -; 260 confirm 6b; 360 abort 6a; 360 won 6b"},
      {"those that are asked about", "known=6a,6b confirm 6a=accept@260 6b=accept@10+yes@100", "",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake -; 260 confirm 6a; 260 confirm 6b; 360 abort 6a; "
       "360 won 6b"},
  });
}

static void test_the_next_attempt_starts_a_delay_after_the_connection() {
  check({
      {"a step that takes its time", "known=6a,6b confirm 6a=accept@100", "400 stop",
       "0 start 6a; 0 wake 250; 100 confirm 6a; 100 wake 350; 350 start 6b; 350 wake -; 400 abort 6a; "
       "400 abort 6b; 400 stopped"},
      {"an earlier one that connects counts too", "known=6a,6b,6c confirm 6a=accept@300", "",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake 500; 300 confirm 6a; 300 wake 550; 550 start 6c; "
       "550 wake -"},
      {"held up: the connection that stands beats the start that is due",
       "known=6a,6b confirm 6a=accept@100+yes@20 stall=10-600", "",
       "0 start 6a; 0 wake 250; 600 confirm 6a; 600 wake 850; 620 won 6a"},
  });
}

static void test_two_may_be_asked_about_at_once() {
  check({
      {"the second one says yes first", "known=6a,6b confirm delay=10 6a=accept@5+yes@200 6b=accept@5+yes@20",
       "",
       "0 start 6a; 0 wake 10; 5 confirm 6a; 5 wake 15; 15 start 6b; 15 wake -; 20 confirm 6b; 40 abort 6a; "
       "40 won 6b"},
      {"connected in the same instant: both are asked", "known=6a,6b confirm no_ticks",
       "250 tick; 300 silently connected #1; 300 silently connected #0; 300 pull",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake -; 300 confirm 6a; 300 confirm 6b"},
      {"a yes inside the first step: the second is not asked",
       "known=6a,6b confirm no_ticks 6a=accept@300+yes@now", "250 tick; 300 silently connected #1; 300 pull",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake -; 300 confirm 6a; 300 abort 6b; 300 won 6a"},
      {"two that say yes in the same instant: the first", "known=6a,6b confirm no_ticks",
       "250 tick; 300 silently connected #0; 300 connected #1; 310 silently yes #1; 310 silently yes #0; 310 "
       "pull",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake -; 300 confirm 6a; 300 confirm 6b; 310 abort 6a; "
       "310 won 6b"},
  });
}

static void test_a_no_is_a_failure() {
  check({
      {"of the newest: the next at once", "known=6a,6b confirm 6a=accept@10+no@20 6b=accept@10+yes@10", "",
       "0 start 6a; 0 wake 250; 10 confirm 6a; 10 wake 260; 30 start 6b; 30 wake -; 40 confirm 6b; 50 won "
       "6b"},
      {"inside the step", "known=6a,6b confirm 6a=accept@10+no@now", "",
       "0 start 6a; 0 wake 250; 10 confirm 6a; 10 start 6b; 10 wake -"},
      {"of an older one: nothing", "known=6a,6b,6c confirm 6a=accept@100+no@300", "",
       "0 start 6a; 0 wake 250; 100 confirm 6a; 100 wake 350; 350 start 6b; 350 wake 600; 600 start 6c; "
       "600 wake -"},
      {"of all", "known=6a,6b confirm 6a=accept@10+no@20 6b=accept@10+no@20", "",
       "0 start 6a; 0 wake 250; 10 confirm 6a; 10 wake 260; 30 start 6b; 30 wake -; 40 confirm 6b; 60 "
       "failed"},
      {"the first answer counts", "known=6a confirm 6a=accept@10", "20 no 6a; 30 yes 6a",
       "0 start 6a; 10 confirm 6a; 20 failed"},
      {"one that failed before its step is asked is not asked", "known=6a,6b confirm no_ticks",
       "10 silently connected #0; 10 silently no #0; 10 pull",
       "0 start 6a; 0 wake 250; 10 start 6b; 10 wake -"},
  });
  TEST_ASSERT_EQUAL_STRING("6a denied 0-30, 6b refused 30-40",
                           attempts("known=6a,6b confirm 6a=accept@10+no@20 6b=refuse@10", ""));
}

static void test_the_deadline_and_a_cancel_end_steps_too() {
  check({
      {"the deadline", "known=6a confirm timeout=100 6a=accept@10", "150 yes 6a",
       "0 start 6a; 0 wake 100; 10 confirm 6a; 100 abort 6a; 100 timed out"},
      {"a yes at the very deadline", "known=6a confirm timeout=100 6a=accept@10+yes@90", "",
       "0 start 6a; 0 wake 100; 10 confirm 6a; 100 won 6a"},
      {"a cancel", "known=6a confirm 6a=accept@10", "50 stop; 60 yes 6a",
       "0 start 6a; 10 confirm 6a; 50 abort 6a; 50 stopped"},
      {"a cancel beats a yes that is not given out yet", "known=6a confirm no_ticks",
       "10 connected 6a; 20 silently yes #0; 20 stop", "0 start 6a; 10 confirm 6a; 20 abort 6a; 20 stopped"},
      {"and one that comes after it", "known=6a confirm no_ticks",
       "10 connected 6a; 20 silently stop; 20 yes #0", "0 start 6a; 10 confirm 6a; 20 abort 6a; 20 stopped"},
      {"a cancel before the step is asked", "known=6a confirm no_ticks", "10 silently connected #0; 10 stop",
       "0 start 6a; 10 abort 6a; 10 stopped"},
  });
  TEST_ASSERT_EQUAL_STRING("6a open 0-100", attempts("known=6a confirm timeout=100 6a=accept@10", ""));
}

// A loop that was held up finds the connection, the banner behind it and the deadline in one turn. The step can
// read the banner in the next turn only.
static void test_a_step_that_is_asked_late_has_a_turn_to_read() {
  check({
      {"the deadline has passed", "known=6a confirm timeout=100 no_ticks",
       "150 connected 6a; 150 tick; 151 yes 6a; 151 tick",
       "0 start 6a; 0 wake 100; 150 confirm 6a; 150 wake 150+1us; 151 won 6a"},
      {"one turn, and no more", "known=6a confirm timeout=100 no_ticks",
       "150 connected 6a; 150 tick; 151 tick",
       "0 start 6a; 0 wake 100; 150 confirm 6a; 150 wake 150+1us; 151 abort 6a; 151 timed out"},
      {"its limit has passed", "known=6a confirm limit=100 no_ticks",
       "150 connected 6a; 150 tick; 151 yes 6a; 151 tick",
       "0 start 6a; 0 wake 100; 150 confirm 6a; 150 wake 150+1us; 151 won 6a"},
      {"the tick that is put off comes", "known=6a confirm limit=100 stall=10-150 6a=accept@50", "",
       "0 start 6a; 0 wake 100; 150 confirm 6a; 150 wake 150+1us; 150+1us expire 6a; 150+1us failed"},
      {"one that is asked in time has none", "known=6a confirm timeout=100 no_ticks",
       "99 connected 6a; 150 tick", "0 start 6a; 0 wake 100; 99 confirm 6a; 150 abort 6a; 150 timed out"},
  });
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_connection_wins_with_the_yes_of_its_step);
  RUN_TEST(test_the_losers_stay_open_until_the_yes);
  RUN_TEST(test_the_next_attempt_starts_a_delay_after_the_connection);
  RUN_TEST(test_two_may_be_asked_about_at_once);
  RUN_TEST(test_a_no_is_a_failure);
  RUN_TEST(test_the_deadline_and_a_cancel_end_steps_too);
  RUN_TEST(test_a_step_that_is_asked_late_has_a_turn_to_read);
  return UNITY_END();
}
