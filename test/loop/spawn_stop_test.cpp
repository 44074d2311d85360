// What the operation of a spawned task can do to it: drop, cancel, from outside, from inside, and while it dies.
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "support/connected.hpp"
#include "support/coroutines.hpp"
#include "uvdial/coroutine.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using fixture::ending;
using fixture::gate;
using fixture::mark;
using fixture::recorder;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

task<int> number(int value) { co_return value; }
task<int> marked_sleep(std::string& log) {
  const mark local(log, 'x');
  try {
    co_await sleep(fixture::loop(), 1h);
  } catch (const error&) {
    log += "a stopped task catches nothing";
  }
  co_return 1;
}

}  // namespace

static void test_dropping_stops_the_task_silently() {
  std::string log;
  recorder<int> end;
  const auto captured = std::make_shared<int>(1);
  operation running =
      spawn(fixture::loop(), marked_sleep(log), [captured, &end](outcome<int>) { ++end.calls; });
  fixture::run_turn();
  running = {};
  TEST_ASSERT_EQUAL_STRING("x", log);
  TEST_ASSERT_EQUAL(1, captured.use_count());
  fixture::run();
  TEST_ASSERT_EQUAL(0, end.calls);
}

static void test_dropping_a_result_that_waits_is_silent() {
  recorder<int> end;
  { const operation running = spawn(fixture::loop(), number(1), end.callback()); }
  fixture::run();
  TEST_ASSERT_EQUAL(0, end.calls);
}

static void test_cancel_stops_the_task_and_tells_from_the_loop() {
  std::string log;
  recorder<int> end;
  operation running = spawn(fixture::loop(), marked_sleep(log), end.callback());
  fixture::run_turn();
  running.cancel();
  running.cancel();
  TEST_ASSERT_EQUAL_STRING("x", log);
  TEST_ASSERT_EQUAL_STRING("not called", ending(end));
  TEST_ASSERT_TRUE(running.running());
  fixture::run();
  TEST_ASSERT_EQUAL(1, end.calls);
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(end));
  TEST_ASSERT_EQUAL_STRING("task: operation canceled", end.failure()->what());
  running.cancel();
}

static void test_cancel_beats_a_result_that_waits() {
  recorder<int> end;
  operation running = spawn(fixture::loop(), number(1), end.callback());
  running.cancel();
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(end));
}

static void test_a_drop_after_cancel_stays_silent() {
  std::string log;
  recorder<int> end;
  operation running = spawn(fixture::loop(), marked_sleep(log), end.callback());
  running.cancel();
  running = {};
  operation other = spawn(marked_sleep(log), end.callback());
  other.cancel();
  other = {};
  fixture::run();
  TEST_ASSERT_EQUAL(0, end.calls);
  TEST_ASSERT_EQUAL_STRING("xx", log);
}

static void test_a_task_that_cancels_itself_is_stopped_at_its_next_await() {
  for (const bool with_loop : {true, false}) {
    std::string log;
    recorder<int> end;
    operation running;
    auto body = [](operation& self, std::string& to) -> task<int> {
      const mark local(to, 'x');
      co_await sleep(fixture::loop(), 0ms);
      self.cancel();
      to += "on ";
      co_await sleep(fixture::loop(), 1h);
      co_return 1;
    };
    running = with_loop ? spawn(fixture::loop(), body(running, log), end.callback())
                        : spawn(body(running, log), end.callback());
    fixture::run();
    TEST_ASSERT_EQUAL_STRING("on x", log);
    TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(end));
    TEST_ASSERT_EQUAL(1, end.calls);
  }
}

static void test_a_task_that_cancels_itself_and_ends_is_cancelled() {
  for (const bool with_loop : {true, false}) {
    recorder<int> end;
    operation running;
    auto body = [](operation& self) -> task<int> {
      co_await sleep(fixture::loop(), 0ms);
      self.cancel();
      co_return 1;
    };
    running = with_loop ? spawn(fixture::loop(), body(running), end.callback())
                        : spawn(body(running), end.callback());
    fixture::run();
    TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(end));
  }
}

static void test_without_a_loop_a_cancel_is_told_from_the_loop_too() {
  std::string log;
  recorder<std::tuple<int, int>> end;
  operation running = spawn(when_all(marked_sleep(log), marked_sleep(log)), end.callback());
  fixture::run_turn();
  running.cancel();
  TEST_ASSERT_EQUAL_STRING("not called", ending(end));
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("xx", log);
  TEST_ASSERT_EQUAL(1, end.calls);
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(end));
}

static void test_without_a_loop_and_with_nothing_of_ours_a_cancel_waits_for_the_next_await() {
  std::string log;
  gate way;
  recorder<int> end;
  auto body = [](gate& at, std::string& to) -> task<int> {
    const mark local(to, 'x');
    co_await at;
    to += "on ";
    co_await gate();
    co_return 1;
  };
  operation running = spawn(body(way, log), end.callback());
  running.cancel();
  TEST_ASSERT_EQUAL_STRING("", log);
  way.open();
  TEST_ASSERT_EQUAL_STRING("on x", log);
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(end));
}

static void test_a_local_that_dies_with_its_task_may_drop_or_cancel_it() {
  struct ender {
    operation& owner;
    bool drops;
    ~ender() {
      if (drops)
        owner = {};
      else
        owner.cancel();
    }
  };
  for (const bool drops : {true, false}) {
    for (const bool with_loop : {true, false}) {
      recorder<int> end;
      operation running;
      auto body = [](operation& self, bool drop) -> task<int> {
        const ender last{self, drop};
        co_await sleep(fixture::loop(), 0ms);
        co_return 1;
      };
      running = with_loop ? spawn(fixture::loop(), body(running, drops), end.callback())
                          : spawn(body(running, drops), end.callback());
      fixture::run();
      TEST_ASSERT_FALSE(running.running());
      // The local dies before the task has ended: at its co_return.
      TEST_ASSERT_EQUAL_STRING(drops ? "not called" : "cancelled_error", ending(end));
    }
  }
}

// Arguments die with the frame, when the result is there already.
static void test_an_argument_that_dies_with_its_task_may_drop_or_cancel_it() {
  struct ender {
    ender(operation& its_owner, bool its_drops) : owner(&its_owner), drops(its_drops) {}
    ender(ender&& other) noexcept : owner(std::exchange(other.owner, nullptr)), drops(other.drops) {}
    ~ender() {
      if (owner && drops) *owner = {};
      if (owner && !drops) owner->cancel();
    }
    operation* owner;
    bool drops;
  };
  auto body = [](ender) -> task<int> {
    co_await sleep(fixture::loop(), 0ms);
    co_return 1;
  };
  for (const bool drops : {true, false}) {
    recorder<int> end;
    operation running;
    running = spawn(body(ender(running, drops)), end.callback());
    fixture::run();
    TEST_ASSERT_EQUAL_STRING(drops ? "not called" : "cancelled_error", ending(end));
  }
}

// A cancel destroys the frame of the inner task at once, and with it the frame that awaits it.
static void test_what_dies_in_a_cancel_may_drop_the_whole() {
  struct dropper {
    operation& owner;
    ~dropper() { owner = {}; }
  };
  std::string log;
  recorder<done> end;
  operation whole;
  auto inner = [](operation& owner) -> task<int> {
    const dropper last{owner};
    co_await sleep(fixture::loop(), 1h);
    co_return 1;
  };
  auto outer = [&inner](operation& owner, std::string& to) -> task<void> {
    const mark local(to, 'x');
    auto start = [&](callback<int> on_done) {
      return spawn(fixture::loop(), inner(owner), std::move(on_done));
    };
    (void)co_await when_all(sleep(fixture::loop(), 1h), await_operation<int>(start),
                            sleep(fixture::loop(), 1h));
  };
  whole = spawn(outer(whole, log), end.callback());
  whole.cancel();
  TEST_ASSERT_EQUAL_STRING("x", log);
  fixture::run();
  TEST_ASSERT_EQUAL(0, end.calls);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_dropping_stops_the_task_silently);
  RUN_TEST(test_dropping_a_result_that_waits_is_silent);
  RUN_TEST(test_cancel_stops_the_task_and_tells_from_the_loop);
  RUN_TEST(test_cancel_beats_a_result_that_waits);
  RUN_TEST(test_a_drop_after_cancel_stays_silent);
  RUN_TEST(test_a_task_that_cancels_itself_is_stopped_at_its_next_await);
  RUN_TEST(test_a_task_that_cancels_itself_and_ends_is_cancelled);
  RUN_TEST(test_without_a_loop_a_cancel_is_told_from_the_loop_too);
  RUN_TEST(test_without_a_loop_and_with_nothing_of_ours_a_cancel_waits_for_the_next_await);
  RUN_TEST(test_a_local_that_dies_with_its_task_may_drop_or_cancel_it);
  RUN_TEST(test_an_argument_that_dies_with_its_task_may_drop_or_cancel_it);
  RUN_TEST(test_what_dies_in_a_cancel_may_drop_the_whole);
  return UNITY_END();
}
