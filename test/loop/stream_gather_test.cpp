// Writing several buffers at once, and waiting for room.
#include <stdexcept>

#include "support/stream_ends.hpp"

using namespace uvdial;
using demo::descriptor;
using fixture::bytes_of;
using fixture::ending;
using fixture::over_both;
using fixture::recorder;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

using buffers = std::vector<std::span<const std::byte>>;

std::string arrived(const descriptor& at, std::size_t most = 1 << 20) {
  std::string text(most, '\0');
  const ssize_t count = ::recv(at.get(), text.data(), text.size(), MSG_DONTWAIT);
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

// Turn by turn what has come, until that much has.
std::string all_arrived(const descriptor& at, std::size_t size) {
  std::string all;
  while (all.size() < size) {
    fixture::run_turn();
    all += arrived(at);
  }
  return all;
}

}  // namespace

static void test_buffers_arrive_one_behind_the_other() {
  over_both([](byte_stream& stream, descriptor& peer) {
    recorder<std::size_t> end;
    operation writing;
    {
      const std::string head = "head ";
      const std::string body = "body";
      const buffers both{bytes_of(head), {}, bytes_of(body)};
      writing = stream.write(both, end.callback());
    }
    TEST_ASSERT_FALSE(end.called());
    wait_for(end);
    TEST_ASSERT_EQUAL(9u, *end.result->get_if());
    TEST_ASSERT_EQUAL_STRING("head body", arrived(peer));
  });
}

static void test_more_buffers_than_one_call_of_the_kernel_takes_are_fine() {
  over_both([](byte_stream& stream, descriptor& peer) {
    const std::string text = fixture::long_text(9'000);
    buffers many;
    for (std::size_t at = 0; at < text.size(); at += 3) many.push_back(bytes_of(text).subspan(at, 3));
    recorder<std::size_t> end;
    const operation writing = stream.write(many, end.callback());
    wait_for(end);
    TEST_ASSERT_EQUAL(text.size(), *end.result->get_if());
    TEST_ASSERT_TRUE(arrived(peer) == text);
  });
}

static void test_what_the_kernel_does_not_take_is_copied() {
  over_both([](byte_stream& stream, descriptor& peer) {
    const std::string expected = fixture::long_text(fixture::more_than_fits);
    recorder<std::size_t> end;
    operation writing;
    {
      std::string text = expected;
      buffers many;
      for (std::size_t at = 0; at < text.size(); at += 100'003)
        many.push_back(bytes_of(text).subspan(at, std::min<std::size_t>(100'003, text.size() - at)));
      writing = stream.write(many, end.callback());
      text.assign(text.size(), '!');
    }
    TEST_ASSERT_GREATER_THAN(0u, stream.unsent());
    TEST_ASSERT_TRUE(all_arrived(peer, expected.size()) == expected);
    wait_for(end);
    TEST_ASSERT_EQUAL(expected.size(), *end.result->get_if());
  });
}

static void test_no_buffers_are_a_write_of_no_bytes() {
  over_both([](byte_stream& stream, descriptor& peer) {
    recorder<std::size_t> none;
    recorder<std::size_t> empty;
    const operation first = stream.write(buffers{}, none.callback());
    const operation second = stream.write(buffers{{}, {}}, empty.callback());
    wait_for(empty);
    TEST_ASSERT_EQUAL(0u, *none.result->get_if());
    TEST_ASSERT_EQUAL(0u, *empty.result->get_if());
    TEST_ASSERT_EQUAL_STRING("", arrived(peer));
  });
}

static void test_buffers_wait_behind_earlier_writes() {
  over_both([](byte_stream& stream, descriptor& peer) {
    const std::string big = fixture::long_text(fixture::more_than_fits);
    std::string order;
    stream.write(bytes_of(big), [&order](outcome<std::size_t>) { order += '1'; }).detach();
    const buffers both{bytes_of("a"), bytes_of("b")};
    stream.write(both, [&order](outcome<std::size_t>) { order += '2'; }).detach();
    TEST_ASSERT_TRUE(all_arrived(peer, big.size() + 2) == big + "ab");
    fixture::run();
    TEST_ASSERT_EQUAL_STRING("12", order);
  });
}

static void test_the_mark_is_64_kib_until_it_is_set() {
  over_both([](byte_stream& stream, descriptor&) {
    TEST_ASSERT_FALSE(stream.above_high_water_mark());
    stream.write(bytes_of(fixture::long_text(fixture::more_than_fits)), [](outcome<std::size_t>) {}).detach();
    TEST_ASSERT_GREATER_THAN(64u << 10, stream.unsent());
    TEST_ASSERT_TRUE(stream.above_high_water_mark());
    stream.set_high_water_mark(fixture::more_than_fits);
    TEST_ASSERT_FALSE(stream.above_high_water_mark());
    stream.set_high_water_mark(stream.unsent());
    TEST_ASSERT_FALSE_MESSAGE(stream.above_high_water_mark(), "at the mark is not above it");
    stream.set_high_water_mark(stream.unsent() - 1);
    TEST_ASSERT_TRUE(stream.above_high_water_mark());
  });
}

static void test_room_that_is_there_is_told_from_the_loop() {
  over_both([](byte_stream& stream, descriptor&) {
    recorder<done> end;
    const operation waiting = stream.wait_for_room(end.callback());
    TEST_ASSERT_FALSE(end.called());
    TEST_ASSERT_TRUE(waiting.running());
    wait_for(end);
    TEST_ASSERT_TRUE(end.succeeded());
    TEST_ASSERT_FALSE(waiting.running());
  });
}

// One write of libuv's that is long unfinished: no callback of it says how far it is.
static void test_room_is_told_as_soon_as_it_is_there() {
  over_both([](byte_stream& stream, descriptor& peer) {
    constexpr std::size_t mark = fixture::more_than_fits / 2;
    stream.set_high_water_mark(mark);
    recorder<std::size_t> written;
    const operation writing =
        stream.write(bytes_of(fixture::long_text(fixture::more_than_fits)), written.callback());
    std::size_t unsent_then = 0;
    std::string order;
    const operation first = stream.wait_for_room([&](outcome<done>) {
      unsent_then = stream.unsent();
      order += '1';
    });
    const operation second = stream.wait_for_room([&order](outcome<done>) { order += '2'; });
    fixture::run_turns(3);
    TEST_ASSERT_EQUAL_STRING("", order);
    while (order.empty()) {
      fixture::run_turn();
      (void)arrived(peer);
    }
    TEST_ASSERT_EQUAL_STRING("12", order);
    TEST_ASSERT_LESS_OR_EQUAL(mark, unsent_then);
    TEST_ASSERT_GREATER_THAN(0u, unsent_then);
    TEST_ASSERT_FALSE(written.called());
  });
}

static void test_a_higher_mark_is_room_for_who_waits() {
  over_both([](byte_stream& stream, descriptor&) {
    stream.write(bytes_of(fixture::long_text(fixture::more_than_fits)), [](outcome<std::size_t>) {}).detach();
    recorder<done> end;
    const operation waiting = stream.wait_for_room(end.callback());
    fixture::run_turns(2);
    stream.set_high_water_mark(fixture::more_than_fits);
    wait_for(end);
    TEST_ASSERT_TRUE(end.succeeded());
  });
}

static void test_who_waits_for_room_may_drop_cancel_and_close() {
  fixture::wired w;
  w.stream.write(bytes_of(fixture::long_text(fixture::more_than_fits)), [](outcome<std::size_t>) {}).detach();
  recorder<done> dropped;
  recorder<done> cancelled;
  recorder<done> closed;
  operation first = w.stream.wait_for_room(dropped.callback());
  operation second = w.stream.wait_for_room(cancelled.callback());
  const operation third = w.stream.wait_for_room(closed.callback());
  first = {};
  second.cancel();
  TEST_ASSERT_FALSE(cancelled.called());
  wait_for(cancelled);
  w.stream.close([](outcome<done>) {});
  TEST_ASSERT_FALSE(closed.called());
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("not called", ending(dropped));
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(cancelled));
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(closed));
}

static void test_a_dropped_wait_is_not_in_flight() {
  fixture::wired w;
  operation waiting = w.stream.wait_for_room([](outcome<done>) {});
  TEST_ASSERT_THROWS(std::logic_error, std::move(w.stream).release());
  waiting = {};
  TEST_ASSERT_NOT_NULL(std::move(w.stream).release());
}

static void test_who_waits_for_room_is_told_that_writing_failed() {
  fixture::wired w;
  w.stream.write(bytes_of(fixture::long_text(fixture::more_than_fits)), [](outcome<std::size_t>) {}).detach();
  recorder<done> end;
  const operation waiting = w.stream.wait_for_room(end.callback());
  w.reset();
  wait_for(end);
  TEST_ASSERT_EQUAL_STRING("connection_reset", ending(end));
  TEST_ASSERT_CONTAINS_STRING("wait_for_room", end.failure()->what());
  fixture::run();
  recorder<done> later;
  const operation again = w.stream.wait_for_room(later.callback());
  wait_for(later);
  TEST_ASSERT_EQUAL_STRING("connection_reset", ending(later));
}

static void test_the_stream_may_die_in_the_callback_that_says_there_is_room() {
  fixture::wired w;
  auto stream = std::make_unique<tcp_stream>(std::move(w.stream));
  recorder<done> other;
  const operation first = stream->wait_for_room([&](outcome<done>) { stream.reset(); });
  const operation second = stream->wait_for_room(other.callback());
  fixture::run();
  TEST_ASSERT_NULL(stream);
  TEST_ASSERT_EQUAL(1, other.calls);
}

// A writer that waits for room never has more in the queue than the mark and one write.
static void test_a_fast_writer_that_waits_stays_near_the_mark() {
  over_both([](byte_stream& stream, descriptor& peer) {
    constexpr std::size_t piece = 100'000;
    constexpr std::size_t size = 200 * piece;
    const std::string text = fixture::long_text(size);
    std::size_t given = 0;
    std::size_t most_unsent = 0;
    operation waiting;
    std::function<void()> write_on = [&] {
      while (given < size && !stream.above_high_water_mark()) {
        stream.write(bytes_of(text).subspan(given, piece), [](outcome<std::size_t>) {}).detach();
        given += piece;
        most_unsent = std::max(most_unsent, stream.unsent());
      }
      if (given < size) waiting = stream.wait_for_room([&](outcome<done>) { write_on(); });
    };
    write_on();
    TEST_ASSERT_TRUE(all_arrived(peer, size) == text);
    TEST_ASSERT_LESS_OR_EQUAL((64u << 10) + piece, most_unsent);
  });
}

static void test_what_cannot_be_written_is_refused() {
  fixture::wired w;
  TEST_ASSERT_THROWS(std::invalid_argument, w.stream.write(buffers{}, {}));
  TEST_ASSERT_THROWS(std::invalid_argument, w.stream.wait_for_room({}));
  w.stream.shutdown([](outcome<done>) {}).detach();
  TEST_ASSERT_THROWS(std::logic_error, w.stream.write(buffers{}, [](outcome<std::size_t>) {}));
  tcp_stream moved(std::move(w.stream));
  TEST_ASSERT_THROWS(std::logic_error, w.stream.wait_for_room([](outcome<done>) {}));
  TEST_ASSERT_THROWS(std::logic_error, w.stream.set_high_water_mark(1));
  TEST_ASSERT_FALSE(w.stream.above_high_water_mark());
}

int main() {
  fixture::ignore_broken_pipes();
  UNITY_BEGIN();
  RUN_TEST(test_buffers_arrive_one_behind_the_other);
  RUN_TEST(test_more_buffers_than_one_call_of_the_kernel_takes_are_fine);
  RUN_TEST(test_what_the_kernel_does_not_take_is_copied);
  RUN_TEST(test_no_buffers_are_a_write_of_no_bytes);
  RUN_TEST(test_buffers_wait_behind_earlier_writes);
  RUN_TEST(test_the_mark_is_64_kib_until_it_is_set);
  RUN_TEST(test_room_that_is_there_is_told_from_the_loop);
  RUN_TEST(test_room_is_told_as_soon_as_it_is_there);
  RUN_TEST(test_a_higher_mark_is_room_for_who_waits);
  RUN_TEST(test_who_waits_for_room_may_drop_cancel_and_close);
  RUN_TEST(test_a_dropped_wait_is_not_in_flight);
  RUN_TEST(test_who_waits_for_room_is_told_that_writing_failed);
  RUN_TEST(test_the_stream_may_die_in_the_callback_that_says_there_is_room);
  RUN_TEST(test_a_fast_writer_that_waits_stays_near_the_mark);
  RUN_TEST(test_what_cannot_be_written_is_refused);
  return UNITY_END();
}
