// Who may die when: the stream, its operations and its callbacks, in every order.
#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "support/connected.hpp"

using namespace uvdial;
using fixture::bytes_of;
using fixture::ending;
using fixture::reading;
using fixture::recorder;
using fixture::wired;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

// A read, a write and a shutdown, none of which can end by itself; notes in which order they do.
struct stuck_calls {
  explicit stuck_calls(tcp_stream& stream)
      : read(stream.read(into, note<std::size_t>("read"))),
        write(
            stream.write(bytes_of(fixture::long_text(fixture::more_than_fits)), note<std::size_t>("write"))),
        shutdown(stream.shutdown(note<done>("shutdown"))) {}

  template <class Value>
  callback<Value> note(const char* name) {
    return [this, name](outcome<Value> ended) {
      ++count;
      order += std::string(name) + " ";
      all_cancelled = all_cancelled && ended.failure() && ended.failure()->kind() == error_kind::cancelled;
    };
  }

  std::array<std::byte, 8> into{};
  std::string order{};
  int count = 0;
  bool all_cancelled = true;
  operation read;
  operation write;
  operation shutdown;
};

}  // namespace

static void test_calls_in_flight_end_with_cancelled_error_before_close_says_closed() {
  wired w;
  stuck_calls calls(w.stream);
  w.stream.close([&calls](outcome<done> end) { calls.order += end ? "closed" : "failed"; });
  TEST_ASSERT_EQUAL_STRING_MESSAGE("", calls.order, "nothing runs inside close()");
  TEST_ASSERT_TRUE(calls.read.running());
  fixture::run();
  TEST_ASSERT_TRUE(calls.all_cancelled);
  TEST_ASSERT_EQUAL_STRING("write shutdown read closed", calls.order);
}

static void test_calls_in_flight_end_with_cancelled_error_when_the_stream_dies() {
  wired w;
  stuck_calls calls(w.stream);
  { const tcp_stream dying(std::move(w.stream)); }
  TEST_ASSERT_EQUAL_STRING_MESSAGE("", calls.order, "nothing runs inside the destructor");
  fixture::run();
  TEST_ASSERT_TRUE(calls.all_cancelled);
  TEST_ASSERT_EQUAL(3, calls.count);
}

static void test_dropped_calls_stay_silent_when_the_stream_dies() {
  wired w;
  {
    stuck_calls calls(w.stream);
    w.stream.close([](outcome<done>) {});
    calls.write.cancel();
    calls.read = {};
    calls.write = {};
    calls.shutdown = {};
    fixture::run();
    TEST_ASSERT_EQUAL(0, calls.count);
  }
}

static void test_cancelling_one_call_of_a_closed_stream_from_the_callback_of_another_is_fine() {
  wired w;
  recorder<std::size_t> read;
  std::array<std::byte, 8> into{};
  operation reads = w.stream.read(into, read.callback());
  const operation writes = w.stream.write(bytes_of("x"), [&reads](outcome<std::size_t>) { reads.cancel(); });
  w.stream.close([](outcome<done>) {});
  reads.cancel();
  fixture::run();
  TEST_ASSERT_EQUAL(1, read.calls);
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(read));
}

static void test_after_on_closed_no_handle_is_left() {
  wired w;
  const operation kept = w.stream.write(bytes_of("x"), [](outcome<std::size_t>) {});
  bool closed = false;
  w.stream.close([&closed](outcome<done>) { closed = true; });
  fixture::run_until([&closed] { return closed; });
  TEST_ASSERT_EQUAL(0u, fixture::open_handles());
}

static void test_an_operation_that_outlives_its_stream_holds_nothing() {
  wired w;
  w.send("x");
  reading one(w.stream);
  fixture::run_until([&one] { return one.end.called(); });
  { const tcp_stream dying(std::move(w.stream)); }
  fixture::run();
  TEST_ASSERT_EQUAL(0u, fixture::open_handles());
  one.running.cancel();
  TEST_ASSERT_FALSE(one.running.running());
}

static void test_the_stream_may_die_inside_the_callback_of_its_read() {
  wired w;
  w.send("x");
  auto stream = std::make_unique<tcp_stream>(std::move(w.stream));
  std::array<std::byte, 8> into{};
  const operation reads = stream->read(into, [&stream](outcome<std::size_t>) { stream.reset(); });
  fixture::run();
  TEST_ASSERT_NULL(stream);
}

static void test_the_stream_may_die_inside_the_callback_of_a_write() {
  for (const std::size_t size : {std::size_t{1}, fixture::more_than_fits}) {
    wired w;
    auto stream = std::make_unique<tcp_stream>(std::move(w.stream));
    recorder<std::size_t> later;
    const operation first = stream->write(bytes_of(fixture::long_text(size)),
                                          [&stream](outcome<std::size_t>) { stream.reset(); });
    const operation second = stream->write(bytes_of("y"), later.callback());
    while (stream) {
      fixture::run_turn();
      (void)w.received();
    }
    fixture::run();
    TEST_ASSERT_EQUAL(1, later.calls);
  }
}

static void test_the_stream_may_die_inside_the_callback_of_its_shutdown() {
  wired w;
  auto stream = std::make_unique<tcp_stream>(std::move(w.stream));
  const operation shuts = stream->shutdown([&stream](outcome<done>) { stream.reset(); });
  fixture::run();
  TEST_ASSERT_NULL(stream);
}

static void test_the_stream_may_die_inside_the_callback_of_close() {
  wired w;
  auto stream = std::make_unique<tcp_stream>(std::move(w.stream));
  stream->close([&stream](outcome<done>) { stream.reset(); });
  fixture::run();
  TEST_ASSERT_NULL(stream);
}

static void test_the_stream_may_die_inside_the_callback_of_a_cancelled_read() {
  wired w;
  auto stream = std::make_unique<tcp_stream>(std::move(w.stream));
  std::array<std::byte, 8> into{};
  operation reads = stream->read(into, [&stream](outcome<std::size_t>) { stream.reset(); });
  reads.cancel();
  fixture::run();
  TEST_ASSERT_NULL(stream);
}

static void test_operations_may_die_inside_their_own_callbacks() {
  wired w;
  w.send("x");
  std::array<std::byte, 8> into{};
  int ended = 0;
  std::optional<operation> reads, writes, shuts;
  reads = w.stream.read(into, [&](outcome<std::size_t>) { reads.reset(), ++ended; });
  writes = w.stream.write(bytes_of("y"), [&](outcome<std::size_t>) { writes.reset(), ++ended; });
  shuts = w.stream.shutdown([&](outcome<done>) { shuts.reset(), ++ended; });
  fixture::run();
  TEST_ASSERT_EQUAL(3, ended);
}

static void test_a_callback_that_owns_the_stream_and_is_dropped_takes_it_along() {
  wired w;
  auto stream = std::make_shared<tcp_stream>(std::move(w.stream));
  const std::weak_ptr<tcp_stream> watched = stream;
  std::array<std::byte, 8> into{};
  tcp_stream& reader = *stream;
  operation reads = reader.read(into, [owned = std::move(stream)](outcome<std::size_t>) {});
  reads = {};
  TEST_ASSERT_TRUE(watched.expired());
}

static void test_calls_in_flight_move_with_the_stream() {
  wired first;
  wired second;
  reading kept(first.stream);
  reading replaced(second.stream);
  tcp_stream moved(std::move(first.stream));
  second.stream = std::move(moved);
  first.send("x");
  TEST_ASSERT_EQUAL_STRING_MESSAGE("not called", ending(replaced.end), "nothing runs inside a move");
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("x", kept.text());
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(replaced.end));
  kept.again(second.stream);
  TEST_ASSERT_TRUE(kept.running.running());
}

static void test_a_stream_assigned_to_itself_stays() {
  wired w;
  tcp_stream& same = w.stream;
  w.stream = std::move(same);
  TEST_ASSERT_EQUAL(demo::bound_address(w.peer), w.stream.peer());
}

static void refuses_everything(tcp_stream& empty) {
  std::array<std::byte, 8> into{};
  TEST_ASSERT_THROWS(std::logic_error, empty.read(into, [](outcome<std::size_t>) {}));
  TEST_ASSERT_THROWS(std::logic_error, empty.write({}, [](outcome<std::size_t>) {}));
  TEST_ASSERT_THROWS(std::logic_error, empty.shutdown([](outcome<done>) {}));
  TEST_ASSERT_THROWS(std::logic_error, empty.close([](outcome<done>) {}));
  TEST_ASSERT_THROWS(std::logic_error, empty.local());
  TEST_ASSERT_THROWS(std::logic_error, empty.peer());
  TEST_ASSERT_THROWS(std::logic_error, std::move(empty).release());
  TEST_ASSERT_THROWS(std::logic_error, std::move(empty).release_socket());
  TEST_ASSERT_EQUAL(0u, empty.unsent());
}

static void test_a_stream_that_was_moved_from_or_closed_refuses_everything() {
  wired w;
  tcp_stream moved(std::move(w.stream));
  refuses_everything(w.stream);
  moved.close([](outcome<done>) {});
  refuses_everything(moved);
}

int main() {
  fixture::ignore_broken_pipes();
  UNITY_BEGIN();
  RUN_TEST(test_calls_in_flight_end_with_cancelled_error_before_close_says_closed);
  RUN_TEST(test_calls_in_flight_end_with_cancelled_error_when_the_stream_dies);
  RUN_TEST(test_dropped_calls_stay_silent_when_the_stream_dies);
  RUN_TEST(test_cancelling_one_call_of_a_closed_stream_from_the_callback_of_another_is_fine);
  RUN_TEST(test_after_on_closed_no_handle_is_left);
  RUN_TEST(test_an_operation_that_outlives_its_stream_holds_nothing);
  RUN_TEST(test_the_stream_may_die_inside_the_callback_of_its_read);
  RUN_TEST(test_the_stream_may_die_inside_the_callback_of_a_write);
  RUN_TEST(test_the_stream_may_die_inside_the_callback_of_its_shutdown);
  RUN_TEST(test_the_stream_may_die_inside_the_callback_of_close);
  RUN_TEST(test_the_stream_may_die_inside_the_callback_of_a_cancelled_read);
  RUN_TEST(test_operations_may_die_inside_their_own_callbacks);
  RUN_TEST(test_a_callback_that_owns_the_stream_and_is_dropped_takes_it_along);
  RUN_TEST(test_calls_in_flight_move_with_the_stream);
  RUN_TEST(test_a_stream_assigned_to_itself_stays);
  RUN_TEST(test_a_stream_that_was_moved_from_or_closed_refuses_everything);
  return UNITY_END();
}
