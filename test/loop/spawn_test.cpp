// spawn(): when the callback comes, and with what.
#include "uvdial/spawn.hpp"

#include <memory>
#include <new>
#include <stdexcept>
#include <string>

#include "support/connected.hpp"
#include "support/coroutines.hpp"
#include "uvdial/coroutine.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using fixture::ending;
using fixture::recorder;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

task<int> number(int value) { co_return value; }
task<int> number_after(std::chrono::milliseconds wait, int value) {
  co_await sleep(fixture::loop(), wait);
  co_return value;
}
template <class Exception>
task<int> throws(Exception thrown) {
  co_await sleep(fixture::loop(), 0ms);
  throw thrown;
}

}  // namespace

static void test_the_body_starts_inside_the_call_and_the_callback_comes_from_the_loop() {
  bool started = false;
  auto body = [](bool& to) -> task<int> {
    to = true;
    co_return 3;
  };
  recorder<int> end;
  const operation running = spawn(fixture::loop(), body(started), end.callback());
  TEST_ASSERT_TRUE(started);
  TEST_ASSERT_EQUAL_STRING("not called", ending(end));
  TEST_ASSERT_TRUE(running.running());
  fixture::run_turn();
  TEST_ASSERT_EQUAL(3, *end.result->get_if());
  TEST_ASSERT_FALSE(running.running());
}

static void test_values_and_voids_are_told() {
  recorder<int> number_end;
  recorder<done> void_end;
  auto silent = []() -> task<void> { co_await sleep(fixture::loop(), 1ms); };
  const operation first = spawn(fixture::loop(), number_after(1ms, 7), number_end.callback());
  const operation second = spawn(fixture::loop(), silent(), void_end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL(7, *number_end.result->get_if());
  TEST_ASSERT_EQUAL_STRING("success", ending(void_end));
}

static void test_a_value_that_only_moves_is_told() {
  recorder<std::unique_ptr<int>> end;
  auto body = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(5); };
  const operation running = spawn(fixture::loop(), body(), end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL(5, **end.result->get_if());
}

static void test_an_error_is_told_as_its_own_type() {
  recorder<int> end;
  const auto why = make_error(error_kind::dns_timeout, resolve_errc::dns_timeout, "no answer");
  const operation running =
      spawn(fixture::loop(), throws(dynamic_cast<const dns_timeout&>(*why)), end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("dns_timeout", ending(end));
  TEST_ASSERT_EQUAL_STRING("no answer", end.failure()->what());
  TEST_ASSERT_THROWS(dns_timeout, std::move(*end.result).value());
}

static void test_an_error_of_a_users_own_class_keeps_its_class() {
  struct my_error final : stream_error {
    using stream_error::stream_error;
    int detail = 42;
  };
  recorder<int> end;
  const operation running = spawn(
      fixture::loop(), throws(my_error(std::make_error_code(std::errc::io_error), "mine")), end.callback());
  fixture::run();
  const auto* mine = dynamic_cast<const my_error*>(end.failure());
  TEST_ASSERT_NOT_NULL(mine);
  TEST_ASSERT_EQUAL(42, mine->detail);
}

static void test_memory_that_is_gone_is_out_of_resources() {
  recorder<int> end;
  const operation running = spawn(fixture::loop(), throws(std::bad_alloc()), end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("out_of_resources", ending(end));
  TEST_ASSERT_TRUE(end.failure()->code() == std::errc::not_enough_memory);
}

static void test_a_detached_task_runs_on() {
  recorder<int> end;
  spawn(fixture::loop(), number_after(1ms, 2), end.callback()).detach();
  spawn(number_after(1ms, 2), [](outcome<int>) {}).detach();
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("success", ending(end));
}

static void test_without_a_loop_a_task_that_never_waits_calls_back_at_once() {
  recorder<int> end;
  const operation running = spawn(number(4), end.callback());
  TEST_ASSERT_EQUAL(4, *end.result->get_if());
  TEST_ASSERT_FALSE(running.running());
}

static void test_a_callback_may_destroy_its_operation_and_spawn_again() {
  int rounds = 0;
  operation running;
  unique_function<void()> again = [&] {
    running = spawn(fixture::loop(), number(1), [&](outcome<int>) {
      running = {};
      if (++rounds < 5) again();
    });
  };
  again();
  fixture::run();
  TEST_ASSERT_EQUAL(5, rounds);
}

static void test_misuse_is_refused() {
  recorder<int> end;
  TEST_ASSERT_THROWS(std::logic_error, spawn(fixture::loop(), task<int>(), end.callback()));
  TEST_ASSERT_THROWS(std::invalid_argument, spawn(fixture::loop(), number(1), callback<int>()));
  TEST_ASSERT_THROWS(std::invalid_argument, spawn(number(1), callback<int>()));
}

static void test_a_spawned_task_is_awaited_as_an_operation() {
  auto outer = []() -> task<int> {
    co_return co_await await_operation<int>(
        [](callback<int> on_done) { return spawn(number(6), std::move(on_done)); });
  };
  TEST_ASSERT_EQUAL(6, run(fixture::loop(), outer()));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_the_body_starts_inside_the_call_and_the_callback_comes_from_the_loop);
  RUN_TEST(test_values_and_voids_are_told);
  RUN_TEST(test_a_value_that_only_moves_is_told);
  RUN_TEST(test_an_error_is_told_as_its_own_type);
  RUN_TEST(test_an_error_of_a_users_own_class_keeps_its_class);
  RUN_TEST(test_memory_that_is_gone_is_out_of_resources);
  RUN_TEST(test_a_detached_task_runs_on);
  RUN_TEST(test_without_a_loop_a_task_that_never_waits_calls_back_at_once);
  RUN_TEST(test_a_callback_may_destroy_its_operation_and_spawn_again);
  RUN_TEST(test_misuse_is_refused);
  RUN_TEST(test_a_spawned_task_is_awaited_as_an_operation);
  return UNITY_END();
}
