// When a turn wakes its client: never early, never before what is there to be read, and never inside a call.
#include "glue/turn.hpp"

#include <sys/socket.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "demo/ports.hpp"
#include "support/loop_fixture.hpp"

using namespace std::chrono_literals;
using uvdial::demo::descriptor;
using uvdial::detail::handle_count;
using uvdial::detail::instant;
using uvdial::detail::now;
using uvdial::detail::turn;
using uvdial::detail::turn_client;
using uvdial::detail::uv_handle;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

// Wants what the test sets, and notes when it is woken.
struct client final : turn_client {
  std::optional<instant> next_wake() noexcept override {
    ++asked;
    return wanted;
  }
  void woken() noexcept override {
    times.push_back(now());
    wanted.reset();
    if (then) then();
  }

  std::shared_ptr<handle_count> count = std::make_shared<handle_count>();
  std::optional<instant> wanted{};
  std::vector<instant> times{};
  int asked = 0;
  std::function<void()> then{};
  std::optional<turn> loop_turn{std::in_place, fixture::loop(), *this, count};
};

void pass(instant until) {
  while (now() < until) {}
}

// A socket pair on the loop whose one end is written by the test.
struct polled_pair {
  polled_pair() {
    int both[2] = {-1, -1};
    TEST_ASSERT_EQUAL(0, ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, both));
    watched = descriptor(both[0]);
    other = descriptor(both[1]);
    const int number = watched.get();
    TEST_ASSERT_EQUAL(0, poll.open(nullptr, [number](uv_poll_t* made) {
      return uv_poll_init(&fixture::loop(), made, number);
    }));
    poll->data = this;
    TEST_ASSERT_EQUAL(0, uv_poll_start(poll.get(), UV_READABLE, on_ready));
  }
  static void on_ready(uv_poll_t* handle, int, int) noexcept {
    const auto* self = static_cast<const polled_pair*>(handle->data);
    char byte = 0;
    if (self && ::recv(self->watched.get(), &byte, 1, 0) == 1 && self->then) self->then();
  }

  std::function<void()> then{};
  descriptor watched{-1};
  descriptor other{-1};
  uv_handle<uv_poll_t> poll;
};

}  // namespace

// What is due at the moment of asking is due, although that moment is later than the start of the turn.
static void test_a_client_that_means_this_very_moment_is_woken_in_this_turn() {
  struct hasty final : turn_client {
    std::optional<instant> next_wake() noexcept override {
      return wakes == 0 ? std::optional(now()) : std::nullopt;
    }
    void woken() noexcept override { ++wakes; }
    int wakes = 0;
    std::shared_ptr<handle_count> count = std::make_shared<handle_count>();
    turn loop_turn{fixture::loop(), *this, count};
  } one;
  one.loop_turn.hold(true);
  (void)uv_run(&fixture::loop(), UV_RUN_NOWAIT);  // says that the turn is held
  TEST_ASSERT_EQUAL(1, one.wakes);
}

static void test_a_wake_is_never_early() {
  client c;
  c.loop_turn->hold(true);
  for (int round = 0; round < 20; ++round) {
    const instant wanted = now() + round * 137us;
    c.wanted = wanted;
    c.times.clear();
    fixture::run_until([&c] { return !c.times.empty(); });
    TEST_ASSERT_GREATER_OR_EQUAL(wanted, c.times.front());
  }
}

static void test_a_wake_that_is_put_off_does_not_come_at_the_old_time() {
  client c;
  c.loop_turn->hold(true);
  c.wanted = now() + 2ms;
  fixture::run_turn();  // arms the timer
  const instant later = *c.wanted + 10ms;
  c.wanted = later;
  fixture::run_until([&c] { return !c.times.empty(); });
  TEST_ASSERT_EQUAL(1u, c.times.size());
  TEST_ASSERT_GREATER_OR_EQUAL(later, c.times.front());
}

static void test_a_wake_that_is_called_off_does_not_come() {
  client c;
  c.loop_turn->hold(true);
  c.wanted = now() + 2ms;
  fixture::run_turn();
  const instant old = *c.wanted;
  c.wanted.reset();
  pass(old + 2ms);
  for (int turns = 0; turns < 3; ++turns) fixture::run_turn();
  TEST_ASSERT_EQUAL(0u, c.times.size());
}

static void test_a_wake_that_is_wanted_sooner_does_not_wait_for_the_old_time() {
  client c;
  c.loop_turn->hold(true);
  c.wanted = now() + 1h;
  fixture::run_turn();
  c.wanted = now() + 1ms;
  fixture::run_until([&c] { return !c.times.empty(); });
  TEST_ASSERT_EQUAL(1u, c.times.size());
}

static void test_what_can_be_read_comes_before_a_wake_that_is_due_in_the_same_turn() {
  client c;
  polled_pair pair;
  std::string order;
  pair.then = [&order] { order += "read "; };
  c.then = [&order] { order += "woken"; };
  c.loop_turn->hold(true);
  c.wanted = now() + 2ms;
  fixture::run_turn();
  const instant due = *c.wanted;
  TEST_ASSERT_EQUAL(1, ::send(pair.other.get(), "x", 1, 0));
  pass(due + 3ms);  // the loop is held up: now both are due
  fixture::run_turn();
  TEST_ASSERT_EQUAL_STRING_MESSAGE("read woken", order, "both in this turn");
}

static void test_a_wake_that_is_overdue_when_first_asked_for_waits_for_the_sockets_too() {
  client c;
  polled_pair pair;
  std::string order;
  pair.then = [&order] { order += "read "; };
  c.then = [&order] { order += "woken"; };
  TEST_ASSERT_EQUAL(1, ::send(pair.other.get(), "x", 1, 0));
  c.loop_turn->hold(true);
  c.wanted = now() - 1s;
  fixture::run_turn();
  TEST_ASSERT_EQUAL_STRING("read woken", order);
}

static void test_wake_soon_while_sockets_are_read_acts_in_the_same_turn() {
  client c;
  polled_pair pair;
  pair.then = [&c] { c.loop_turn->wake_soon(); };
  TEST_ASSERT_EQUAL(1, ::send(pair.other.get(), "x", 1, 0));
  fixture::run_turn();
  TEST_ASSERT_EQUAL(1u, c.times.size());
}

static void test_many_wake_soon_are_one_wake_and_none_is_inside_the_call() {
  client c;
  c.loop_turn->hold(true);
  for (int time = 0; time < 5; ++time) c.loop_turn->wake_soon();
  TEST_ASSERT_EQUAL(0u, c.times.size());
  for (int turns = 0; turns < 3; ++turns) fixture::run_turn();
  TEST_ASSERT_EQUAL(1u, c.times.size());
}

static void test_wake_soon_inside_a_wake_is_for_the_next_turn() {
  client c;
  c.loop_turn->hold(true);
  c.then = [&c] {
    if (c.times.size() < 3) c.loop_turn->wake_soon();
  };
  c.loop_turn->wake_soon();
  for (std::size_t turns = 1; turns <= 3; ++turns) {
    fixture::run_turn();
    TEST_ASSERT_EQUAL(turns, c.times.size());
  }
}

static void test_hold_keeps_the_loop_alive_until_it_is_taken_back() {
  client c;
  c.loop_turn->hold(true);
  c.wanted = now() + 3ms;
  c.then = [&c] { c.loop_turn->hold(false); };
  fixture::run();
  TEST_ASSERT_EQUAL(1u, c.times.size());
}

static void test_a_held_turn_asks_its_client_once_a_turn() {
  client c;
  c.loop_turn->hold(true);
  for (int turns = 1; turns <= 3; ++turns) {
    fixture::run_turn();
    TEST_ASSERT_EQUAL(turns, c.asked);
  }
  c.loop_turn->hold(false);
  fixture::run_turn();
  TEST_ASSERT_EQUAL(3, c.asked);
}

static void test_without_hold_the_loop_ends() {
  client c;
  c.loop_turn->watch(true);
  c.loop_turn->wake_soon();
  c.wanted = now() + 1h;
  fixture::run();
  TEST_ASSERT_EQUAL(0, uv_loop_alive(&fixture::loop()));
}

static void test_a_watched_turn_is_woken_while_others_keep_the_loop_alive() {
  client c;
  polled_pair pair;
  c.loop_turn->watch(true);
  c.wanted = now() + 1ms;
  fixture::run_until([&c] { return !c.times.empty(); });
  c.loop_turn->watch(false);
  const int asked = c.asked;
  fixture::run_turn();
  TEST_ASSERT_EQUAL(asked, c.asked);
}

static void test_the_turn_may_die_inside_its_wake() {
  client c;
  c.loop_turn->hold(true);
  c.loop_turn->wake_soon();
  c.then = [&c] { c.loop_turn.reset(); };
  fixture::run();
  TEST_ASSERT_EQUAL(1u, c.times.size());
  TEST_ASSERT_EQUAL(0u, c.count->open());
}

static void test_a_turn_that_dies_with_a_wake_due_is_silent() {
  client c;
  c.loop_turn->hold(true);
  c.wanted = now();
  c.loop_turn->wake_soon();
  c.loop_turn.reset();
  fixture::run();
  TEST_ASSERT_EQUAL(0u, c.times.size());
  TEST_ASSERT_EQUAL(0u, c.count->open());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_client_that_means_this_very_moment_is_woken_in_this_turn);
  RUN_TEST(test_a_wake_is_never_early);
  RUN_TEST(test_a_wake_that_is_put_off_does_not_come_at_the_old_time);
  RUN_TEST(test_a_wake_that_is_called_off_does_not_come);
  RUN_TEST(test_a_wake_that_is_wanted_sooner_does_not_wait_for_the_old_time);
  RUN_TEST(test_what_can_be_read_comes_before_a_wake_that_is_due_in_the_same_turn);
  RUN_TEST(test_a_wake_that_is_overdue_when_first_asked_for_waits_for_the_sockets_too);
  RUN_TEST(test_wake_soon_while_sockets_are_read_acts_in_the_same_turn);
  RUN_TEST(test_many_wake_soon_are_one_wake_and_none_is_inside_the_call);
  RUN_TEST(test_wake_soon_inside_a_wake_is_for_the_next_turn);
  RUN_TEST(test_hold_keeps_the_loop_alive_until_it_is_taken_back);
  RUN_TEST(test_a_held_turn_asks_its_client_once_a_turn);
  RUN_TEST(test_without_hold_the_loop_ends);
  RUN_TEST(test_a_watched_turn_is_woken_while_others_keep_the_loop_alive);
  RUN_TEST(test_the_turn_may_die_inside_its_wake);
  RUN_TEST(test_a_turn_that_dies_with_a_wake_due_is_silent);
  return UNITY_END();
}
