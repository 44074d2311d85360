// read_exactly: all of the bytes asked for or none, and none is ever lost.
#include <stdexcept>

#include "support/stream_ends.hpp"

using namespace uvdial;
using demo::descriptor;
using fixture::ending;
using fixture::next_bytes;
using fixture::over_both;
using fixture::run_turns;
using fixture::taking;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

static void test_it_ends_when_the_buffer_is_full_and_not_before() {
  over_both([](byte_stream& stream, descriptor& peer) {
    taking five(5);
    five.exactly(stream);
    fixture::send(peer, "ab");
    run_turns(3);
    fixture::send(peer, "cd");
    run_turns(3);
    TEST_ASSERT_EQUAL_STRING("not called", five.text());
    fixture::send(peer, "efgh");
    TEST_ASSERT_EQUAL_STRING("abcde", five.wait().text());
    TEST_ASSERT_FALSE(five.running.running());
    TEST_ASSERT_EQUAL_STRING("fgh", next_bytes(stream));
  });
}

static void test_many_records_are_read_inside_the_callbacks_of_one_another() {
  over_both([](byte_stream& stream, descriptor& peer) {
    std::string all;
    std::array<std::byte, 3> record{};
    operation running;
    std::function<void()> next = [&] {
      running = stream.read_exactly(record, [&](outcome<std::size_t> got) {
        if (!got) return;
        all += std::string(reinterpret_cast<const char*>(record.data()), *got.get_if()) + " ";
        next();
      });
    };
    next();
    fixture::send(peer, "aaabbbcccdddee");
    run_turns(3);
    TEST_ASSERT_EQUAL_STRING("aaa bbb ccc ddd ", all);
    running = {};
    TEST_ASSERT_EQUAL_STRING("ee", next_bytes(stream));
  });
}

static void test_an_early_end_says_how_far_it_came_and_the_next_read_has_those_bytes() {
  over_both([](byte_stream& stream, descriptor& peer) {
    fixture::send(peer, "abc");
    fixture::finish(peer);
    taking ten(10);
    ten.exactly(stream).wait();
    TEST_ASSERT_EQUAL_STRING("stream_error", ending(ten.end));
    TEST_ASSERT_EQUAL(UV_EOF, ten.end.failure()->code().value());
    TEST_ASSERT_EQUAL_STRING("read_exactly: the stream ended after 3 of 10 bytes", ten.text());
    TEST_ASSERT_EQUAL(3u, stream.kept());
    TEST_ASSERT_EQUAL_STRING("abc", next_bytes(stream));
    TEST_ASSERT_EQUAL(0u, stream.kept());
    TEST_ASSERT_EQUAL_STRING("", next_bytes(stream));
    TEST_ASSERT_EQUAL_STRING("read_exactly: the stream ended after 0 of 10 bytes",
                             ten.exactly(stream).wait().text());
    TEST_ASSERT_EQUAL_MESSAGE(0u, stream.kept(), "nothing was cut off");
  });
}

static void test_a_reset_midway_keeps_what_had_come() {
  fixture::wired w;
  taking ten(10);
  ten.exactly(w.stream);
  w.send("abc");
  run_turns(3);
  w.reset();
  ten.wait();
  TEST_ASSERT_EQUAL_STRING("connection_reset", ending(ten.end));
  TEST_ASSERT_EQUAL_STRING("abc", next_bytes(w.stream));
  taking again(1);
  again.some(w.stream).wait();
  TEST_ASSERT_EQUAL_STRING("connection_reset", ending(again.end));
}

static void test_a_drop_midway_gives_its_bytes_to_the_next_read_from_the_loop() {
  over_both([](byte_stream& stream, descriptor& peer) {
    taking ten(10);
    ten.exactly(stream);
    fixture::send(peer, "abc");
    run_turns(3);
    TEST_ASSERT_EQUAL_MESSAGE(0u, stream.kept(), "they are the running read's");
    ten.running = {};
    TEST_ASSERT_EQUAL(3u, stream.kept());
    taking two(2);
    two.some(stream);
    TEST_ASSERT_FALSE_MESSAGE(two.end.called(), "not inside the call");
    TEST_ASSERT_EQUAL_STRING("ab", two.wait().text());
    fixture::send(peer, "def");
    taking four(4);
    TEST_ASSERT_EQUAL_STRING("cdef", four.exactly(stream).wait().text());
    TEST_ASSERT_EQUAL_STRING("not called", ending(ten.end));
  });
}

static void test_a_cancel_midway_gives_its_bytes_to_the_next_read() {
  over_both([](byte_stream& stream, descriptor& peer) {
    taking ten(10);
    ten.exactly(stream);
    fixture::send(peer, "abc");
    run_turns(3);
    ten.running.cancel();
    fixture::send(peer, "defghijkl");
    ten.wait();
    TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(ten.end));
    TEST_ASSERT_EQUAL(3u, stream.kept());
    TEST_ASSERT_EQUAL_STRING("abcdefghij", ten.exactly(stream).wait().text());
    TEST_ASSERT_EQUAL_STRING("kl", next_bytes(stream));
  });
}

static void test_bytes_go_back_in_front_of_those_that_were_kept_before() {
  over_both([](byte_stream& stream, descriptor& peer) {
    taking ten(10);
    ten.exactly(stream);
    fixture::send(peer, "abcdef");
    run_turns(3);
    ten.running = {};
    TEST_ASSERT_EQUAL_STRING("ab", next_bytes(stream, 2));
    taking three(3);
    three.until(stream, "!").wait();  // full with "cde", which goes back in front of "f"
    TEST_ASSERT_EQUAL(4u, stream.kept());
    ten.exactly(stream);
    run_turns(2);
    ten.running = {};
    TEST_ASSERT_EQUAL_STRING("cdef", next_bytes(stream));
  });
}

static void test_a_kept_read_that_is_cancelled_before_its_turn_takes_nothing() {
  over_both([](byte_stream& stream, descriptor& peer) {
    taking ten(10);
    ten.exactly(stream);
    fixture::send(peer, "abc");
    run_turns(3);
    ten.running = {};
    taking cancelled(8);
    cancelled.some(stream).running.cancel();
    cancelled.wait();
    TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(cancelled.end));
    taking dropped(8);
    dropped.some(stream).running = {};
    TEST_ASSERT_EQUAL_STRING("abc", next_bytes(stream));
  });
}

static void test_a_stream_with_kept_bytes_is_not_released_before_they_are_read() {
  fixture::wired w;
  taking ten(10);
  ten.exactly(w.stream);
  w.send("abc");
  run_turns(3);
  ten.running = {};
  for (const bool socket : {false, true}) {
    try {
      if (socket)
        (void)std::move(w.stream).release_socket();
      else
        (void)std::move(w.stream).release();
      TEST_FAIL_MESSAGE("it was released");
    } catch (const std::logic_error& refused) {
      TEST_ASSERT_CONTAINS_STRING("3 bytes that an unfinished read had taken", refused.what());
    }
  }
  TEST_ASSERT_EQUAL_STRING("abc", next_bytes(w.stream));
  TEST_ASSERT_NOT_NULL(std::move(w.stream).release());
}

static void test_the_stream_may_die_inside_the_callback() {
  fixture::wired w;
  auto stream = std::make_unique<tcp_stream>(std::move(w.stream));
  std::array<std::byte, 2> into{};
  const operation running = stream->read_exactly(into, [&](outcome<std::size_t>) { stream.reset(); });
  w.send("abc");
  fixture::run_until([&] { return !stream; });
}

static void test_what_cannot_be_read_is_refused() {
  fixture::wired w;
  fixture::recorder<std::size_t> never;
  std::array<std::byte, 8> into{};
  TEST_ASSERT_THROWS(std::invalid_argument, w.stream.read_exactly({}, never.callback()));
  TEST_ASSERT_THROWS(std::invalid_argument, w.stream.read_exactly(into, {}));
  const operation running = w.stream.read_exactly(into, never.callback());
  TEST_ASSERT_THROWS(std::logic_error, w.stream.read_exactly(into, never.callback()));
  TEST_ASSERT_THROWS(std::logic_error, w.stream.read(into, never.callback()));
  tcp_stream moved(std::move(w.stream));
  TEST_ASSERT_THROWS(std::logic_error, w.stream.read_exactly(into, never.callback()));
  TEST_ASSERT_EQUAL(0u, w.stream.kept());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_it_ends_when_the_buffer_is_full_and_not_before);
  RUN_TEST(test_many_records_are_read_inside_the_callbacks_of_one_another);
  RUN_TEST(test_an_early_end_says_how_far_it_came_and_the_next_read_has_those_bytes);
  RUN_TEST(test_a_reset_midway_keeps_what_had_come);
  RUN_TEST(test_a_drop_midway_gives_its_bytes_to_the_next_read_from_the_loop);
  RUN_TEST(test_a_cancel_midway_gives_its_bytes_to_the_next_read);
  RUN_TEST(test_bytes_go_back_in_front_of_those_that_were_kept_before);
  RUN_TEST(test_a_kept_read_that_is_cancelled_before_its_turn_takes_nothing);
  RUN_TEST(test_a_stream_with_kept_bytes_is_not_released_before_they_are_read);
  RUN_TEST(test_the_stream_may_die_inside_the_callback);
  RUN_TEST(test_what_cannot_be_read_is_refused);
  return UNITY_END();
}
