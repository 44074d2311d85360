// A dialer with thousands of dials leaves the loop to others: what comes all at once is done in turns.
#include <algorithm>
#include <memory>
#include <vector>

#include "demo/peers.hpp"
#include "support/loop_fixture.hpp"
#include "support/scripted_resolver.hpp"
#include "uvdial/uvdial.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::listener;
using demo::reserve;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

constexpr int all = 200;
constexpr int most_starts = 16;  // of one turn
constexpr int most_ends = 64;

struct crowd {
  std::shared_ptr<fixture::scripted_resolver> names = std::make_shared<fixture::scripted_resolver>();
  listener peer{fixture::loop(), reserve(ip_family::v4)};
  int starts = 0;
  int ends = 0;
  int successes = 0;
  dialer dials{fixture::loop(), {.names = names, .trace = [this](const trace_event& told) {
                                   if (told.what == trace_event::step::start) ++starts;
                                 }}};
  std::vector<operation> running{};

  void dial() {
    const dial_options options{.families = family_policy::v4_only};
    for (int i = 0; i < all; ++i)
      running.push_back(dials.connect({"crowd.test", peer.address().port()}, options, [this](auto ended) {
        ++ends;
        if (ended) ++successes;
      }));
  }
  void answer_all() {
    const auto waiting = names->running;
    for (auto* each : waiting) each->sink.answered({ip_family::v4, {peer.address()}});
  }
};

}  // namespace

void test_answers_that_come_at_once_start_sixteen_connections_in_each_turn() {
  crowd w;
  w.dial();
  w.answer_all();
  TEST_ASSERT_EQUAL(most_starts, w.starts);
  for (int turns = 1; w.starts < all; ++turns) {
    fixture::run_turn();
    TEST_ASSERT_LESS_OR_EQUAL(most_starts * (turns + 1), w.starts);
    TEST_ASSERT_GREATER_OR_EQUAL(std::min(all, most_starts * (turns + 1)), w.starts);
  }
  fixture::run();
  TEST_ASSERT_EQUAL(all, w.successes);
}

void test_64_dials_end_in_one_turn_and_the_others_in_later_ones() {
  crowd w;
  w.dial();
  w.dials.close([](outcome<done>) {});  // all are cancelled at once
  for (int turns = 1; w.ends < all; ++turns) {
    fixture::run_turn();
    TEST_ASSERT_EQUAL(std::min(all, most_ends * turns), w.ends);
  }
  fixture::run();
  TEST_ASSERT_EQUAL(all, w.ends);
  TEST_ASSERT_EQUAL(0, w.successes);
}

void test_one_that_is_dropped_while_it_waits_for_its_turn_starts_nothing() {
  crowd w;
  w.dial();
  w.answer_all();
  w.running.clear();
  fixture::run();
  TEST_ASSERT_EQUAL(most_starts, w.starts);
  TEST_ASSERT_EQUAL(0, w.ends);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_answers_that_come_at_once_start_sixteen_connections_in_each_turn);
  RUN_TEST(test_64_dials_end_in_one_turn_and_the_others_in_later_ones);
  RUN_TEST(test_one_that_is_dropped_while_it_waits_for_its_turn_starts_nothing);
  return UNITY_END();
}
