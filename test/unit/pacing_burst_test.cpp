// Bursts against simulated servers out of whose way no packet gets lost, but in a buffer for 256 that overruns.
#include <string>

#include "support/pacing_rules.hpp"
#include "support/pacing_world.hpp"
#include "support/unity.hpp"

using fixture::nanoseconds;
using fixture::pacing_world;
using fixture::rules_for;
using fixture::world_load;
using fixture::world_result;
using fixture::world_server;
using namespace std::chrono_literals;

void setUp() {}
void tearDown() {}

namespace {

// All were answered, and within half as much time again as the best client needs.
void expect_done(const world_load& load, const world_server& server, const world_result& result) {
  const std::string which = std::to_string(load.questions) + " questions, " +
                            std::to_string(server.latency / 1ms) + " ms, " +
                            std::to_string(1s / server.service) + " a second";
  TEST_ASSERT_EQUAL_MESSAGE(load.questions, result.answered, which);
  TEST_ASSERT_LESS_OR_EQUAL_MESSAGE(ideal(load, server) * 3 / 2, result.wall, which);
}

}  // namespace

void test_a_burst_overruns_no_buffer_and_takes_little_longer_than_it_must() {
  for (const nanoseconds latency : {20ms, 100ms})
    for (const world_load& load : {world_load{4000, 2000}, world_load{20000, 10000}}) {
      const world_server server{.latency = latency};
      const world_result result = pacing_world(rules_for(1), {server}).run(load);
      expect_done(load, server, result);
      TEST_ASSERT_EQUAL(0, result.overruns);
      TEST_ASSERT_EQUAL(load.questions, result.sends[0]);
    }
}

void test_a_server_close_by_is_not_overrun_either() {
  const world_server server{.latency = 200us};
  const world_load load{4000, 2000};
  const world_result result = pacing_world(rules_for(1), {server}).run(load);
  TEST_ASSERT_EQUAL(4000, result.answered);
  TEST_ASSERT_EQUAL(0, result.overruns);
  // The pace of 32 a millisecond is what it takes there, since the server could do 50.
  TEST_ASSERT_LESS_OR_EQUAL(nanoseconds(126ms), result.wall);
}

void test_slower_servers_are_hardly_overrun() {
  for (const nanoseconds service : {50us, 100us, 1000us}) {
    const world_server server{.service = service};
    const world_load load{4000, 2000};
    const world_result result = pacing_world(rules_for(1), {server}).run(load);
    expect_done(load, server, result);
    TEST_ASSERT_LESS_OR_EQUAL(load.questions / 100, result.overruns);
  }
}

void test_of_100_000_questions_none_is_lost() {
  const world_load load{100'000, 50'000};
  const world_result result = pacing_world(rules_for(1), {world_server{}}).run(load);
  TEST_ASSERT_EQUAL(load.questions, result.answered);
  TEST_ASSERT_EQUAL(0, result.overruns);
  // 32 a millisecond, and the ramp.
  TEST_ASSERT_LESS_OR_EQUAL(nanoseconds(3300ms), result.wall);
}

void test_a_second_burst_after_a_pause_does_as_well() {
  const world_server server{};
  pacing_world world(rules_for(1), {server});
  const world_load load{4000, 2000};
  expect_done(load, server, world.run(load));
  world.pass(5s);
  const world_result again = world.run(load);
  expect_done(load, server, again);
  TEST_ASSERT_EQUAL(0, again.overruns);
}

void test_rotation_shares_a_burst_out() {
  auto rules = rules_for(2);
  rules.rotates = true;
  const world_result result = pacing_world(rules, {world_server{}, world_server{}}).run({4000, 2000});
  TEST_ASSERT_EQUAL(4000, result.answered);
  TEST_ASSERT_EQUAL(2000, result.sends[0]);
  TEST_ASSERT_EQUAL(2000, result.sends[1]);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_burst_overruns_no_buffer_and_takes_little_longer_than_it_must);
  RUN_TEST(test_a_server_close_by_is_not_overrun_either);
  RUN_TEST(test_slower_servers_are_hardly_overrun);
  RUN_TEST(test_of_100_000_questions_none_is_lost);
  RUN_TEST(test_a_second_burst_after_a_pause_does_as_well);
  RUN_TEST(test_rotation_shares_a_burst_out);
  return UNITY_END();
}
