// The model of the pacing under random inputs and times. A failure names the seed.
#include "support/pacer_model.hpp"
#include "support/unity.hpp"

void setUp() {}
void tearDown() {}

void test_each_question_ends_exactly_once_in_time_and_nothing_hangs() {
  fixture::run_with_seeds(200, [](fixture::choices& from) { fixture::check_pacer(from, 2000); });
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_each_question_ends_exactly_once_in_time_and_nothing_hangs);
  return UNITY_END();
}
