// How questions end, and what comes of tries that end otherwise than by an answer in time.
#include "logic/question_pacer.hpp"
#include "support/pacer_script.hpp"
#include "support/pacing_rules.hpp"
#include "support/unity.hpp"

using fixture::pacer_script;
using fixture::rules_for;
using namespace std::chrono_literals;

void setUp() {}
void tearDown() {}

void test_a_server_that_cannot_is_followed_by_the_next_at_once() {
  pacer_script script(rules_for(3));
  script.ask("a");
  script.pull();
  script.fail("a1");
  TEST_ASSERT_EQUAL_STRING("a>1", script.pull());
  script.fail("a2");
  TEST_ASSERT_EQUAL_STRING("a>2", script.pull());
  script.fail("a3");
  TEST_ASSERT_EQUAL_STRING("a:failed", script.pull());
  TEST_ASSERT_TRUE(script.is_idle());
}

void test_a_server_that_cannot_is_not_asked_again_for_that_question() {
  pacer_script script(rules_for(2));
  script.ask("a");
  script.pull();
  script.fail("a1");
  // The second is silent, and nobody else is left.
  TEST_ASSERT_EQUAL_STRING("0 a>1, 937.5 a>1, 2109.375 a>1", script.run_until(3000));
  TEST_ASSERT_EQUAL_STRING("3574.21875 a>1, 5405.273437 a>1, 6000 a:failed", script.run_until(20000));
}

void test_a_server_that_cannot_is_asked_first_for_the_next_question() {
  pacer_script script(rules_for(2));
  script.ask("a");
  script.pull();
  script.fail("a1");
  script.ask("b");
  TEST_ASSERT_EQUAL_STRING("a>1 b>0", script.pull());
}

void test_a_late_word_that_it_cannot_keeps_the_question_from_going_there_again() {
  pacer_script script(rules_for(2));
  script.ask("ab");
  script.pull();
  script.answer("b1");
  TEST_ASSERT_EQUAL_STRING("100 a>0", script.run_until(110));  // lost on the way, it seems
  script.fail("a1");
  TEST_ASSERT_EQUAL_STRING("", script.pull());  // a2 is on the way
  // That one is lost, and the server has said something since.
  TEST_ASSERT_EQUAL_STRING("225 a>1", script.run_until(230));
}

void test_a_late_word_that_it_cannot_moves_what_was_to_be_repeated() {
  pacer_script script(rules_for(1));
  script.ask("a");
  script.pull();
  script.pass(750ms);
  script.pacer.tick(100s + 750ms, 100s + 750ms);
  script.fail("a1");
  TEST_ASSERT_EQUAL_STRING("a:failed", script.pull());
  TEST_ASSERT_TRUE(script.is_idle());
}

void test_a_closed_port_sends_its_questions_to_the_next_server_at_once() {
  pacer_script script(rules_for(2));
  script.ask("abcd");
  script.pull();
  script.answer("d1");
  script.give_up("b1");  // to be repeated there
  script.refuse(0);
  TEST_ASSERT_EQUAL_STRING("a>1 c>1 b>1", script.pull());
  TEST_ASSERT_EQUAL(0, script.pacer.window(0).on_the_way());
  TEST_ASSERT_TRUE(script.pacer.rests(0));
  script.refuse(1);
  const std::string ends = script.pull();
  TEST_ASSERT_CONTAINS_STRING("a:refused", ends);
  TEST_ASSERT_CONTAINS_STRING("b:refused", ends);
  TEST_ASSERT_CONTAINS_STRING("c:refused", ends);
  TEST_ASSERT_EQUAL(29, ends.size());
  TEST_ASSERT_TRUE(script.is_idle());
}

void test_what_was_to_be_repeated_at_a_closed_port_ends_as_refused_where_nobody_else_is() {
  pacer_script script(rules_for(1));
  script.ask("a");
  script.pull();
  script.give_up("a1");
  script.refuse(0);
  TEST_ASSERT_EQUAL_STRING("a:refused", script.pull());
  TEST_ASSERT_TRUE(script.is_idle());
}

void test_a_closed_port_is_asked_again_by_later_questions_where_nobody_else_is() {
  pacer_script script(rules_for(1));
  script.ask("a");
  script.pull();
  script.refuse(0);
  script.withdraw("a1");
  script.ask("b");
  TEST_ASSERT_EQUAL_STRING("a:refused b>0", script.pull());
  TEST_ASSERT_EQUAL('b', script.answer("b1"));
  TEST_ASSERT_FALSE(script.pacer.rests(0));
}

void test_one_that_cannot_and_one_that_is_not_there_is_failed() {
  for (const bool refused_first : {false, true}) {
    pacer_script script(rules_for(2));
    script.ask("a");
    script.pull();
    if (refused_first)
      script.refuse(0);
    else
      script.fail("a1");
    TEST_ASSERT_EQUAL_STRING("a>1", script.pull());
    if (refused_first)
      script.fail("a2");
    else
      script.refuse(1);
    TEST_ASSERT_EQUAL_STRING("a:failed", script.pull());
  }
}

void test_one_that_is_not_there_and_one_that_is_silent_is_silent() {
  pacer_script script(rules_for(2));
  script.ask("a");
  script.pull();
  script.refuse(0);
  script.withdraw("a1");
  TEST_ASSERT_EQUAL_STRING("0 a>1, 937.5 a>1", script.run_until(1000));
  TEST_ASSERT_CONTAINS_STRING(", 6000 a:silent", script.run_until(7000));
  TEST_ASSERT_TRUE(script.is_idle());
}

void test_a_late_answer_of_a_try_taken_for_lost_ends_the_question() {
  pacer_script script(rules_for(2));
  script.ask("a");
  TEST_ASSERT_EQUAL_STRING("0 a>0, 750 a>1", script.run_until(800));
  TEST_ASSERT_EQUAL('a', script.answer("a1"));
  TEST_ASSERT_EQUAL('-', script.answer("a2"));
  TEST_ASSERT_TRUE(script.is_idle());
}

void test_a_late_answer_ends_a_question_that_is_to_be_repeated() {
  pacer_script script(rules_for(1));
  script.ask("a");
  script.pull();
  script.pass(750ms);
  script.pacer.tick(100s + 750ms, 100s + 750ms);
  TEST_ASSERT_EQUAL('a', script.answer("a1"));
  TEST_ASSERT_TRUE(script.is_idle());
}

void test_a_late_answer_tells_how_long_the_server_takes() {
  pacer_script script(rules_for(1));
  script.ask("a");
  TEST_ASSERT_EQUAL_STRING("0 a>0, 750 a>0", script.run_until(800));
  TEST_ASSERT_EQUAL('a', script.answer("a1"));
  TEST_ASSERT_EQUAL(std::chrono::nanoseconds(800ms), script.pacer.window(0).times().least());
  TEST_ASSERT_EQUAL(1, script.pacer.window(0).on_the_way());
}

void test_a_late_answer_brings_the_server_back() {
  pacer_script script(rules_for(2));
  script.ask("ab");
  TEST_ASSERT_EQUAL_STRING("0 a>0 b>0, 750 a>1 b>1", script.run_until(800));
  TEST_ASSERT_TRUE(script.pacer.rests(0));
  TEST_ASSERT_EQUAL('a', script.answer("a1"));
  TEST_ASSERT_FALSE(script.pacer.rests(0));
  script.ask("c");
  TEST_ASSERT_EQUAL_STRING("c>0", script.pull());
}

void test_an_answer_after_the_end_ends_nothing() {
  pacer_script script(rules_for(1));
  script.ask("a");
  script.run_until(5999);
  script.pass(1ms);
  script.pacer.tick(106s, 106s);
  TEST_ASSERT_EQUAL('-', script.answer("a4"));  // its end waits to be pulled
  TEST_ASSERT_EQUAL_STRING("a:silent", script.pull());
  TEST_ASSERT_EQUAL('-', script.answer("a5"));
  TEST_ASSERT_TRUE(script.is_idle());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_server_that_cannot_is_followed_by_the_next_at_once);
  RUN_TEST(test_a_server_that_cannot_is_not_asked_again_for_that_question);
  RUN_TEST(test_a_server_that_cannot_is_asked_first_for_the_next_question);
  RUN_TEST(test_a_late_word_that_it_cannot_keeps_the_question_from_going_there_again);
  RUN_TEST(test_a_late_word_that_it_cannot_moves_what_was_to_be_repeated);
  RUN_TEST(test_a_closed_port_sends_its_questions_to_the_next_server_at_once);
  RUN_TEST(test_what_was_to_be_repeated_at_a_closed_port_ends_as_refused_where_nobody_else_is);
  RUN_TEST(test_a_closed_port_is_asked_again_by_later_questions_where_nobody_else_is);
  RUN_TEST(test_one_that_cannot_and_one_that_is_not_there_is_failed);
  RUN_TEST(test_one_that_is_not_there_and_one_that_is_silent_is_silent);
  RUN_TEST(test_a_late_answer_of_a_try_taken_for_lost_ends_the_question);
  RUN_TEST(test_a_late_answer_ends_a_question_that_is_to_be_repeated);
  RUN_TEST(test_a_late_answer_tells_how_long_the_server_takes);
  RUN_TEST(test_a_late_answer_brings_the_server_back);
  RUN_TEST(test_an_answer_after_the_end_ends_nothing);
  return UNITY_END();
}
