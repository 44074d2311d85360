// Servers that are dead, die and come back, refuse or say that they cannot, while thousands of questions are open.
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
using kind = fixture::world_server::kind;

void setUp() {}
void tearDown() {}

namespace {

constexpr world_load burst{4000, 2000};
constexpr world_load large_burst{20000, 10000};
constexpr world_server dead{.dies = 0s};

}  // namespace

void test_while_the_only_server_is_dead_for_two_seconds_no_question_is_lost() {
  for (const world_load& load : {burst, large_burst}) {
    const world_server server{.dies = 50ms, .comes_back = 2050ms};
    const world_result result = pacing_world(rules_for(1), {server}).run(load);
    TEST_ASSERT_EQUAL(load.questions, result.answered);
    TEST_ASSERT_EQUAL(0, result.overruns);
    TEST_ASSERT_LESS_OR_EQUAL(ideal(load, server) * 3 / 2 + 2s + 500ms, result.wall);
    TEST_ASSERT_LESS_OR_EQUAL(load.questions + 2000, result.sends[0]);  // the windows that were lost
  }
}

void test_when_the_first_of_two_servers_dies_the_second_takes_over() {
  pacing_world world(rules_for(2), {{.dies = 100ms, .comes_back = 2100ms}, {}});
  const world_result result = world.run(large_burst);
  TEST_ASSERT_EQUAL(20000, result.answered);
  TEST_ASSERT_LESS_OR_EQUAL(nanoseconds(300ms), result.first_send[1]);
  TEST_ASSERT_LESS_OR_EQUAL(nanoseconds(1s), result.wall);
}

void test_a_first_server_that_is_dead_from_the_start_costs_the_first_questions_less_than_a_second() {
  const world_result result = pacing_world(rules_for(2), {dead, {}}).run(burst);
  TEST_ASSERT_EQUAL(4000, result.answered);
  TEST_ASSERT_EQUAL(nanoseconds(750ms), result.first_send[1]);
  TEST_ASSERT_LESS_OR_EQUAL(750ms + ideal(burst, {}) * 3 / 2, result.wall);
  TEST_ASSERT_EQUAL(128, result.sends[0]);
  TEST_ASSERT_EQUAL(4000, result.sends[1]);
}

void test_a_first_server_that_is_dead_is_left_alone_but_for_probes_and_used_again_when_it_is_back() {
  pacing_world world(rules_for(2), {{.dies = 0s, .comes_back = 20s}, {}});
  TEST_ASSERT_EQUAL(4000, world.run(burst).answered);
  std::size_t probes = 0;
  // The rests end 10.75 s and about 31 s after the start.
  while (world.time() < 30s) {
    const world_result later = world.run({20, 10});
    TEST_ASSERT_EQUAL(20, later.answered);
    TEST_ASSERT_LESS_OR_EQUAL(nanoseconds(25ms), later.slowest);  // nobody waits for the probe
    probes += later.sends[0];
    world.pass(500ms);
  }
  TEST_ASSERT_EQUAL(1, probes);
  world.pass(2s);
  const world_result probing = world.run({20, 10});
  TEST_ASSERT_LESS_OR_EQUAL(nanoseconds(25ms), probing.slowest);
  TEST_ASSERT_FALSE(world.pacer().rests(0));
  const world_result back = world.run(burst);
  TEST_ASSERT_EQUAL(4000, back.answered);
  TEST_ASSERT_EQUAL(4000, back.sends[0]);
  TEST_ASSERT_EQUAL(0, back.sends[1]);
  TEST_ASSERT_LESS_OR_EQUAL(ideal(burst, {}) * 5 / 2, back.wall);  // its window begins with 16
}

void test_a_first_server_that_refuses_costs_a_round_trip() {
  pacing_world world(rules_for(2), {{.is = kind::refuses}, {}});
  const world_result result = world.run(burst);
  TEST_ASSERT_EQUAL(4000, result.answered);
  TEST_ASSERT_EQUAL(nanoseconds(20ms + 20us), result.first_send[1]);
  TEST_ASSERT_EQUAL(128, result.sends[0]);
  TEST_ASSERT_LESS_OR_EQUAL(20ms + ideal(burst, {}) * 3 / 2, result.wall);
  TEST_ASSERT_EQUAL(0, world.run(burst).sends[0]);
  world.pass(10s);
  const world_result later = world.run(burst);
  TEST_ASSERT_EQUAL(4000, later.answered);
  TEST_ASSERT_EQUAL(1, later.sends[0]);
}

void test_where_all_servers_refuse_the_questions_end_as_refused() {
  for (const std::size_t servers : {1U, 2U}) {
    pacing_world world(rules_for(servers), {servers, world_server{.is = kind::refuses}});
    const world_result result = world.run(burst);
    TEST_ASSERT_EQUAL(4000, result.refused);
    TEST_ASSERT_LESS_OR_EQUAL(servers, result.most_tries);
    TEST_ASSERT_LESS_OR_EQUAL(nanoseconds(500ms), result.wall);
  }
}

void test_a_first_server_that_cannot_costs_each_question_one_more() {
  const world_result result = pacing_world(rules_for(2), {{.is = kind::cannot}, {}}).run(burst);
  TEST_ASSERT_EQUAL(4000, result.answered);
  TEST_ASSERT_EQUAL(4000, result.sends[0]);
  TEST_ASSERT_EQUAL(4000, result.sends[1]);
  TEST_ASSERT_LESS_OR_EQUAL(20ms + ideal(burst, {}) * 3 / 2, result.wall);
}

void test_where_all_servers_cannot_the_questions_end_as_failed() {
  const world_server cannot{.is = kind::cannot};
  const world_result result = pacing_world(rules_for(2), {cannot, cannot}).run(burst);
  TEST_ASSERT_EQUAL(4000, result.failed);
  TEST_ASSERT_EQUAL(4000, result.sends[0]);
  TEST_ASSERT_EQUAL(4000, result.sends[1]);
}

// Each is sent at 0, 750, 1688, 2859 and 4324 ms of its time. The window closes to 16; those who wait behind it end with
// the first ones, since nobody answers, and not one after the other.
void test_10_000_questions_to_a_silent_server_end_within_their_time() {
  const world_load load{10'000, 10'000};
  const world_result result = pacing_world(rules_for(1), {dead}).run(load);
  TEST_ASSERT_EQUAL(load.questions, result.silent);
  TEST_ASSERT_LESS_OR_EQUAL(5, result.most_tries);
  TEST_ASSERT_LESS_OR_EQUAL(12s, result.wall);  // the last one of those that were sent began before 6 s
  TEST_ASSERT_LESS_OR_EQUAL(600, result.sends[0]);
}

void test_where_two_servers_are_silent_all_questions_end_as_silent() {
  const world_load load{2000, 2000};
  const world_result result = pacing_world(rules_for(2), {dead, dead}).run(load);
  TEST_ASSERT_EQUAL(load.questions, result.silent);
  TEST_ASSERT_LESS_OR_EQUAL(6 * load.questions, result.sends[0] + result.sends[1]);
  TEST_ASSERT_LESS_OR_EQUAL(nanoseconds(1s), result.first_send[1]);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_while_the_only_server_is_dead_for_two_seconds_no_question_is_lost);
  RUN_TEST(test_when_the_first_of_two_servers_dies_the_second_takes_over);
  RUN_TEST(test_a_first_server_that_is_dead_from_the_start_costs_the_first_questions_less_than_a_second);
  RUN_TEST(test_a_first_server_that_is_dead_is_left_alone_but_for_probes_and_used_again_when_it_is_back);
  RUN_TEST(test_a_first_server_that_refuses_costs_a_round_trip);
  RUN_TEST(test_where_all_servers_refuse_the_questions_end_as_refused);
  RUN_TEST(test_a_first_server_that_cannot_costs_each_question_one_more);
  RUN_TEST(test_where_all_servers_cannot_the_questions_end_as_failed);
  RUN_TEST(test_10_000_questions_to_a_silent_server_end_within_their_time);
  RUN_TEST(test_where_two_servers_are_silent_all_questions_end_as_silent);
  return UNITY_END();
}
