// The time that one attempt may take: dial_options::attempt_timeout. The rows' notation: race_table.hpp.
#include <string>

#include "race_table.hpp"
#include "unity.hpp"

using race_table::check;

void setUp() {}
void tearDown() {}

static void test_an_attempt_ends_at_its_limit() {
  check({
      {"and with it a race of one", "known=6a limit=100", "",
       "0 start 6a; 0 wake 100; 100 expire 6a; 100 failed"},
      {"without a limit it does not", "known=6a", "", "0 start 6a"},
      {"but not one that connected before", "known=6a limit=100 6a=accept@99", "",
       "0 start 6a; 0 wake 100; 99 won 6a"},
      {"nor one that failed before", "known=6a limit=100 6a=refuse@99", "",
       "0 start 6a; 0 wake 100; 99 failed"},
  });
  TEST_ASSERT_EQUAL_STRING("6a expired 0-100", race_table::run({"", "known=6a limit=100", "", ""}).attempts);
}

static void test_the_limit_of_the_newest_starts_the_next_at_once() {
  check({
      {"the only one", "known=6a,4a limit=100 4a=accept@5", "",
       "0 start 6a; 0 wake 100; 100 expire 6a; 100 start 4a; 100 wake 200; 105 won 4a"},
      {"the newest of two", "known=6a,4a,6b limit=100 delay=10 6a=accept@99", "",
       "0 start 6a; 0 wake 10; 10 start 4a; 10 wake 20; 20 start 6b; 20 wake 100; 99 abort 4a; 99 abort 6b; "
       "99 won 6a"},
      {"at the time of a start: one start, not two", "known=6a,6b,6c limit=250", "",
       "0 start 6a; 0 wake 250; 250 expire 6a; 250 start 6b; 250 wake 500; 500 expire 6b; 500 start 6c; "
       "500 wake 750; 750 expire 6c; 750 failed"},
  });
}

static void test_each_attempt_has_its_own_limit() {
  check({
      {"counted from its start", "known=6a,6b limit=300 delay=100", "",
       "0 start 6a; 0 wake 100; 100 start 6b; 100 wake 300; 300 expire 6a; 300 wake 400; 400 expire 6b; "
       "400 failed"},
      {"an older one's starts nothing", "known=6a,6b,6c limit=300", "400 stop",
       "0 start 6a; 0 wake 250; 250 start 6b; 250 wake 300; 300 expire 6a; 300 wake 500; 400 abort 6b; "
       "400 stopped"},
      {"two in one tick", "known=6a,6b limit=300 delay=100 no_ticks", "100 tick; 900 tick",
       "0 start 6a; 0 wake 100; 100 start 6b; 100 wake 300; 900 expire 6a; 900 expire 6b; 900 failed"},
      {"one of them connected in the meantime", "known=6a,6b limit=300 delay=100 no_ticks",
       "100 tick; 900 silently tick; 900 silently connected #1; 900 pull",
       "0 start 6a; 0 wake 100; 100 start 6b; 100 wake 300; 900 abort 6a; 900 won 6b"},
      {"the last of them waits for the open family", "limit=100", "0 AAAA 6a; 200 A 4a; 250 stop",
       "0 lookup; 0 start 6a; 0 wake 100; 100 expire 6a; 100 wake -; 200 start 4a; 200 wake 300; 250 abort "
       "4a; "
       "250 stopped"},
  });
}

static void test_a_limit_is_only_reached_by_a_tick() {
  check({
      {"held up, and the connection stands", "known=6a limit=100 6a=accept@5 stall=1-900", "",
       "0 start 6a; 0 wake 100; 900 won 6a"},
      {"at the very limit", "known=6a limit=100 6a=accept@100", "", "0 start 6a; 0 wake 100; 100 won 6a"},
      {"without one, nothing", "known=6a limit=100 no_ticks", "900 pull", "0 start 6a; 0 wake 100"},
      {"a tick before its time only repeats the wake", "known=6a limit=100 no_ticks", "99 tick",
       "0 start 6a; 0 wake 100; 99 wake 100"},
  });
}

static void test_the_deadline_goes_before_the_limit() {
  check({
      {"at the same time", "known=6a,4a limit=100 timeout=100", "",
       "0 start 6a; 0 wake 100; 100 abort 6a; 100 timed out"},
      {"a limit beyond it", "known=6a limit=200 timeout=100", "",
       "0 start 6a; 0 wake 100; 100 abort 6a; 100 timed out"},
      {"a limit before it", "known=6a limit=50 timeout=100", "",
       "0 start 6a; 0 wake 50; 50 expire 6a; 50 failed"},
  });
}

static void test_the_limit_includes_the_confirm_step() {
  check({
      {"an answer that does not come", "known=6a,4a confirm limit=100 6a=accept@40 4a=accept@10+yes@10", "",
       "0 start 6a; 0 wake 100; 40 confirm 6a; 100 expire 6a; 100 start 4a; 100 wake 200; 110 confirm 4a; "
       "120 won 4a"},
      {"an answer that comes too late", "known=6a confirm limit=100 6a=accept@40+yes@70", "",
       "0 start 6a; 0 wake 100; 40 confirm 6a; 100 expire 6a; 100 failed"},
      {"in time", "known=6a confirm limit=100 6a=accept@40+yes@59", "",
       "0 start 6a; 0 wake 100; 40 confirm 6a; 99 won 6a"},
      {"one that ends before its step is asked is not asked", "known=6a confirm limit=100 no_ticks",
       "100 silently connected #0; 100 tick", "0 start 6a; 0 wake 100; 100 expire 6a; 100 failed"},
  });
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_an_attempt_ends_at_its_limit);
  RUN_TEST(test_the_limit_of_the_newest_starts_the_next_at_once);
  RUN_TEST(test_each_attempt_has_its_own_limit);
  RUN_TEST(test_a_limit_is_only_reached_by_a_tick);
  RUN_TEST(test_the_deadline_goes_before_the_limit);
  RUN_TEST(test_the_limit_includes_the_confirm_step);
  return UNITY_END();
}
