// When the answers of the resolver start the race: RFC 8305, section 3. The rows' notation: race_table.hpp.
#include "race_table.hpp"
#include "unity.hpp"

using race_table::check;

void setUp() {}
void tearDown() {}

static void test_a_name_is_looked_up_once_and_first() {
  check({
      {"the lookup is the first command and comes once", "", "5 pull", "0 lookup"},
      {"the deadline is announced after the lookup", "timeout=1000 no_ticks", "", "0 lookup; 0 wake 1000"},
      {"known addresses need no lookup", "known=6a", "", "0 start 6a"},
      {"a cancel before the first pull asks nothing", "unpulled", "0 stop", "0 stopped"},
  });
}

// RFC 8305, 3: "If a positive AAAA response [...] is received first, the first IPv6 connection attempt is
// immediately started."
static void test_an_aaaa_answer_starts_at_once() {
  check({
      {"AAAA alone", "", "10 AAAA 6a", "0 lookup; 10 start 6a"},
      {"A follows and waits its turn", "", "10 AAAA 6a; 20 A 4a",
       "0 lookup; 10 start 6a; 20 wake 260; 260 start 4a; 260 wake -"},
      {"inside the lookup itself, A after AAAA", "", "0 AAAA 6a; 0 A 4a",
       "0 lookup; 0 start 6a; 0 wake 250; 250 start 4a; 250 wake -"},
  });
}

// RFC 8305, 3: "If a positive A response is received first [...], the client SHOULD wait a short time for the
// AAAA response"; "The recommended value for the Resolution Delay is 50 milliseconds."
static void test_an_early_a_answer_waits_for_aaaa() {
  check({
      {"AAAA never comes: 50 ms", "", "10 A 4a", "0 lookup; 10 wake 60; 60 start 4a; 60 wake -"},
      {"AAAA comes in time and goes first", "", "10 A 4a; 40 AAAA 6a",
       "0 lookup; 10 wake 60; 40 start 6a; 40 wake 290; 290 start 4a; 290 wake -"},
      {"AAAA at the very end of the wait: data before time", "", "10 A 4a; 60 AAAA 6a",
       "0 lookup; 10 wake 60; 60 start 6a; 60 wake 310; 310 start 4a; 310 wake -"},
      {"the delay is the option's", "hold=20", "10 A 4a", "0 lookup; 10 wake 30; 30 start 4a; 30 wake -"},
      {"the deadline may come first", "timeout=40", "10 A 4a", "0 lookup; 0 wake 40; 40 timed out"},
      {"the wait is announced before a later deadline", "timeout=100", "10 A 4a",
       "0 lookup; 0 wake 100; 10 wake 60; 60 start 4a; 60 wake 100; 100 abort 4a; 100 timed out"},
  });
}

// RFC 8305, 3: "If a negative AAAA response (no valid AAAA records) is received within the Resolution Delay
// period [...] the client SHOULD proceed".
static void test_a_negative_aaaa_answer_ends_the_wait_at_once() {
  check({
      {"no data", "", "10 A 4a; 20 AAAA none", "0 lookup; 10 wake 60; 20 start 4a; 20 wake -"},
      {"a DNS time-out is an answer too", "", "10 A 4a; 20 AAAA ?",
       "0 lookup; 10 wake 60; 20 start 4a; 20 wake -"},
      {"a negative one that came before", "", "10 AAAA none; 20 A 4a", "0 lookup; 20 start 4a"},
      {"one that came before, of filtered addresses only", "", "10 AAAA !6a,!6b; 20 A 4a",
       "0 lookup; 20 start 4a"},
      {"only filtered addresses", "", "10 A 4a; 20 AAAA !6a", "0 lookup; 10 wake 60; 20 start 4a; 20 wake -"},
      {"in the same instant", "", "10 A 4a; 10 AAAA none", "0 lookup; 10 wake 60; 10 start 4a; 10 wake -"},
  });
}

static void test_time_alone_never_ends_the_wait() {
  check({
      {"without a tick nothing starts, however late", "no_ticks", "10 A 4a; 500 pull",
       "0 lookup; 10 wake 60"},
      {"the tick ends it, late as it is", "no_ticks", "10 A 4a; 500 tick",
       "0 lookup; 10 wake 60; 500 start 4a; 500 wake -"},
      {"a tick before its time only repeats the wake", "no_ticks", "10 A 4a; 59 tick; 60 tick",
       "0 lookup; 10 wake 60; 59 wake 60; 60 start 4a; 60 wake -"},
      {"held up: the AAAA that is there goes before the time that is over", "stall=20-400",
       "10 A 4a; 300 AAAA 6a", "0 lookup; 10 wake 60; 400 start 6a; 400 wake 650; 650 start 4a; 650 wake -"},
  });
}

static void test_a_resolution_delay_of_zero_waits_for_no_time() {
  check({
      {"the next tick ends it", "hold=0", "10 A 4a", "0 lookup; 10 wake 10; 10 start 4a; 10 wake -"},
      {"AAAA that is already there still goes first", "hold=0", "10 A 4a; 10 AAAA 6a",
       "0 lookup; 10 wake 10; 10 start 6a; 10 wake 260; 260 start 4a; 260 wake -"},
  });
}

// A family without a way out is not worth waiting for: its answer can bring nothing that would connect.
static void test_an_unusable_preferred_family_is_not_waited_for() {
  check({
      {"A starts at once", "unusable=6", "10 A 4a", "0 lookup; 10 start 4a"},
      {"its addresses are tried later all the same", "unusable=6", "10 A 4a; 20 AAAA 6a",
       "0 lookup; 10 start 4a; 20 wake 260; 260 start 6a; 260 wake -"},
      {"v4 first, and no IPv4", "v4_first unusable=4", "10 AAAA 6a", "0 lookup; 10 start 6a"},
      {"that the other one is unusable changes nothing", "unusable=4", "10 A 4a",
       "0 lookup; 10 wake 60; 60 start 4a; 60 wake -"},
  });
}

static void test_usability_is_asked_only_when_the_answer_would_wait() {
  TEST_ASSERT_EQUAL_STRING("usable 6", race_table::run({"", "", "10 A 4a", ""}).asked);
  TEST_ASSERT_EQUAL_STRING("usable 4", race_table::run({"", "v4_first", "10 AAAA 6a", ""}).asked);
  TEST_ASSERT_EQUAL_STRING("", race_table::run({"", "", "10 AAAA 6a; 20 A 4a", ""}).asked);
  TEST_ASSERT_EQUAL_STRING("", race_table::run({"", "", "10 AAAA none; 20 A 4a", ""}).asked);
  TEST_ASSERT_EQUAL_STRING("", race_table::run({"", "v4_only", "10 A 4a", ""}).asked);
  TEST_ASSERT_EQUAL_STRING("", race_table::run({"", "", "10 A none", ""}).asked);
  TEST_ASSERT_EQUAL_STRING("", race_table::run({"", "", "10 A !4a", ""}).asked);
}

static void test_v4_first_waits_for_the_a_answer() {
  check({
      {"A starts at once", "v4_first", "10 A 4a", "0 lookup; 10 start 4a"},
      {"AAAA waits", "v4_first", "10 AAAA 6a", "0 lookup; 10 wake 60; 60 start 6a; 60 wake -"},
      {"a negative A ends the wait", "v4_first", "10 AAAA 6a; 15 A none",
       "0 lookup; 10 wake 60; 15 start 6a; 15 wake -"},
  });
}

static void test_a_single_family_has_nothing_to_wait_for() {
  check({
      {"only A", "v4_only", "10 A 4a", "0 lookup; 10 start 4a"},
      {"only AAAA", "v6_only", "10 AAAA 6a", "0 lookup; 10 start 6a"},
      {"its negative answer is the end", "v4_only", "10 A none", "0 lookup; 10 failed"},
      {"an answer that was not asked for is ignored", "v6_only", "10 A 4a; 20 AAAA none",
       "0 lookup; 20 failed"},
  });
}

static void test_an_empty_first_answer_starts_no_wait() {
  check({
      {"A without addresses", "", "10 A none; 90 AAAA 6a", "0 lookup; 90 start 6a"},
      {"A with filtered ones only", "", "10 A !4a; 90 AAAA 6a", "0 lookup; 90 start 6a"},
      {"both without", "", "10 A none; 90 AAAA none", "0 lookup; 90 failed"},
  });
}

static void test_a_second_answer_of_a_family_is_ignored() {
  check({"each family answers once", "", "10 AAAA 6a; 20 AAAA 6b; 30 A none", "0 lookup; 10 start 6a"});
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_name_is_looked_up_once_and_first);
  RUN_TEST(test_an_aaaa_answer_starts_at_once);
  RUN_TEST(test_an_early_a_answer_waits_for_aaaa);
  RUN_TEST(test_a_negative_aaaa_answer_ends_the_wait_at_once);
  RUN_TEST(test_time_alone_never_ends_the_wait);
  RUN_TEST(test_a_resolution_delay_of_zero_waits_for_no_time);
  RUN_TEST(test_an_unusable_preferred_family_is_not_waited_for);
  RUN_TEST(test_usability_is_asked_only_when_the_answer_would_wait);
  RUN_TEST(test_v4_first_waits_for_the_a_answer);
  RUN_TEST(test_a_single_family_has_nothing_to_wait_for);
  RUN_TEST(test_an_empty_first_answer_starts_no_wait);
  RUN_TEST(test_a_second_answer_of_a_family_is_ignored);
  return UNITY_END();
}
