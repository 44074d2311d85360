// Questions that are forgotten or asked anew, tries that end for other reasons, and probes.
#include "logic/question_pacer.hpp"
#include "support/pacer_script.hpp"
#include "support/pacing_rules.hpp"
#include "support/unity.hpp"

using fixture::pacer_script;
using fixture::rules_for;
using namespace std::chrono_literals;

void setUp() {}
void tearDown() {}

namespace {

// The first server rests, the second works, and it is time for the probe of the first.
void let_first_rest(pacer_script& script) {
  script.ask("z");
  script.pull();
  script.refuse(0);
  script.withdraw("z1");
  TEST_ASSERT_EQUAL_STRING("z>1", script.pull());
  TEST_ASSERT_EQUAL('z', script.answer("z2"));
  script.pass(10s);
}

}  // namespace

void test_what_is_forgotten_in_the_queue_is_never_sent() {
  pacer_script script(rules_for(1));
  script.ask("abc");
  script.forget('b');
  TEST_ASSERT_EQUAL_STRING("a>0 c>0", script.pull());
}

void test_what_is_forgotten_on_the_way_counts_until_its_answer() {
  pacer_script script(rules_for(1));
  script.ask("a");
  script.pull();
  script.forget('a');
  TEST_ASSERT_EQUAL(1, script.pacer.window(0).on_the_way());
  script.pass(20ms);
  TEST_ASSERT_EQUAL('-', script.answer("a1"));
  TEST_ASSERT_EQUAL_STRING("20", std::to_string(script.pacer.window(0).times().least() / 1ms));
  TEST_ASSERT_TRUE(script.is_idle());
}

void test_what_is_forgotten_on_the_way_counts_until_its_loss() {
  pacer_script script(rules_for(1));
  script.ask("a");
  script.pull();
  script.forget('a');
  TEST_ASSERT_EQUAL_STRING("750", script.wake());
  TEST_ASSERT_TRUE(script.is_idle());
  TEST_ASSERT_EQUAL('-', script.answer("a1"));
}

void test_what_is_forgotten_before_its_repeat_is_not_repeated() {
  pacer_script script(rules_for(1));
  script.ask("a");
  script.pull();
  script.pass(750ms);
  script.pacer.tick(100s + 750ms, 100s + 750ms);
  script.forget('a');
  TEST_ASSERT_TRUE(script.is_idle());
  TEST_ASSERT_EQUAL('-', script.answer("a1"));
}

void test_what_is_forgotten_after_its_end_is_not_told() {
  pacer_script script(rules_for(1));
  script.ask("a");
  script.pull();
  script.fail("a1");
  script.forget('a');
  TEST_ASSERT_TRUE(script.is_idle());
  script.forget('a');  // does nothing
}

void test_what_is_given_up_is_lost_at_once() {
  pacer_script script(rules_for(2));
  script.ask("ab");
  script.pull();
  script.answer("b1");
  script.give_up("a1");
  TEST_ASSERT_EQUAL_STRING("a>0", script.pull());
  TEST_ASSERT_EQUAL(127, script.pacer.window(0).size());
  script.give_up("a1");  // it was lost already
  TEST_ASSERT_EQUAL(127, script.pacer.window(0).size());
}

void test_what_is_withdrawn_is_no_loss_and_goes_on() {
  pacer_script script(rules_for(2));
  script.ask("a");
  script.pull();
  script.withdraw("a1");
  TEST_ASSERT_EQUAL_STRING("a>1", script.pull());
  TEST_ASSERT_EQUAL(128, script.pacer.window(0).size());
  TEST_ASSERT_EQUAL(0, script.pacer.window(0).on_the_way());
  pacer_script only_one(rules_for(1));
  only_one.ask("a");
  only_one.pull();
  only_one.withdraw("a1");
  TEST_ASSERT_EQUAL_STRING("a>0", only_one.pull());
}

void test_withdrawing_an_older_try_changes_nothing() {
  pacer_script script(rules_for(2));
  script.ask("a");
  TEST_ASSERT_EQUAL_STRING("0 a>0, 750 a>1", script.run_until(800));
  script.withdraw("a1");
  TEST_ASSERT_EQUAL_STRING("", script.pull());
  TEST_ASSERT_EQUAL('a', script.answer("a2"));
}

void test_a_question_may_be_asked_again_after_its_end() {
  pacer_script script(rules_for(2));
  script.ask("a");
  script.pull();
  script.fail("a1");
  script.pull();
  script.fail("a2");
  TEST_ASSERT_EQUAL_STRING("a:failed", script.pull());
  script.ask("a");
  TEST_ASSERT_EQUAL_STRING("0 a>0, 100 a>0", script.run_until(110));  // as if it were new
  TEST_ASSERT_EQUAL('a', script.answer("a4"));
  script.ask("a");
  TEST_ASSERT_EQUAL_STRING("a>0", script.pull());
  TEST_ASSERT_EQUAL('-', script.answer("a3"));  // of its life before
  TEST_ASSERT_EQUAL('a', script.answer("a5"));
}

void test_after_its_rest_a_server_is_probed_beside_the_one_that_works() {
  pacer_script script(rules_for(2));
  let_first_rest(script);
  script.ask("ab");
  TEST_ASSERT_EQUAL_STRING("a>1 a>0 b>1", script.pull());
  TEST_ASSERT_EQUAL('a', script.answer("a1"));
  script.ask("c");
  TEST_ASSERT_EQUAL_STRING("c>1", script.pull());
  TEST_ASSERT_EQUAL('-', script.answer("a2"));  // nobody waits, but the server is back
  script.ask("d");
  TEST_ASSERT_EQUAL_STRING("d>0", script.pull());
}

// A send that fails at once is told between two commands.
void test_no_probe_goes_beside_a_question_whose_send_came_to_nothing() {
  for (const std::string how : {"forgotten", "refused", "asked anew"}) {
    pacer_script script(rules_for(3));
    let_first_rest(script);
    script.ask("a");
    TEST_ASSERT_EQUAL_STRING("a>1", script.pull(1));
    if (how != "refused") script.forget('a');
    if (how == "asked anew") script.ask("a");
    if (how == "refused") script.refuse(1);
    // All that is sent is sent once: as a repeat, or as a question of its own.
    const std::string sends = how == "forgotten" ? "" : how == "refused" ? "a>2" : "a>1";
    TEST_ASSERT_EQUAL_STRING_MESSAGE(sends, script.pull(), how);
  }
}

void test_the_answer_to_a_probe_ends_its_question() {
  pacer_script script(rules_for(2));
  let_first_rest(script);
  script.ask("a");
  TEST_ASSERT_EQUAL_STRING("a>1 a>0", script.pull());
  TEST_ASSERT_EQUAL('a', script.answer("a2"));
  TEST_ASSERT_EQUAL('-', script.answer("a1"));
}

void test_a_probe_that_fails_or_is_lost_or_refused_does_not_move_its_question() {
  for (const std::string how : {"fails", "is lost", "is refused", "is withdrawn"}) {
    pacer_script script(rules_for(2));
    let_first_rest(script);
    script.ask("a");
    TEST_ASSERT_EQUAL_STRING("a>1 a>0", script.pull());
    if (how == "fails") script.fail("a2");
    if (how == "is lost") script.give_up("a2");
    if (how == "is refused") script.refuse(0);
    if (how == "is withdrawn") script.withdraw("a2");
    TEST_ASSERT_EQUAL_STRING_MESSAGE("", script.pull(), how);
    TEST_ASSERT_EQUAL_MESSAGE('a', script.answer("a1"), how);
  }
}

void test_an_announced_answer_is_waited_for_and_measures_only_its_announcement() {
  pacer_script script(rules_for(1));
  script.ask("a");
  script.pull();
  script.pass(20ms);
  script.announce("a1");
  TEST_ASSERT_EQUAL(0, script.pacer.window(0).on_the_way());
  TEST_ASSERT_EQUAL_STRING("", script.run_until(1000));
  TEST_ASSERT_EQUAL('a', script.answer("a1"));
  TEST_ASSERT_EQUAL_STRING("100", std::to_string(script.pacer.window(0).times().patience() / 1ms));
  TEST_ASSERT_TRUE(script.is_idle());
}

void test_an_announced_answer_that_does_not_come_is_asked_for_again_at_the_same_server() {
  pacer_script script(rules_for(2));
  script.ask("ab");
  script.pull();
  script.pass(20ms);
  script.announce("a1");
  script.announce("b1");
  TEST_ASSERT_EQUAL_STRING("2020 a>0 b>0", script.run_until(2050));
  TEST_ASSERT_FALSE(script.pacer.rests(0));
  script.give_up("a1");
  TEST_ASSERT_EQUAL(2, script.pacer.window(0).on_the_way());
}

void test_an_announced_answer_that_breaks_off_sends_the_question_on() {
  pacer_script script(rules_for(2));
  script.ask("ab");
  script.pull();
  script.pass(20ms);
  script.announce("a1");
  script.announce("b1");
  script.fail("a1");
  script.withdraw("b1");
  TEST_ASSERT_EQUAL_STRING("a>1 b>1", script.pull());
  TEST_ASSERT_EQUAL(0, script.pacer.window(0).on_the_way());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_what_is_forgotten_in_the_queue_is_never_sent);
  RUN_TEST(test_what_is_forgotten_on_the_way_counts_until_its_answer);
  RUN_TEST(test_what_is_forgotten_on_the_way_counts_until_its_loss);
  RUN_TEST(test_what_is_forgotten_before_its_repeat_is_not_repeated);
  RUN_TEST(test_what_is_forgotten_after_its_end_is_not_told);
  RUN_TEST(test_what_is_given_up_is_lost_at_once);
  RUN_TEST(test_what_is_withdrawn_is_no_loss_and_goes_on);
  RUN_TEST(test_withdrawing_an_older_try_changes_nothing);
  RUN_TEST(test_a_question_may_be_asked_again_after_its_end);
  RUN_TEST(test_after_its_rest_a_server_is_probed_beside_the_one_that_works);
  RUN_TEST(test_no_probe_goes_beside_a_question_whose_send_came_to_nothing);
  RUN_TEST(test_the_answer_to_a_probe_ends_its_question);
  RUN_TEST(test_a_probe_that_fails_or_is_lost_or_refused_does_not_move_its_question);
  RUN_TEST(test_an_announced_answer_is_waited_for_and_measures_only_its_announcement);
  RUN_TEST(test_an_announced_answer_that_does_not_come_is_asked_for_again_at_the_same_server);
  RUN_TEST(test_an_announced_answer_that_breaks_off_sends_the_question_on);
  return UNITY_END();
}
