// What the assertions of the test header take for true, and how they show values. unity_failure_test.cpp tries the rest.
#include "unity.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

int set_up = 0;
int torn_down = 0;

struct point {
  int x;
  int y;
  bool operator==(const point&) const = default;
  std::string to_string() const { return "(" + std::to_string(x) + "," + std::to_string(y) + ")"; }
};

enum class colour { red, green };

struct opaque {
  int value;
  bool operator==(const opaque&) const = default;
};

void test_equal_compares_integers_by_value() {
  TEST_ASSERT_EQUAL(1, std::size_t{1});
  TEST_ASSERT_NOT_EQUAL(-1, ~std::uint64_t{0});
  TEST_ASSERT_EQUAL_INT(-1, static_cast<short>(-1));
  TEST_ASSERT_EQUAL_UINT(3U, std::uint8_t{3});
}

void test_equal_compares_strings_by_text() {
  const std::string text = "uv";
  char letters[] = "uv";
  TEST_ASSERT_EQUAL("uv", text);
  TEST_ASSERT_EQUAL(static_cast<const char*>("uv"), static_cast<char*>(letters));
  TEST_ASSERT_EQUAL_STRING("uv", std::string_view(text));
  TEST_ASSERT_NOT_EQUAL("uv", static_cast<const char*>(nullptr));
  TEST_ASSERT_CONTAINS_STRING("v", text);
}

void test_equal_takes_any_type_with_an_operator() {
  TEST_ASSERT_EQUAL((point{1, 2}), (point{1, 2}));
  TEST_ASSERT_EQUAL(colour::red, colour::red);
  TEST_ASSERT_NOT_EQUAL(colour::red, colour::green);
  TEST_ASSERT_EQUAL(opaque{1}, opaque{1});
  TEST_ASSERT_EQUAL(std::chrono::milliseconds(250), std::chrono::microseconds(250000));
  TEST_ASSERT_EQUAL(std::optional<int>(), std::nullopt);
  TEST_ASSERT_EQUAL(std::vector<int>({1, 2}), (std::vector<int>{1, 2}));
  TEST_ASSERT_EQUAL(std::errc::timed_out, std::make_error_code(std::errc::timed_out));
}

void test_order_and_pointers() {
  TEST_ASSERT_LESS_THAN(5, std::size_t{4});
  TEST_ASSERT_GREATER_THAN(-1, std::size_t{0});
  TEST_ASSERT_LESS_OR_EQUAL(5, 5);
  TEST_ASSERT_GREATER_OR_EQUAL(2.5, 2.5);
  TEST_ASSERT_WITHIN(10, 250, 243);
  TEST_ASSERT_WITHIN(std::chrono::milliseconds(10), std::chrono::milliseconds(250),
                     std::chrono::milliseconds(260));
  int number = 0;
  const auto owned = std::make_unique<int>(1);
  TEST_ASSERT_NULL(static_cast<int*>(nullptr));
  TEST_ASSERT_NOT_NULL(&number);
  TEST_ASSERT_NOT_NULL(owned);
  TEST_ASSERT_EQUAL_PTR(&number, &number);
  TEST_ASSERT_FALSE(number);
  TEST_ASSERT_TRUE_MESSAGE(owned, "explicit operator bool");
}

void test_throws_takes_a_derived_exception_and_commas() {
  TEST_ASSERT_THROWS(std::logic_error, throw std::invalid_argument("x"));
  TEST_ASSERT_THROWS(std::out_of_range, std::vector<int>({1, 2}).at(2));
}

void test_values_are_shown_as_text() {
  TEST_ASSERT_EQUAL("true", unity::show(true));
  TEST_ASSERT_EQUAL("\"a\\n\"", unity::show("a\n"));
  TEST_ASSERT_EQUAL("null", unity::show(static_cast<const char*>(nullptr)));
  TEST_ASSERT_EQUAL("7", unity::show(std::uint8_t{7}));
  TEST_ASSERT_EQUAL("250 ms", unity::show(std::chrono::milliseconds(250)));
  TEST_ASSERT_EQUAL("0.001 ms", unity::show(std::chrono::microseconds(1)));
  TEST_ASSERT_EQUAL("nothing", unity::show(std::optional<int>()));
  TEST_ASSERT_EQUAL("3", unity::show(std::optional<int>(3)));
  TEST_ASSERT_EQUAL("(1,2)", unity::show(point{1, 2}));
  TEST_ASSERT_EQUAL("enumerator 1", unity::show(colour::green));
  TEST_ASSERT_EQUAL("(an object of 4 bytes)", unity::show(opaque{1}));
  TEST_ASSERT_CONTAINS_STRING("generic:", unity::show(std::make_error_code(std::errc::timed_out)));
}

void test_set_up_and_tear_down_ran_for_each_test_before() {
  TEST_ASSERT_GREATER_THAN(1, set_up);
  TEST_ASSERT_EQUAL(set_up - 1, torn_down);
}

}  // namespace

void setUp() { ++set_up; }
void tearDown() { ++torn_down; }

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_equal_compares_integers_by_value);
  RUN_TEST(test_equal_compares_strings_by_text);
  RUN_TEST(test_equal_takes_any_type_with_an_operator);
  RUN_TEST(test_order_and_pointers);
  RUN_TEST(test_throws_takes_a_derived_exception_and_commas);
  RUN_TEST(test_values_are_shown_as_text);
  RUN_TEST(test_set_up_and_tear_down_ran_for_each_test_before);
  return UNITY_END();
}
