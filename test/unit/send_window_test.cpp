// How a window starts, grows, is paced and is forgotten.
#include "logic/send_window.hpp"

#include "support/unity.hpp"
#include "support/window_link.hpp"

using fixture::window_link;
using uvdial::detail::send_window;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

void setUp() {}
void tearDown() {}

namespace {

constexpr nanoseconds a_32nd = nanoseconds(1ms) / 32;

}  // namespace

void test_it_starts_with_room_for_128() {
  window_link to;
  TEST_ASSERT_EQUAL(128, to.window.size());
  to.send(127);
  TEST_ASSERT_TRUE(to.window.has_room());
  to.send(1);
  TEST_ASSERT_FALSE(to.window.has_room());
  TEST_ASSERT_EQUAL(128, to.window.on_the_way());
}

void test_it_holds_no_more_than_our_own_buffer() {
  TEST_ASSERT_EQUAL(50, send_window(50).size());
  window_link to(300);
  for (const std::size_t size : {256U, 300U, 300U}) {
    to.round(20ms);
    TEST_ASSERT_EQUAL(size, to.window.size());
  }
}

void test_it_doubles_each_round_trip_while_it_is_full() {
  window_link to;
  for (const std::size_t size : {256U, 512U, 1024U, 2048U, 4096U}) {
    to.round(20ms);
    TEST_ASSERT_EQUAL(size, to.window.size());
    TEST_ASSERT_EQUAL(0, to.window.on_the_way());
  }
}

void test_it_does_not_grow_when_it_was_not_full() {
  window_link to;
  for (int i = 0; i < 5; ++i) {
    to.send(127);
    to.now += 20ms;
    to.answer(127, to.now - 20ms, 20ms);
    TEST_ASSERT_EQUAL(128, to.window.size());
  }
}

void test_it_does_not_grow_when_it_was_nearly_full_all_the_time() {
  window_link to;
  to.send(127);
  for (int i = 0; i < 1000; ++i) {
    to.now += 1ms;
    to.answer(1, to.now - 20ms, 20ms);
    to.send(1);
  }
  TEST_ASSERT_EQUAL(128, to.window.size());
}

void test_a_round_that_was_full_at_its_end_grows_to_its_end_only() {
  window_link to;
  to.round(20ms);
  to.send(100);  // in the round after
  to.now += 20ms;
  to.answer(100, to.now - 20ms, 20ms);
  TEST_ASSERT_EQUAL(256, to.window.size());
}

void test_128_may_go_at_once_and_then_16_each_half_millisecond() {
  window_link to;
  for (int i = 0; i < 128; ++i) {
    TEST_ASSERT_EQUAL(to.now, to.window.next_send(to.now));
    to.window.sent(to.now);
  }
  for (int round = 1; round <= 100; ++round) {
    TEST_ASSERT_EQUAL(10s + round * 16 * a_32nd, to.window.next_send(to.now));
    to.now = to.window.next_send(to.now);
    for (int i = 0; i < 16; ++i) {
      TEST_ASSERT_EQUAL(to.now, to.window.next_send(to.now));
      to.window.sent(to.now);
    }
  }
}

void test_the_pace_saves_up_to_128_while_nothing_goes() {
  window_link to;
  to.send(128);
  to.now += 1ms;
  to.send(32);
  TEST_ASSERT_EQUAL(to.now + 16 * a_32nd, to.window.next_send(to.now));
  to.now += 500ms;
  to.send(127);
  TEST_ASSERT_EQUAL(to.now, to.window.next_send(to.now));
  to.send(1);
  TEST_ASSERT_EQUAL(to.now + 16 * a_32nd, to.window.next_send(to.now));
}

void test_while_fewer_than_128_are_on_the_way_nothing_is_spread() {
  window_link to;
  to.send(100);
  for (int i = 0; i < 1000; ++i) {  // a server close by: 1,000 in 10 ms, never more than 128 at once
    TEST_ASSERT_EQUAL(to.now, to.window.next_send(to.now));
    to.send(28);
    TEST_ASSERT_NOT_EQUAL(to.now, to.window.next_send(to.now));
    to.now += 10us;
    to.answer(28, to.now - 10us, 10us);
  }
}

void test_what_went_without_being_spread_counts_as_one_burst() {
  window_link to;
  for (int i = 0; i < 1000; ++i) {
    to.send(1);
    to.now += 1us;
    to.answer(1, to.now - 1us, 1us);
  }
  to.send(128);
  TEST_ASSERT_EQUAL(to.now + 16 * a_32nd, to.window.next_send(to.now));
}

void test_a_loss_while_answers_are_fast_closes_by_one() {
  window_link to;
  to.lose(to.now);  // nothing is known: no reason to take it for an overflow
  TEST_ASSERT_EQUAL(127, to.window.size());
  to.answer_alone(8, 20ms);
  to.lose(to.now - 1ms);
  TEST_ASSERT_EQUAL(126, to.window.size());
  to.lose(to.now - 1ms);
  TEST_ASSERT_EQUAL(125, to.window.size());
  TEST_ASSERT_EQUAL(0, to.window.on_the_way());
  to.round(20ms);
  TEST_ASSERT_EQUAL(250, to.window.size());
}

void test_it_holds_16_at_least() {
  window_link to;
  for (int i = 0; i < 200; ++i) to.lose(to.now);
  TEST_ASSERT_EQUAL(16, to.window.size());
  window_link slow;
  slow.answer_alone(1, 20ms);
  slow.answer_alone(20, 40ms);
  for (int i = 0; i < 20; ++i) {
    slow.lose(slow.now);
    slow.now += 1ms;
  }
  TEST_ASSERT_EQUAL(16, slow.window.size());
}

void test_after_a_second_of_silence_it_is_back_at_its_start() {
  for (const bool silent : {false, true}) {
    window_link to;
    to.end_ramp();
    while (to.window.size() < 256) to.round(20ms);
    const std::size_t grown = to.window.size();
    to.now += silent ? 980ms : 980ms - 1ns;  // the last one was sent 20 ms before
    to.send(1);
    TEST_ASSERT_EQUAL(silent ? 128 : grown, to.window.size());
    to.window.withdrawn();
    to.round(20ms);
    // It ramps anew, or goes on as before.
    TEST_ASSERT_WITHIN(1U, silent ? 256 : grown + grown / 4, to.window.size());
  }
}

void test_what_the_last_round_before_a_silence_was_like_is_forgotten() {
  window_link to;
  to.round(20ms);
  to.round(60ms);  // two thirds of the window stood in a queue
  to.now += 1s;
  to.round(20ms);
  to.round(20ms);
  TEST_ASSERT_GREATER_THAN(480U, to.window.size());  // it ramps
}

void test_silence_does_not_open_a_small_window() {
  window_link to;
  for (int i = 0; i < 28; ++i) to.lose(to.now);
  to.now += 5s;
  to.send(1);
  TEST_ASSERT_EQUAL(100, to.window.size());
}

void test_a_second_of_waiting_is_no_silence() {
  window_link to;
  to.round(20ms);
  to.send(1);
  to.now += 5s;
  to.send(1);
  TEST_ASSERT_EQUAL(256, to.window.size());
}

void test_a_late_answer_only_feeds_the_times() {
  window_link to;
  to.fill();
  to.window.answered_late(300ms, to.now);
  TEST_ASSERT_EQUAL(128, to.window.size());
  TEST_ASSERT_EQUAL(128, to.window.on_the_way());
  TEST_ASSERT_EQUAL(nanoseconds(900ms), to.window.times().patience());
}

void test_a_withdrawn_one_makes_room_and_nothing_else() {
  window_link to;
  to.fill();
  to.window.withdrawn();
  TEST_ASSERT_EQUAL(128, to.window.size());
  TEST_ASSERT_EQUAL(127, to.window.on_the_way());
  TEST_ASSERT_FALSE(to.window.times().measured());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_it_starts_with_room_for_128);
  RUN_TEST(test_it_holds_no_more_than_our_own_buffer);
  RUN_TEST(test_it_doubles_each_round_trip_while_it_is_full);
  RUN_TEST(test_it_does_not_grow_when_it_was_not_full);
  RUN_TEST(test_it_does_not_grow_when_it_was_nearly_full_all_the_time);
  RUN_TEST(test_a_round_that_was_full_at_its_end_grows_to_its_end_only);
  RUN_TEST(test_128_may_go_at_once_and_then_16_each_half_millisecond);
  RUN_TEST(test_the_pace_saves_up_to_128_while_nothing_goes);
  RUN_TEST(test_while_fewer_than_128_are_on_the_way_nothing_is_spread);
  RUN_TEST(test_what_went_without_being_spread_counts_as_one_burst);
  RUN_TEST(test_a_loss_while_answers_are_fast_closes_by_one);
  RUN_TEST(test_it_holds_16_at_least);
  RUN_TEST(test_after_a_second_of_silence_it_is_back_at_its_start);
  RUN_TEST(test_what_the_last_round_before_a_silence_was_like_is_forgotten);
  RUN_TEST(test_silence_does_not_open_a_small_window);
  RUN_TEST(test_a_second_of_waiting_is_no_silence);
  RUN_TEST(test_a_late_answer_only_feeds_the_times);
  RUN_TEST(test_a_withdrawn_one_makes_room_and_nothing_else);
  return UNITY_END();
}
