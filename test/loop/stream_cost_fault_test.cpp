// What a call costs: allocations and calls of libuv, and what happens where an allocation fails.
#include <cstdlib>
#include <new>

#include "support/faults.hpp"
#include "support/stream_ends.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using fixture::bytes_of;
using fixture::ending;
using fixture::recorder;
using fixture::run_turns;
using fixture::taking;
using fixture::wired;

namespace {

std::size_t from_new = 0;
std::size_t from_malloc = 0;
bool new_fails = false;

// Since setUp(). Counted here: the script of the faults allocates.
struct {
  std::size_t read_start, read_stop, peek;
} counted{};

std::size_t allocations() { return from_new + from_malloc; }

}  // namespace

void* operator new(std::size_t size) {
  if (new_fails) throw std::bad_alloc();
  ++from_new;
  if (void* memory = std::calloc(1, size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

// The names are the linker's.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" {
void* __real_malloc(std::size_t);
void* __real_realloc(void*, std::size_t);
int __real_uv_read_start(uv_stream_t*, uv_alloc_cb, uv_read_cb);
int __real_uv_read_stop(uv_stream_t*);
int __real_uv_try_write(uv_stream_t*, const uv_buf_t*, unsigned);
ssize_t __real_recv(int, void*, std::size_t, int);

void* __wrap_malloc(std::size_t size) {
  ++from_malloc;
  if (faults::next("malloc")) return nullptr;
  return __real_malloc(size);
}
void* __wrap_realloc(void* memory, std::size_t size) {
  ++from_malloc;
  return __real_realloc(memory, size);
}
int __wrap_uv_read_start(uv_stream_t* stream, uv_alloc_cb allocate, uv_read_cb on_read) {
  ++counted.read_start;
  return __real_uv_read_start(stream, allocate, on_read);
}
int __wrap_uv_read_stop(uv_stream_t* stream) {
  ++counted.read_stop;
  return __real_uv_read_stop(stream);
}
// A positive result stands for a kernel that takes no more than that many bytes.
int __wrap_uv_try_write(uv_stream_t* stream, const uv_buf_t* buffers, unsigned count) {
  const auto scripted = faults::next("uv_try_write");
  if (!scripted) return __real_uv_try_write(stream, buffers, count);
  if (*scripted <= 0) return static_cast<int>(*scripted);
  auto left = static_cast<std::size_t>(*scripted);
  int taken = 0;
  for (unsigned at = 0; at < count && left > 0; ++at) {
    const uv_buf_t part =
        uv_buf_init(buffers[at].base, static_cast<unsigned>(std::min(buffers[at].len, left)));
    const int now = __real_uv_try_write(stream, &part, 1);
    if (now < 0) return taken > 0 ? taken : now;
    taken += now;
    left -= static_cast<std::size_t>(now);
  }
  return taken;
}
ssize_t __wrap_recv(int socket, void* into, std::size_t size, int flags) {
  if ((flags & MSG_PEEK) != 0) ++counted.peek;
  return __real_recv(socket, into, size, flags);
}
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

void setUp() {
  faults::clear();
  counted = {};
  fixture::open();
}
void tearDown() {
  new_fails = false;
  faults::clear();
  fixture::close();
}

namespace {

// A sink without memory of its own, as a caller would write one.
struct plain_sink {
  std::array<std::byte, 64> into{};
  std::size_t bytes = 0;
  int calls = 0;
};

void run_until_called(const plain_sink& sink, int calls) {
  fixture::run_until([&] { return sink.calls >= calls; });
}

callback<std::size_t> into_sink(plain_sink& sink) {
  return [&sink](outcome<std::size_t> got) {
    if (const auto* count = got.get_if()) sink.bytes += *count;
    ++sink.calls;
  };
}

}  // namespace

static void test_a_read_after_the_first_call_allocates_nothing() {
  wired w;
  plain_sink sink;
  faults::clear();
  operation first = w.stream.read(sink.into, into_sink(sink));
  TEST_ASSERT_EQUAL_MESSAGE(4u, faults::calls("malloc"), "the handles of the stream's turn");
  w.send("x");
  run_until_called(sink, 1);
  const std::size_t before = allocations();
  for (int round = 2; round < 5; ++round) {
    const operation next = w.stream.read(sink.into, into_sink(sink));
    (void)::send(w.peer.get(), "abc", 3, MSG_NOSIGNAL);
    while (sink.calls < round) (void)uv_run(&fixture::loop(), UV_RUN_ONCE);
  }
  const std::size_t after = allocations();
  TEST_ASSERT_EQUAL(before, after);
  TEST_ASSERT_EQUAL(10u, sink.bytes);
}

static void test_other_forms_of_read_and_a_cancel_allocate_nothing_either() {
  wired w;
  plain_sink sink;
  w.stream.set_read_timeout(1h);
  w.send("x");
  TEST_ASSERT_EQUAL_STRING("x", fixture::next_bytes(w.stream));  // libuv's own lists have their size by now
  const std::size_t before = allocations();
  {
    const std::span<std::byte> three(sink.into.data(), 3);
    operation one = w.stream.read_exactly(three, into_sink(sink));
    (void)::send(w.peer.get(), "abcd\nchunk", 10, MSG_NOSIGNAL);
    while (sink.calls < 1) (void)uv_run(&fixture::loop(), UV_RUN_ONCE);
    one = w.stream.read_until("\n", sink.into, into_sink(sink));
    while (sink.calls < 2) (void)uv_run(&fixture::loop(), UV_RUN_ONCE);
    one = w.stream.receive(
        sink.into, [&sink](std::span<const std::byte> chunk) { sink.bytes += chunk.size(); },
        [](outcome<std::uint64_t>) {});
    while (sink.bytes < 10) (void)uv_run(&fixture::loop(), UV_RUN_ONCE);
    w.stream.pause();
    w.stream.resume();
  }
  const std::size_t after = allocations();
  TEST_ASSERT_EQUAL(before, after);
}

static void test_reading_stops_only_if_the_callback_did_not_ask_again() {
  wired w;
  plain_sink sink;
  operation running;
  std::function<void()> next = [&] {
    running = w.stream.read(std::span(sink.into).first(1), [&](outcome<std::size_t>) {
      if (++sink.calls < 5) next();
    });
  };
  next();
  w.send("abcdefgh");
  run_until_called(sink, 5);
  TEST_ASSERT_EQUAL(1u, counted.read_start);
  TEST_ASSERT_EQUAL(1u, counted.read_stop);
  TEST_ASSERT_EQUAL_STRING("fgh", fixture::next_bytes(w.stream));
  TEST_ASSERT_EQUAL(2u, counted.read_start);
}

static void test_a_running_receive_is_started_once_and_peeks_never() {
  wired w;
  plain_sink sink;
  const operation running = w.stream.receive(
      sink.into, [&sink](std::span<const std::byte> chunk) { sink.bytes += chunk.size(); },
      [](outcome<std::uint64_t>) {});
  for (int time = 1; time < 5; ++time) {
    w.send("abc");
    while (sink.bytes < static_cast<std::size_t>(3 * time)) run_turns(1);
  }
  TEST_ASSERT_EQUAL(1u, counted.read_start);
  TEST_ASSERT_EQUAL(0u, counted.read_stop);
  TEST_ASSERT_EQUAL(0u, counted.peek);
}

static void test_a_line_that_is_there_costs_one_peek() {
  wired w;
  w.send("a line\nanother");
  taking line(64);
  TEST_ASSERT_EQUAL_STRING("a line\n", line.until(w.stream, "\n").wait().text());
  TEST_ASSERT_EQUAL(1u, counted.peek);
}

static void test_a_descriptor_that_is_no_socket_is_peeked_into_once() {
  int ends[2] = {-1, -1};
  TEST_ASSERT_EQUAL(0, ::pipe(ends));
  const demo::descriptor writing(ends[1]);
  pipe_stream stream = fixture::pipe_on(ends[0]);
  TEST_ASSERT_EQUAL(5, ::write(writing.get(), "abcd\n", 5));
  taking line(64);
  TEST_ASSERT_EQUAL_STRING("abcd\n", line.until(stream, "\n").wait().text());
  TEST_ASSERT_EQUAL(1u, counted.peek);
}

static void test_several_buffers_are_one_call_of_the_kernel() {
  wired w;
  const std::string text = fixture::long_text(1024);
  std::vector<std::span<const std::byte>> many;
  for (std::size_t at = 0; at < text.size(); ++at) many.push_back(bytes_of(text).subspan(at, 1));
  recorder<std::size_t> end;
  const operation writing = w.stream.write(many, end.callback());
  TEST_ASSERT_EQUAL(1u, faults::calls("uv_try_write"));
  TEST_ASSERT_TRUE(w.received() == text);
  fixture::run();
  TEST_ASSERT_TRUE(end.succeeded());
}

static void test_a_kernel_that_stops_inside_a_buffer_gets_every_byte_once() {
  for (long first = 1; first < 9; ++first) {
    wired w;
    faults::clear();
    faults::fail("uv_try_write", 1, first);
    faults::fail("uv_try_write", 2, 1);
    faults::fail("uv_try_write", 3, UV_EAGAIN);
    const std::vector<std::span<const std::byte>> some{bytes_of("abc"), {}, bytes_of("de"), bytes_of("fghi")};
    recorder<std::size_t> end;
    const operation writing = w.stream.write(some, end.callback());
    fixture::run();
    TEST_ASSERT_EQUAL(9u, *end.result->get_if());
    TEST_ASSERT_EQUAL_STRING("abcdefghi", w.received());
  }
}

static void test_bytes_that_cannot_be_kept_end_all_reading_and_are_not_lost_silently() {
  wired w;
  taking ten(10);
  ten.exactly(w.stream);
  w.send("abc");
  run_turns(3);
  new_fails = true;
  ten.running = {};
  new_fails = false;
  TEST_ASSERT_EQUAL(0u, w.stream.kept());
  w.send("def");
  for (int time = 0; time < 2; ++time) {
    taking next(8);
    next.some(w.stream).wait();
    TEST_ASSERT_EQUAL_STRING("out_of_resources", ending(next.end));
    TEST_ASSERT_EQUAL(UV_ENOMEM, next.end.failure()->code().value());
  }
}

static void test_a_timeout_without_memory_throws_and_none_is_set() {
  wired w;
  fixture::run_turn();
  for (std::size_t nth = 1; nth <= 5; ++nth) {
    faults::clear();
    faults::fail("malloc", 1, 0);
    try {
      w.stream.set_read_timeout(1ms);
    } catch (const out_of_resources&) {}
  }
  faults::clear();
  tcp_stream other(std::move(w.stream).release());
  faults::fail("malloc", 5, 0);
  TEST_ASSERT_THROWS(out_of_resources, other.set_read_timeout(1ms));
  faults::clear();
  taking one(8);
  one.some(other);
  const fixture::held_up held(20ms);
  run_turns(4);
  TEST_ASSERT_EQUAL_STRING("not called", one.text());
}

int main() {
  fixture::ignore_broken_pipes();
  UNITY_BEGIN();
  RUN_TEST(test_a_read_after_the_first_call_allocates_nothing);
  RUN_TEST(test_other_forms_of_read_and_a_cancel_allocate_nothing_either);
  RUN_TEST(test_reading_stops_only_if_the_callback_did_not_ask_again);
  RUN_TEST(test_a_running_receive_is_started_once_and_peeks_never);
  RUN_TEST(test_a_line_that_is_there_costs_one_peek);
  RUN_TEST(test_a_descriptor_that_is_no_socket_is_peeked_into_once);
  RUN_TEST(test_several_buffers_are_one_call_of_the_kernel);
  RUN_TEST(test_a_kernel_that_stops_inside_a_buffer_gets_every_byte_once);
  RUN_TEST(test_bytes_that_cannot_be_kept_end_all_reading_and_are_not_lost_silently);
  RUN_TEST(test_a_timeout_without_memory_throws_and_none_is_set);
  return UNITY_END();
}
