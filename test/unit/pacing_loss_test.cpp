// Bursts over a way that loses packets by chance. Nothing may be lost in the end, however bad the way is.
#include <string>

#include "support/pacing_rules.hpp"
#include "support/pacing_world.hpp"
#include "support/unity.hpp"

using fixture::nanoseconds;
using fixture::pacing_world;
using fixture::rules_for;
using fixture::waits;
using fixture::world_load;
using fixture::world_result;
using fixture::world_server;
using namespace std::chrono_literals;

void setUp() {}
void tearDown() {}

namespace {

void expect_done(const world_load& load, const world_server& server, unsigned seed) {
  pacing_world world(rules_for(1), {server}, seed);
  const world_result result = world.run(load);
  const std::string which = std::to_string(load.questions) + " questions, " +
                            std::to_string(server.latency / 1ms) + " ms, loss " +
                            std::to_string(server.loss) + ", seed " + std::to_string(seed);
  TEST_ASSERT_EQUAL_MESSAGE(load.questions, result.answered, which);
  const nanoseconds patience = world.pacer().window(0).times().patience();
  const nanoseconds best = ideal(load, server) + waits(result.most_tries, patience);
  TEST_ASSERT_LESS_OR_EQUAL_MESSAGE(best * 5 / 4, result.wall, which);
  // Hardly more than what the loss asks for.
  const double sends = static_cast<double>(load.questions) / (1 - server.loss);
  TEST_ASSERT_LESS_OR_EQUAL_MESSAGE(sends * 1.05, static_cast<double>(result.sends[0]), which);
  TEST_ASSERT_EQUAL_MESSAGE(0, result.overruns, which);
}

}  // namespace

void test_no_question_of_4_000_is_lost() {
  for (const nanoseconds latency : {20ms, 100ms})
    for (const double loss : {0.01, 0.05, 0.3})
      for (const unsigned seed : {1U, 2U, 3U, 4U})
        expect_done({4000, 2000}, {.latency = latency, .loss = loss}, seed);
}

void test_no_question_of_20_000_is_lost() {
  for (const nanoseconds latency : {20ms, 100ms})
    for (const double loss : {0.01, 0.05, 0.3})
      expect_done({20000, 10000}, {.latency = latency, .loss = loss}, 5);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_no_question_of_4_000_is_lost);
  RUN_TEST(test_no_question_of_20_000_is_lost);
  return UNITY_END();
}
