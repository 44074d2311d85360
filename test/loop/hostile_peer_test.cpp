// Peers that mean no good: they reset at the worst moment, never read, never end a line, or are gone at once.
#include <malloc.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <vector>

#include "support/plain_listener.hpp"
#include "support/stream_ends.hpp"
#include "uvdial/dialer.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::descriptor;
using fixture::bytes_of;
using fixture::ending;
using fixture::next_bytes;
using fixture::plain_listener;
using fixture::recorder;
using fixture::run_turns;
using fixture::taking;
using fixture::wired;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

void reset(descriptor socket) {
  const linger at_once{1, 0};
  TEST_ASSERT_EQUAL(0, ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
}

// The error of a read, or the bytes that it gave.
std::string next_read(byte_stream& from) {
  taking next(64);
  next.some(from).wait();
  return next.end.succeeded() ? next.text() : std::string(ending(next.end));
}

// Sanitizers bring an allocator of their own, of which this says nothing.
std::size_t allocated() { return mallinfo2().uordblks; }

constexpr std::size_t mebibyte = std::size_t{1} << 20;

}  // namespace

// On the loopback the handshake is over when the dial begins to wait: what the loop finds then is the reset.
static void test_a_reset_right_after_the_handshake_fails_the_attempt_and_the_next_address_starts_at_once() {
  const plain_listener evil;
  const plain_listener good;
  dialer dials(fixture::loop());
  dial_report report;
  recorder<tcp_stream> alone, raced;
  const operation one = dials.connect(evil.address(), {}, alone.callback());
  reset(evil.accept());
  wait_for(alone);
  TEST_ASSERT_EQUAL_STRING("connect_error", ending(alone));
  TEST_ASSERT_TRUE(alone.failure()->code() == std::errc::connection_reset);
  TEST_ASSERT_TRUE(alone.failure()->temporary());
  const std::vector<endpoint> both{evil.address(), good.address()};
  const operation two = dials.connect(both, {.attempt_delay = 2000ms, .report = &report}, raced.callback());
  reset(evil.accept());
  wait_for(raced);
  TEST_ASSERT_EQUAL(good.address(), raced.result->get_if()->peer());
  TEST_ASSERT_LESS_THAN(std::chrono::microseconds(2000ms), report.attempts.at(1).started);
}

static void test_a_peer_that_accepts_and_closes_at_once_is_a_stream_at_its_end() {
  const plain_listener brief;
  dialer dials(fixture::loop());
  recorder<tcp_stream> end;
  const operation running = dials.connect(brief.address(), {}, end.callback());
  (void)brief.accept();
  wait_for(end);
  TEST_ASSERT_EQUAL_STRING("success", ending(end));
  tcp_stream& stream = *end.result->get_if();
  TEST_ASSERT_EQUAL_STRING("", next_read(stream));
  TEST_ASSERT_EQUAL_STRING("", next_read(stream));
  // It answers the first write with a reset, and so the next one fails.
  recorder<std::size_t> first, second;
  const operation one = stream.write(bytes_of("x"), first.callback());
  wait_for(first);
  const operation two = stream.write(bytes_of("y"), second.callback());
  wait_for(second);
  TEST_ASSERT_EQUAL_STRING("success", ending(first));
  TEST_ASSERT_EQUAL_STRING("connection_reset", ending(second));
}

static void test_what_came_before_a_reset_is_read_first() {
  for (const bool writes : {false, true}) {
    wired w;
    w.send("some bytes, a line\nand a rest");
    w.reset();
    if (writes) {  // the kernel tells of the reset once, and this is who hears of it
      recorder<std::size_t> end;
      const operation writing = w.stream.write(bytes_of("x"), end.callback());
      wait_for(end);
      TEST_ASSERT_EQUAL_STRING("connection_reset", ending(end));
    }
    TEST_ASSERT_EQUAL_STRING("some ", next_bytes(w.stream, 5));
    taking line(64);
    TEST_ASSERT_EQUAL_STRING("bytes, a line\n", line.until(w.stream, "\n").wait().text());
    std::string chunks;
    recorder<std::uint64_t> end;
    const operation receiving = w.stream.receive(
        line.into,
        [&chunks](std::span<const std::byte> chunk) {
          chunks.append(reinterpret_cast<const char*>(chunk.data()), chunk.size());
        },
        end.callback());
    wait_for(end);
    TEST_ASSERT_EQUAL_STRING("and a rest", chunks);
    TEST_ASSERT_EQUAL_STRING("connection_reset", ending(end));
  }
}

// A transfer that was cut off must not look like one that has ended.
static void test_a_reset_that_a_write_was_told_of_is_no_end_of_the_stream() {
  wired w;
  w.reset();
  recorder<std::size_t> end;
  const operation writing = w.stream.write(bytes_of("x"), end.callback());
  wait_for(end);
  TEST_ASSERT_EQUAL_STRING("connection_reset", ending(end));
  TEST_ASSERT_EQUAL_STRING("connection_reset", next_read(w.stream));
  TEST_ASSERT_EQUAL_STRING("connection_reset", next_read(w.stream));
  taking rest(8);
  rest.exactly(w.stream).wait();
  TEST_ASSERT_EQUAL_STRING("connection_reset", ending(rest.end));
}

static void test_a_reset_under_a_queued_write_is_no_end_of_the_stream_either() {
  wired w;
  recorder<std::size_t> end;
  const operation writing =
      w.stream.write(bytes_of(fixture::long_text(fixture::more_than_fits)), end.callback());
  w.reset();
  wait_for(end);
  TEST_ASSERT_EQUAL_STRING("connection_reset", ending(end));
  TEST_ASSERT_EQUAL_STRING("connection_reset", next_read(w.stream));
}

static void test_a_hundred_queued_writes_end_each_once_and_in_order_when_the_peer_resets() {
  wired w;
  std::string order;
  std::vector<operation> running;
  const auto note = [&order](char kind) {
    return [&order, kind](const auto& end) { order += end ? '!' : kind; };
  };
  running.push_back(w.stream.write(bytes_of(fixture::long_text(fixture::more_than_fits)), note('w')));
  for (int i = 0; i < 99; ++i) running.push_back(w.stream.write(bytes_of("x"), note('w')));
  running.push_back(w.stream.wait_for_room([&order](outcome<done> end) { order += end ? "!" : "r"; }));
  running.push_back(w.stream.shutdown([&order](outcome<done> end) { order += end ? "!" : "s"; }));
  w.reset();
  fixture::run_until([&order] { return order.size() == 102; });
  fixture::run();
  TEST_ASSERT_EQUAL(102u, order.size());
  order.erase(order.find('r'), 1);
  TEST_ASSERT_EQUAL_STRING(std::string(100, 'w') + "s", order);
  TEST_ASSERT_EQUAL(0u, w.stream.unsent());
}

// The window of the peer is shut, and stays so.
static void test_writes_to_a_peer_that_never_reads_can_be_cancelled_and_closing_gives_their_memory_back() {
  const std::string piece = fixture::long_text(mebibyte);
  const std::size_t memory = allocated();
  {
    wired w;
    constexpr int count = 40;
    std::vector<recorder<std::size_t>> ends(count);
    std::vector<operation> running;
    for (auto& each : ends) running.push_back(w.stream.write(bytes_of(piece), each.callback()));
    run_turns(3);
    const std::size_t unsent = w.stream.unsent();
    TEST_ASSERT_GREATER_THAN(mebibyte, unsent);
    TEST_ASSERT_LESS_OR_EQUAL_MESSAGE(memory + unsent + 2 * mebibyte, allocated(),
                                      "one copy, of what is unsent");
    running.back().cancel();
    fixture::run_until([&ends] { return ends.back().called(); });
    TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(ends.back()));
    TEST_ASSERT_EQUAL_MESSAGE(unsent, w.stream.unsent(), "a cancel does not unsend");
    recorder<done> closed;
    w.stream.close(closed.callback());
    wait_for(closed);
    for (const auto& each : ends) TEST_ASSERT_EQUAL(1, each.calls);
  }
  fixture::run();
  TEST_ASSERT_LESS_OR_EQUAL(memory + mebibyte, allocated());
}

static void test_a_shutdown_behind_a_shut_window_can_be_given_up() {
  wired w;
  recorder<std::size_t> written;
  recorder<done> shut, closed;
  const operation writing =
      w.stream.write(bytes_of(fixture::long_text(fixture::more_than_fits)), written.callback());
  const operation shutting = w.stream.shutdown(shut.callback());
  run_turns(3);
  w.stream.reset(closed.callback());
  wait_for(closed);
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(written));
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(shut));
}

static void test_when_the_peer_has_ended_its_side_ours_goes_on() {
  wired w;
  w.send("last words");
  fixture::finish(w.peer);
  TEST_ASSERT_EQUAL_STRING("last words", next_read(w.stream));
  TEST_ASSERT_EQUAL_STRING("", next_read(w.stream));
  const std::string text = fixture::long_text(fixture::more_than_fits / 4);
  recorder<std::size_t> written;
  recorder<done> shut;
  const operation writing = w.stream.write(bytes_of(text), written.callback());
  const operation shutting = w.stream.shutdown(shut.callback());
  std::string received;
  while (received.size() < text.size()) {
    fixture::run_turn();
    received += w.received();
  }
  wait_for(shut);
  TEST_ASSERT_TRUE(received == text);
  TEST_ASSERT_EQUAL_STRING("success", ending(written));
  TEST_ASSERT_EQUAL_STRING("success", ending(shut));
}

static void test_when_we_have_ended_our_side_the_peers_goes_on() {
  wired w;
  recorder<done> shut;
  const operation shutting = w.stream.shutdown(shut.callback());
  wait_for(shut);
  w.send("still here");
  TEST_ASSERT_EQUAL_STRING("still here", next_read(w.stream));
  w.reset();
  TEST_ASSERT_EQUAL_STRING("connection_reset", next_read(w.stream));
}

// A byte at a time: each starts the idle timeout anew, and what bounds the whole is the room.
static void test_a_line_that_never_ends_is_bounded_by_the_room_and_takes_nothing_beyond() {
  wired w;
  w.stream.set_read_timeout(5s);
  taking line(100);
  line.until(w.stream, "\n");
  for (int i = 0; i < 99; ++i) {
    w.send("x");
    fixture::run_turn();
  }
  TEST_ASSERT_EQUAL_STRING("not called", ending(line.end));
  w.send("xyz");
  line.wait();
  TEST_ASSERT_TRUE(line.end.failure()->code() == std::errc::message_size);
  TEST_ASSERT_EQUAL(100u, w.stream.kept());
  for (int again = 0; again < 3; ++again) {
    w.send("more");
    line.until(w.stream, "\n").wait();
    TEST_ASSERT_TRUE(line.end.failure()->code() == std::errc::message_size);
    TEST_ASSERT_EQUAL(100u, w.stream.kept());
  }
  taking all(200);
  TEST_ASSERT_EQUAL_STRING(std::string(100, 'x'), all.some(w.stream).wait().text());
  taking rest(14);
  TEST_ASSERT_EQUAL_STRING("yzmoremoremore", rest.exactly(w.stream).wait().text());
}

static void test_a_dripping_record_can_be_given_up_and_its_bytes_are_there() {
  wired w;
  w.stream.set_read_timeout(5s);
  taking record(1000);
  record.exactly(w.stream);
  for (int i = 0; i < 50; ++i) {
    w.send("x");
    fixture::run_turn();
  }
  record.running.cancel();
  record.wait();
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(record.end));
  TEST_ASSERT_EQUAL(50u, w.stream.kept());
}

int main() {
  fixture::ignore_broken_pipes();
  UNITY_BEGIN();
  RUN_TEST(test_a_reset_right_after_the_handshake_fails_the_attempt_and_the_next_address_starts_at_once);
  RUN_TEST(test_a_peer_that_accepts_and_closes_at_once_is_a_stream_at_its_end);
  RUN_TEST(test_what_came_before_a_reset_is_read_first);
  RUN_TEST(test_a_reset_that_a_write_was_told_of_is_no_end_of_the_stream);
  RUN_TEST(test_a_reset_under_a_queued_write_is_no_end_of_the_stream_either);
  RUN_TEST(test_a_hundred_queued_writes_end_each_once_and_in_order_when_the_peer_resets);
  RUN_TEST(test_writes_to_a_peer_that_never_reads_can_be_cancelled_and_closing_gives_their_memory_back);
  RUN_TEST(test_a_shutdown_behind_a_shut_window_can_be_given_up);
  RUN_TEST(test_when_the_peer_has_ended_its_side_ours_goes_on);
  RUN_TEST(test_when_we_have_ended_our_side_the_peers_goes_on);
  RUN_TEST(test_a_line_that_never_ends_is_bounded_by_the_room_and_takes_nothing_beyond);
  RUN_TEST(test_a_dripping_record_can_be_given_up_and_its_bytes_are_there);
  return UNITY_END();
}
