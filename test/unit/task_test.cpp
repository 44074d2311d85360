// The coroutine type itself: when it runs, what it gives, who owns it. Nothing here needs a loop.
#include "uvdial/task.hpp"

#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "support/coroutines.hpp"
#include "support/unity.hpp"

using fixture::foreign;
using fixture::gate;
using fixture::mark;
using uvdial::task;

void setUp() {}
void tearDown() {}

static_assert(!std::is_copy_constructible_v<task<int>>);
static_assert(std::is_nothrow_move_constructible_v<task<int>> &&
              std::is_nothrow_move_assignable_v<task<int>>);

namespace {

template <class Value>
foreign run_into(task<Value> from, std::optional<Value>& to) {
  to.emplace(co_await std::move(from));
}

foreign run(task<void> from) { co_await std::move(from); }

template <class Value>
Value value_of(task<Value> from) {
  std::optional<Value> value;
  const foreign running = run_into(std::move(from), value);
  TEST_ASSERT_TRUE(running.ended());
  if (running.thrown()) std::rethrow_exception(running.thrown());
  return std::move(*value);
}

task<int> number(int value) { co_return value; }
task<int> number_behind(gate& way, int value) {
  co_await way;
  co_return value;
}
task<int> failing(std::string text) {
  throw std::runtime_error(text);
  co_return 0;
}
task<int> sum_of(task<int> left, task<int> right) {
  const int first = co_await std::move(left);
  co_return first + co_await std::move(right);
}

}  // namespace

static void test_nothing_runs_before_it_is_awaited() {
  std::string log;
  auto body = [](std::string& to) -> task<void> {
    to += "ran";
    co_return;
  };
  task<void> lazy = body(log);
  TEST_ASSERT_EQUAL_STRING("", log);
  const foreign running = run(std::move(lazy));
  TEST_ASSERT_EQUAL_STRING("ran", log);
}

static void test_a_task_that_is_never_awaited_gives_back_its_arguments() {
  std::string log;
  auto body = [](mark) -> task<void> { co_return; };
  { const task<void> never = body(mark(log, 'a')); }
  TEST_ASSERT_EQUAL_STRING("a", log);
}

static void test_values_come_out() {
  TEST_ASSERT_EQUAL(7, value_of(number(7)));
  TEST_ASSERT_EQUAL(7, value_of(sum_of(number(3), number(4))));
}

static void test_a_value_that_only_moves_comes_out() {
  auto body = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(5); };
  TEST_ASSERT_EQUAL(5, *value_of(body()));
}

static void test_a_value_without_a_default_comes_out() {
  struct stubborn {
    explicit stubborn(int its_value) : value(its_value) {}
    int value;
  };
  auto body = []() -> task<stubborn> { co_return stubborn(6); };
  TEST_ASSERT_EQUAL(6, value_of(body()).value);
}

static void test_a_value_may_be_given_in_braces() {
  auto body = []() -> task<std::pair<int, std::string>> { co_return {3, "three"}; };
  TEST_ASSERT_EQUAL_STRING("three", value_of(body()).second);
}

static void test_an_exception_comes_out_of_every_await_on_the_way() {
  TEST_ASSERT_THROWS(std::runtime_error, value_of(sum_of(number(1), failing("no"))));
  auto catching = []() -> task<std::string> {
    try {
      co_await failing("why");
    } catch (const std::runtime_error& why) {
      co_return why.what();
    }
    co_return "nothing";
  };
  TEST_ASSERT_EQUAL_STRING("why", value_of(catching()));
}

static void test_an_empty_task_is_refused() {
  TEST_ASSERT_FALSE(static_cast<bool>(task<int>()));
  TEST_ASSERT_THROWS(std::logic_error, value_of(task<int>()));
  task<int> given = number(1);
  task<int> taken = std::move(given);
  TEST_ASSERT_FALSE(static_cast<bool>(given));
  TEST_ASSERT_EQUAL(1, value_of(std::move(taken)));
}

static void test_assigning_destroys_what_was_there() {
  std::string log;
  auto body = [](mark) -> task<void> { co_return; };
  task<void> one = body(mark(log, 'a'));
  one = body(mark(log, 'b'));
  TEST_ASSERT_EQUAL_STRING("a", log);
  one = task<void>();
  TEST_ASSERT_EQUAL_STRING("ab", log);
}

static void test_a_task_goes_on_when_its_child_does() {
  gate way;
  std::optional<int> value;
  const foreign running = run_into(sum_of(number(1), number_behind(way, 2)), value);
  TEST_ASSERT_FALSE(running.ended());
  way.open();
  TEST_ASSERT_TRUE(running.ended());
  TEST_ASSERT_EQUAL(3, *value);
}

static void test_destroying_a_task_destroys_its_children_from_the_inside() {
  gate way;
  std::string log;
  struct tasks {
    static task<void> inner(gate& at, std::string& to) {
      const mark local(to, 'i');
      co_await at;
    }
    static task<void> outer(gate& at, std::string& to) {
      const mark local(to, 'o');
      co_await inner(at, to);
    }
  };
  {
    const foreign running = run(tasks::outer(way, log));
    TEST_ASSERT_TRUE(way.waited_at());
  }
  TEST_ASSERT_FALSE(way.waited_at());
  TEST_ASSERT_EQUAL_STRING("io", log);
}

static void test_the_frame_of_a_child_goes_at_the_end_of_its_expression() {
  std::string log;
  auto child = [](mark) -> task<int> { co_return 1; };
  auto parent = [&child](std::string& to) -> task<void> {
    task<int> named = child(mark(to, 'c'));
    co_await std::move(named);
    to += '.';
  };
  const foreign running = run(parent(log));
  TEST_ASSERT_EQUAL_STRING("c.", log);
}

static void test_a_million_tasks_that_end_at_once_need_no_stack() {
  auto loop = []() -> task<long> {
    long sum = 0;
    for (int count = 0; count < 1'000'000; ++count) sum += co_await number(1);
    co_return sum;
  };
  TEST_ASSERT_EQUAL(1'000'000, value_of(loop()));
}

static void test_a_million_tasks_after_one_that_waited_need_no_stack() {
  gate way;
  auto loop = [&way]() -> task<long> {
    long sum = co_await number_behind(way, 1);
    for (int count = 0; count < 1'000'000; ++count) sum += co_await sum_of(number(1), number(0));
    co_return sum;
  };
  std::optional<long> sum;
  const foreign running = run_into(loop(), sum);
  way.open();
  TEST_ASSERT_EQUAL(1'000'001, *sum);
}

static void test_many_failures_need_no_stack() {
  auto child = [](bool fails) -> task<void> {
    if (fails) throw 1;
    co_return;
  };
  auto loop = [&child]() -> task<int> {
    int failures = 0;
    for (int count = 0; count < 100'000; ++count) {
      try {
        co_await child(true);
      } catch (int one) {
        failures += one;
      }
    }
    co_return failures;
  };
  TEST_ASSERT_EQUAL(100'000, value_of(loop()));
}

static void test_any_awaitable_becomes_a_task() {
  gate way;
  way.open();
  struct plain {
    bool await_ready() const noexcept { return true; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    int await_resume() const noexcept { return 9; }
  };
  TEST_ASSERT_EQUAL(9, value_of(uvdial::as_task(plain{})));
  TEST_ASSERT_EQUAL(8, value_of(uvdial::as_task(number(8))));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_nothing_runs_before_it_is_awaited);
  RUN_TEST(test_a_task_that_is_never_awaited_gives_back_its_arguments);
  RUN_TEST(test_values_come_out);
  RUN_TEST(test_a_value_that_only_moves_comes_out);
  RUN_TEST(test_a_value_without_a_default_comes_out);
  RUN_TEST(test_a_value_may_be_given_in_braces);
  RUN_TEST(test_an_exception_comes_out_of_every_await_on_the_way);
  RUN_TEST(test_an_empty_task_is_refused);
  RUN_TEST(test_assigning_destroys_what_was_there);
  RUN_TEST(test_a_task_goes_on_when_its_child_does);
  RUN_TEST(test_destroying_a_task_destroys_its_children_from_the_inside);
  RUN_TEST(test_the_frame_of_a_child_goes_at_the_end_of_its_expression);
  RUN_TEST(test_a_million_tasks_that_end_at_once_need_no_stack);
  RUN_TEST(test_a_million_tasks_after_one_that_waited_need_no_stack);
  RUN_TEST(test_many_failures_need_no_stack);
  RUN_TEST(test_any_awaitable_becomes_a_task);
  return UNITY_END();
}
