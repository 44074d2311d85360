// Time on the loop: never early, never before what is there to be read, and nothing left behind.
#include "uvdial/sleep.hpp"

#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "glue/turn.hpp"
#include "support/connected.hpp"

using namespace std::chrono_literals;
using fixture::ending;
using fixture::recorder;
using uvdial::done;
using uvdial::operation;
using uvdial::outcome;
using uvdial::sleep;
using uvdial::detail::instant;
using uvdial::detail::now;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

void pass(instant until) {
  while (now() < until) {}
}

}  // namespace

static void test_a_sleep_is_never_short() {
  for (int length = 0; length < 5; ++length) {
    recorder<done> end;
    const instant start = now();
    const operation running = sleep(fixture::loop(), std::chrono::milliseconds(length), end.callback());
    fixture::run();
    TEST_ASSERT_EQUAL_STRING("success", ending(end));
    TEST_ASSERT_GREATER_OR_EQUAL(start + std::chrono::milliseconds(length), now());
  }
}

static void test_a_sleep_of_nothing_ends_in_the_next_turn_and_not_inside_the_call() {
  recorder<done> end;
  const operation running = sleep(fixture::loop(), 0ms, end.callback());
  TEST_ASSERT_EQUAL_STRING("not called", ending(end));
  TEST_ASSERT_TRUE(running.running());
  fixture::run_turn();
  TEST_ASSERT_EQUAL_STRING("success", ending(end));
  TEST_ASSERT_FALSE(running.running());
}

static void test_a_sleep_of_nothing_inside_a_callback_is_for_the_next_turn() {
  int calls = 0;
  operation running;
  uvdial::unique_function<void()> again = [&] {
    running = sleep(fixture::loop(), 0ms, [&](outcome<done>) {
      if (++calls < 5) again();
    });
  };
  again();
  for (int turns = 1; turns <= 5; ++turns) {
    fixture::run_turn();
    TEST_ASSERT_EQUAL(turns, calls);
  }
}

static void test_sleeps_end_in_the_order_of_their_times() {
  std::string order;
  std::vector<operation> running;
  for (const int length : {5, 1, 3, 0, 4, 2})
    running.push_back(sleep(fixture::loop(), std::chrono::milliseconds(length),
                            [&order, length](outcome<done>) { order += std::to_string(length); }));
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("012345", order);
}

static void test_many_sleeps_share_the_handles_of_one() {
  std::vector<operation> running;
  running.push_back(sleep(fixture::loop(), 1h, [](outcome<done>) {}));
  const std::size_t handles = fixture::open_handles();
  for (int count = 0; count < 1000; ++count)
    running.push_back(sleep(fixture::loop(), 1h, [](outcome<done>) {}));
  TEST_ASSERT_EQUAL(handles, fixture::open_handles());
}

static void test_what_can_be_read_comes_before_a_sleep_that_is_over() {
  fixture::wired w;
  std::string order;
  std::vector<std::byte> into(8);
  const operation reading = w.stream.read(into, [&order](outcome<std::size_t>) { order += "read "; });
  const operation sleeping = sleep(fixture::loop(), 2ms, [&order](outcome<done>) { order += "slept"; });
  const instant over = now() + 3ms;
  fixture::run_turn();
  w.send("x");
  pass(over + 3ms);  // the loop is held up: now both are due
  fixture::run_turn();
  TEST_ASSERT_EQUAL_STRING("read slept", order);
}

static void test_a_dropped_sleep_is_silent_and_lets_the_loop_go() {
  recorder<done> end;
  const auto captured = std::make_shared<int>(1);
  operation running = sleep(fixture::loop(), 1h, [&end, captured](outcome<done>) { ++end.calls; });
  fixture::run_turn();
  TEST_ASSERT_EQUAL(2, captured.use_count());
  running = {};
  TEST_ASSERT_EQUAL(1, captured.use_count());
  fixture::run();
  TEST_ASSERT_EQUAL(0, end.calls);
}

static void test_a_cancelled_sleep_ends_from_the_loop() {
  recorder<done> end;
  operation running = sleep(fixture::loop(), 1h, end.callback());
  running.cancel();
  running.cancel();
  TEST_ASSERT_EQUAL_STRING("not called", ending(end));
  TEST_ASSERT_TRUE(running.running());
  fixture::run();
  TEST_ASSERT_EQUAL(1, end.calls);
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(end));
  TEST_ASSERT_EQUAL_STRING("sleep: operation canceled", end.failure()->what());
  TEST_ASSERT_TRUE(end.failure()->code() == std::errc::operation_canceled);
  running.cancel();
}

static void test_a_sleep_that_is_dropped_after_its_cancel_stays_silent() {
  recorder<done> end;
  operation running = sleep(fixture::loop(), 1h, end.callback());
  running.cancel();
  running = {};
  fixture::run();
  TEST_ASSERT_EQUAL(0, end.calls);
}

static void test_a_detached_sleep_runs_on() {
  recorder<done> end;
  sleep(fixture::loop(), 1ms, end.callback()).detach();
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("success", ending(end));
}

static void test_a_callback_may_drop_and_cancel_its_neighbours_that_are_due() {
  recorder<done> dropped;
  recorder<done> cancelled;
  operation second;
  operation third;
  const operation first = sleep(fixture::loop(), 0ms, [&](outcome<done>) {
    second = {};
    third.cancel();
  });
  second = sleep(fixture::loop(), 1ms, dropped.callback());
  third = sleep(fixture::loop(), 2ms, cancelled.callback());
  pass(now() + 4ms);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("not called", ending(dropped));
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(cancelled));
}

static void test_the_longest_sleep_does_not_overflow() {
  recorder<done> end;
  const operation running = sleep(fixture::loop(), std::chrono::milliseconds::max(), end.callback());
  for (int turns = 0; turns < 3; ++turns) fixture::run_turn();
  TEST_ASSERT_EQUAL_STRING("not called", ending(end));
}

static void test_a_negative_duration_and_an_empty_callback_are_refused() {
  recorder<done> never;
  try {
    (void)sleep(fixture::loop(), -7ms, never.callback());
    TEST_FAIL();
  } catch (const std::invalid_argument& why) {
    TEST_ASSERT_CONTAINS_STRING("-7 ms", why.what());
  }
  TEST_ASSERT_THROWS(std::invalid_argument, sleep(fixture::loop(), 1ms, uvdial::callback<uvdial::done>()));
}

static void test_two_loops_have_two_clocks() {
  uv_loop_t other;
  TEST_ASSERT_EQUAL(0, uv_loop_init(&other));
  recorder<done> here;
  recorder<done> there;
  const operation first = sleep(fixture::loop(), 0ms, here.callback());
  const operation second = sleep(other, 0ms, there.callback());
  (void)uv_run(&other, UV_RUN_DEFAULT);
  TEST_ASSERT_EQUAL_STRING("not called", ending(here));
  TEST_ASSERT_EQUAL_STRING("success", ending(there));
  TEST_ASSERT_EQUAL(0, uv_loop_close(&other));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_sleep_is_never_short);
  RUN_TEST(test_a_sleep_of_nothing_ends_in_the_next_turn_and_not_inside_the_call);
  RUN_TEST(test_a_sleep_of_nothing_inside_a_callback_is_for_the_next_turn);
  RUN_TEST(test_sleeps_end_in_the_order_of_their_times);
  RUN_TEST(test_many_sleeps_share_the_handles_of_one);
  RUN_TEST(test_what_can_be_read_comes_before_a_sleep_that_is_over);
  RUN_TEST(test_a_dropped_sleep_is_silent_and_lets_the_loop_go);
  RUN_TEST(test_a_cancelled_sleep_ends_from_the_loop);
  RUN_TEST(test_a_sleep_that_is_dropped_after_its_cancel_stays_silent);
  RUN_TEST(test_a_detached_sleep_runs_on);
  RUN_TEST(test_a_callback_may_drop_and_cancel_its_neighbours_that_are_due);
  RUN_TEST(test_the_longest_sleep_does_not_overflow);
  RUN_TEST(test_a_negative_duration_and_an_empty_callback_are_refused);
  RUN_TEST(test_two_loops_have_two_clocks);
  return UNITY_END();
}
