// When attempts start: RFC 8305, section 5. The rows' notation: race_table.hpp.
#include <string>

#include "race_table.hpp"
#include "unity.hpp"

using race_table::check;

void setUp() {}
void tearDown() {}

// RFC 8305, 5: "one connection attempt to a single address is started first, followed by the others in the
// list, one at a time"; "One recommended value for a default delay is 250 milliseconds."
static void test_attempts_start_one_delay_apart() {
  check({
      {"three silent addresses", "known=6a,6b,6c", "",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake 500; 500 start 6c; 500 wake -"},
      {"the delay is the option's", "known=6a,6b,6c delay=100", "",
       "0 start 6a; 0 wake 100; 100 start 6b; 100 wake 200; 200 start 6c; 200 wake -"},
      {"a deadline between two starts", "known=6a,6b timeout=200", "",
       "0 start 6a; 0 wake 200; 200 abort 6a; 200 timed out"},
      {"a deadline after the last start", "known=6a,6b timeout=300", "",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake 300; 300 abort 6a; 300 abort 6b; 300 timed out"},
  });
}

// RFC 8305, 5: "Starting a new connection attempt does not affect previous attempts".
static void test_an_earlier_attempt_may_still_win() {
  check({
      {"the first one, after the third began", "known=6a,6b,6c 6a=accept@600", "",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake 500; 500 start 6c; 500 wake -; 600 abort 6b; 600 "
       "abort 6c; "
       "600 won 6a"},
      {"the second one", "known=6a,6b,6c 6b=accept@300", "",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake 500; 500 start 6c; 500 wake -; 550 abort 6a; 550 "
       "abort 6c; "
       "550 won 6b"},
  });
}

static void test_a_refused_v6_starts_v4_at_once() {
  check({
      {"the failure of the last pending one", "known=6a,4a 6a=refuse@30 4a=accept@10", "",
       "0 start 6a; 0 wake 250; 30 start 4a; 30 wake -; 40 won 4a"},
      {"no floor of 10 ms after a failure", "known=6a,4a 6a=refuse@1 4a=accept@1", "",
       "0 start 6a; 0 wake 250; 1 start 4a; 1 wake -; 2 won 4a"},
      {"the next start is counted from the last one", "known=6a,4a,6b 6a=refuse@30", "",
       "0 start 6a; 0 wake 250; 30 start 4a; 30 wake 280; 280 start 6b; 280 wake -"},
      {"at the time of a start: one start, not two", "known=6a,6b,6c 6a=refuse@250", "",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake 500; 500 start 6c; 500 wake -"},
  });
}

static void test_a_failure_of_the_newest_starts_the_next_at_once() {
  check({
      {"although an older one is pending", "known=6a,6b,6c 6b=refuse@50", "",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake 500; 300 start 6c; 300 wake -"},
      {"each newest in turn", "known=6a,6b,6c,6d 6b=refuse@50 6c=refuse@20", "",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake 500; 300 start 6c; 300 wake 550; 320 start 6d; 320 "
       "wake -"},
  });
}

// An older one has been replaced already: the newest has its own delay to run.
static void test_a_failure_of_an_older_attempt_changes_nothing() {
  check({
      {"while a newer is pending", "known=6a,6b,6c 6a=refuse@300", "",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake 500; 500 start 6c; 500 wake -"},
      {"the last one pending starts the next, newest or not", "no_ticks 6b=refuse@10 6a=refuse@300",
       "0 AAAA 6a,6b; 250 tick; 300 A 4a",
       "0 lookup; 0 start 6a; 0 wake 250; 250 start 6b; 250 wake -; 300 wake 260; 300 start 4a; 300 wake -"},
  });
}

// A connect that fails inside its own start is fed between two pulls. Sixty-four of them must not nest.
static void test_failures_inside_the_start_cascade() {
  check({
      {"the second address has its turn in the same pull", "known=6a,4a 6a=unreachable@now 4a=accept@5", "",
       "0 start 6a; 0 start 4a; 5 won 4a"},
      {"all of them", "known=6a,6b 6a=unreachable@now 6b=unreachable@now", "",
       "0 start 6a; 0 start 6b; 0 failed"},
      {"the newest, while an older one is pending", "known=6a,6b,6c 6b=unreachable@now", "",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 start 6c; 250 wake -"},
      {"a success inside the start", "known=6a,6b 6a=accept@now", "", "0 start 6a; 0 won 6a"},
  });
  std::string expected;
  for (int at = 0; at < 64; ++at) {
    expected += "0 start 6" +
                (at < 26 ? std::string(1, static_cast<char>('a' + at)) : "#" + std::to_string(at)) + "; ";
  }
  expected += "0 failed";
  check({"64 of them, in one pull", "known=6a:64 6a:64=unreachable@now", "", expected.c_str()});
}

static void test_a_start_that_is_due_waits_for_the_tick() {
  check({
      {"without a tick, nothing", "known=6a,6b no_ticks", "900 pull", "0 start 6a; 0 wake 250"},
      {"a late tick starts one, and the next a delay later", "known=6a,6b,6c no_ticks", "900 tick",
       "0 start 6a; 0 wake 250; 900 start 6b; 900 wake 1150"},
      {"a tick before its time only repeats the wake", "known=6a,6b no_ticks", "249 tick",
       "0 start 6a; 0 wake 250; 249 wake 250"},
      {"held up: the connection that stands beats the start that is due",
       "known=6a,6b 6a=accept@300 stall=10-600", "", "0 start 6a; 0 wake 250; 600 won 6a"},
      {"held up: one start for all the time that has passed", "known=6a,6b,6c stall=10-900", "",
       "0 start 6a; 0 wake 250; 900 start 6b; 900 wake 1150; 1150 start 6c; 1150 wake -"},
  });
}

// The caller turns a wake in the past into a prompt tick, after the data that is there.
static void test_an_answer_after_the_delay_is_woken_for_at_once() {
  check({
      {"the delay has passed: a wake in the past", "no_ticks", "0 AAAA 6a; 400 A 4a",
       "0 lookup; 0 start 6a; 400 wake 250"},
      {"and the start with the tick", "", "0 AAAA 6a; 400 A 4a",
       "0 lookup; 0 start 6a; 400 wake 250; 400 start 4a; 400 wake -"},
      {"the delay has not passed", "", "0 AAAA 6a; 100 A 4a",
       "0 lookup; 0 start 6a; 100 wake 250; 250 start 4a; 250 wake -"},
      {"nothing pending: at once, without a tick", "no_ticks 6a=refuse@10", "0 AAAA 6a; 100 A 4a",
       "0 lookup; 0 start 6a; 100 start 4a"},
      {"the newest failed and an older one is pending: due since that failure", "no_ticks 6b=refuse@10",
       "0 AAAA 6a,6b; 250 tick; 300 A 4a",
       "0 lookup; 0 start 6a; 0 wake 250; 250 start 6b; 250 wake -; 300 wake 260"},
  });
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_attempts_start_one_delay_apart);
  RUN_TEST(test_an_earlier_attempt_may_still_win);
  RUN_TEST(test_a_refused_v6_starts_v4_at_once);
  RUN_TEST(test_a_failure_of_the_newest_starts_the_next_at_once);
  RUN_TEST(test_a_failure_of_an_older_attempt_changes_nothing);
  RUN_TEST(test_failures_inside_the_start_cascade);
  RUN_TEST(test_a_start_that_is_due_waits_for_the_tick);
  RUN_TEST(test_an_answer_after_the_delay_is_woken_for_at_once);
  return UNITY_END();
}
