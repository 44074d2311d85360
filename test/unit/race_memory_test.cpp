// What won lately goes first: RFC 8305, 4, "historical data". The rows' notation: race_table.hpp.
#include <string>

#include "race_table.hpp"
#include "unity.hpp"

using race_table::check;

void setUp() {}
void tearDown() {}

static std::string lesson(const char* setup, const char* script = "") {
  return race_table::run({"", setup, script, ""}).lesson;
}

static std::string why(const char* setup, const char* script = "") {
  return race_table::run({"", setup, script, ""}).why_won;
}

static void test_what_won_lately_goes_first() {
  check({
      {"known addresses", "known=6a,4a,4b lately=4b before6=6a before4=4a,4b 4b=accept@5", "",
       "0 start 4b; 0 wake 250; 5 won 4b"},
      {"and then they take turns", "known=6a,6b,4a,4b delay=10 lately=4b before6=6a,6b before4=4a,4b", "",
       "0 start 4b; 0 wake 10; 10 start 6a; 10 wake 20; 20 start 4a; 20 wake 30; 30 start 6b; 30 wake -"},
      {"the answers in another order", "known=6b,4b,6a,4a lately=4a before6=6a,6b before4=4a,4b", "5 stop",
       "0 start 4a; 0 wake 250; 5 abort 4a; 5 stopped"},
      {"one of the preferred family", "known=6a,6b lately=6b before6=6a,6b before4=none 6b=accept@5", "",
       "0 start 6b; 0 wake 250; 5 won 6b"},
      {"also with v4_first", "v4_first known=4a,6a lately=6a before6=6a before4=4a 6a=accept@5", "",
       "0 start 6a; 0 wake 250; 5 won 6a"},
      {"although it has no source", "known=6a,4a lately=4a before6=6a before4=4a sourceless=4a 4a=accept@5",
       "", "0 start 4a; 0 wake 250; 5 won 4a"},
  });
}

static void test_its_family_is_the_one_that_is_waited_for() {
  check({
      {"AAAA came first, and A in time", "lately=4a before6=6a before4=4a 4a=accept@5", "10 AAAA 6a; 40 A 4a",
       "0 lookup; 10 wake 60; 40 start 4a; 40 wake 290; 45 won 4a"},
      {"AAAA came first, and A never", "lately=4a before6=6a before4=4a 6a=accept@5", "10 AAAA 6a",
       "0 lookup; 10 wake 60; 60 start 6a; 60 wake -; 65 won 6a"},
      {"AAAA came first, and A too late: it goes next", "lately=4a before6=6a,6b before4=4a",
       "10 AAAA 6a,6b; 100 A 4a; 350 stop",
       "0 lookup; 10 wake 60; 60 start 6a; 60 wake 310; 310 start 4a; 310 wake 560; 350 abort 6a; 350 abort "
       "4a; "
       "350 stopped"},
      {"A came first: at once", "lately=4a before6=6a before4=4a 4a=accept@5", "10 A 4a",
       "0 lookup; 10 start 4a; 15 won 4a"},
      {"a family without a way out is not waited for", "unusable=4 lately=4a before6=6a before4=4a",
       "10 AAAA 6a", "0 lookup; 10 start 6a"},
      {"v6 with v4_first", "v4_first lately=6a before6=6a before4=4a 6a=accept@5", "10 A 4a; 20 AAAA 6a",
       "0 lookup; 10 wake 60; 20 start 6a; 20 wake 270; 25 won 6a"},
  });
}

static void test_another_set_of_answers_ends_it() {
  check({
      {"another AAAA, which came first", "lately=4a before6=6a before4=4a", "10 AAAA 6b; 20 A 4a; 30 stop",
       "0 lookup; 10 start 6b; 20 wake 260; 30 abort 6b; 30 stopped"},
      {"another A, which came first: AAAA is waited for", "lately=4a before6=6a before4=4a",
       "10 A 4a,4b; 20 AAAA 6a; 30 stop",
       "0 lookup; 10 wake 60; 20 start 6a; 20 wake 270; 30 abort 6a; 30 stopped"},
      {"another A, which was waited for: at once", "lately=4a before6=6a before4=4a",
       "10 AAAA 6a; 20 A 4b; 30 stop",
       "0 lookup; 10 wake 60; 20 start 6a; 20 wake 270; 30 abort 6a; 30 stopped"},
      {"no A any more: at once", "lately=4a before6=6a before4=4a", "10 AAAA 6a; 20 A none",
       "0 lookup; 10 wake 60; 20 start 6a; 20 wake -"},
      {"one more address", "known=6a,4a,4b lately=4a before6=6a before4=4a 6a=accept@5", "",
       "0 start 6a; 0 wake 250; 5 won 6a"},
      {"a family that had not answered then", "lately=4b before4=4a,4b 6a=accept@5", "10 AAAA 6a; 20 A 4a,4b",
       "0 lookup; 10 start 6a; 15 won 6a"},
      {"one that is gone", "known=6a,4a lately=4b before6=6a before4=4a,4b 6a=accept@5", "",
       "0 start 6a; 0 wake 250; 5 won 6a"},
  });
  TEST_ASSERT_EQUAL_STRING("forget", lesson("lately=4a before6=6a before4=4a 6b=accept@5", "10 AAAA 6b"));
  TEST_ASSERT_EQUAL_STRING("forget", lesson("known=6b lately=4a before6=6a before4=4a timeout=9"));
  TEST_ASSERT_EQUAL_STRING("forget", lesson("lately=4b before4=4a,4b 4b=accept@5", "10 A 4a,4b; 10 AAAA 6a"));
}

static void test_no_answer_is_not_another_one() {
  check({
      {"AAAA timed out", "lately=4a before6=6a before4=4a,4b 4a=refuse@20 4b=accept@5",
       "10 AAAA ?; 20 A 4a,4b", "0 lookup; 20 start 4a; 20 wake 270; 40 start 4b; 40 wake -; 45 won 4b"},
      {"A timed out: nothing to wait for", "lately=4a before6=6a before4=4a 6a=accept@5",
       "10 AAAA 6a; 20 A ?", "0 lookup; 10 wake 60; 20 start 6a; 20 wake -; 25 won 6a"},
  });
  TEST_ASSERT_EQUAL_STRING("keep",
                           lesson("lately=4b before6=6a before4=4b 4b=accept@5", "10 AAAA ?; 20 A 4b"));
  TEST_ASSERT_EQUAL_STRING("remembered",
                           why("lately=4b before6=6a before4=4b 4b=accept@5", "10 AAAA ?; 20 A 4b"));
}

static void test_a_winner_behind_the_first_is_learned() {
  TEST_ASSERT_EQUAL_STRING("learn 4a", lesson("known=6a,4a 4a=accept@5"));
  TEST_ASSERT_EQUAL_STRING("learn 4a", lesson("known=6a,4a 6a=refuse@5 4a=accept@5"));
  TEST_ASSERT_EQUAL_STRING("learn 6b", lesson("6a=refuse@5 6b=accept@5", "0 AAAA 6a,6b"));
  TEST_ASSERT_EQUAL_STRING("learn 4a", lesson("confirm known=6a,4a 6a=accept@5+no@5 4a=accept@5+yes@5"));
  TEST_ASSERT_EQUAL_STRING("learn 4a", lesson("limit=20 known=6a,4a 4a=accept@5"));
}

static void test_nothing_is_learned_of_the_first_choice() {
  TEST_ASSERT_EQUAL_STRING("forget", lesson("known=6a,4a 6a=accept@5"));
  TEST_ASSERT_EQUAL_STRING("forget", lesson("known=6a,4a 6a=accept@300"));
  TEST_ASSERT_EQUAL_STRING("forget", lesson("4a=accept@5", "0 A 4a; 0 AAAA none"));
}

// Its use does not make it any younger: the address that it goes before is tried again when its time is over.
static void test_what_wins_again_is_not_learned_again() {
  TEST_ASSERT_EQUAL_STRING("keep", lesson("known=6a,4a lately=4a before6=6a before4=4a 4a=accept@5"));
  TEST_ASSERT_EQUAL_STRING("keep",
                           lesson("lately=4a before6=6a before4=4a 4a=accept@5", "10 AAAA 6a; 100 A 4a"));
}

static void test_what_fails_is_replaced() {
  check({"the race goes on", "known=6a,4a lately=4a before6=6a before4=4a 4a=refuse@5 6a=accept@5", "",
         "0 start 4a; 0 wake 250; 5 start 6a; 5 wake -; 10 won 6a"});
  TEST_ASSERT_EQUAL_STRING("learn 6a",
                           lesson("known=6a,4a lately=4a before6=6a before4=4a 4a=refuse@5 6a=accept@5"));
  TEST_ASSERT_EQUAL_STRING("learn 6a", lesson("known=6a,4a lately=4a before6=6a before4=4a 6a=accept@5"));
  TEST_ASSERT_EQUAL_STRING("forget",
                           lesson("known=6a,4a lately=4a before6=6a before4=4a 4a=refuse@5 6a=refuse@5"));
  TEST_ASSERT_EQUAL_STRING("forget", lesson("known=6a,4a timeout=9 lately=4a before6=6a before4=4a"));
  // An IPv6 that was found again while the remembered family did not answer.
  TEST_ASSERT_EQUAL_STRING("forget", lesson("lately=4a before6=6a before4=4a 6a=accept@5", "10 AAAA 6a"));
}

static void test_a_race_that_did_not_try_it_has_nothing_against_it() {
  TEST_ASSERT_EQUAL_STRING("keep", lesson("timeout=9 lately=4a before6=6a before4=4a"));
  TEST_ASSERT_EQUAL_STRING("keep", lesson("timeout=99 lately=4a before6=6a before4=4a", "0 AAAA ?; 0 A ?"));
  TEST_ASSERT_EQUAL_STRING("keep", lesson("known=6a,4a lately=4a before6=6a before4=4a", "10 stop"));
  TEST_ASSERT_EQUAL_STRING("keep", lesson("timeout=9", ""));
  TEST_ASSERT_EQUAL_STRING("keep", lesson("known=6a 6a=refuse@5"));
}

static void test_a_family_that_is_not_asked_is_not_remembered() {
  check({"v6_only and a remembered v4", "v6_only lately=4a before6=6a before4=4a 6a=accept@5", "10 AAAA 6a",
         "0 lookup; 10 start 6a; 15 won 6a"});
  TEST_ASSERT_EQUAL_STRING("first choice",
                           why("v6_only lately=4a before6=6a before4=4a 6a=accept@5", "10 AAAA 6a"));
}

static void test_the_option_turns_it_off() {
  check({"nothing goes first", "forgetful known=6a,4a lately=4a before6=6a before4=4a 6a=accept@5", "",
         "0 start 6a; 0 wake 250; 5 won 6a"});
  TEST_ASSERT_EQUAL_STRING("keep", lesson("forgetful known=6a,4a 4a=accept@5"));
  TEST_ASSERT_EQUAL_STRING("keep", lesson("forgetful known=6a,4a 6a=accept@5"));
}

static void test_a_win_has_a_reason() {
  TEST_ASSERT_EQUAL_STRING("first choice", why("known=6a,4a 6a=accept@5"));
  TEST_ASSERT_EQUAL_STRING("first choice", why("known=6a,4a 6a=accept@300"));
  TEST_ASSERT_EQUAL_STRING("others failed", why("known=6a,4a 6a=refuse@5 4a=accept@5"));
  TEST_ASSERT_EQUAL_STRING("others slower", why("known=6a,4a 4a=accept@5"));
  TEST_ASSERT_EQUAL_STRING("others slower", why("known=6a,4a,6b 4a=refuse@5 6b=accept@5"));
  TEST_ASSERT_EQUAL_STRING("remembered", why("known=6a,4a lately=4a before6=6a before4=4a 4a=accept@5"));
  TEST_ASSERT_EQUAL_STRING("others slower", why("known=6a,4a lately=4a before6=6a before4=4a 6a=accept@5"));
  TEST_ASSERT_EQUAL_STRING("none", why("known=6a 6a=refuse@5"));
  TEST_ASSERT_EQUAL_STRING("none", why("known=6a", "5 stop"));
  TEST_ASSERT_EQUAL_STRING("none", why("known=6a no_ticks", "20 silently connected #0; 20 stop"));
  // It went first because of what was learned, whatever came later.
  TEST_ASSERT_EQUAL_STRING("remembered",
                           why("lately=4a before6=6a before4=4a 4a=accept@50", "0 A 4a; 20 AAAA 6b"));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_what_won_lately_goes_first);
  RUN_TEST(test_its_family_is_the_one_that_is_waited_for);
  RUN_TEST(test_another_set_of_answers_ends_it);
  RUN_TEST(test_no_answer_is_not_another_one);
  RUN_TEST(test_a_winner_behind_the_first_is_learned);
  RUN_TEST(test_nothing_is_learned_of_the_first_choice);
  RUN_TEST(test_what_wins_again_is_not_learned_again);
  RUN_TEST(test_what_fails_is_replaced);
  RUN_TEST(test_a_race_that_did_not_try_it_has_nothing_against_it);
  RUN_TEST(test_a_family_that_is_not_asked_is_not_remembered);
  RUN_TEST(test_the_option_turns_it_off);
  RUN_TEST(test_a_win_has_a_reason);
  return UNITY_END();
}
