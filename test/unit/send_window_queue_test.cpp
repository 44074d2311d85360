// What a window makes of slow answers: the server's queue, and when a loss is an overflow.
#include "logic/send_window.hpp"
#include "support/unity.hpp"
#include "support/window_link.hpp"

using fixture::window_link;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

void setUp() {}
void tearDown() {}

void test_after_the_ramp_a_loss_while_answers_are_fast_closes_by_a_quarter() {
  window_link to;
  to.end_ramp();
  TEST_ASSERT_EQUAL(135, to.window.size());
  for (const std::size_t size : {134U, 134U, 134U, 134U, 133U}) {
    to.lose(to.now - 1ms);
    TEST_ASSERT_EQUAL(size, to.window.size());
  }
}

void test_a_loss_while_answers_are_slow_cuts_to_seven_tenths_once_for_all_sent_before() {
  window_link to;
  to.round(20ms);
  to.answer_alone(20, 40ms);
  to.lose(to.now - 20ms);
  TEST_ASSERT_EQUAL(179, to.window.size());  // of 256
  const nanoseconds cut_at = to.now;
  to.now += 5ms;
  to.lose(cut_at - 30ms);
  to.lose(cut_at - 1ns);
  TEST_ASSERT_EQUAL(179, to.window.size());
  to.lose(cut_at);
  TEST_ASSERT_EQUAL(125, to.window.size());
}

void test_answers_are_slow_from_an_eighth_over_the_least_on() {
  struct row {
    nanoseconds least, threshold;
  };
  // An eighth, but at least 1 ms and at most 3.
  for (const row& each : {row{16ms, 18ms}, row{2ms, 3ms}, row{80ms, 83ms}})
    for (const nanoseconds beyond : {nanoseconds(0), nanoseconds(1)}) {
      window_link to;
      to.answer_alone(1, each.least);
      // The usual time follows by an eighth, rounded down: it stays where the second kind begins.
      to.answer_alone(200, each.threshold + beyond * 8);
      to.lose(to.now - 1ms);
      TEST_ASSERT_EQUAL(beyond == 0ns ? 127 : 89, to.window.size());
    }
}

void test_a_cut_ends_the_ramp() {
  window_link to;
  to.answer_alone(1, 20ms);
  to.answer_alone(20, 40ms);
  to.lose(to.now - 1ms);
  TEST_ASSERT_EQUAL(89, to.window.size());
  to.answer_alone(40, 20ms);
  to.round(20ms);
  TEST_ASSERT_EQUAL(111, to.window.size());  // 89.6 and a quarter of 89
}

void test_it_stops_growing_while_the_last_eight_were_slow() {
  window_link to;
  to.answer_alone(1, 20ms);
  to.fill();
  const nanoseconds sent_at = to.now;
  to.now += 20ms;
  to.answer(1, sent_at, 20ms);  // a round ends here, so eights are counted from here
  to.answer(7, sent_at, 20ms);
  TEST_ASSERT_EQUAL(136, to.window.size());
  to.answer(7, sent_at, 23ms);
  TEST_ASSERT_EQUAL(143, to.window.size());
  to.answer(1, sent_at, 23ms);  // the eighth slow one
  to.answer(7, sent_at, 23ms);
  TEST_ASSERT_EQUAL(143, to.window.size());
  to.answer(1, sent_at, 20ms);  // one of the next eight was fast
  TEST_ASSERT_EQUAL(144, to.window.size());
}

// They were asked for by others: the name is slow, and not the queue.
void test_seven_slow_names_of_eight_do_not_stop_it() {
  window_link to;
  to.answer_alone(1, 20ms);
  to.fill();
  const nanoseconds sent_at = to.now;
  to.now += 20ms;
  for (int i = 0; i < 16; ++i) {
    to.answer(7, sent_at, 500ms);
    to.answer(1, sent_at, 20ms);
  }
  TEST_ASSERT_EQUAL(256, to.window.size());
}

// The share of the time that was waited, times the window, is what stood in the queue.
void test_the_ramp_ends_when_64_stood_in_the_queue() {
  struct row {
    nanoseconds took;
    std::size_t after_two_losses;  // which close by one each while the ramp goes on, then by a quarter
  };
  for (const row& each : {row{39990us, 126}, row{40ms, 127}}) {  // 128 * 20 / 40
    window_link to(128);
    to.answer_alone(8, 20ms);
    to.round(each.took);
    to.round(20ms);
    to.lose(to.now - 1ms);
    to.lose(to.now - 1ms);
    TEST_ASSERT_EQUAL(each.after_two_losses, to.window.size());
  }
}

void test_the_ramp_goes_on_after_a_round_with_a_short_queue() {
  window_link to;
  to.answer_alone(8, 20ms);
  to.round(36ms);  // 60 stood in the queue; too slow to grow in that round itself
  TEST_ASSERT_EQUAL(135, to.window.size());
  to.round(20ms);
  TEST_ASSERT_EQUAL(263, to.window.size());  // from the eighth fast answer on
}

void test_after_the_ramp_a_short_queue_grows_by_a_quarter_though_answers_are_slow() {
  window_link to;
  to.end_ramp();
  to.round(36ms);  // the last full round had a long queue
  TEST_ASSERT_EQUAL(135, to.window.size());
  to.round(36ms);  // 135 * 16 / 36 = 60
  TEST_ASSERT_EQUAL(168, to.window.size());
}

void test_after_the_ramp_a_middling_queue_keeps_the_window_and_a_long_one_shrinks_it_by_an_eighth() {
  window_link to;
  to.end_ramp();
  while (to.window.size() < 300) to.round(20ms);
  const std::size_t size = to.window.size();
  to.round(40ms);  // the round grows, since the one before was short
  const std::size_t grown = to.window.size();
  TEST_ASSERT_EQUAL(size + size / 4, grown);
  to.round(30ms);  // its first answer tells how the round before was: 128 of 381 less an eighth
  TEST_ASSERT_EQUAL(grown * 7 / 8, to.window.size());
  const std::size_t shrunk = to.window.size();
  to.round(30ms);  // the queue was a third
  TEST_ASSERT_EQUAL(shrunk, to.window.size());
}

void test_a_queue_of_more_than_160_is_long() {
  struct row {
    nanoseconds took;
    std::size_t size;
  };
  for (const row& each : {row{53'330us, 256}, row{53'340us, 224}}) {  // 256 * 33.33 / 53.33
    window_link to(256);
    to.answer_alone(8, 20ms);
    to.round(20ms);
    to.round(each.took);
    to.round(20ms);
    TEST_ASSERT_EQUAL(each.size, to.window.size());
  }
}

void test_a_round_of_fewer_than_eight_answers_says_nothing_about_the_queue() {
  window_link to;
  to.answer_alone(8, 20ms);
  to.answer_alone(200, 400ms);  // each is a round
  to.answer_alone(8, 20ms);
  to.round(20ms);
  TEST_ASSERT_EQUAL(256, to.window.size());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_after_the_ramp_a_loss_while_answers_are_fast_closes_by_a_quarter);
  RUN_TEST(test_a_loss_while_answers_are_slow_cuts_to_seven_tenths_once_for_all_sent_before);
  RUN_TEST(test_answers_are_slow_from_an_eighth_over_the_least_on);
  RUN_TEST(test_a_cut_ends_the_ramp);
  RUN_TEST(test_it_stops_growing_while_the_last_eight_were_slow);
  RUN_TEST(test_seven_slow_names_of_eight_do_not_stop_it);
  RUN_TEST(test_the_ramp_ends_when_64_stood_in_the_queue);
  RUN_TEST(test_the_ramp_goes_on_after_a_round_with_a_short_queue);
  RUN_TEST(test_after_the_ramp_a_short_queue_grows_by_a_quarter_though_answers_are_slow);
  RUN_TEST(test_after_the_ramp_a_middling_queue_keeps_the_window_and_a_long_one_shrinks_it_by_an_eighth);
  RUN_TEST(test_a_queue_of_more_than_160_is_long);
  RUN_TEST(test_a_round_of_fewer_than_eight_answers_says_nothing_about_the_queue);
  return UNITY_END();
}
