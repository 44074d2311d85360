// Writing and shutting down: every byte arrives once and in order, and results come in the order of the calls.
#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/connected.hpp"

using namespace uvdial;
using fixture::bytes_of;
using fixture::connected;
using fixture::ending;
using fixture::more_than_fits;
using fixture::reading;
using fixture::recorder;
using fixture::wired;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

// Lets the loop send what it can and reads it, turn by turn, until that many bytes have arrived.
std::string slowly_received(wired& w, std::size_t size) {
  std::string all;
  while (all.size() < size) {
    fixture::run_turn();
    all += w.received(256u << 10);
  }
  return all;
}

}  // namespace

static void test_a_small_write_arrives_and_its_callback_comes_from_the_loop() {
  connected c;
  recorder<std::size_t> end;
  operation writing = c.stream.write(bytes_of("hello"), end.callback());
  TEST_ASSERT_FALSE(end.called());
  TEST_ASSERT_TRUE(writing.running());
  wait_for(end);
  TEST_ASSERT_FALSE(writing.running());
  TEST_ASSERT_EQUAL(5u, *end.result->get_if());
  fixture::run_until([&c] { return c.peer.received().size() == 5; });
  TEST_ASSERT_EQUAL_STRING("hello", c.peer.received());
}

static void test_fifty_megabytes_to_a_slow_reader_need_live_only_for_the_call() {
  constexpr std::size_t size = 50u << 20;
  wired w;
  std::string text = fixture::long_text(size);
  recorder<std::size_t> end;
  const operation writing = w.stream.write(bytes_of(text), end.callback());
  std::fill(text.begin(), text.end(), '!');
  TEST_ASSERT_GREATER_THAN(0u, w.stream.unsent());
  const std::string all = slowly_received(w, size);
  wait_for(end);
  TEST_ASSERT_TRUE(all == fixture::long_text(size));
  TEST_ASSERT_EQUAL(size, *end.result->get_if());
  TEST_ASSERT_EQUAL(0u, w.stream.unsent());
}

static void test_many_writes_arrive_in_order_and_so_do_their_callbacks() {
  wired w;
  const std::string big = fixture::long_text(more_than_fits);
  std::string expected = big;
  std::vector<int> order;
  const auto note = [&order](int number) {
    return [&order, number](outcome<std::size_t>) { order.push_back(number); };
  };
  w.stream.write(bytes_of(big), note(0)).detach();
  for (int number = 1; number < 100; ++number) {
    const std::string line = number % 10 == 0 ? "" : std::to_string(number) + "\n";
    expected += line;
    w.stream.write(bytes_of(line), note(number)).detach();
  }
  const std::string all = slowly_received(w, expected.size());
  fixture::run_until([&order] { return order.size() == 100; });
  TEST_ASSERT_TRUE(all == expected);
  TEST_ASSERT_TRUE(std::is_sorted(order.begin(), order.end()));
}

static void test_the_callback_of_a_write_comes_before_that_of_the_shutdown_after_it() {
  wired w;
  std::string order;
  w.stream.write(bytes_of("x"), [&order](outcome<std::size_t>) { order += "write "; }).detach();
  w.stream.shutdown([&order](outcome<done>) { order += "shutdown"; }).detach();
  fixture::run_until([&order] { return order.ends_with("shutdown"); });
  TEST_ASSERT_EQUAL_STRING("write shutdown", order);
}

static void test_a_write_of_no_bytes_completes() {
  wired w;
  recorder<std::size_t> end;
  const operation writing = w.stream.write({}, end.callback());
  TEST_ASSERT_FALSE(end.called());
  wait_for(end);
  TEST_ASSERT_EQUAL(0u, *end.result->get_if());
}

static void test_neither_cancel_nor_drop_unsends() {
  wired w;
  const std::string big = fixture::long_text(more_than_fits);
  recorder<std::size_t> cancelled;
  recorder<std::size_t> dropped;
  recorder<std::size_t> both;
  operation first = w.stream.write(bytes_of(big), cancelled.callback());
  operation second = w.stream.write(bytes_of("second"), dropped.callback());
  operation third = w.stream.write(bytes_of("third"), both.callback());
  first.cancel();
  second = {};
  third.cancel();
  third = {};
  TEST_ASSERT_FALSE_MESSAGE(cancelled.called(), "not inside cancel()");
  wait_for(cancelled);
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(cancelled));
  TEST_ASSERT_TRUE(slowly_received(w, big.size() + 11) == big + "secondthird");
  fixture::run();
  TEST_ASSERT_EQUAL(1, cancelled.calls);
  TEST_ASSERT_EQUAL_STRING("not called", ending(dropped));
  TEST_ASSERT_EQUAL_STRING("not called", ending(both));
}

static void test_a_cancel_counts_also_where_the_bytes_have_left() {
  wired w;
  recorder<std::size_t> end;
  operation writing = w.stream.write(bytes_of("gone"), end.callback());
  writing.cancel();
  wait_for(end);
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(end));
  TEST_ASSERT_EQUAL_STRING("gone", w.received());
  writing.cancel();
  fixture::run();
  TEST_ASSERT_EQUAL(1, end.calls);
}

static void test_a_write_after_the_peer_has_reset_is_a_connection_reset() {
  wired w;
  w.reset();
  recorder<std::size_t> first;
  recorder<std::size_t> second;
  const operation one = w.stream.write(bytes_of("x"), first.callback());
  const operation two = w.stream.write(bytes_of("y"), second.callback());
  TEST_ASSERT_FALSE(first.called());
  fixture::run_until([&] { return first.called() && second.called(); });
  TEST_ASSERT_EQUAL_STRING("connection_reset", ending(first));
  TEST_ASSERT_EQUAL_STRING("connection_reset", ending(second));
  TEST_ASSERT_TRUE(first.failure()->temporary());
}

static void test_everything_that_waits_ends_when_the_peer_resets() {
  wired w;
  const std::string big = fixture::long_text(more_than_fits);
  recorder<std::size_t> first;
  recorder<std::size_t> second;
  recorder<done> last;
  const operation one = w.stream.write(bytes_of(big), first.callback());
  const operation two = w.stream.write(bytes_of("y"), second.callback());
  const operation three = w.stream.shutdown(last.callback());
  w.reset();
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("connection_reset", ending(first));
  TEST_ASSERT_EQUAL_STRING("connection_reset", ending(second));
  TEST_ASSERT_TRUE(last.called());
  TEST_ASSERT_NOT_NULL(last.failure());
}

static void test_shutdown_sends_fin_after_the_writes_and_reading_goes_on() {
  connected c({.then = demo::behaviour::answer});
  const std::string text = fixture::long_text(1u << 20);
  recorder<done> end;
  c.stream.write(bytes_of(text), [](outcome<std::size_t>) {}).detach();
  const operation closing = c.stream.shutdown(end.callback());
  TEST_ASSERT_FALSE(end.called());
  fixture::run_until([&] { return end.called() && c.peer.ended() == 1; });
  TEST_ASSERT_TRUE(end.succeeded());
  TEST_ASSERT_TRUE(c.peer.received() == text);
  reading answer(c.stream, 4);
  wait_for(answer.end);
  TEST_ASSERT_EQUAL_STRING(text.substr(0, 4), answer.text());
}

static void test_a_dropped_shutdown_still_sends_fin() {
  connected c;
  recorder<done> end;
  { const operation dropped = c.stream.shutdown(end.callback()); }
  fixture::run_until([&c] { return c.peer.ended() == 1; });
  TEST_ASSERT_EQUAL_STRING("not called", ending(end));
}

static void test_shutdown_twice_and_a_write_after_it_are_refused() {
  wired w;
  recorder<done> end;
  recorder<std::size_t> never;
  const operation closing = w.stream.shutdown(end.callback());
  TEST_ASSERT_THROWS(std::logic_error, w.stream.shutdown([](outcome<done>) {}));
  TEST_ASSERT_THROWS(std::logic_error, w.stream.write(bytes_of("x"), never.callback()));
  wait_for(end);
  TEST_ASSERT_TRUE(end.succeeded());
  TEST_ASSERT_THROWS(std::logic_error, w.stream.shutdown([](outcome<done>) {}));
}

static void test_calls_without_a_callback_are_refused_and_do_nothing() {
  wired w;
  TEST_ASSERT_THROWS(std::invalid_argument, w.stream.write(bytes_of("x"), {}));
  TEST_ASSERT_THROWS(std::invalid_argument, w.stream.shutdown({}));
  TEST_ASSERT_THROWS(std::invalid_argument, w.stream.close({}));
  recorder<std::size_t> end;
  const operation writing = w.stream.write(bytes_of("y"), end.callback());
  wait_for(end);
  TEST_ASSERT_EQUAL_STRING("y", w.received());
}

int main() {
  fixture::ignore_broken_pipes();
  UNITY_BEGIN();
  RUN_TEST(test_a_small_write_arrives_and_its_callback_comes_from_the_loop);
  RUN_TEST(test_fifty_megabytes_to_a_slow_reader_need_live_only_for_the_call);
  RUN_TEST(test_many_writes_arrive_in_order_and_so_do_their_callbacks);
  RUN_TEST(test_the_callback_of_a_write_comes_before_that_of_the_shutdown_after_it);
  RUN_TEST(test_a_write_of_no_bytes_completes);
  RUN_TEST(test_neither_cancel_nor_drop_unsends);
  RUN_TEST(test_a_cancel_counts_also_where_the_bytes_have_left);
  RUN_TEST(test_a_write_after_the_peer_has_reset_is_a_connection_reset);
  RUN_TEST(test_everything_that_waits_ends_when_the_peer_resets);
  RUN_TEST(test_shutdown_sends_fin_after_the_writes_and_reading_goes_on);
  RUN_TEST(test_a_dropped_shutdown_still_sends_fin);
  RUN_TEST(test_shutdown_twice_and_a_write_after_it_are_refused);
  RUN_TEST(test_calls_without_a_callback_are_refused_and_do_nothing);
  return UNITY_END();
}
