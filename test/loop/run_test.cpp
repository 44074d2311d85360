// run(): programs that own their loop.
#include "uvdial/run.hpp"

#include <memory>
#include <stdexcept>
#include <string>

#include "support/coroutines.hpp"
#include "support/loop_fixture.hpp"
#include "uvdial/coroutine.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using fixture::gate;
using fixture::mark;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

task<int> number_after(std::chrono::milliseconds wait, int value) {
  co_await sleep(fixture::loop(), wait);
  co_return value;
}

}  // namespace

static void test_run_gives_the_value() {
  TEST_ASSERT_EQUAL(4, run(fixture::loop(), number_after(1ms, 4)));
  auto moved = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(5); };
  TEST_ASSERT_EQUAL(5, *run(fixture::loop(), moved()));
}

static void test_run_throws_what_left_the_task() {
  auto fails = []() -> task<void> {
    co_await sleep(fixture::loop(), 0ms);
    throw std::runtime_error("why");
  };
  TEST_ASSERT_THROWS(std::runtime_error, run(fixture::loop(), fails()));
  std::stop_source stop;
  stop.request_stop();
  auto stopped = [](std::stop_token token) -> task<void> { co_await sleep(fixture::loop(), 1h, token); };
  TEST_ASSERT_THROWS(cancelled_error, run(fixture::loop(), stopped(stop.get_token())));
}

static void test_a_task_that_never_waits_needs_no_turn_of_the_loop() {
  bool turned = false;
  const operation beside = sleep(fixture::loop(), 0ms, [&turned](outcome<done>) { turned = true; });
  auto at_once = []() -> task<int> { co_return 1; };
  TEST_ASSERT_EQUAL(1, run(fixture::loop(), at_once()));
  TEST_ASSERT_FALSE(turned);
}

static void test_run_leaves_the_rest_of_the_loop_alone() {
  bool slept = false;
  operation beside = sleep(fixture::loop(), 1h, [&slept](outcome<done>) { slept = true; });
  TEST_ASSERT_EQUAL(1, run(fixture::loop(), number_after(1ms, 1)));
  TEST_ASSERT_TRUE(beside.running());
}

static void test_a_loop_that_runs_dry_is_a_logic_error_and_the_task_is_gone() {
  std::string log;
  gate never;
  auto waits = [](gate& at, std::string& to) -> task<void> {
    const mark local(to, 'x');
    co_await sleep(fixture::loop(), 0ms);
    co_await at;
  };
  std::string caught;
  try {
    run(fixture::loop(), waits(never, log));
  } catch (const std::logic_error& why) {
    caught = why.what() + log;
  }
  TEST_ASSERT_CONTAINS_STRING("nothing left to wait for", caught);
  TEST_ASSERT_EQUAL('x', caught.back());
  TEST_ASSERT_FALSE(never.waited_at());
}

static void test_run_inside_run_is_refused() {
  auto nested = []() -> task<std::string> {
    co_await sleep(fixture::loop(), 0ms);
    try {
      run(fixture::loop(), number_after(1ms, 1));
    } catch (const std::logic_error& why) {
      co_return why.what();
    }
    co_return "no";
  };
  TEST_ASSERT_CONTAINS_STRING("inside another run()", run(fixture::loop(), nested()));
  TEST_ASSERT_EQUAL_MESSAGE(1, run(fixture::loop(), number_after(0ms, 1)), "and afterwards it works again");
}

static void test_an_empty_task_is_refused() {
  TEST_ASSERT_THROWS(std::logic_error, run(fixture::loop(), task<int>()));
}

static void test_tasks_that_sleep_for_nothing_need_no_stack() {
  auto loop = []() -> task<int> {
    int sum = 0;
    for (int count = 0; count < 20'000; ++count) sum += co_await number_after(0ms, 1);
    co_return sum;
  };
  TEST_ASSERT_EQUAL(20'000, run(fixture::loop(), loop()));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_run_gives_the_value);
  RUN_TEST(test_run_throws_what_left_the_task);
  RUN_TEST(test_a_task_that_never_waits_needs_no_turn_of_the_loop);
  RUN_TEST(test_run_leaves_the_rest_of_the_loop_alone);
  RUN_TEST(test_a_loop_that_runs_dry_is_a_logic_error_and_the_task_is_gone);
  RUN_TEST(test_run_inside_run_is_refused);
  RUN_TEST(test_an_empty_task_is_refused);
  RUN_TEST(test_tasks_that_sleep_for_nothing_need_no_stack);
  return UNITY_END();
}
