// Who is asked, when, and how often.
#include "logic/question_pacer.hpp"

#include <algorithm>

#include "support/pacer_script.hpp"
#include "support/pacing_rules.hpp"
#include "support/unity.hpp"

using fixture::pacer_script;
using fixture::rules_for;
using uvdial::detail::pacing_rules;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

void setUp() {}
void tearDown() {}

namespace {

pacing_rules at_most(std::size_t on_the_way) {
  pacing_rules rules = rules_for(1);
  rules.most_on_the_way = on_the_way;
  return rules;
}

constexpr const char* letters_17 = "abcdefghijklmnopq";

}  // namespace

void test_nothing_asked_is_nothing_to_do() {
  pacer_script script(rules_for(2));
  TEST_ASSERT_EQUAL_STRING("", script.pull());
  TEST_ASSERT_EQUAL_STRING("never", script.wake());
}

void test_questions_go_to_the_first_server_in_their_order() {
  pacer_script script(rules_for(2));
  script.ask("abc");
  TEST_ASSERT_EQUAL(3, script.pacer.waiting());
  TEST_ASSERT_EQUAL_STRING("a>0 b>0 c>0", script.pull());
  TEST_ASSERT_EQUAL(0, script.pacer.waiting());
  TEST_ASSERT_EQUAL(3, script.pacer.window(0).on_the_way());
  TEST_ASSERT_EQUAL_STRING("750", script.wake());
}

void test_rotation_gives_each_server_its_turn() {
  pacing_rules rules = rules_for(3);
  rules.rotates = true;
  pacer_script script(rules);
  script.ask("abcd");
  TEST_ASSERT_EQUAL_STRING("a>0 b>1 c>2 d>0", script.pull());
}

void test_an_answer_ends_its_question() {
  pacer_script script(rules_for(1));
  script.ask("ab");
  script.pull();
  TEST_ASSERT_EQUAL('b', script.answer("b1"));
  TEST_ASSERT_EQUAL('a', script.answer("a1"));
  TEST_ASSERT_EQUAL_STRING("", script.run_until(10000));
  TEST_ASSERT_EQUAL_STRING("never", script.wake());
  TEST_ASSERT_EQUAL(0, script.pacer.window(0).on_the_way());
}

// 750 ms, each wait a quarter longer than the one before; the time of the question ends it.
void test_a_silent_server_is_asked_again_in_growing_distances() {
  pacer_script script(rules_for(1));
  script.ask("a");
  TEST_ASSERT_EQUAL_STRING("0 a>0, 750 a>0, 1687.5 a>0, 2859.375 a>0, 4324.21875 a>0, 6000 a:silent",
                           script.run_until(60000));
  TEST_ASSERT_EQUAL_STRING("never", script.wake());
  TEST_ASSERT_EQUAL(0, script.pacer.window(0).on_the_way());
}

void test_no_wait_is_longer_than_the_rules_allow() {
  pacing_rules rules = rules_for(1);
  rules.patience = 900ms;
  pacer_script script(rules);
  script.ask("a");
  TEST_ASSERT_EQUAL_STRING("0 a>0, 750 a>0, 1650 a>0, 2550 a>0", script.run_until(3000));
  rules.patience = 300ms;
  pacer_script hasty(rules);
  hasty.ask("a");
  TEST_ASSERT_EQUAL_STRING("0 a>0, 300 a>0, 600 a>0", hasty.run_until(800));
}

// The server may be dead; the other one is asked, and after two silences of the first it rests.
void test_after_silence_the_next_server_is_asked() {
  pacer_script script(rules_for(2));
  script.ask("a");
  TEST_ASSERT_EQUAL_STRING("0 a>0, 750 a>1, 1687.5 a>0", script.run_until(2000));
  TEST_ASSERT_FALSE(script.pacer.rests(0));
  TEST_ASSERT_EQUAL_STRING("2859.375 a>1, 4324.21875 a>0, 6000 a:silent", script.run_until(60000));
  TEST_ASSERT_TRUE(script.pacer.rests(0));
  TEST_ASSERT_TRUE(script.pacer.rests(1));
}

void test_where_the_server_answers_others_the_same_one_is_asked_again() {
  pacer_script script(rules_for(2));
  script.ask("ab");
  TEST_ASSERT_EQUAL_STRING("0 a>0 b>0", script.run_until(20));
  TEST_ASSERT_EQUAL('b', script.answer("b1"));
  TEST_ASSERT_EQUAL_STRING("100 a>0", script.run_until(110));
  // Since that send nothing was heard.
  TEST_ASSERT_EQUAL_STRING("225 a>1", script.run_until(240));
}

void test_an_answer_in_the_moment_of_the_send_counts_as_heard_since() {
  pacer_script script(rules_for(2));
  script.ask("ab");
  script.pull();
  script.answer("b1");
  TEST_ASSERT_EQUAL_STRING("100 a>0", script.run_until(110));
}

void test_answers_told_out_of_their_order_do_not_make_a_server_seem_silent() {
  pacer_script script(rules_for(2));
  script.ask("abc");
  script.pull();
  script.pass(40ms);
  script.answer("b1");
  script.pass(-20ms);  // that one came before
  script.answer("c1");
  script.pass(20ms);
  script.ask("d");
  TEST_ASSERT_EQUAL_STRING("d>0", script.pull());
  script.ask("e");
  script.pull();
  script.answer("e1");
  script.pass(-20ms);
  TEST_ASSERT_EQUAL('a', script.answer("a1"));
  script.pass(20ms);
  script.give_up("d1");
  TEST_ASSERT_EQUAL_STRING("d>0", script.pull());
}

void test_the_first_answer_shortens_the_waits_of_all() {
  pacer_script script(rules_for(1));
  script.ask("ab");
  TEST_ASSERT_EQUAL_STRING("0 a>0 b>0", script.run_until(10));
  script.ask("c");
  TEST_ASSERT_EQUAL_STRING("10 c>0", script.run_until(50));
  TEST_ASSERT_EQUAL_STRING("750", script.wake());
  script.answer("a1");
  TEST_ASSERT_EQUAL_STRING("150 b>0, 160 c>0", script.run_until(170));
}

void test_the_first_answer_lengthens_no_wait() {
  pacer_script script(rules_for(1));
  script.ask("ab");
  TEST_ASSERT_EQUAL_STRING("0 a>0 b>0", script.run_until(500));
  script.answer("a1");
  TEST_ASSERT_EQUAL_STRING("750 b>0", script.run_until(760));
}

void test_two_silences_send_all_that_is_open_there_to_the_next_server() {
  pacer_script script(rules_for(2));
  script.ask("ab");
  TEST_ASSERT_EQUAL_STRING("0 a>0 b>0", script.run_until(100));
  script.ask("c");
  TEST_ASSERT_EQUAL_STRING("100 c>0", script.run_until(200));
  const std::string all = script.run_until(760);  // the second loss is told inside the first one's round
  TEST_ASSERT_EQUAL_STRING("750 a>1 c>1 b>1", all);
  TEST_ASSERT_TRUE(script.pacer.rests(0));
  TEST_ASSERT_EQUAL(0, script.pacer.window(0).on_the_way());
  script.ask("d");
  TEST_ASSERT_EQUAL_STRING("d>1", script.pull());
}

void test_the_only_server_is_asked_though_it_is_silent() {
  pacer_script script(rules_for(1));
  script.ask("ab");
  TEST_ASSERT_EQUAL_STRING("0 a>0 b>0", script.run_until(100));
  script.ask("c");
  // What is open there is not given up: there is nobody else.
  TEST_ASSERT_EQUAL_STRING("100 c>0, 750 a>0 b>0, 850 c>0", script.run_until(900));
}

void test_no_more_go_than_the_window_allows_and_each_answer_lets_one_go() {
  pacer_script script(at_most(16));
  script.ask(letters_17);
  TEST_ASSERT_EQUAL_STRING("a>0 b>0 c>0 d>0 e>0 f>0 g>0 h>0 i>0 j>0 k>0 l>0 m>0 n>0 o>0 p>0", script.pull());
  TEST_ASSERT_EQUAL(1, script.pacer.waiting());
  TEST_ASSERT_EQUAL_STRING("750", script.wake());
  script.answer("c1");
  TEST_ASSERT_EQUAL_STRING("q>0", script.pull());
}

void test_a_repeat_goes_before_what_was_never_sent() {
  pacer_script script(at_most(16));
  script.ask(letters_17);
  script.pull();
  script.give_up("e1");
  TEST_ASSERT_EQUAL_STRING("e>0", script.pull());
  script.answer("a1");
  TEST_ASSERT_EQUAL_STRING("q>0", script.pull());
}

void test_repeats_wait_for_room_too() {
  pacer_script script(at_most(16));
  script.ask(letters_17);
  script.pull();
  script.withdraw("a1");
  script.ask("r");
  TEST_ASSERT_EQUAL_STRING("a>0", script.pull());
  script.withdraw("b1");
  script.withdraw("c1");
  TEST_ASSERT_EQUAL_STRING("b>0 c>0", script.pull());
  TEST_ASSERT_EQUAL(2, script.pacer.waiting());
}

void test_the_pace_is_waited_for() {
  pacer_script script(rules_for(1));
  std::string many;
  for (int letter = 1; letter <= 200; ++letter) many += static_cast<char>(letter);
  script.ask(many.substr(0, 128));
  script.pull();
  script.pass(20ms);
  for (const char letter : many.substr(0, 128)) script.answer(letter + std::string("1"));
  TEST_ASSERT_EQUAL(256, script.pacer.window(0).size());
  script.ask(many);
  script.pull();  // 128, although there would be room for all
  TEST_ASSERT_EQUAL(72, script.pacer.waiting());
  TEST_ASSERT_EQUAL_STRING("20.5", script.wake());
  script.pass(500us);
  script.pull();
  TEST_ASSERT_EQUAL(56, script.pacer.waiting());
  TEST_ASSERT_EQUAL_STRING("21", script.wake());
}

void test_the_time_of_a_question_begins_with_its_first_send() {
  pacer_script script(at_most(16));
  script.ask(letters_17);
  (void)script.run_until(5000);
  TEST_ASSERT_EQUAL(1, script.pacer.waiting());
  TEST_ASSERT_EQUAL('a', script.answer("a5"));
  TEST_ASSERT_EQUAL_STRING("q>0", script.pull());
  TEST_ASSERT_CONTAINS_STRING(", 11000 q:silent", script.run_until(12000));
}

void test_a_question_that_waits_while_nobody_answers_ends_with_the_others() {
  pacer_script script(at_most(16));
  script.ask(letters_17);
  const std::string ends = script.run_until(6100);
  TEST_ASSERT_EQUAL(17, std::count(ends.begin(), ends.end(), ':'));
  TEST_ASSERT_CONTAINS_STRING("q:silent", ends);
  TEST_ASSERT_EQUAL(0, script.pacer.waiting());
}

void test_a_question_is_sent_16_times_at_most() {
  pacing_rules rules = rules_for(1);
  rules.patience = 10ms;
  pacer_script script(rules);
  script.ask("a");
  const std::string sends = script.run_until(145);
  TEST_ASSERT_EQUAL(15, std::count(sends.begin(), sends.end(), '>'));
  TEST_ASSERT_EQUAL_STRING("150 a>0, 6000 a:silent", script.run_until(7000));
}

void test_a_late_answer_still_counts_when_no_more_is_sent() {
  pacing_rules rules = rules_for(1);
  rules.patience = 10ms;
  pacer_script script(rules);
  script.ask("a");
  script.run_until(1000);
  TEST_ASSERT_EQUAL('a', script.answer("a3"));
  TEST_ASSERT_EQUAL_STRING("never", script.wake());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_nothing_asked_is_nothing_to_do);
  RUN_TEST(test_questions_go_to_the_first_server_in_their_order);
  RUN_TEST(test_rotation_gives_each_server_its_turn);
  RUN_TEST(test_an_answer_ends_its_question);
  RUN_TEST(test_a_silent_server_is_asked_again_in_growing_distances);
  RUN_TEST(test_no_wait_is_longer_than_the_rules_allow);
  RUN_TEST(test_after_silence_the_next_server_is_asked);
  RUN_TEST(test_where_the_server_answers_others_the_same_one_is_asked_again);
  RUN_TEST(test_an_answer_in_the_moment_of_the_send_counts_as_heard_since);
  RUN_TEST(test_answers_told_out_of_their_order_do_not_make_a_server_seem_silent);
  RUN_TEST(test_the_first_answer_shortens_the_waits_of_all);
  RUN_TEST(test_the_first_answer_lengthens_no_wait);
  RUN_TEST(test_two_silences_send_all_that_is_open_there_to_the_next_server);
  RUN_TEST(test_the_only_server_is_asked_though_it_is_silent);
  RUN_TEST(test_no_more_go_than_the_window_allows_and_each_answer_lets_one_go);
  RUN_TEST(test_a_repeat_goes_before_what_was_never_sent);
  RUN_TEST(test_repeats_wait_for_room_too);
  RUN_TEST(test_the_pace_is_waited_for);
  RUN_TEST(test_the_time_of_a_question_begins_with_its_first_send);
  RUN_TEST(test_a_question_that_waits_while_nobody_answers_ends_with_the_others);
  RUN_TEST(test_a_question_is_sent_16_times_at_most);
  RUN_TEST(test_a_late_answer_still_counts_when_no_more_is_sent);
  return UNITY_END();
}
