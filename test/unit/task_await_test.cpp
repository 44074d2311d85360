// What a task may await, and what a task may be awaited by. Spawned here, because only then it is tracked.
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/coroutines.hpp"
#include "support/unity.hpp"
#include "uvdial/spawn.hpp"

using fixture::gate;
using fixture::mark;
using uvdial::done;
using uvdial::operation;
using uvdial::outcome;
using uvdial::spawn;
using uvdial::task;

void setUp() {}
void tearDown() {}

namespace {

// What a spawned task<int> came to: its value, -1: not ended, -2: an error.
struct ending {
  int value = -1;
  uvdial::callback<int> callback() {
    return [this](outcome<int> ended) { value = ended ? std::move(ended).value() : -2; };
  }
};

enum class answer { nothing, yes, no, myself, nobody };

template <answer Given>
struct awaiter {
  std::coroutine_handle<>* later = nullptr;
  bool await_ready() const noexcept { return false; }
  auto await_suspend(std::coroutine_handle<> self) const noexcept {
    if (later) *later = self;
    if constexpr (Given == answer::yes) return true;
    if constexpr (Given == answer::no) return false;
    if constexpr (Given == answer::myself) return self;
    if constexpr (Given == answer::nobody) return std::noop_coroutine();
  }
  int await_resume() const noexcept { return 5; }
};

struct ready {
  bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  int await_resume() const noexcept { return 5; }
};

struct by_member {
  ready operator co_await() const noexcept { return {}; }
};
struct by_function {};
ready operator co_await(const by_function&) noexcept { return {}; }

struct throwing {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<>) const { throw std::runtime_error("not now"); }
  int await_resume() const noexcept { return 0; }
};

template <class Awaitable>
task<int> awaits(Awaitable awaitable) {
  co_return co_await awaitable;
}

// Ends at once.
template <class Awaitable>
int value_of(Awaitable awaitable) {
  ending end;
  const operation running = spawn(awaits(awaitable), end.callback());
  TEST_ASSERT_FALSE(running.running());
  return end.value;
}

// Ends when it is resumed.
template <answer Given>
void check_waits() {
  ending end;
  std::coroutine_handle<> later;
  const operation running = spawn(awaits(awaiter<Given>{&later}), end.callback());
  TEST_ASSERT_EQUAL(-1, end.value);
  TEST_ASSERT_TRUE(running.running());
  later.resume();
  TEST_ASSERT_EQUAL(5, end.value);
}

// Its frame is gone as soon as the operation is: it counts as suspended.
template <answer Given>
void check_stops() {
  std::string log;
  ending end;
  std::coroutine_handle<> later;
  auto body = [](std::string& to, std::coroutine_handle<>& at) -> task<int> {
    const mark local(to, 'x');
    (void)co_await awaiter<answer::no>{};
    co_return co_await awaiter<Given>{&at};
  };
  operation running = spawn(body(log, later), end.callback());
  TEST_ASSERT_EQUAL_STRING("", log);
  running = {};
  TEST_ASSERT_EQUAL_STRING("x", log);
  TEST_ASSERT_EQUAL(-1, end.value);
}

}  // namespace

static void test_awaitables_of_every_kind_give_their_value() {
  TEST_ASSERT_EQUAL(5, value_of(ready{}));
  TEST_ASSERT_EQUAL(5, value_of(by_member{}));
  TEST_ASSERT_EQUAL(5, value_of(by_function{}));
  TEST_ASSERT_EQUAL(5, value_of(awaiter<answer::no>{}));
  TEST_ASSERT_EQUAL(5, value_of(awaiter<answer::myself>{}));
}

static void test_awaitables_of_every_kind_may_wait() {
  check_waits<answer::nothing>();
  check_waits<answer::yes>();
  check_waits<answer::nobody>();
}

static void test_a_task_stops_at_awaitables_of_every_kind() {
  check_stops<answer::nothing>();
  check_stops<answer::yes>();
  check_stops<answer::nobody>();
}

static void test_an_awaitable_that_throws_while_it_suspends_is_caught() {
  std::string log;
  ending end;
  gate way;
  auto body = [](std::string& to, gate& at) -> task<int> {
    const mark local(to, 'x');
    try {
      co_await throwing{};
    } catch (const std::runtime_error& why) {
      to += why.what();
    }
    co_await at;
    co_return 1;
  };
  operation running = spawn(body(log, way), end.callback());
  TEST_ASSERT_EQUAL_STRING("not now", log);
  running = {};
  TEST_ASSERT_EQUAL_STRING_MESSAGE("not nowx", log, "it did not count as running any more");
}

static void test_a_reference_that_is_awaited_is_not_copied() {
  struct pinned {
    pinned() = default;
    pinned(const pinned&) = delete;
    pinned& operator=(const pinned&) = delete;
    bool await_ready() const noexcept { return true; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    int& await_resume() noexcept { return value; }
    int value = 4;
  };
  pinned object;
  auto body = [](pinned& of) -> task<int> {
    int& value = co_await of;
    ++value;
    co_return value;
  };
  ending end;
  const operation running = spawn(body(object), end.callback());
  TEST_ASSERT_EQUAL(5, end.value);
  TEST_ASSERT_EQUAL(5, object.value);
}

// The temporary stands in the frame for the whole of the expression, and goes once.
static void test_a_temporary_that_is_awaited_lives_until_it_is_resumed() {
  struct guarded {
    guarded(std::string& text, gate& way) : inside(text, 'g'), at(way) {}
    fixture::gate::waiting operator co_await() const noexcept { return at.operator co_await(); }
    mark inside;
    gate& at;
  };
  std::string log;
  gate way;
  auto body = [](std::string& to, gate& at) -> task<void> {
    co_await guarded(to, at);
    to += '.';
  };
  const operation running = spawn(body(log, way));
  TEST_ASSERT_EQUAL_STRING("", log);
  way.open();
  TEST_ASSERT_EQUAL_STRING("g.", log);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_awaitables_of_every_kind_give_their_value);
  RUN_TEST(test_awaitables_of_every_kind_may_wait);
  RUN_TEST(test_a_task_stops_at_awaitables_of_every_kind);
  RUN_TEST(test_an_awaitable_that_throws_while_it_suspends_is_caught);
  RUN_TEST(test_a_reference_that_is_awaited_is_not_copied);
  RUN_TEST(test_a_temporary_that_is_awaited_lives_until_it_is_resumed);
  return UNITY_END();
}
