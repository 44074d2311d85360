// What is remembered of winners, how long, and of how many hosts.
#include "logic/winner_memory.hpp"

#include <string>
#include <vector>

#include "unity.hpp"

using namespace std::chrono_literals;
using uvdial::endpoint;
using uvdial::detail::answer_mark;
using uvdial::detail::mark_of;
using uvdial::detail::remembered_winner;
using uvdial::detail::winner_memory;

void setUp() {}
void tearDown() {}

namespace {

constexpr std::uint64_t here = 7;
constexpr std::uint64_t elsewhere = 8;

remembered_winner winner(const char* address) { return {endpoint::parse(address), {answer_mark{1}, {}}}; }

std::string recalled(winner_memory& memory, const std::string& host, winner_memory::instant now,
                     std::uint64_t network = here) {
  const auto found = memory.recall(host, network, now);
  return found ? found->winner.to_string() : "nothing";
}

answer_mark mark_of_all(const std::vector<const char*>& addresses) {
  answer_mark mark = 0;
  for (const char* one : addresses) mark += mark_of(endpoint::parse(one));
  return mark;
}

}  // namespace

static void test_a_winner_is_recalled_by_its_host() {
  winner_memory memory;
  TEST_ASSERT_TRUE(memory.empty());
  memory.remember("a.test:80", winner("192.0.2.1:80"), here, 1s);
  TEST_ASSERT_FALSE(memory.empty());
  TEST_ASSERT_EQUAL("192.0.2.1:80", recalled(memory, "a.test:80", 2s));
  TEST_ASSERT_EQUAL("nothing", recalled(memory, "b.test:80", 2s));
  const auto found = memory.recall("a.test:80", here, 2s);
  TEST_ASSERT_EQUAL(1u, found->answers[0].value());
  TEST_ASSERT_FALSE(found->answers[1].has_value());
}

static void test_it_is_forgotten_after_ten_minutes() {
  winner_memory memory;
  memory.remember("a.test:80", winner("192.0.2.1:80"), here, 1s);
  TEST_ASSERT_EQUAL("192.0.2.1:80", recalled(memory, "a.test:80", 10min + 1s - 1ns));
  TEST_ASSERT_EQUAL("nothing", recalled(memory, "a.test:80", 10min + 1s));
  TEST_ASSERT_TRUE(memory.empty());
}

static void test_its_use_does_not_make_it_younger() {
  winner_memory memory;
  memory.remember("a.test:80", winner("192.0.2.1:80"), here, 0s);
  for (auto now = 1min; now < 10min; ++now)
    TEST_ASSERT_EQUAL("192.0.2.1:80", recalled(memory, "a.test:80", now));
  TEST_ASSERT_EQUAL("nothing", recalled(memory, "a.test:80", 10min));
}

static void test_a_new_winner_takes_its_place_and_its_time() {
  winner_memory memory;
  memory.remember("a.test:80", winner("192.0.2.1:80"), here, 0s);
  memory.remember("b.test:80", winner("192.0.2.2:80"), here, 1min);
  memory.remember("a.test:80", winner("192.0.2.3:80"), here, 5min);
  TEST_ASSERT_EQUAL("192.0.2.3:80", recalled(memory, "a.test:80", 10min));
  TEST_ASSERT_EQUAL("nothing", recalled(memory, "b.test:80", 11min));
  TEST_ASSERT_EQUAL("192.0.2.3:80", recalled(memory, "a.test:80", 11min));
  TEST_ASSERT_EQUAL("nothing", recalled(memory, "a.test:80", 15min));
  TEST_ASSERT_TRUE(memory.empty());
}

static void test_another_network_forgets_all() {
  winner_memory memory;
  memory.remember("a.test:80", winner("192.0.2.1:80"), here, 0s);
  memory.remember("b.test:80", winner("192.0.2.2:80"), here, 0s);
  TEST_ASSERT_EQUAL("nothing", recalled(memory, "a.test:80", 1s, elsewhere));
  TEST_ASSERT_TRUE(memory.empty());
  TEST_ASSERT_EQUAL("nothing", recalled(memory, "b.test:80", 1s, here));
  memory.remember("a.test:80", winner("192.0.2.1:80"), here, 2s);
  memory.remember("b.test:80", winner("192.0.2.2:80"), elsewhere, 2s);
  TEST_ASSERT_EQUAL("nothing", recalled(memory, "a.test:80", 3s, elsewhere));
  TEST_ASSERT_EQUAL("192.0.2.2:80", recalled(memory, "b.test:80", 3s, elsewhere));
}

static void test_one_host_is_forgotten_alone() {
  winner_memory memory;
  memory.forget("a.test:80");
  memory.remember("a.test:80", winner("192.0.2.1:80"), here, 0s);
  memory.remember("b.test:80", winner("192.0.2.2:80"), here, 0s);
  memory.forget("a.test:80");
  TEST_ASSERT_EQUAL("nothing", recalled(memory, "a.test:80", 1s));
  TEST_ASSERT_EQUAL("192.0.2.2:80", recalled(memory, "b.test:80", 1s));
  memory.forget("b.test:80");
  TEST_ASSERT_TRUE(memory.empty());
}

static void test_the_oldest_makes_room() {
  winner_memory memory(3);
  for (const char* host : {"a", "b", "c"}) memory.remember(host, winner("192.0.2.1:80"), here, 0s);
  memory.remember("a", winner("192.0.2.1:80"), here,
                  1s);  // replaced: nobody has to go, and `b` is the oldest
  memory.remember("d", winner("192.0.2.1:80"), here, 2s);
  std::string left;
  for (const char* host : {"a", "b", "c", "d"}) {
    if (memory.recall(host, here, 3s)) left += host;
  }
  TEST_ASSERT_EQUAL("acd", left);
}

static void test_it_holds_as_many_as_it_may_and_no_more() {
  winner_memory memory;
  for (int host = 0; host < 1100; ++host)
    memory.remember(std::to_string(host), winner("192.0.2.1:80"), here, 0s);
  TEST_ASSERT_EQUAL("nothing", recalled(memory, "75", 1s));
  TEST_ASSERT_EQUAL("192.0.2.1:80", recalled(memory, "76", 1s));
  TEST_ASSERT_EQUAL("192.0.2.1:80", recalled(memory, "1099", 1s));
}

static void test_a_mark_stands_for_a_set() {
  TEST_ASSERT_EQUAL(mark_of_all({"192.0.2.1:80", "192.0.2.2:80"}),
                    mark_of_all({"192.0.2.2:80", "192.0.2.1:80"}));
  const std::vector<std::vector<const char*>> sets{{},
                                                   {"192.0.2.1:80"},
                                                   {"192.0.2.2:80"},
                                                   {"192.0.2.1:81"},
                                                   {"192.0.2.1:80", "192.0.2.2:80"},
                                                   {"192.0.2.1:80", "192.0.2.3:80"},
                                                   {"192.0.2.0:80", "192.0.2.3:80"},
                                                   {"[2001:db8::1]:80"},
                                                   {"[2001:db8::1]:80", "[2001:db8::2]:80"},
                                                   {"[::ffff:192.0.2.1]:80"}};
  for (std::size_t one = 0; one < sets.size(); ++one) {
    for (std::size_t other = one + 1; other < sets.size(); ++other)
      TEST_ASSERT_NOT_EQUAL(mark_of_all(sets[one]), mark_of_all(sets[other]));
  }
}

// All of 192.0.2.0/24 and as many of IPv6: no two alike, and no sum of two neighbours like another one.
static void test_the_marks_of_neighbours_are_far_apart() {
  std::vector<answer_mark> sums;
  for (const char* front : {"192.0.2.", "[2001:db8::"}) {
    const bool v6 = *front == '[';
    for (int at = 0; at < 255; ++at) {
      const auto text = [&](int number) { return front + std::to_string(number) + (v6 ? "]:80" : ":80"); };
      sums.push_back(mark_of(endpoint::parse(text(at))));
      sums.push_back(mark_of(endpoint::parse(text(at))) + mark_of(endpoint::parse(text(at + 1))));
    }
  }
  for (std::size_t one = 0; one < sums.size(); ++one) {
    for (std::size_t other = one + 1; other < sums.size(); ++other)
      if (sums[one] == sums[other]) TEST_FAIL_MESSAGE("two sets with one mark");
  }
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_winner_is_recalled_by_its_host);
  RUN_TEST(test_it_is_forgotten_after_ten_minutes);
  RUN_TEST(test_its_use_does_not_make_it_younger);
  RUN_TEST(test_a_new_winner_takes_its_place_and_its_time);
  RUN_TEST(test_another_network_forgets_all);
  RUN_TEST(test_one_host_is_forgotten_alone);
  RUN_TEST(test_the_oldest_makes_room);
  RUN_TEST(test_it_holds_as_many_as_it_may_and_no_more);
  RUN_TEST(test_a_mark_stands_for_a_set);
  RUN_TEST(test_the_marks_of_neighbours_are_far_apart);
  return UNITY_END();
}
