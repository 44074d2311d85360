// How a race ends, and what is left of it for the report. The rows' notation: race_table.hpp.
#include "race_table.hpp"
#include "unity.hpp"

using race_table::check;
using race_table::run;

void setUp() {}
void tearDown() {}

// RFC 8305, 5: "Once one of the connection attempts succeeds [...], all other connections attempts that have
// not yet succeeded SHOULD be canceled."
static void test_the_first_success_ends_the_race() {
  check({
      {"alone", "known=6a 6a=accept@20", "", "0 start 6a; 20 won 6a"},
      {"untried ones are never tried", "known=6a,6b 6a=accept@20", "", "0 start 6a; 0 wake 250; 20 won 6a"},
      {"pending ones are aborted first", "known=6a,6b 6b=accept@20", "",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake -; 270 abort 6a; 270 won 6b"},
      {"an open lookup is not waited for", "6a=accept@20", "0 AAAA 6a", "0 lookup; 0 start 6a; 20 won 6a"},
      {"nothing is heard afterwards", "6a=accept@20", "0 AAAA 6a; 30 A 4a; 40 stop; 50 tick; 60 connected 6a",
       "0 lookup; 0 start 6a; 20 won 6a"},
  });
}

static void test_a_second_winner_in_the_same_tick_is_aborted() {
  check({
      {"the order of the events decides", "known=6a,6b no_ticks",
       "250 tick; 300 silently connected #1; 300 silently connected #0; 300 pull",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake -; 300 abort 6a; 300 won 6b"},
      {"and not the order of the starts", "known=6a,6b no_ticks",
       "250 tick; 300 silently connected #0; 300 silently connected #1; 300 pull",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake -; 300 abort 6b; 300 won 6a"},
      {"one that fails in the same instant needs no abort", "known=6a,6b no_ticks",
       "250 tick; 300 silently connected #0; 300 silently refused #1; 300 pull",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake -; 300 won 6a"},
  });
}

static void test_a_connection_that_stands_beats_the_deadline() {
  check({
      {"connected after the deadline, before the tick", "known=6a timeout=100 no_ticks",
       "150 connected 6a; 150 tick", "0 start 6a; 0 wake 100; 150 won 6a"},
      {"held up for 2 s with a deadline of 1 s", "known=6a,4a timeout=1000 6a=accept@5 stall=1-2000", "",
       "0 start 6a; 0 wake 250; 2000 won 6a"},
      {"at the very deadline", "known=6a timeout=100 6a=accept@100", "",
       "0 start 6a; 0 wake 100; 100 won 6a"},
      {"the tick after a success that is not given out yet changes nothing",
       "known=6a,6b timeout=260 no_ticks", "250 tick; 300 silently connected #1; 300 tick",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake 260; 300 abort 6a; 300 won 6b"},
  });
}

static void test_the_deadline_ends_everything() {
  check({
      {"while resolving", "timeout=100", "", "0 lookup; 0 wake 100; 100 timed out"},
      {"with two attempts open", "known=6a,6b timeout=300", "",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake 300; 300 abort 6a; 300 abort 6b; 300 timed out"},
      {"the deadline wins over a start that is due too", "known=6a,6b timeout=250", "",
       "0 start 6a; 0 wake 250; 250 abort 6a; 250 timed out"},
      {"the deadline wins over the end of the wait", "timeout=60", "10 A 4a",
       "0 lookup; 0 wake 60; 60 timed out"},
      {"only by a tick", "known=6a timeout=100 no_ticks", "500 pull", "0 start 6a; 0 wake 100"},
      {"failures before it count first", "known=6a timeout=100 6a=refuse@100", "",
       "0 start 6a; 0 wake 100; 100 failed"},
      {"data still starts an attempt until the tick has come", "timeout=100 no_ticks",
       "150 AAAA 6a; 151 tick", "0 lookup; 0 wake 100; 150 start 6a; 151 abort 6a; 151 timed out"},
      {"one that is too far to count is none", "known=6a timeout=far", "", "0 start 6a"},
      {"without a deadline there is nothing to wake for", "known=6a", "", "0 start 6a"},
  });
}

static void test_a_cancel_ends_everything() {
  check({
      {"while resolving", "", "10 stop", "0 lookup; 10 stopped"},
      {"while waiting for AAAA", "", "10 A 4a; 20 stop", "0 lookup; 10 wake 60; 20 stopped"},
      {"with attempts open", "known=6a,6b", "300 stop",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake -; 300 abort 6a; 300 abort 6b; 300 stopped"},
      {"a second one changes nothing", "known=6a", "10 stop; 20 stop", "0 start 6a; 10 abort 6a; 10 stopped"},
      {"after the end it does nothing", "known=6a 6a=refuse@5", "10 stop", "0 start 6a; 5 failed"},
  });
}

// A cancel beats a success that is waiting already, and one that comes after it loses too.
static void test_a_cancel_beats_a_success_that_is_not_given_out_yet() {
  check({
      {"connected, then cancelled", "known=6a no_ticks", "20 silently connected #0; 20 stop",
       "0 start 6a; 20 abort 6a; 20 stopped"},
      {"the losers are aborted once", "known=6a,6b no_ticks", "250 tick; 300 silently connected #1; 300 stop",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake -; 300 abort 6a; 300 abort 6b; 300 stopped"},
      {"cancelled, then connected", "known=6a no_ticks", "20 silently stop; 20 connected #0",
       "0 start 6a; 20 abort 6a; 20 stopped"},
      {"the deadline, then cancelled", "known=6a timeout=10 no_ticks", "20 silently tick; 20 stop",
       "0 start 6a; 0 wake 10; 20 abort 6a; 20 stopped"},
  });
  TEST_ASSERT_EQUAL_STRING("6a open 0-20",
                           run({"", "known=6a no_ticks", "20 silently connected #0; 20 stop", ""}).attempts);
}

static void test_an_exhausted_list_waits_for_the_open_family() {
  check({
      {"and tries what comes", "6a=refuse@5 4a=accept@5", "0 AAAA 6a; 100 A 4a",
       "0 lookup; 0 start 6a; 100 start 4a; 105 won 4a"},
      {"and ends when nothing comes", "6a=refuse@5", "0 AAAA 6a; 100 A none",
       "0 lookup; 0 start 6a; 100 failed"},
      {"for the preferred one as well", "4a=refuse@5 6a=refuse@5", "0 A 4a; 100 AAAA 6a",
       "0 lookup; 0 wake 50; 50 start 4a; 50 wake -; 100 start 6a; 105 failed"},
      {"until the deadline", "timeout=80 6a=refuse@5", "0 AAAA 6a",
       "0 lookup; 0 wake 80; 0 start 6a; 80 timed out"},
  });
}

static void test_a_race_fails_when_nothing_is_left() {
  check({
      {"the last pending one fails", "known=6a,6b 6a=refuse@300 6b=refuse@100", "",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake -; 350 failed"},
      {"no addresses at all", "", "10 AAAA none; 20 A none", "0 lookup; 20 failed"},
      {"after a cancel there is no failure", "known=6a no_ticks", "20 silently stop; 20 refused #0",
       "0 start 6a; 20 stopped"},
  });
}

static void test_inputs_that_mean_nothing_are_ignored() {
  check({
      {"an attempt that never was", "known=6a", "10 connected #7; 20 refused #7", "0 start 6a"},
      {"an id that is no place at all", "known=6a", "10 connected #4000000000; 20 refused #64", "0 start 6a"},
      {"a second failure of one attempt", "known=6a,6b,6c 6a=refuse@5", "6 refused 6a",
       "0 start 6a; 0 wake 250; 5 start 6b; 5 wake 255; 255 start 6c; 255 wake -"},
      {"a success of an attempt that failed", "known=6a,6b 6a=refuse@5", "6 connected 6a",
       "0 start 6a; 0 wake 250; 5 start 6b; 5 wake -"},
  });
}

static void test_the_report_tells_every_attempt() {
  const auto attempts = [](const char* setup, const char* script) {
    return run({"", setup, script, ""}).attempts;
  };
  TEST_ASSERT_EQUAL_STRING("6a refused 0-10, 4a won 10-40",
                           attempts("known=6a,4a 6a=refuse@10 4a=accept@30", ""));
  TEST_ASSERT_EQUAL_STRING("6a open 0-270, 6b won 250-270", attempts("known=6a,6b 6b=accept@20", ""));
  TEST_ASSERT_EQUAL_STRING("6a open 0-300, 6b open 250-300", attempts("known=6a,6b,6c timeout=300", ""));
  TEST_ASSERT_EQUAL_STRING("6a open 0-20", attempts("known=6a", "20 stop"));
  TEST_ASSERT_EQUAL_STRING("", attempts("", "20 stop"));
}

static void test_filtered_ones_come_last_in_the_report() {
  TEST_ASSERT_EQUAL_STRING("6b refused 10-15, 4b refused 15-20, 6a filtered 10-10, 4a filtered 12-12",
                           run({"", "6b=refuse@5 4b=refuse@5", "10 AAAA !6a,6b; 12 A !4a,4b", ""}).attempts);
  TEST_ASSERT_EQUAL_STRING("6a filtered 0-0", run({"", "known=!6a", "", ""}).attempts);
}

static void test_a_race_has_ended_when_finish_was_given_out() {
  TEST_ASSERT_TRUE(run({"", "known=6a 6a=accept@5", "", ""}).ended);
  TEST_ASSERT_TRUE(run({"", "known=6a 6a=refuse@5", "", ""}).ended);
  TEST_ASSERT_TRUE(run({"", "timeout=5", "", ""}).ended);
  TEST_ASSERT_TRUE(run({"", "", "5 stop", ""}).ended);
  TEST_ASSERT_FALSE(run({"", "", "5 A none", ""}).ended);
  TEST_ASSERT_FALSE(run({"", "known=6a", "", ""}).ended);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_the_first_success_ends_the_race);
  RUN_TEST(test_a_second_winner_in_the_same_tick_is_aborted);
  RUN_TEST(test_a_connection_that_stands_beats_the_deadline);
  RUN_TEST(test_the_deadline_ends_everything);
  RUN_TEST(test_a_cancel_ends_everything);
  RUN_TEST(test_a_cancel_beats_a_success_that_is_not_given_out_yet);
  RUN_TEST(test_an_exhausted_list_waits_for_the_open_family);
  RUN_TEST(test_a_race_fails_when_nothing_is_left);
  RUN_TEST(test_inputs_that_mean_nothing_are_ignored);
  RUN_TEST(test_the_report_tells_every_attempt);
  RUN_TEST(test_filtered_ones_come_last_in_the_report);
  RUN_TEST(test_a_race_has_ended_when_finish_was_given_out);
  return UNITY_END();
}
