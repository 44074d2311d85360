#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "unity.hpp"
#include "uvdial/operation.hpp"

using namespace uvdial;

void setUp() {}
void tearDown() {}

namespace {

// Not inlined: with sanitizers on, g++ 12 cannot see which member of an outcome is alive, and warns.
template <class Value, class State>
[[gnu::noinline]] outcome<Value> outcome_of(State state) {
  return outcome<Value>(std::move(state));
}

std::shared_ptr<const error> a_failure() {
  return make_error(error_kind::connection_refused, std::make_error_code(std::errc::connection_refused),
                    "no");
}

}  // namespace

static_assert(!std::is_constructible_v<outcome<int>, std::shared_ptr<const int>>);

void test_an_outcome_with_a_value_gives_it() {
  outcome<std::string> result(std::string("value"));
  TEST_ASSERT_TRUE(result);
  TEST_ASSERT_NULL(result.failure());
  TEST_ASSERT_NOT_NULL(result.get_if());
  TEST_ASSERT_EQUAL_STRING("value", *std::as_const(result).get_if());
  TEST_ASSERT_EQUAL_STRING("value", std::move(result).value());
}

void test_an_outcome_with_an_error_gives_it_without_a_throw() {
  auto result = outcome_of<std::string>(a_failure());
  TEST_ASSERT_FALSE(result);
  TEST_ASSERT_NULL(result.get_if());
  TEST_ASSERT_NOT_NULL(result.failure());
  TEST_ASSERT_TRUE(result.failure()->kind() == error_kind::connection_refused);
}

void test_asking_for_the_value_throws_the_error_as_its_own_class() {
  outcome<int> result(a_failure());
  TEST_ASSERT_THROWS(connection_refused, std::move(result).value());
  outcome<int> leaf(
      std::make_shared<const timeout_error>(std::make_error_code(std::errc::timed_out), "late"));
  TEST_ASSERT_THROWS(timeout_error, std::move(leaf).value());
}

void test_a_value_may_be_move_only() {
  outcome<std::unique_ptr<int>> result(std::make_unique<int>(42));
  auto moved = std::move(result);
  TEST_ASSERT_EQUAL_INT(42, *std::move(moved).value());
}

void test_an_outcome_that_has_nothing_to_say_says_that_it_worked() {
  auto result = outcome_of<done>(done{});
  TEST_ASSERT_TRUE(result);
  (void)std::move(result).value();
}

void test_a_callback_takes_an_outcome_and_owns_what_it_captured() {
  auto owned = std::make_unique<std::string>();
  const auto* text = owned.get();
  callback<int> on_done = [owned = std::move(owned)](outcome<int> result) {
    *owned = result ? "value" : result.failure()->what();
  };
  on_done(1);
  TEST_ASSERT_EQUAL_STRING("value", *text);
  on_done(a_failure());
  TEST_ASSERT_EQUAL_STRING("no", *text);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_an_outcome_with_a_value_gives_it);
  RUN_TEST(test_an_outcome_with_an_error_gives_it_without_a_throw);
  RUN_TEST(test_asking_for_the_value_throws_the_error_as_its_own_class);
  RUN_TEST(test_a_value_may_be_move_only);
  RUN_TEST(test_an_outcome_that_has_nothing_to_say_says_that_it_worked);
  RUN_TEST(test_a_callback_takes_an_outcome_and_owns_what_it_captured);
  return UNITY_END();
}
