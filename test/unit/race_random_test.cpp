// The model of a race under random inputs, times and cancels. A failure names the seed.
#include "support/race_model.hpp"
#include "support/unity.hpp"

void setUp() {}
void tearDown() {}

void test_each_race_ends_once_with_all_its_attempts_and_nothing_hangs() {
  fixture::run_with_seeds(5000, [](fixture::choices& from) { fixture::check_race(from, 60); });
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_each_race_ends_once_with_all_its_attempts_and_nothing_hangs);
  return UNITY_END();
}
