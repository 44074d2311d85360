// when_all and first_of: who decides, who is stopped, and what comes out.
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/gated_tasks.hpp"
#include "support/unity.hpp"
#include "uvdial/first_of.hpp"
#include "uvdial/when_all.hpp"

using namespace fixture;
using uvdial::first_of;
using uvdial::when_all;

void setUp() {}
void tearDown() {}

namespace {

std::vector<task<int>> numbers(int count) {
  std::vector<task<int>> made;
  for (int value = 0; value < count; ++value) made.push_back(number(value));
  return made;
}

}  // namespace

static void test_all_that_end_at_once_give_all_values() {
  const collected all(when_all(number(1), nothing(), number(3)));
  TEST_ASSERT_EQUAL(1, std::get<0>(*all.value));
  TEST_ASSERT_EQUAL(3, std::get<2>(*all.value));
}

static void test_all_wait_for_the_last_in_any_order() {
  gate first;
  gate second;
  const collected all(when_all(number_behind(first, 1), number_behind(second, 2)));
  second.open();
  TEST_ASSERT_FALSE(all.running.ended());
  first.open();
  TEST_ASSERT_TRUE((std::tuple(1, 2) == *all.value));
}

static void test_all_of_a_list_give_a_list() {
  TEST_ASSERT_TRUE((std::vector{0, 1, 2}) == *collected(when_all(numbers(3))).value);
  TEST_ASSERT_TRUE(collected(when_all(numbers(0))).value->empty());
  std::vector<task<void>> silent;
  TEST_ASSERT_TRUE(run(when_all(std::move(silent))).ended());
}

static void test_values_that_only_move_come_out() {
  auto made = [](int value) -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(value); };
  collected all(when_all(made(1), made(2)));
  TEST_ASSERT_EQUAL(2, *std::get<1>(*all.value));
  collected one(first_of(made(3)));
  TEST_ASSERT_EQUAL(3, *std::get<0>(*one.value));
  std::vector<task<std::unique_ptr<int>>> list;
  list.push_back(made(4));
  TEST_ASSERT_EQUAL(4, *collected(when_all(std::move(list))).value->front());
}

static void test_any_awaitable_will_do() {
  gate way;
  struct opened {
    gate& at;
    auto operator co_await() const noexcept { return at.operator co_await(); }
  };
  const collected both(when_all(opened{way}, number(1)));
  TEST_ASSERT_FALSE(both.running.ended());
  way.open();
  TEST_ASSERT_EQUAL(1, std::get<1>(*both.value));
}

static void test_the_first_failure_stops_the_others_and_is_thrown() {
  gate never;
  gate way;
  std::string log;
  const collected all(when_all(marked(never, log, 'a'), failing_behind(way, "why"), marked(never, log, 'b')));
  TEST_ASSERT_EQUAL_STRING("", log);
  way.open();
  TEST_ASSERT_EQUAL_STRING("ab", log);
  TEST_ASSERT_EQUAL_STRING("why", all.failure());
}

static void test_of_two_failures_the_first_counts() {
  gate one;
  gate two;
  const collected all(when_all(failing_behind(one, "one"), failing_behind(two, "two")));
  two.open();
  one.open();
  TEST_ASSERT_EQUAL_STRING("two", all.failure());
}

static void test_after_a_failure_at_once_the_rest_is_never_started() {
  gate never;
  std::string log;
  const collected all(when_all(marked(never, log, 'a'), failing("at once"), marked(never, log, 'b')));
  TEST_ASSERT_EQUAL_STRING("at once", all.failure());
  TEST_ASSERT_EQUAL_STRING("a", log);
}

static void test_a_failure_in_a_list_stops_the_list() {
  gate never;
  std::string log;
  std::vector<task<int>> list;
  list.push_back(marked(never, log, 'a'));
  list.push_back(failing("no"));
  TEST_ASSERT_EQUAL_STRING("no", collected(when_all(std::move(list))).failure());
  TEST_ASSERT_EQUAL_STRING("a", log);
}

static void test_the_first_to_end_gives_its_value_at_its_index() {
  gate never;
  gate way;
  std::string log;
  const collected first(first_of(marked(never, log, 'a'), nothing_behind(way), marked(never, log, 'c')));
  way.open();
  TEST_ASSERT_EQUAL(1u, first.value->index());
  TEST_ASSERT_EQUAL_STRING("ac", log);
}

static void test_the_first_that_ends_while_they_are_started_keeps_the_rest_from_it() {
  gate never;
  std::string log;
  const collected first(first_of(marked(never, log, 'a'), number(2), marked(never, log, 'c')));
  TEST_ASSERT_EQUAL(1u, first.value->index());
  TEST_ASSERT_EQUAL(2, std::get<1>(*first.value));
  TEST_ASSERT_EQUAL_STRING("a", log);
}

static void test_the_first_to_end_badly_decides_too() {
  gate never;
  const collected first(first_of(number_behind(never, 1), failing("bad"), number(3)));
  TEST_ASSERT_EQUAL_STRING("bad", first.failure());
  TEST_ASSERT_FALSE(never.waited_at());
}

static void test_the_first_of_a_list_comes_with_its_index() {
  gate never;
  gate way;
  std::vector<task<int>> list;
  list.push_back(number_behind(never, 1));
  list.push_back(number_behind(way, 2));
  const collected first(first_of(std::move(list)));
  way.open();
  TEST_ASSERT_TRUE((std::pair<std::size_t, int>(1, 2) == *first.value));
  std::vector<task<void>> silent;
  silent.push_back(nothing_behind(never));
  silent.push_back(nothing());
  TEST_ASSERT_EQUAL(1u, *collected(first_of(std::move(silent))).value);
}

static void test_the_first_of_none_is_refused() {
  TEST_ASSERT_THROWS(std::invalid_argument, first_of(std::vector<task<int>>()));
}

static void test_an_empty_task_is_refused() {
  const collected all(when_all(number(1), task<int>()));
  TEST_ASSERT_CONTAINS_STRING("empty task", all.failure());
}

static void test_destroying_the_whole_destroys_every_task() {
  gate never;
  std::string log;
  { const collected all(when_all(marked(never, log, 'a'), marked(never, log, 'b'))); }
  TEST_ASSERT_EQUAL(2u, log.size());
}

static void test_wholes_may_be_nested() {
  gate one;
  gate two;
  gate three;
  std::string log;
  const collected all(when_all(first_of(marked(one, log, 'a'), number_behind(two, 2)),
                               when_all(number(3), nothing_behind(three))));
  two.open();
  TEST_ASSERT_FALSE(all.running.ended());
  three.open();
  TEST_ASSERT_TRUE(all.running.ended());
  TEST_ASSERT_EQUAL_STRING("a", log);
  TEST_ASSERT_EQUAL(1u, std::get<0>(*all.value).index());
}

static void test_a_thousand_at_once() {
  std::vector<gate> ways(1000);
  std::vector<task<int>> list;
  for (gate& each : ways) list.push_back(number_behind(each, 1));
  const collected all(when_all(std::move(list)));
  for (gate& each : ways) each.open();
  TEST_ASSERT_EQUAL(1000u, all.value->size());
}

static void test_a_loop_of_wholes_that_end_at_once_needs_no_stack() {
  auto loop = []() -> task<int> {
    int sum = 0;
    for (int count = 0; count < 100'000; ++count) {
      const auto got = co_await first_of(number(1), number(2));
      sum += std::get<0>(got);
    }
    co_return sum;
  };
  TEST_ASSERT_EQUAL(100'000, *collected(loop()).value);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_all_that_end_at_once_give_all_values);
  RUN_TEST(test_all_wait_for_the_last_in_any_order);
  RUN_TEST(test_all_of_a_list_give_a_list);
  RUN_TEST(test_values_that_only_move_come_out);
  RUN_TEST(test_any_awaitable_will_do);
  RUN_TEST(test_the_first_failure_stops_the_others_and_is_thrown);
  RUN_TEST(test_of_two_failures_the_first_counts);
  RUN_TEST(test_after_a_failure_at_once_the_rest_is_never_started);
  RUN_TEST(test_a_failure_in_a_list_stops_the_list);
  RUN_TEST(test_the_first_to_end_gives_its_value_at_its_index);
  RUN_TEST(test_the_first_that_ends_while_they_are_started_keeps_the_rest_from_it);
  RUN_TEST(test_the_first_to_end_badly_decides_too);
  RUN_TEST(test_the_first_of_a_list_comes_with_its_index);
  RUN_TEST(test_the_first_of_none_is_refused);
  RUN_TEST(test_an_empty_task_is_refused);
  RUN_TEST(test_destroying_the_whole_destroys_every_task);
  RUN_TEST(test_wholes_may_be_nested);
  RUN_TEST(test_a_thousand_at_once);
  RUN_TEST(test_a_loop_of_wholes_that_end_at_once_needs_no_stack);
  return UNITY_END();
}
