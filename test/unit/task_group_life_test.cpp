// when_all and first_of with children that run when they are stopped, or stop the whole: nobody is destroyed while it
// runs, and nobody twice.
#include <string>
#include <utility>

#include "support/gated_tasks.hpp"
#include "support/unity.hpp"
#include "uvdial/first_of.hpp"
#include "uvdial/spawn.hpp"
#include "uvdial/when_all.hpp"

using namespace fixture;
using uvdial::first_of;
using uvdial::operation;
using uvdial::spawn;
using uvdial::when_all;

void setUp() {}
void tearDown() {}

namespace {

struct opener {
  gate& at;
  ~opener() { at.open(); }
};

// Waits at one gate, and opens another when it dies.
task<int> opening(gate& way, gate& last, std::string& log) {
  const mark local(log, 'o');
  const opener opens{last};
  co_await way;
  co_return 1;
}

}  // namespace

// One sibling resumes the other inside its own body. It must not be destroyed while it runs.
static void test_a_sibling_that_is_stopped_while_it_runs_goes_when_it_waits() {
  gate way;
  gate never;
  std::string log;
  auto waker = [](gate& at, gate& end, std::string& to) -> task<void> {
    const mark local(to, 'w');
    at.open();
    to += "still here ";
    co_await end;
    to += "never";
  };
  const collected first(first_of(number_behind(way, 1), waker(way, never, log)));
  TEST_ASSERT_EQUAL_STRING("still here w", log);
  TEST_ASSERT_EQUAL(0u, first.value->index());
}

static void test_a_sibling_that_is_stopped_while_it_runs_may_end_instead() {
  gate way;
  const collected first(first_of(failing_behind(way, "first"), opens(way)));
  TEST_ASSERT_EQUAL_STRING("first", first.failure());
}

// The parent goes on only when both are gone: what they borrow is its own.
static void test_the_parent_waits_for_a_sibling_that_runs() {
  std::string log;
  gate begin;
  auto parent = [](gate& start, std::string& to) -> task<void> {
    gate way;
    auto waker = [](gate& when, gate& at, std::string& text) -> task<void> {
      const mark local(text, 'w');
      co_await when;
      at.open();
      text += "here ";
      co_await gate();
    };
    const mark local(to, 'p');
    (void)co_await first_of(number_behind(way, 1), waker(start, way, to));
    to += "parent ";
  };
  const foreign running = run(parent(begin, log));
  begin.open();
  TEST_ASSERT_TRUE(running.ended());
  TEST_ASSERT_EQUAL_STRING("here wparent p", log);
}

// Its parent's await_suspend is on the stack then, and the parent's frame goes under it.
static void test_a_child_may_drop_the_whole_before_it_ever_waits() {
  std::string log;
  gate way;
  operation whole;
  auto child = [](operation& owner, std::string& to) -> task<void> {
    owner = {};
    to += "still here ";
    co_await std::suspend_always();
    to += "never";
  };
  auto body = [&child](gate& at, operation& owner, std::string& to) -> task<void> {
    const mark local(to, 'b');
    co_await at;
    co_await child(owner, to);
    to += "never";
  };
  whole = spawn(body(way, whole, log));
  way.open();
  TEST_ASSERT_EQUAL_STRING("still here b", log);
}

static void test_a_member_may_drop_the_whole_before_it_ever_waits() {
  std::string log;
  gate way;
  gate never;
  operation whole;
  auto child = [](operation& owner) -> task<void> {
    owner = {};
    co_await std::suspend_always();
  };
  auto body = [&](gate& at, operation& owner, std::string& to) -> task<void> {
    const mark local(to, 'b');
    co_await at;
    co_await when_all(child(owner), nothing_behind(never));
    to += "never";
  };
  whole = spawn(body(way, whole, log));
  way.open();
  TEST_ASSERT_EQUAL_STRING("b", log);
  TEST_ASSERT_FALSE_MESSAGE(never.waited_at(), "the next member is not started");
}

static void test_a_child_may_drop_the_whole_while_it_runs() {
  std::string log;
  gate way;
  gate never;
  operation whole;
  auto child = [](gate& at, operation& owner, std::string& to) -> task<void> {
    const mark local(to, 'c');
    co_await at;
    owner = {};
    to += "still here ";
    co_await std::suspend_always();
    to += "never";
  };
  auto body = [](task<void> left, task<int> right) -> task<void> {
    co_await when_all(std::move(left), std::move(right));
  };
  whole = spawn(body(child(way, whole, log), marked(never, log, 's')));
  way.open();
  TEST_ASSERT_TRUE(log == "still here cs" || log == "still here sc");
}

static void test_a_child_may_drop_the_whole_and_end() {
  std::string log;
  gate way;
  gate never;
  operation whole;
  auto child = [](gate& at, operation& owner) -> task<void> {
    co_await at;
    owner = {};
  };
  auto body = [](task<void> left, task<int> right) -> task<void> {
    co_await first_of(std::move(left), std::move(right));
    TEST_FAIL_MESSAGE("dropped");
  };
  whole = spawn(body(child(way, whole), marked(never, log, 's')));
  way.open();
  TEST_ASSERT_EQUAL_STRING("s", log);
}

// The destructor of a local of a stopped sibling drops the operation that owns all of it.
static void test_a_dying_sibling_may_drop_the_whole() {
  struct dropper {
    operation& owner;
    ~dropper() { owner = {}; }
  };
  std::string log;
  gate way;
  gate never;
  operation whole;
  auto dying = [](gate& at, operation& owner, std::string& to) -> task<void> {
    const mark local(to, 'd');
    const dropper drops{owner};
    co_await at;
  };
  auto body = [](task<int> left, task<void> right, std::string& to) -> task<void> {
    const mark local(to, 'b');
    co_await first_of(std::move(left), std::move(right));
    to += "never";
  };
  whole = spawn(body(number_behind(way, 1), dying(never, whole, log), log));
  way.open();
  TEST_ASSERT_EQUAL_STRING("db", log);
  TEST_ASSERT_FALSE(whole.running());
}

// What dies in the one frame of a stopped member wakes the other, which ends: both are gone once, and counted once.
static void test_what_dies_in_a_stopped_member_may_wake_the_rest_of_it() {
  std::string log;
  gate way;
  gate never;
  gate last;
  const collected first(
      first_of(number_behind(way, 1), when_all(opening(never, last, log), number_behind(last, 2))));
  way.open();
  TEST_ASSERT_TRUE(first.value.has_value());
  TEST_ASSERT_EQUAL_STRING("o", log);
}

static void test_what_dies_with_the_whole_may_wake_a_member() {
  std::string log;
  gate never;
  gate last;
  { const collected dropped(first_of(opening(never, last, log), number_behind(last, 2))); }
  TEST_ASSERT_EQUAL_STRING("o", log);
  TEST_ASSERT_FALSE(last.waited_at());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_sibling_that_is_stopped_while_it_runs_goes_when_it_waits);
  RUN_TEST(test_a_sibling_that_is_stopped_while_it_runs_may_end_instead);
  RUN_TEST(test_the_parent_waits_for_a_sibling_that_runs);
  RUN_TEST(test_a_child_may_drop_the_whole_before_it_ever_waits);
  RUN_TEST(test_a_member_may_drop_the_whole_before_it_ever_waits);
  RUN_TEST(test_a_child_may_drop_the_whole_while_it_runs);
  RUN_TEST(test_a_child_may_drop_the_whole_and_end);
  RUN_TEST(test_a_dying_sibling_may_drop_the_whole);
  RUN_TEST(test_what_dies_in_a_stopped_member_may_wake_the_rest_of_it);
  RUN_TEST(test_what_dies_with_the_whole_may_wake_a_member);
  return UNITY_END();
}
