// Idle timeouts: they end a call to which nothing happens, and never beat what has happened.
#include <stdexcept>

#include "support/stream_ends.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::descriptor;
using fixture::bytes_of;
using fixture::ending;
using fixture::held_up;
using fixture::next_bytes;
using fixture::over_both;
using fixture::recorder;
using fixture::run_turns;
using fixture::taking;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

std::chrono::nanoseconds passed_since(std::uint64_t start) {
  return std::chrono::nanoseconds(static_cast<std::int64_t>(uv_hrtime() - start));
}

void fill(byte_stream& stream) {
  stream.write(bytes_of(fixture::long_text(fixture::more_than_fits)), [](outcome<std::size_t>) {}).detach();
}

std::size_t drain(const descriptor& at) {
  static std::vector<char> sink(1 << 20);
  const ssize_t count = ::recv(at.get(), sink.data(), sink.size(), MSG_DONTWAIT);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

}  // namespace

static void test_a_read_to_which_nothing_comes_ends_and_the_stream_goes_on() {
  over_both([](byte_stream& stream, descriptor& peer) {
    stream.set_read_timeout(20ms);
    taking one(8);
    const std::uint64_t start = uv_hrtime();
    one.some(stream).wait();
    TEST_ASSERT_GREATER_OR_EQUAL(std::chrono::nanoseconds(20ms), passed_since(start));
    TEST_ASSERT_EQUAL_STRING("timeout_error", ending(one.end));
    TEST_ASSERT_TRUE(one.end.failure()->code() == std::errc::timed_out);
    TEST_ASSERT_EQUAL_STRING("read: nothing came for 20 ms", one.text());
    fixture::send(peer, "abc");
    TEST_ASSERT_EQUAL_STRING("abc", next_bytes(stream));
  });
}

static void test_every_form_of_read_has_it_and_loses_nothing() {
  over_both([](byte_stream& stream, descriptor& peer) {
    stream.set_read_timeout(10ms);
    taking ten(10);
    fixture::send(peer, "abc");
    TEST_ASSERT_EQUAL_STRING("read_exactly: nothing came for 10 ms", ten.exactly(stream).wait().text());
    TEST_ASSERT_EQUAL(3u, stream.kept());
    TEST_ASSERT_EQUAL_STRING("read_until: nothing came for 10 ms", ten.until(stream, "\n").wait().text());
    std::string chunks;
    recorder<std::uint64_t> end;
    const operation receiving = stream.receive(
        ten.into,
        [&chunks](std::span<const std::byte> chunk) {
          chunks.append(reinterpret_cast<const char*>(chunk.data()), chunk.size());
        },
        end.callback());
    wait_for(end);
    TEST_ASSERT_EQUAL_STRING("abc", chunks);
    TEST_ASSERT_EQUAL_STRING("receive: nothing came for 10 ms", end.failure()->what());
  });
}

static void test_it_is_an_idle_timeout_and_every_byte_starts_it_anew() {
  over_both([](byte_stream& stream, descriptor& peer) {
    stream.set_read_timeout(200ms);
    taking four(4);
    four.exactly(stream);
    const std::uint64_t start = uv_hrtime();
    for (int byte = 0; byte < 3; ++byte) {
      const held_up held(110ms, [&peer] { (void)::send(peer.get(), "x", 1, MSG_NOSIGNAL); });
      run_turns(3);
    }
    TEST_ASSERT_GREATER_THAN(std::chrono::nanoseconds(200ms), passed_since(start));
    TEST_ASSERT_EQUAL_STRING("not called", four.text());
    TEST_ASSERT_EQUAL_STRING("read_exactly: nothing came for 200 ms", four.wait().text());
    TEST_ASSERT_EQUAL(3u, stream.kept());
  });
}

// Rule 7: the timer is long due when the loop comes back, and runs before the socket is looked at.
static void test_a_held_up_loop_gives_the_bytes_and_not_the_timeout() {
  over_both([](byte_stream& stream, descriptor& peer) {
    stream.set_read_timeout(200ms);
    taking one(8);
    one.some(stream);
    const held_up held(2000ms, [&peer] { (void)::send(peer.get(), "late", 4, MSG_NOSIGNAL); });
    one.wait();
    TEST_ASSERT_EQUAL_STRING("late", one.text());
  });
}

// Something else of the stream ends in the turn that was held up after its poll.
static void test_a_held_up_check_phase_gives_the_bytes_too() {
  over_both([](byte_stream& stream, descriptor& peer) {
    stream.set_read_timeout(20ms);
    taking one(8);
    one.some(stream);
    stream.write({}, [](outcome<std::size_t>) {}).detach();
    const held_up held(60ms, [&peer] { (void)::send(peer.get(), "late", 4, MSG_NOSIGNAL); });
    TEST_ASSERT_EQUAL_STRING("late", one.wait().text());
  });
}

static void test_a_held_up_loop_without_bytes_still_ends_the_read() {
  over_both([](byte_stream& stream, descriptor&) {
    stream.set_read_timeout(10ms);
    taking one(8);
    one.some(stream);
    const held_up held(40ms);
    TEST_ASSERT_EQUAL_STRING("read: nothing came for 10 ms", one.wait().text());
  });
}

static void test_the_timeout_stands_still_while_receive_is_paused() {
  over_both([](byte_stream& stream, descriptor&) {
    stream.set_read_timeout(10ms);
    std::array<std::byte, 8> buffer{};
    recorder<std::uint64_t> end;
    const operation receiving = stream.receive(
        buffer, [](std::span<const std::byte>) {}, end.callback());
    stream.pause();
    {
      const held_up held(50ms);
      run_turns(5);
    }
    run_turns(5);
    TEST_ASSERT_EQUAL_STRING("not called", ending(end));
    const std::uint64_t start = uv_hrtime();
    stream.resume();
    wait_for(end);
    TEST_ASSERT_EQUAL_STRING("timeout_error", ending(end));
    TEST_ASSERT_GREATER_OR_EQUAL(std::chrono::nanoseconds(10ms), passed_since(start));
  });
}

static void test_a_timeout_may_be_set_and_taken_away_while_a_read_runs() {
  over_both([](byte_stream& stream, descriptor&) {
    taking one(8);
    one.some(stream);
    stream.set_read_timeout(10ms);
    stream.set_read_timeout(std::nullopt);
    {
      const held_up held(30ms);
      run_turns(3);
    }
    TEST_ASSERT_EQUAL_STRING("not called", one.text());
    stream.set_read_timeout(1h);
    stream.set_read_timeout(10ms);
    TEST_ASSERT_EQUAL_STRING("read: nothing came for 10 ms", one.wait().text());
  });
}

static void test_the_next_read_may_start_inside_the_callback_of_a_timed_out_one() {
  over_both([](byte_stream& stream, descriptor&) {
    stream.set_read_timeout(5ms);
    std::array<std::byte, 8> into{};
    recorder<std::size_t> second;
    operation next;
    const operation first =
        stream.read(into, [&](outcome<std::size_t>) { next = stream.read(into, second.callback()); });
    wait_for(second);
    TEST_ASSERT_EQUAL_STRING("timeout_error", ending(second));
  });
}

static void test_a_timeout_does_not_keep_the_loop_alive_and_the_stream_may_die_with_it() {
  fixture::wired w;
  w.stream.set_read_timeout(1h);
  w.stream.set_write_timeout(1h);
  TEST_ASSERT_EQUAL(0, uv_loop_alive(&fixture::loop()));
  taking one(8);
  one.some(w.stream);
  one.running = {};
  TEST_ASSERT_EQUAL(0, uv_loop_alive(&fixture::loop()));
  bool closed = false;
  w.stream.close([&closed](outcome<done>) { closed = true; });
  fixture::run_until([&closed] { return closed; });
  TEST_ASSERT_EQUAL(0u, fixture::open_handles());
}

static void test_a_released_stream_takes_no_timeout_along() {
  fixture::wired w;
  w.stream.set_read_timeout(5ms);
  taking one(8);
  one.some(w.stream);
  one.running = {};
  tcp_stream again(std::move(w.stream).release());
  one.some(again);
  {
    const held_up held(20ms);
    run_turns(3);
  }
  TEST_ASSERT_EQUAL_STRING("not called", one.text());
}

static void test_writes_a_shutdown_and_waits_that_get_nowhere_end_in_their_order() {
  over_both([](byte_stream& stream, descriptor& peer) {
    fill(stream);
    stream.set_write_timeout(20ms);
    std::string order;
    std::string texts;
    const auto note = [&](char name) {
      return [&, name](auto ended) {
        order += name;
        if (!ended) texts += std::string(ended.failure()->what()) + "\n";
      };
    };
    const std::uint64_t start = uv_hrtime();
    const operation writing = stream.write(bytes_of("x"), note('w'));
    const operation waiting = stream.wait_for_room(note('r'));
    const operation closing = stream.shutdown(note('s'));
    fixture::run_until([&order] { return order.size() == 3; });
    TEST_ASSERT_GREATER_OR_EQUAL(std::chrono::nanoseconds(20ms), passed_since(start));
    TEST_ASSERT_EQUAL_STRING("wrs", order);
    TEST_ASSERT_EQUAL_STRING(
        "write: nothing could be sent for 20 ms\nwait_for_room: nothing could be sent for 20 ms\n"
        "shutdown: nothing could be sent for 20 ms\n",
        texts);
    TEST_ASSERT_FALSE(writing.running());
    while (drain(peer) > 0 || stream.unsent() > 0) run_turns(1);  // it was not unsent
    fixture::run();
    TEST_ASSERT_EQUAL(3u, order.size());
  });
}

static void test_a_write_that_moves_on_has_all_the_time_it_needs() {
  over_both([](byte_stream& stream, descriptor& peer) {
    const std::string big = fixture::long_text(fixture::more_than_fits);
    stream.set_write_timeout(200ms);
    recorder<std::size_t> end;
    const operation writing = stream.write(bytes_of(big), end.callback());
    const std::uint64_t start = uv_hrtime();
    for (int part = 0; part < 3; ++part) {
      const held_up held(110ms, [&peer] {
        for (int time = 0; time < 4; ++time) (void)drain(peer);
      });
      run_turns(3);
    }
    TEST_ASSERT_GREATER_THAN(std::chrono::nanoseconds(200ms), passed_since(start));
    TEST_ASSERT_EQUAL_STRING("not called", ending(end));
    wait_for(end);
    TEST_ASSERT_EQUAL_STRING("timeout_error", ending(end));
  });
}

static void test_a_held_up_loop_sends_and_does_not_end_the_write() {
  over_both([](byte_stream& stream, descriptor& peer) {
    const std::string big = fixture::long_text(fixture::more_than_fits);
    recorder<std::size_t> end;
    stream.set_write_timeout(200ms);
    const operation writing = stream.write(bytes_of(big), end.callback());
    const std::size_t before = stream.unsent();
    {
      const held_up held(500ms, [&peer] {
        for (int time = 0; time < 16; ++time) (void)drain(peer);
      });
      run_turns(3);
    }
    TEST_ASSERT_LESS_THAN(before, stream.unsent());
    TEST_ASSERT_EQUAL_STRING("not called", ending(end));
  });
}

static void test_a_timed_out_write_can_be_dropped_and_the_stream_closed() {
  fixture::wired w;
  fill(w.stream);
  w.stream.set_write_timeout(5ms);
  recorder<std::size_t> end;
  operation writing = w.stream.write(bytes_of("x"), end.callback());
  wait_for(end);
  writing.cancel();
  TEST_ASSERT_THROWS_MESSAGE(std::logic_error, "libuv still has it", std::move(w.stream).release());
  w.stream.close([](outcome<done>) {});
  fixture::run();
  TEST_ASSERT_EQUAL(1, end.calls);
}

static void test_the_stream_may_die_inside_the_callback_of_a_timeout() {
  fixture::wired w;
  auto stream = std::make_unique<tcp_stream>(std::move(w.stream));
  stream->set_read_timeout(5ms);
  stream->set_write_timeout(5ms);
  fill(*stream);
  std::array<std::byte, 8> into{};
  int ended = 0;
  const operation reads = stream->read(into, [&](outcome<std::size_t>) { stream.reset(), ++ended; });
  const operation writes =
      stream->write(bytes_of("x"), [&](outcome<std::size_t>) { stream.reset(), ++ended; });
  fixture::run();
  TEST_ASSERT_EQUAL(2, ended);
}

static void test_a_timeout_below_a_millisecond_is_refused_and_a_huge_one_is_for_ever() {
  fixture::wired w;
  for (const std::chrono::milliseconds wrong : {0ms, -5ms}) {
    TEST_ASSERT_THROWS(std::invalid_argument, w.stream.set_read_timeout(wrong));
    TEST_ASSERT_THROWS(std::invalid_argument, w.stream.set_write_timeout(wrong));
  }
  w.stream.set_read_timeout(std::chrono::milliseconds::max());
  w.stream.set_write_timeout(std::chrono::milliseconds::max());
  fill(w.stream);
  taking one(8);
  one.some(w.stream);
  run_turns(3);
  TEST_ASSERT_EQUAL_STRING("not called", one.text());
  tcp_stream moved(std::move(w.stream));
  TEST_ASSERT_THROWS(std::logic_error, w.stream.set_read_timeout(1s));
  TEST_ASSERT_THROWS(std::logic_error, w.stream.set_write_timeout(1s));
}

int main() {
  fixture::ignore_broken_pipes();
  UNITY_BEGIN();
  RUN_TEST(test_a_read_to_which_nothing_comes_ends_and_the_stream_goes_on);
  RUN_TEST(test_every_form_of_read_has_it_and_loses_nothing);
  RUN_TEST(test_it_is_an_idle_timeout_and_every_byte_starts_it_anew);
  RUN_TEST(test_a_held_up_loop_gives_the_bytes_and_not_the_timeout);
  RUN_TEST(test_a_held_up_check_phase_gives_the_bytes_too);
  RUN_TEST(test_a_held_up_loop_without_bytes_still_ends_the_read);
  RUN_TEST(test_the_timeout_stands_still_while_receive_is_paused);
  RUN_TEST(test_a_timeout_may_be_set_and_taken_away_while_a_read_runs);
  RUN_TEST(test_the_next_read_may_start_inside_the_callback_of_a_timed_out_one);
  RUN_TEST(test_a_timeout_does_not_keep_the_loop_alive_and_the_stream_may_die_with_it);
  RUN_TEST(test_a_released_stream_takes_no_timeout_along);
  RUN_TEST(test_writes_a_shutdown_and_waits_that_get_nowhere_end_in_their_order);
  RUN_TEST(test_a_write_that_moves_on_has_all_the_time_it_needs);
  RUN_TEST(test_a_held_up_loop_sends_and_does_not_end_the_write);
  RUN_TEST(test_a_timed_out_write_can_be_dropped_and_the_stream_closed);
  RUN_TEST(test_the_stream_may_die_inside_the_callback_of_a_timeout);
  RUN_TEST(test_a_timeout_below_a_millisecond_is_refused_and_a_huge_one_is_for_ever);
  return UNITY_END();
}
