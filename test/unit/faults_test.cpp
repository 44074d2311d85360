#include "faults.hpp"

#include "unity.hpp"

void setUp() { faults::clear(); }
void tearDown() {}

namespace {

void test_only_the_scripted_call_gets_a_result() {
  faults::fail("uv_tcp_connect", 2, -105);
  TEST_ASSERT_FALSE(faults::next("uv_tcp_connect").has_value());
  TEST_ASSERT_EQUAL(std::optional<long>(-105), faults::next("uv_tcp_connect"));
  TEST_ASSERT_FALSE(faults::next("uv_tcp_connect").has_value());
}

void test_all_calls_from_one_on_can_fail() {
  faults::fail_from("uv_listen", 3, -1);
  for (int call = 1; call <= 4; ++call) {
    TEST_ASSERT_EQUAL(call >= 3, faults::next("uv_listen").has_value());
  }
}

void test_calls_are_counted_for_each_function() {
  faults::next("uv_listen");
  faults::next("uv_listen");
  faults::next("uv_accept");
  TEST_ASSERT_EQUAL(2, faults::calls("uv_listen"));
  TEST_ASSERT_EQUAL(1, faults::calls("uv_accept"));
  TEST_ASSERT_EQUAL(0, faults::calls("uv_close"));
}

void test_clear_forgets_results_and_counts() {
  faults::fail("uv_listen", 1, -1);
  faults::next("uv_listen");
  faults::clear();
  TEST_ASSERT_EQUAL(0, faults::calls("uv_listen"));
  TEST_ASSERT_FALSE(faults::next("uv_listen").has_value());
}

}  // namespace

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_only_the_scripted_call_gets_a_result);
  RUN_TEST(test_all_calls_from_one_on_can_fail);
  RUN_TEST(test_calls_are_counted_for_each_function);
  RUN_TEST(test_clear_forgets_results_and_counts);
  return UNITY_END();
}
