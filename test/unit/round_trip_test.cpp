#include "logic/round_trip.hpp"

#include "support/unity.hpp"

using uvdial::detail::round_trip;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

void setUp() {}
void tearDown() {}

namespace {

// After that many equal samples the variation is next to nothing.
round_trip steady(nanoseconds sample) {
  round_trip times;
  for (int i = 0; i < 100; ++i) times.add(sample, 1ms * i);
  return times;
}

}  // namespace

void test_before_any_sample_the_wait_is_750_ms() {
  const round_trip times;
  TEST_ASSERT_FALSE(times.measured());
  TEST_ASSERT_EQUAL(nanoseconds(750ms), times.patience());
  TEST_ASSERT_EQUAL(nanoseconds(0), times.least());
}

// RFC 6298, 2.2: the variation begins as half of the first sample, and counts four times.
void test_the_first_sample_is_waited_for_three_times() {
  round_trip times;
  times.add(200ms, 1s);
  TEST_ASSERT_TRUE(times.measured());
  TEST_ASSERT_EQUAL(nanoseconds(600ms), times.patience());
  TEST_ASSERT_EQUAL(nanoseconds(200ms), times.least());
}

// RFC 6298, 2.3. The variation moves first, by a quarter, against the old mean; then the mean moves by an eighth.
void test_slower_samples_raise_mean_and_variation() {
  round_trip times;
  times.add(200ms, 1s);  // mean 200, variation 100
  times.add(240ms, 1s);  // 205 and 85
  TEST_ASSERT_EQUAL(nanoseconds(205ms + 4 * 85ms), times.patience());
  times.add(605ms, 1s);  // 255 and 163.75
  TEST_ASSERT_EQUAL(nanoseconds(255ms + 655ms), times.patience());
}

void test_a_faster_sample_counts_for_the_variation_as_a_slower_one_does() {
  round_trip times;
  times.add(200ms, 1s);
  times.add(160ms, 1s);  // mean 195, variation 85
  TEST_ASSERT_EQUAL(nanoseconds(195ms + 4 * 85ms), times.patience());
}

void test_the_wait_is_100_ms_at_least() {
  round_trip times;
  times.add(20ms, 1s);
  TEST_ASSERT_EQUAL(nanoseconds(100ms), times.patience());
  times = round_trip();
  times.add(34ms, 1s);
  TEST_ASSERT_EQUAL(nanoseconds(102ms), times.patience());
  times = round_trip();
  times.add(0ms, 1s);
  TEST_ASSERT_TRUE(times.measured());
  TEST_ASSERT_EQUAL(nanoseconds(100ms), times.patience());
}

void test_a_steady_server_is_waited_for_30_ms_longer_than_it_takes() {
  TEST_ASSERT_EQUAL(nanoseconds(230ms), steady(200ms).patience());
  TEST_ASSERT_EQUAL(nanoseconds(110ms), steady(80ms).patience());
}

void test_the_least_is_the_smallest_sample() {
  round_trip times;
  times.add(30ms, 0s);
  times.add(20ms, 5s);
  times.add(40ms, 9s);
  TEST_ASSERT_EQUAL(nanoseconds(20ms), times.least());
}

void test_the_least_of_one_span_holds_for_the_next_and_no_longer() {
  round_trip times;
  times.add(20ms, 0s);
  times.add(40ms, 10s);  // the second span begins
  TEST_ASSERT_EQUAL(nanoseconds(20ms), times.least());
  times.add(50ms, 20s - 1ns);
  TEST_ASSERT_EQUAL(nanoseconds(20ms), times.least());
  times.add(60ms, 20s);  // the third
  TEST_ASSERT_EQUAL(nanoseconds(40ms), times.least());
  times.add(70ms, 30s);
  TEST_ASSERT_EQUAL(nanoseconds(60ms), times.least());
}

void test_a_span_is_not_over_a_moment_too_early() {
  round_trip times;
  times.add(20ms, 0s);
  times.add(40ms, 10s - 1ns);  // the first span still
  times.add(50ms, 20s - 2ns);  // the second one begins: the first holds
  TEST_ASSERT_EQUAL(nanoseconds(20ms), times.least());
  times.add(60ms, 20s);
  TEST_ASSERT_EQUAL(nanoseconds(20ms), times.least());
}

void test_a_smaller_sample_is_the_least_at_once() {
  round_trip times;
  times.add(20ms, 0s);
  times.add(40ms, 10s);
  times.add(10ms, 11s);
  TEST_ASSERT_EQUAL(nanoseconds(10ms), times.least());
}

void test_what_was_measured_before_a_long_silence_is_not_the_least() {
  round_trip times;
  times.add(20ms, 0s);
  times.add(50ms, 20s);
  TEST_ASSERT_EQUAL(nanoseconds(50ms), times.least());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_before_any_sample_the_wait_is_750_ms);
  RUN_TEST(test_the_first_sample_is_waited_for_three_times);
  RUN_TEST(test_slower_samples_raise_mean_and_variation);
  RUN_TEST(test_a_faster_sample_counts_for_the_variation_as_a_slower_one_does);
  RUN_TEST(test_the_wait_is_100_ms_at_least);
  RUN_TEST(test_a_steady_server_is_waited_for_30_ms_longer_than_it_takes);
  RUN_TEST(test_the_least_is_the_smallest_sample);
  RUN_TEST(test_the_least_of_one_span_holds_for_the_next_and_no_longer);
  RUN_TEST(test_a_span_is_not_over_a_moment_too_early);
  RUN_TEST(test_a_smaller_sample_is_the_least_at_once);
  RUN_TEST(test_what_was_measured_before_a_long_silence_is_not_the_least);
  return UNITY_END();
}
