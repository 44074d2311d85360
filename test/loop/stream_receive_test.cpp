// receive: chunk after chunk into one buffer, with a brake.
#include <stdexcept>

#include "support/stream_ends.hpp"

using namespace uvdial;
using demo::descriptor;
using fixture::ending;
using fixture::next_bytes;
using fixture::over_both;
using fixture::recorder;
using fixture::run_turns;
using fixture::taking;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

using chunk = std::span<const std::byte>;

std::string text_of(chunk bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// A receive that notes what it was given. Pinned.
struct receiving {
  explicit receiving(byte_stream& from, std::size_t room = 64) : buffer(room) {
    running = from.receive(
        buffer,
        [this](chunk bytes) {
          ++chunks;
          text += text_of(bytes);
          if (then) then();
        },
        end.callback());
  }
  receiving(const receiving&) = delete;
  receiving& operator=(const receiving&) = delete;

  void until(std::size_t size) {
    fixture::run_until([&] { return text.size() >= size; });
  }
  void wait() {
    fixture::run_until([&] { return end.called(); });
  }

  std::vector<std::byte> buffer;
  std::string text{};
  int chunks = 0;
  std::function<void()> then{};
  recorder<std::uint64_t> end{};
  operation running{};
};

}  // namespace

static void test_chunks_come_as_they_arrive_and_the_end_has_their_sum() {
  over_both([](byte_stream& stream, descriptor& peer) {
    receiving all(stream, 4);
    TEST_ASSERT_EQUAL(0, all.chunks);
    fixture::send(peer, "abcdefghij");
    all.until(10);
    TEST_ASSERT_EQUAL(3, all.chunks);
    fixture::send(peer, "kl");
    all.until(12);
    TEST_ASSERT_TRUE(all.running.running());
    fixture::finish(peer);
    all.wait();
    TEST_ASSERT_EQUAL_STRING("abcdefghijkl", all.text);
    TEST_ASSERT_EQUAL(12u, *all.end.result->get_if());
    TEST_ASSERT_EQUAL(1, all.end.calls);
    TEST_ASSERT_FALSE(all.running.running());
  });
}

static void test_a_stream_that_has_ended_is_a_sum_of_nothing() {
  over_both([](byte_stream& stream, descriptor& peer) {
    fixture::finish(peer);
    TEST_ASSERT_EQUAL_STRING("", next_bytes(stream));
    receiving none(stream);
    TEST_ASSERT_FALSE(none.end.called());
    none.wait();
    TEST_ASSERT_EQUAL(0u, *none.end.result->get_if());
  });
}

static void test_a_pause_inside_a_chunk_is_at_once_and_resume_goes_on_where_it_was() {
  over_both([](byte_stream& stream, descriptor& peer) {
    receiving all(stream, 4);
    all.then = [&stream] { stream.pause(); };
    fixture::send(peer, "abcdefghij");
    fixture::finish(peer);
    all.until(1);
    run_turns(5);
    TEST_ASSERT_EQUAL_STRING("abcd", all.text);
    stream.resume();
    TEST_ASSERT_EQUAL_MESSAGE(1, all.chunks, "not inside resume()");
    all.until(8);
    run_turns(5);
    TEST_ASSERT_EQUAL_STRING("abcdefgh", all.text);
    all.then = {};
    stream.resume();
    all.wait();
    TEST_ASSERT_EQUAL_STRING("abcdefghij", all.text);
    TEST_ASSERT_EQUAL(10u, *all.end.result->get_if());
  });
}

static void test_pause_and_resume_inside_one_chunk_is_no_pause() {
  over_both([](byte_stream& stream, descriptor& peer) {
    receiving all(stream, 2);
    all.then = [&stream] {
      stream.pause();
      stream.resume();
    };
    fixture::send(peer, "abcdef");
    all.until(6);
  });
}

static void test_a_paused_receive_keeps_the_loop_alive_and_can_be_cancelled() {
  over_both([](byte_stream& stream, descriptor& peer) {
    receiving all(stream);
    stream.pause();
    fixture::send(peer, "kept");
    run_turns(3);
    TEST_ASSERT_NOT_EQUAL(0, uv_loop_alive(&fixture::loop()));
    all.running.cancel();
    TEST_ASSERT_EQUAL_STRING("not called", ending(all.end));
    all.wait();
    TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(all.end));
    run_turns(1);
    TEST_ASSERT_EQUAL(0, uv_loop_alive(&fixture::loop()));
    TEST_ASSERT_EQUAL_STRING("kept", next_bytes(stream));
  });
}

static void test_a_paused_receive_that_is_dropped_lets_the_loop_go() {
  over_both([](byte_stream& stream, descriptor& peer) {
    receiving all(stream);
    stream.pause();
    all.running = {};
    TEST_ASSERT_EQUAL(0, uv_loop_alive(&fixture::loop()));
    fixture::send(peer, "kept");
    receiving next(stream);
    next.until(4);
    TEST_ASSERT_EQUAL_STRING("not called", ending(all.end));
  });
}

static void test_pause_and_resume_do_nothing_to_other_reads() {
  over_both([](byte_stream& stream, descriptor& peer) {
    stream.pause();
    taking one(8);
    one.some(stream);
    stream.pause();
    fixture::send(peer, "abc");
    TEST_ASSERT_EQUAL_STRING("abc", one.wait().text());
    stream.resume();
    receiving next(stream);
    fixture::send(peer, "def");
    next.until(3);
  });
}

static void test_kept_bytes_come_first_and_in_pieces_of_the_buffer() {
  over_both([](byte_stream& stream, descriptor& peer) {
    taking ten(10);
    ten.exactly(stream);
    fixture::send(peer, "abcde");
    run_turns(3);
    ten.running = {};
    receiving all(stream, 2);
    TEST_ASSERT_EQUAL(0, all.chunks);
    all.then = [&stream] { stream.pause(); };
    all.until(2);
    run_turns(2);
    TEST_ASSERT_EQUAL_STRING("ab", all.text);
    TEST_ASSERT_EQUAL(3u, stream.kept());
    all.then = {};
    stream.resume();
    fixture::send(peer, "fg");
    all.until(7);
    TEST_ASSERT_EQUAL_STRING("abcdefg", all.text);
  });
}

static void test_the_operation_may_die_inside_a_chunk_and_the_rest_stays() {
  over_both([](byte_stream& stream, descriptor& peer) {
    receiving all(stream, 3);
    all.then = [&all] { all.running = {}; };
    fixture::send(peer, "abcdef");
    all.until(3);
    run_turns(3);
    TEST_ASSERT_EQUAL(1, all.chunks);
    TEST_ASSERT_EQUAL_STRING("not called", ending(all.end));
    TEST_ASSERT_EQUAL_STRING("def", next_bytes(stream));
  });
}

// The running function must not be destroyed under itself: it touches what it holds after all else is gone.
static void test_the_stream_may_die_inside_a_chunk() {
  for (const bool drop : {false, true}) {
    fixture::wired w;
    auto stream = std::make_unique<tcp_stream>(std::move(w.stream));
    std::array<std::byte, 4> buffer{};
    recorder<std::uint64_t> end;
    operation running;
    std::string seen;
    std::array<char, 100> large{'x'};  // so the function lives on the heap
    running = stream->receive(
        buffer,
        [&, large, text = std::string(40, 'y')](chunk bytes) {
          stream.reset();
          if (drop) running = {};
          seen += text_of(bytes) + large[0] + text;
        },
        end.callback());
    w.send("abcdefgh");
    fixture::run();
    TEST_ASSERT_EQUAL_STRING("abcdx" + std::string(40, 'y'), seen);
    TEST_ASSERT_EQUAL_STRING(drop ? "not called" : "cancelled_error", ending(end));
  }
}

static void test_another_read_may_follow_inside_a_chunk() {
  over_both([](byte_stream& stream, descriptor& peer) {
    receiving head(stream, 2);
    taking body(3);
    head.then = [&] {
      head.running = {};
      body.exactly(stream);
    };
    fixture::send(peer, "ababc...");
    TEST_ASSERT_EQUAL_STRING("abc", body.wait().text());
    TEST_ASSERT_EQUAL_STRING("ab", head.text);
    TEST_ASSERT_EQUAL_STRING("...", next_bytes(stream));
  });
}

static void test_a_cancel_inside_a_chunk_is_the_last_of_it() {
  over_both([](byte_stream& stream, descriptor& peer) {
    receiving all(stream, 2);
    all.then = [&all] { all.running.cancel(); };
    fixture::send(peer, "abcd");
    all.wait();
    TEST_ASSERT_EQUAL_STRING("ab", all.text);
    TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(all.end));
    TEST_ASSERT_EQUAL_STRING("cd", next_bytes(stream));
  });
}

static void test_a_reset_ends_it_with_an_error() {
  fixture::wired w;
  receiving all(w.stream);
  w.reset();
  all.wait();
  TEST_ASSERT_EQUAL_STRING("connection_reset", ending(all.end));
  TEST_ASSERT_CONTAINS_STRING("receive", all.end.failure()->what());
}

static void test_closing_ends_it_with_cancelled_error_paused_or_not() {
  for (const bool paused : {false, true}) {
    fixture::wired w;
    receiving all(w.stream);
    if (paused) w.stream.pause();
    bool closed = false;
    w.stream.close([&](outcome<done>) { closed = true; });
    w.stream.resume();  // of an empty stream: nothing
    fixture::run();
    TEST_ASSERT_TRUE(closed);
    TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(all.end));
  }
}

static void test_what_cannot_be_received_is_refused() {
  fixture::wired w;
  recorder<std::uint64_t> never;
  std::array<std::byte, 8> buffer{};
  TEST_ASSERT_THROWS(std::invalid_argument, w.stream.receive(
                                                {}, [](chunk) {}, never.callback()));
  TEST_ASSERT_THROWS(std::invalid_argument, w.stream.receive(buffer, {}, never.callback()));
  TEST_ASSERT_THROWS(std::invalid_argument, w.stream.receive(buffer, [](chunk) {}, {}));
  const receiving running(w.stream);
  TEST_ASSERT_THROWS(std::logic_error, w.stream.receive(
                                           buffer, [](chunk) {}, never.callback()));
  TEST_ASSERT_THROWS(std::logic_error, w.stream.read(buffer, [](outcome<std::size_t>) {}));
  TEST_ASSERT_THROWS(std::logic_error, std::move(w.stream).release());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_chunks_come_as_they_arrive_and_the_end_has_their_sum);
  RUN_TEST(test_a_stream_that_has_ended_is_a_sum_of_nothing);
  RUN_TEST(test_a_pause_inside_a_chunk_is_at_once_and_resume_goes_on_where_it_was);
  RUN_TEST(test_pause_and_resume_inside_one_chunk_is_no_pause);
  RUN_TEST(test_a_paused_receive_keeps_the_loop_alive_and_can_be_cancelled);
  RUN_TEST(test_a_paused_receive_that_is_dropped_lets_the_loop_go);
  RUN_TEST(test_pause_and_resume_do_nothing_to_other_reads);
  RUN_TEST(test_kept_bytes_come_first_and_in_pieces_of_the_buffer);
  RUN_TEST(test_the_operation_may_die_inside_a_chunk_and_the_rest_stays);
  RUN_TEST(test_the_stream_may_die_inside_a_chunk);
  RUN_TEST(test_another_read_may_follow_inside_a_chunk);
  RUN_TEST(test_a_cancel_inside_a_chunk_is_the_last_of_it);
  RUN_TEST(test_a_reset_ends_it_with_an_error);
  RUN_TEST(test_closing_ends_it_with_cancelled_error_paused_or_not);
  RUN_TEST(test_what_cannot_be_received_is_refused);
  return UNITY_END();
}
