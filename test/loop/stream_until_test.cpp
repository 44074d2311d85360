// read_until: up to the delimiter and not a byte further.
#include <fcntl.h>

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

// What is in a socket that nobody reads but we.
static std::string left_in(int descriptor) {
  std::array<char, 256> text{};
  const ssize_t count = ::recv(descriptor, text.data(), text.size(), MSG_DONTWAIT);
  return {text.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
}

static void test_a_line_and_its_end_are_given_and_the_rest_stays_in_the_socket() {
  fixture::wired w;
  w.send("GET /\r\nHost: a.test\r\n");
  taking line(64);
  TEST_ASSERT_EQUAL_STRING("GET /\r\n", line.until(w.stream, "\r\n").wait().text());
  TEST_ASSERT_EQUAL(0u, w.stream.kept());
  const descriptor released(std::move(w.stream).release_socket());
  TEST_ASSERT_EQUAL_STRING("Host: a.test\r\n", left_in(released.get()));
}

static void test_many_lines_in_one_packet_are_one_line_a_read() {
  over_both([](byte_stream& stream, descriptor& peer) {
    fixture::send(peer, "a\nbb\n\nccc\nrest");
    taking line(64);
    for (const char* expected : {"a\n", "bb\n", "\n", "ccc\n"})
      TEST_ASSERT_EQUAL_STRING(expected, line.until(stream, "\n").wait().text());
    TEST_ASSERT_EQUAL_STRING("rest", next_bytes(stream));
  });
}

static void test_a_delimiter_may_come_in_as_many_packets_as_it_has_bytes() {
  over_both([](byte_stream& stream, descriptor& peer) {
    taking text(64);
    text.until(stream, "--end--");
    for (const char letter : std::string("one-two--en--end--")) {
      run_turns(2);
      TEST_ASSERT_EQUAL_STRING("not called", text.text());
      fixture::send(peer, std::string(1, letter));
    }
    TEST_ASSERT_EQUAL_STRING("one-two--en--end--", text.wait().text());
  });
}

static void test_a_delimiter_that_straddles_two_packets_ends_where_it_ends() {
  over_both([](byte_stream& stream, descriptor& peer) {
    taking text(64);
    text.until(stream, "aab");
    fixture::send(peer, "xa");
    run_turns(3);
    fixture::send(peer, "aaaabz");
    TEST_ASSERT_EQUAL_STRING("xaaaaab", text.wait().text());
    TEST_ASSERT_EQUAL_STRING("z", next_bytes(stream));
  });
}

static void test_the_delimiter_may_end_with_the_buffer() {
  over_both([](byte_stream& stream, descriptor& peer) {
    fixture::send(peer, "abc\r\ndef\r\n");
    taking exact(5);
    TEST_ASSERT_EQUAL_STRING("abc\r\n", exact.until(stream, "\r\n").wait().text());
    taking small(4);
    small.until(stream, "\r\n").wait();
    TEST_ASSERT_EQUAL_STRING("read_until: no delimiter in the first 4 bytes", small.text());
    TEST_ASSERT_EQUAL_STRING("stream_error", ending(small.end));
    TEST_ASSERT_EQUAL(UV_EMSGSIZE, small.end.failure()->code().value());
    TEST_ASSERT_EQUAL(4u, stream.kept());
    TEST_ASSERT_EQUAL_STRING_MESSAGE("def\r\n", exact.until(stream, "\r\n").wait().text(), "with more room");
    TEST_ASSERT_EQUAL(0u, stream.kept());
  });
}

static void test_an_end_before_the_delimiter_says_so_and_the_last_line_can_be_had() {
  over_both([](byte_stream& stream, descriptor& peer) {
    fixture::send(peer, "one\ntwo");
    fixture::finish(peer);
    taking line(64);
    TEST_ASSERT_EQUAL_STRING("one\n", line.until(stream, "\n").wait().text());
    line.until(stream, "\n").wait();
    TEST_ASSERT_EQUAL_STRING("read_until: the stream ended after 3 bytes without the delimiter", line.text());
    TEST_ASSERT_EQUAL(UV_EOF, line.end.failure()->code().value());
    TEST_ASSERT_EQUAL(3u, stream.kept());
    TEST_ASSERT_EQUAL_STRING("two", next_bytes(stream));
    TEST_ASSERT_EQUAL_STRING("", next_bytes(stream));
  });
}

static void test_a_drop_and_a_cancel_midway_lose_nothing() {
  over_both([](byte_stream& stream, descriptor& peer) {
    taking line(64);
    line.until(stream, "\r\n");
    fixture::send(peer, "ab\r");
    run_turns(3);
    line.running = {};
    TEST_ASSERT_EQUAL(3u, stream.kept());
    line.until(stream, "\r\n");
    run_turns(3);
    line.running.cancel();
    line.wait();
    TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(line.end));
    fixture::send(peer, "\ncd");
    TEST_ASSERT_EQUAL_STRING("ab\r\n", line.until(stream, "\r\n").wait().text());
    TEST_ASSERT_EQUAL_STRING("cd", next_bytes(stream));
  });
}

static void test_kept_bytes_are_given_only_up_to_the_delimiter() {
  over_both([](byte_stream& stream, descriptor& peer) {
    taking all(64);
    all.exactly(stream);
    fixture::send(peer, "a\nb\nc");
    run_turns(3);
    all.running = {};
    TEST_ASSERT_EQUAL_STRING("a\n", all.until(stream, "\n").wait().text());
    TEST_ASSERT_EQUAL(3u, stream.kept());
    TEST_ASSERT_EQUAL_STRING("b\n", all.until(stream, "\n").wait().text());
    all.until(stream, "\n");
    fixture::send(peer, "c\n");
    TEST_ASSERT_EQUAL_STRING("cc\n", all.wait().text());
    TEST_ASSERT_EQUAL(0u, stream.kept());
  });
}

static void test_a_long_text_is_found_to_its_end() {
  over_both([](byte_stream& stream, descriptor& peer) {
    std::string text(20'000, 'x');
    text += "\r\n";
    fixture::send(peer, text + "y");
    taking line(32'768);
    TEST_ASSERT_TRUE(line.until(stream, "\r\n").wait().text() == text);
    TEST_ASSERT_EQUAL_STRING("y", next_bytes(stream));
  });
}

static void test_the_delimiter_need_only_live_for_the_call() {
  fixture::wired w;
  taking line(64);
  std::string delimiter = "\n";
  line.until(w.stream, delimiter);
  delimiter = "x";
  w.send("axb\nc");
  TEST_ASSERT_EQUAL_STRING("axb\n", line.wait().text());
}

static void test_a_fifo_is_read_byte_by_byte() {
  int ends[2] = {-1, -1};
  TEST_ASSERT_EQUAL(0, ::pipe2(ends, O_CLOEXEC | O_NONBLOCK));
  const descriptor writing(ends[1]);
  pipe_stream stream = fixture::pipe_on(ends[0]);
  const std::string text = std::string(100, 'x') + "\r\nrest";
  TEST_ASSERT_EQUAL(text.size(), ::write(writing.get(), text.data(), text.size()));
  taking line(256);
  TEST_ASSERT_EQUAL(102u, line.until(stream, "\r\n").wait().text().size());
  TEST_ASSERT_EQUAL(0u, stream.kept());
  TEST_ASSERT_EQUAL_STRING("rest", next_bytes(stream));
}

static void test_a_delimiter_that_cannot_be_found_is_refused() {
  fixture::wired w;
  fixture::recorder<std::size_t> never;
  std::array<std::byte, 100> into{};
  TEST_ASSERT_THROWS(std::invalid_argument, w.stream.read_until("", into, never.callback()));
  TEST_ASSERT_THROWS(std::invalid_argument,
                     w.stream.read_until(std::string(65, 'x'), into, never.callback()));
  TEST_ASSERT_THROWS(std::invalid_argument,
                     w.stream.read_until("\r\n", std::span(into).first(1), never.callback()));
  TEST_ASSERT_THROWS(std::invalid_argument, w.stream.read_until("\n", {}, never.callback()));
  TEST_ASSERT_THROWS(std::invalid_argument, w.stream.read_until("\n", into, {}));
  const std::string longest(64, 'x');
  const operation fine = w.stream.read_until(longest, into, never.callback());
  TEST_ASSERT_THROWS(std::logic_error, w.stream.read_until("\n", into, never.callback()));
}

// On Linux, whoever peeks takes the socket's error away: the read after that would see a plain end.
static void test_a_reset_is_no_end_of_the_stream() {
  fixture::wired w;
  taking line(64);
  line.until(w.stream, "\n");
  w.send("half");
  run_turns(2);
  w.reset();
  TEST_ASSERT_EQUAL_STRING("connection_reset", ending(line.wait().end));
  TEST_ASSERT_EQUAL_STRING("half", next_bytes(w.stream));
  TEST_ASSERT_EQUAL_STRING("connection_reset", ending(line.some(w.stream).wait().end));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_line_and_its_end_are_given_and_the_rest_stays_in_the_socket);
  RUN_TEST(test_many_lines_in_one_packet_are_one_line_a_read);
  RUN_TEST(test_a_delimiter_may_come_in_as_many_packets_as_it_has_bytes);
  RUN_TEST(test_a_delimiter_that_straddles_two_packets_ends_where_it_ends);
  RUN_TEST(test_the_delimiter_may_end_with_the_buffer);
  RUN_TEST(test_an_end_before_the_delimiter_says_so_and_the_last_line_can_be_had);
  RUN_TEST(test_a_reset_is_no_end_of_the_stream);
  RUN_TEST(test_a_drop_and_a_cancel_midway_lose_nothing);
  RUN_TEST(test_kept_bytes_are_given_only_up_to_the_delimiter);
  RUN_TEST(test_a_long_text_is_found_to_its_end);
  RUN_TEST(test_the_delimiter_need_only_live_for_the_call);
  RUN_TEST(test_a_fifo_is_read_byte_by_byte);
  RUN_TEST(test_a_delimiter_that_cannot_be_found_is_refused);
  return UNITY_END();
}
