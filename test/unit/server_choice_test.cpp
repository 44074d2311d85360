#include "logic/server_choice.hpp"

#include "support/unity.hpp"

using uvdial::detail::only;
using uvdial::detail::server_choice;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

void setUp() {}
void tearDown() {}

namespace {

constexpr bool in_order = false;
constexpr bool in_turn = true;
const std::optional<std::size_t> none;

server_choice resting(server_choice servers, std::initializer_list<std::size_t> which, nanoseconds now = 0s) {
  for (const std::size_t server : which) servers.refused(server, now);
  return servers;
}

}  // namespace

void test_the_first_server_is_asked_each_time() {
  server_choice servers(3, in_order);
  TEST_ASSERT_EQUAL(3, servers.count());
  for (int i = 0; i < 4; ++i) {
    TEST_ASSERT_EQUAL(0, servers.first(0));
    servers.first_was_taken();
  }
}

void test_rotation_asks_each_in_its_turn() {
  server_choice servers(3, in_turn);
  for (const std::size_t server : {0U, 1U, 2U, 0U}) {
    TEST_ASSERT_EQUAL(server, servers.first(0));
    TEST_ASSERT_EQUAL(server, servers.first(0));  // a look takes no turn
    servers.first_was_taken();
  }
}

void test_one_that_rests_is_passed_over() {
  TEST_ASSERT_EQUAL(1, resting({3, in_order}, {0}).first(0));
  TEST_ASSERT_EQUAL(2, resting({3, in_order}, {0, 1}).first(0));
  server_choice turning = resting({3, in_turn}, {1});
  for (const std::size_t server : {0U, 2U, 2U, 0U}) {
    TEST_ASSERT_EQUAL(server, turning.first(0));
    turning.first_was_taken();
  }
}

void test_where_all_rest_the_preferred_one_is_asked() {
  TEST_ASSERT_EQUAL(0, resting({3, in_order}, {0, 1, 2}).first(0));
  server_choice turning = resting({2, in_turn}, {0, 1});
  turning.first_was_taken();
  TEST_ASSERT_EQUAL(1, turning.first(0));
}

void test_after_one_comes_the_next_in_the_circle() {
  const server_choice servers(3, in_order);
  TEST_ASSERT_EQUAL(1, servers.after(0, 0).value());
  TEST_ASSERT_EQUAL(2, servers.after(1, 0).value());
  TEST_ASSERT_EQUAL(0, servers.after(2, 0).value());
}

void test_after_one_come_only_those_not_ruled_out() {
  const server_choice servers(3, in_order);
  TEST_ASSERT_EQUAL(2, servers.after(0, only(1)).value());
  TEST_ASSERT_EQUAL(0, servers.after(0, only(1) | only(2)).value());
  TEST_ASSERT_EQUAL(none, servers.after(0, only(0) | only(1) | only(2)));
}

void test_after_the_only_one_it_comes_again() {
  const server_choice servers(1, in_order);
  TEST_ASSERT_EQUAL(0, servers.after(0, 0).value());
  TEST_ASSERT_EQUAL(none, servers.after(0, only(0)));
}

void test_one_that_rests_comes_after_all_others() {
  const server_choice servers = resting({3, in_order}, {1});
  TEST_ASSERT_EQUAL(2, servers.after(0, 0).value());
  TEST_ASSERT_EQUAL(0, servers.after(2, 0).value());
  TEST_ASSERT_EQUAL(1, servers.after(0, only(0) | only(2)).value());
  TEST_ASSERT_EQUAL(2, resting({3, in_order}, {0, 1, 2}).after(1, 0).value());
}

void test_all_32_servers_can_be_told_apart() {
  const server_choice servers(32, in_order);
  TEST_ASSERT_EQUAL(31, servers.after(0, ~only(31)).value());
}

void test_two_silences_in_a_row_make_it_rest() {
  server_choice servers(2, in_order);
  TEST_ASSERT_FALSE(servers.was_silent(0, 1s));
  TEST_ASSERT_FALSE(servers.rests(0));
  TEST_ASSERT_TRUE(servers.was_silent(0, 2s));
  TEST_ASSERT_TRUE(servers.rests(0));
  TEST_ASSERT_FALSE(servers.rests(1));
  TEST_ASSERT_FALSE(servers.was_silent(0, 3s));  // it is no news
}

void test_a_word_between_two_silences_counts() {
  server_choice servers(2, in_order);
  for (int i = 0; i < 3; ++i) {
    TEST_ASSERT_FALSE(servers.was_silent(0, 1s));
    servers.heard(0);
  }
  TEST_ASSERT_FALSE(servers.rests(0));
}

void test_silences_of_two_servers_do_not_add_up() {
  server_choice servers(2, in_order);
  TEST_ASSERT_FALSE(servers.was_silent(0, 1s));
  TEST_ASSERT_FALSE(servers.was_silent(1, 1s));
}

void test_a_closed_port_makes_it_rest_at_once() {
  server_choice servers(2, in_order);
  servers.refused(1, 1s);
  TEST_ASSERT_TRUE(servers.rests(1));
  TEST_ASSERT_FALSE(servers.rests(0));
}

void test_the_probe_is_given_once_when_the_rest_is_over() {
  server_choice servers = resting({3, in_order}, {1}, 5s);
  TEST_ASSERT_EQUAL(none, servers.take_probe(15s - 1ns));
  TEST_ASSERT_EQUAL(1, servers.take_probe(15s).value());
  TEST_ASSERT_EQUAL(none, servers.take_probe(15s));
  TEST_ASSERT_TRUE(servers.rests(1));  // until it has answered
  TEST_ASSERT_EQUAL(0, resting({2, in_order}, {0, 1}).take_probe(10s).value());
}

void test_each_of_several_gets_its_own_probe() {
  server_choice servers = resting({3, in_order}, {0, 2});
  TEST_ASSERT_EQUAL(0, servers.take_probe(10s).value());
  TEST_ASSERT_EQUAL(2, servers.take_probe(10s).value());
  TEST_ASSERT_EQUAL(none, servers.take_probe(10s));
}

void test_one_that_is_well_gets_no_probe() {
  server_choice servers(2, in_order);
  TEST_ASSERT_EQUAL(none, servers.take_probe(100s));
}

void test_rests_double_from_10_s_to_320_s() {
  server_choice servers = resting({2, in_order}, {0});
  nanoseconds now = 0s;
  for (const nanoseconds rest : {10s, 20s, 40s, 80s, 160s, 320s, 320s, 320s}) {
    TEST_ASSERT_EQUAL(none, servers.take_probe(now + rest - 1ns));
    now += rest;
    TEST_ASSERT_EQUAL(0, servers.take_probe(now).value());
  }
}

void test_a_closed_port_told_many_times_makes_one_rest() {
  server_choice servers = resting({2, in_order}, {0, 0, 0, 0});
  servers.refused(0, 9s);
  TEST_ASSERT_EQUAL(0, servers.take_probe(10s).value());
  servers.refused(0, 10s);  // the probe
  TEST_ASSERT_EQUAL(none, servers.take_probe(30s - 1ns));
  TEST_ASSERT_EQUAL(0, servers.take_probe(30s).value());
}

void test_a_word_brings_it_back() {
  server_choice servers = resting({2, in_order}, {0});
  TEST_ASSERT_EQUAL(0, servers.take_probe(10s).value());
  servers.heard(0);
  TEST_ASSERT_FALSE(servers.rests(0));
  TEST_ASSERT_EQUAL(0, servers.first(0));
  TEST_ASSERT_EQUAL(none, servers.take_probe(1000s));
}

void test_the_rest_after_a_word_is_a_first_one() {
  server_choice servers = resting({2, in_order}, {0});
  TEST_ASSERT_EQUAL(0, servers.take_probe(10s).value());
  servers.heard(0);
  servers.refused(0, 20s);
  TEST_ASSERT_EQUAL(none, servers.take_probe(30s - 1ns));
  TEST_ASSERT_EQUAL(0, servers.take_probe(30s).value());
}

void test_one_that_is_full_is_passed_over_where_they_take_turns() {
  const server_choice turning(3, true);
  TEST_ASSERT_EQUAL(1, *turning.first(uvdial::detail::only(0)));
  TEST_ASSERT_EQUAL(2, *turning.first(uvdial::detail::only(0) | uvdial::detail::only(1)));
  TEST_ASSERT_FALSE(turning.first(7).has_value());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_the_first_server_is_asked_each_time);
  RUN_TEST(test_rotation_asks_each_in_its_turn);
  RUN_TEST(test_one_that_rests_is_passed_over);
  RUN_TEST(test_where_all_rest_the_preferred_one_is_asked);
  RUN_TEST(test_after_one_comes_the_next_in_the_circle);
  RUN_TEST(test_after_one_come_only_those_not_ruled_out);
  RUN_TEST(test_after_the_only_one_it_comes_again);
  RUN_TEST(test_one_that_rests_comes_after_all_others);
  RUN_TEST(test_all_32_servers_can_be_told_apart);
  RUN_TEST(test_two_silences_in_a_row_make_it_rest);
  RUN_TEST(test_a_word_between_two_silences_counts);
  RUN_TEST(test_silences_of_two_servers_do_not_add_up);
  RUN_TEST(test_a_closed_port_makes_it_rest_at_once);
  RUN_TEST(test_the_probe_is_given_once_when_the_rest_is_over);
  RUN_TEST(test_each_of_several_gets_its_own_probe);
  RUN_TEST(test_one_that_is_well_gets_no_probe);
  RUN_TEST(test_rests_double_from_10_s_to_320_s);
  RUN_TEST(test_a_closed_port_told_many_times_makes_one_rest);
  RUN_TEST(test_a_word_brings_it_back);
  RUN_TEST(test_the_rest_after_a_word_is_a_first_one);
  RUN_TEST(test_one_that_is_full_is_passed_over_where_they_take_turns);
  return UNITY_END();
}
