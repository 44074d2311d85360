// An exception that nobody receives: one line on stderr that says what it was and where the task came from, and the
// end of the program. Each happens in a child process.
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include <array>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>

#include "demo/peers.hpp"
#include "support/unity.hpp"
#include "uvdial/confirm.hpp"
#include "uvdial/coroutine.hpp"

using namespace std::chrono_literals;
using namespace uvdial;

void setUp() {}
void tearDown() {}

namespace {

struct death {
  int status = 0;  // 99: std::terminate
  std::string said{};
};

// The child says nothing of cmocka's: it leaves by _exit, or by the signal.
template <class Body>
death fate_of(Body body) {
  std::array<int, 2> ends{};
  TEST_ASSERT_EQUAL(0, ::pipe(ends.data()));
  const pid_t child = ::fork();
  if (child == 0) {
    (void)::dup2(ends[1], STDERR_FILENO);
    std::set_terminate([] { ::_exit(99); });  // its own line is not of interest, nor is a core
    uv_loop_t loop;
    if (uv_loop_init(&loop) != 0) ::_exit(1);
    body(loop);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    ::_exit(0);
  }
  TEST_ASSERT_GREATER_THAN(0, child);
  (void)::close(ends[1]);
  death fate;
  std::array<char, 512> some{};
  for (ssize_t count = 0; (count = ::read(ends[0], some.data(), some.size())) > 0;)
    fate.said.append(some.data(), static_cast<std::size_t>(count));
  (void)::close(ends[0]);
  int status = 0;
  TEST_ASSERT_EQUAL(child, ::waitpid(child, &status, 0));
  fate.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return fate;
}

task<void> throws_at_once() {
  throw std::runtime_error("two\nlines");
  co_return;
}
task<void> throws_a_number(uv_loop_t& loop) {
  co_await sleep(loop, 0ms);
  throw 7;
}
task<void> throws_an_error(uv_loop_t& loop) {
  co_await sleep(loop, 0ms);
  throw stream_error(std::make_error_code(std::errc::io_error), "the stream broke");
}

// Spawned in places whose lines are known.
constexpr int line_of_told = __LINE__ + 2;
void told_with_loop(uv_loop_t& loop, task<void> body) {
  spawn(loop, std::move(body), [](auto) {}).detach();
}
constexpr int line_of_told_without = __LINE__ + 2;
void told(task<void> body) {
  spawn(std::move(body), [](outcome<done>) {}).detach();
}
constexpr int line_of_untold = __LINE__ + 1;
void untold(task<void> body) { spawn(std::move(body)).detach(); }

void check_line(const death& fate, const std::string& what, int line, const std::string& function) {
  TEST_ASSERT_EQUAL(99, fate.status);
  TEST_ASSERT_CONTAINS_STRING("uvdial: nobody receives what a task threw", fate.said);
  TEST_ASSERT_CONTAINS_STRING("spawn_terminate_test.cpp:" + std::to_string(line) + " (" + function + "): ",
                              fate.said);
  TEST_ASSERT_CONTAINS_STRING(what + "\n", fate.said);
  TEST_ASSERT_EQUAL_MESSAGE(fate.said.size() - 1, fate.said.find('\n'), "one line");
}

}  // namespace

static void test_an_exception_of_another_kind_ends_the_program_although_there_is_a_callback() {
  const death fate = fate_of([](uv_loop_t& loop) { told_with_loop(loop, throws_at_once()); });
  check_line(fate, "std::runtime_error: two lines", line_of_told, "told_with_loop");
}

static void test_what_is_no_exception_class_ends_the_program_too() {
  const death fate = fate_of([](uv_loop_t& loop) { told(throws_a_number(loop)); });
  check_line(fate, ": int", line_of_told_without, "told");
}

static void test_an_error_without_a_callback_ends_the_program() {
  const death fate = fate_of([](uv_loop_t& loop) { untold(throws_an_error(loop)); });
  check_line(fate, "uvdial::stream_error: the stream broke", line_of_untold, "untold");
}

static void test_an_error_with_a_callback_does_not() {
  const death fate = fate_of([](uv_loop_t& loop) { told(throws_an_error(loop)); });
  TEST_ASSERT_EQUAL(0, fate.status);
  TEST_ASSERT_EQUAL_STRING("", fate.said);
}

static void test_a_task_that_is_stopped_may_throw_what_it_likes() {
  const death fate = fate_of([](uv_loop_t& loop) {
    operation running;
    auto body = [](uv_loop_t& on, operation& self) -> task<void> {
      co_await sleep(on, 0ms);
      self = {};
      throw std::runtime_error("to nobody");
    };
    running = spawn(body(loop, running));
    (void)uv_run(&loop, UV_RUN_DEFAULT);
  });
  TEST_ASSERT_EQUAL(0, fate.status);
  TEST_ASSERT_EQUAL_STRING("", fate.said);
}

static void test_the_handler_of_terminate_finds_the_exception() {
  const death fate = fate_of([](uv_loop_t&) {
    std::set_terminate([] {
      try {
        std::rethrow_exception(std::current_exception());
      } catch (const std::runtime_error&) {
        ::_exit(98);
      } catch (...) {
        ::_exit(97);
      }
    });
    spawn(throws_at_once()).detach();
  });
  TEST_ASSERT_EQUAL(98, fate.status);
}

// Also where it is one that the library would take for a lack of its own memory.
void test_what_the_users_own_code_throws_in_a_dial_is_the_end_of_the_program() {
  enum class thrower { trace, hook, confirm, end };
  for (const thrower who : {thrower::trace, thrower::hook, thrower::confirm, thrower::end}) {
    const auto throws_if = [who](thrower one) {
      if (who == one) throw std::bad_alloc();
    };
    const death fate = fate_of([&](uv_loop_t& loop) {
      const demo::listener peer(loop, demo::reserve(ip_family::v4));
      dialer dials(loop, {.before_connect =
                              [&](uv_tcp_t&, const endpoint&) {
                                throws_if(thrower::hook);
                                return std::error_code{};
                              },
                          .trace = [&](const trace_event&) { throws_if(thrower::trace); }});
      confirm_step step = [&](tcp_stream&, const endpoint&, confirmation answer) {
        throws_if(thrower::confirm);
        answer.yes();
      };
      const operation running = dials.connect(peer.address(), {.confirm = &step},
                                              [&](const outcome<tcp_stream>&) { throws_if(thrower::end); });
      (void)uv_run(&loop, UV_RUN_DEFAULT);
    });
    TEST_ASSERT_EQUAL(99, fate.status);
  }
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_an_exception_of_another_kind_ends_the_program_although_there_is_a_callback);
  RUN_TEST(test_what_is_no_exception_class_ends_the_program_too);
  RUN_TEST(test_an_error_without_a_callback_ends_the_program);
  RUN_TEST(test_an_error_with_a_callback_does_not);
  RUN_TEST(test_a_task_that_is_stopped_may_throw_what_it_likes);
  RUN_TEST(test_the_handler_of_terminate_finds_the_exception);
  RUN_TEST(test_what_the_users_own_code_throws_in_a_dial_is_the_end_of_the_program);
  return UNITY_END();
}
