// Reading: one read gives what has come, and no way of ending a read loses a byte.
#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/connected.hpp"

using namespace uvdial;
using fixture::connected;
using fixture::ending;
using fixture::reading;
using fixture::wired;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

void wait_for(const reading& one) {
  fixture::run_until([&one] { return one.end.called(); });
}

// Reads to the end of the stream, each read started inside the callback of the one before.
struct read_all {
  read_all(tcp_stream& from, std::size_t room) : stream(from), into(room) { next(); }

  void next() {
    running = stream.read(into, [this](outcome<std::size_t> got) {
      const std::size_t* count = got.get_if();
      finished = !count || *count == 0;
      if (count) text.append(reinterpret_cast<const char*>(into.data()), *count);
      if (!finished) next();
    });
  }

  tcp_stream& stream;
  std::vector<std::byte> into;
  std::string text{};
  operation running{};
  bool finished = false;
};

}  // namespace

static void test_a_read_gives_what_has_come() {
  wired w;
  w.send("hello");
  reading one(w.stream);
  TEST_ASSERT_FALSE_MESSAGE(one.end.called(), "not inside read()");
  TEST_ASSERT_TRUE(one.running.running());
  wait_for(one);
  TEST_ASSERT_EQUAL_STRING("hello", one.text());
  TEST_ASSERT_FALSE(one.running.running());
}

static void test_a_read_is_one_read() {
  wired w;
  w.send("first");
  reading one(w.stream);
  wait_for(one);
  w.send("second");
  for (int turn = 0; turn < 5; ++turn) fixture::run_turn();
  TEST_ASSERT_EQUAL(1, one.end.calls);
  TEST_ASSERT_EQUAL_STRING("first", one.text());
  one.again(w.stream);
  wait_for(one);
  TEST_ASSERT_EQUAL_STRING("second", one.text());
}

static void test_a_small_buffer_leaves_the_rest_for_the_next_read() {
  wired w;
  w.send("abcdef");
  reading one(w.stream, 4);
  wait_for(one);
  TEST_ASSERT_EQUAL_STRING("abcd", one.text());
  one.again(w.stream);
  wait_for(one);
  TEST_ASSERT_EQUAL_STRING("ef", one.text());
}

static void test_the_end_of_the_stream_is_zero_as_often_as_asked() {
  connected c({.then = demo::behaviour::finish, .greeting = "bye"});
  reading one(c.stream);
  wait_for(one);
  TEST_ASSERT_EQUAL_STRING("bye", one.text());
  for (int time = 0; time < 3; ++time) {
    one.again(c.stream);
    TEST_ASSERT_FALSE(one.end.called());
    wait_for(one);
    TEST_ASSERT_TRUE(one.end.succeeded());
    TEST_ASSERT_EQUAL(0u, *one.end.result->get_if());
  }
}

static void test_a_big_transfer_arrives_unchanged_in_reads_chained_inside_callbacks() {
  connected c({.then = demo::behaviour::finish, .greeting = fixture::long_text(8u << 20)});
  read_all all(c.stream, 10'007);
  fixture::run_until([&all] { return all.finished; });
  TEST_ASSERT_TRUE(all.text == fixture::long_text(8u << 20));
}

static void test_dropping_a_read_is_silent_and_loses_no_bytes() {
  wired w;
  reading dropped(w.stream);
  fixture::run_turn();
  w.send("kept");
  dropped.running = {};
  fixture::run_turn();
  reading next(w.stream);
  wait_for(next);
  TEST_ASSERT_EQUAL_STRING("not called", ending(dropped.end));
  TEST_ASSERT_EQUAL_STRING("kept", next.text());
}

static void test_a_new_read_may_start_right_after_a_dropped_one() {
  wired w;
  w.send("abc");
  reading dropped(w.stream, 1);
  dropped.running = {};
  reading next(w.stream);
  wait_for(next);
  TEST_ASSERT_EQUAL_STRING("abc", next.text());
  TEST_ASSERT_EQUAL_STRING("not called", ending(dropped.end));
}

static void test_a_cancelled_read_ends_from_the_loop_and_loses_no_bytes() {
  wired w;
  w.send("already there");
  reading cancelled(w.stream);
  cancelled.running.cancel();
  TEST_ASSERT_EQUAL_STRING_MESSAGE("not called", ending(cancelled.end), "not inside cancel()");
  TEST_ASSERT_TRUE(cancelled.running.running());
  wait_for(cancelled);
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(cancelled.end));
  TEST_ASSERT_FALSE(cancelled.running.running());
  reading next(w.stream);
  wait_for(next);
  TEST_ASSERT_EQUAL_STRING("already there", next.text());
}

static void test_cancelling_twice_or_after_the_end_does_nothing() {
  wired w;
  w.send("x");
  reading one(w.stream);
  one.running.cancel();
  one.running.cancel();
  wait_for(one);
  one.running.cancel();
  for (int turn = 0; turn < 3; ++turn) fixture::run_turn();
  TEST_ASSERT_EQUAL(1, one.end.calls);
}

static void test_a_read_that_is_dropped_after_its_cancel_stays_silent() {
  wired w;
  w.send("kept");
  reading dropped(w.stream);
  dropped.running.cancel();
  dropped.running = {};
  reading next(w.stream);
  wait_for(next);
  TEST_ASSERT_EQUAL_STRING("kept", next.text());
  TEST_ASSERT_EQUAL_STRING("not called", ending(dropped.end));
}

static void test_a_new_read_may_start_inside_the_callback_of_a_cancelled_one() {
  wired w;
  w.send("kept");
  fixture::recorder<std::size_t> next;
  std::array<std::byte, 8> into{};
  operation second;
  operation first =
      w.stream.read(into, [&](outcome<std::size_t>) { second = w.stream.read(into, next.callback()); });
  first.cancel();
  fixture::run_until([&next] { return next.called(); });
  TEST_ASSERT_EQUAL(4u, *next.result->get_if());
}

static void test_a_detached_read_runs_on() {
  wired w;
  reading one(w.stream);
  one.running.detach();
  TEST_ASSERT_FALSE(one.running.running());
  w.send("x");
  wait_for(one);
  TEST_ASSERT_EQUAL_STRING("x", one.text());
}

static void test_a_second_read_at_a_time_is_refused_and_the_first_goes_on() {
  wired w;
  reading first(w.stream);
  std::array<std::byte, 8> other{};
  fixture::recorder<std::size_t> never;
  TEST_ASSERT_THROWS(std::logic_error, w.stream.read(other, never.callback()));
  first.running.cancel();
  TEST_ASSERT_THROWS_MESSAGE(std::logic_error, "a cancelled one runs until its callback",
                             w.stream.read(other, never.callback()));
  wait_for(first);
  TEST_ASSERT_EQUAL_STRING("not called", ending(never));
}

static void test_a_read_without_a_buffer_or_a_callback_is_refused() {
  wired w;
  std::array<std::byte, 8> into{};
  fixture::recorder<std::size_t> never;
  TEST_ASSERT_THROWS(std::invalid_argument, w.stream.read({}, never.callback()));
  TEST_ASSERT_THROWS(std::invalid_argument, w.stream.read(into, {}));
  w.send("x");
  reading one(w.stream);
  wait_for(one);
  TEST_ASSERT_EQUAL_STRING("x", one.text());
}

static void test_a_reset_is_a_connection_reset_as_often_as_asked() {
  wired w;
  reading one(w.stream);
  w.reset();
  wait_for(one);
  TEST_ASSERT_EQUAL_STRING("connection_reset", ending(one.end));
  TEST_ASSERT_TRUE(one.end.failure()->code() == std::errc::connection_reset);
  TEST_ASSERT_CONTAINS_STRING("read", one.end.failure()->what());
  TEST_ASSERT_TRUE(one.end.failure()->attempts().empty());
  one.again(w.stream);
  TEST_ASSERT_FALSE(one.end.called());
  wait_for(one);
  TEST_ASSERT_EQUAL_STRING("connection_reset", ending(one.end));
}

static void test_only_a_running_read_keeps_the_loop_alive() {
  wired w;
  TEST_ASSERT_EQUAL(0, uv_run(&fixture::loop(), UV_RUN_DEFAULT));
  reading one(w.stream);
  TEST_ASSERT_NOT_EQUAL(0, uv_loop_alive(&fixture::loop()));
  one.running = {};
  TEST_ASSERT_EQUAL(0, uv_run(&fixture::loop(), UV_RUN_DEFAULT));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_read_gives_what_has_come);
  RUN_TEST(test_a_read_is_one_read);
  RUN_TEST(test_a_small_buffer_leaves_the_rest_for_the_next_read);
  RUN_TEST(test_the_end_of_the_stream_is_zero_as_often_as_asked);
  RUN_TEST(test_a_big_transfer_arrives_unchanged_in_reads_chained_inside_callbacks);
  RUN_TEST(test_dropping_a_read_is_silent_and_loses_no_bytes);
  RUN_TEST(test_a_new_read_may_start_right_after_a_dropped_one);
  RUN_TEST(test_a_cancelled_read_ends_from_the_loop_and_loses_no_bytes);
  RUN_TEST(test_cancelling_twice_or_after_the_end_does_nothing);
  RUN_TEST(test_a_read_that_is_dropped_after_its_cancel_stays_silent);
  RUN_TEST(test_a_new_read_may_start_inside_the_callback_of_a_cancelled_one);
  RUN_TEST(test_a_detached_read_runs_on);
  RUN_TEST(test_a_second_read_at_a_time_is_refused_and_the_first_goes_on);
  RUN_TEST(test_a_read_without_a_buffer_or_a_callback_is_refused);
  RUN_TEST(test_a_reset_is_a_connection_reset_as_often_as_asked);
  RUN_TEST(test_only_a_running_read_keeps_the_loop_alive);
  return UNITY_END();
}
