// Streams on a libuv whose calls fail: each failure is a typed error from the loop, and nothing is left behind.
#include <uv.h>

#include <array>
#include <cstdlib>
#include <string>

#include "glue/turn.hpp"
#include "support/connected.hpp"
#include "support/faults.hpp"

using namespace uvdial;
using fixture::bytes_of;
using fixture::ending;
using fixture::reading;
using fixture::recorder;
using fixture::wired;

// The names are the linker's.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" {
int __real_uv_read_start(uv_stream_t*, uv_alloc_cb, uv_read_cb);
int __real_uv_try_write(uv_stream_t*, const uv_buf_t*, unsigned);
int __real_uv_write(uv_write_t*, uv_stream_t*, const uv_buf_t*, unsigned, uv_write_cb);
int __real_uv_shutdown(uv_shutdown_t*, uv_stream_t*, uv_shutdown_cb);
int __real_uv_fileno(const uv_handle_t*, uv_os_fd_t*);
int __real_uv_tcp_getsockname(const uv_tcp_t*, sockaddr*, int*);
int __real_uv_tcp_getpeername(const uv_tcp_t*, sockaddr*, int*);
void* __real_malloc(std::size_t);

int __wrap_uv_read_start(uv_stream_t* stream, uv_alloc_cb allocate, uv_read_cb on_read) {
  if (auto scripted = faults::next("uv_read_start")) return static_cast<int>(*scripted);
  return __real_uv_read_start(stream, allocate, on_read);
}
int __wrap_uv_try_write(uv_stream_t* stream, const uv_buf_t* buffers, unsigned count) {
  // A positive result stands for a kernel that takes no more than that many bytes.
  const auto scripted = faults::next("uv_try_write");
  if (!scripted) return __real_uv_try_write(stream, buffers, count);
  if (*scripted <= 0) return static_cast<int>(*scripted);
  const uv_buf_t part = uv_buf_init(buffers[0].base, static_cast<unsigned>(*scripted));
  return __real_uv_try_write(stream, &part, 1);
}
int __wrap_uv_write(uv_write_t* request, uv_stream_t* stream, const uv_buf_t* buffers, unsigned count,
                    uv_write_cb on_written) {
  if (auto scripted = faults::next("uv_write")) return static_cast<int>(*scripted);
  return __real_uv_write(request, stream, buffers, count, on_written);
}
int __wrap_uv_shutdown(uv_shutdown_t* request, uv_stream_t* stream, uv_shutdown_cb on_shut_down) {
  if (auto scripted = faults::next("uv_shutdown")) return static_cast<int>(*scripted);
  return __real_uv_shutdown(request, stream, on_shut_down);
}
int __wrap_uv_fileno(const uv_handle_t* handle, uv_os_fd_t* number) {
  // Zero stands for a descriptor that turns out to be none.
  const auto scripted = faults::next("uv_fileno");
  if (!scripted) return __real_uv_fileno(handle, number);
  if (*scripted == 0) *number = -1;
  return static_cast<int>(*scripted);
}
int __wrap_uv_tcp_getsockname(const uv_tcp_t* handle, sockaddr* name, int* size) {
  if (auto scripted = faults::next("uv_tcp_getsockname")) return static_cast<int>(*scripted);
  return __real_uv_tcp_getsockname(handle, name, size);
}
int __wrap_uv_tcp_getpeername(const uv_tcp_t* handle, sockaddr* name, int* size) {
  if (auto scripted = faults::next("uv_tcp_getpeername")) return static_cast<int>(*scripted);
  return __real_uv_tcp_getpeername(handle, name, size);
}
// Reaches the blocks that handles live in, and libuv's own memory; not operator new.
void* __wrap_malloc(std::size_t size) {
  if (faults::next("malloc")) return nullptr;
  return __real_malloc(size);
}
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

void setUp() {
  faults::clear();
  fixture::open();
}
void tearDown() {
  faults::clear();
  fixture::close();
}

namespace {

// From here on, not counting what the connecting took.
void next_call_fails(std::string_view function, long result) {
  faults::clear();
  faults::fail(function, 1, result);
}

template <class Call>
error_kind thrown_by(Call call) {
  try {
    call();
  } catch (const error& failure) {
    return failure.kind();
  }
  TEST_FAIL_MESSAGE("nothing was thrown");
}

struct silent_client final : detail::turn_client {
  std::optional<detail::instant> next_wake() noexcept override { return std::nullopt; }
  void woken() noexcept override {}
};

}  // namespace

static void test_a_read_that_cannot_start_ends_from_the_loop_and_the_next_one_may_work() {
  wired w;
  w.send("kept");
  next_call_fails("uv_read_start", UV_ENOTCONN);
  reading one(w.stream);
  TEST_ASSERT_FALSE(one.end.called());
  wait_for(one.end);
  TEST_ASSERT_EQUAL_STRING("stream_error", ending(one.end));
  TEST_ASSERT_TRUE(one.end.failure()->code() == std::errc::not_connected);
  one.again(w.stream);
  wait_for(one.end);
  TEST_ASSERT_EQUAL_STRING("kept", one.text());
}

static void test_a_read_that_could_not_start_may_be_dropped_or_cancelled() {
  wired w;
  next_call_fails("uv_read_start", UV_ENOTCONN);
  {
    reading dropped(w.stream);
    dropped.running = {};
    fixture::run();
    TEST_ASSERT_EQUAL_STRING("not called", ending(dropped.end));
  }
  next_call_fails("uv_read_start", UV_ENOTCONN);
  reading cancelled(w.stream);
  cancelled.running.cancel();
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(cancelled.end));
}

static void test_a_write_that_the_kernel_refuses_ends_from_the_loop() {
  struct row {
    int code;
    std::string_view kind;
  };
  for (const row& each : {row{UV_EPIPE, "connection_reset"}, row{UV_ECONNRESET, "connection_reset"},
                          row{UV_ENOBUFS, "out_of_resources"}, row{UV_ETIMEDOUT, "stream_error"}}) {
    wired w;
    next_call_fails("uv_try_write", each.code);
    recorder<std::size_t> end;
    const operation writing = w.stream.write(bytes_of("x"), end.callback());
    TEST_ASSERT_FALSE(end.called());
    wait_for(end);
    TEST_ASSERT_EQUAL_STRING(each.kind, ending(end));
    TEST_ASSERT_EQUAL(each.code, end.failure()->code().value());
    TEST_ASSERT_EQUAL(0u, faults::calls("uv_write"));
  }
}

static void test_a_write_that_cannot_be_queued_ends_from_the_loop() {
  wired w;
  next_call_fails("uv_try_write", UV_EAGAIN);
  faults::fail("uv_write", 1, UV_ENOMEM);
  recorder<std::size_t> end;
  const operation writing = w.stream.write(bytes_of("x"), end.callback());
  TEST_ASSERT_FALSE(end.called());
  wait_for(end);
  TEST_ASSERT_EQUAL_STRING("out_of_resources", ending(end));
  TEST_ASSERT_NOT_NULL_MESSAGE(std::move(w.stream).release(), "nothing is in flight any more");
}

static void test_a_kernel_that_takes_little_at_a_time_gets_every_byte_once() {
  wired w;
  faults::clear();
  faults::fail("uv_try_write", 1, 3);
  faults::fail("uv_try_write", 2, 1);
  faults::fail("uv_try_write", 3, UV_EAGAIN);
  recorder<std::size_t> end;
  const operation writing = w.stream.write(bytes_of("abcdefgh"), end.callback());
  wait_for(end);
  TEST_ASSERT_EQUAL(8u, *end.result->get_if());
  TEST_ASSERT_EQUAL_STRING("abcdefgh", w.received());
}

static void test_results_keep_their_order_when_some_writes_are_queued() {
  wired w;
  faults::clear();
  faults::fail("uv_try_write", 2, UV_EAGAIN);
  std::string order;
  const auto note = [&order](char name) { return [&order, name](outcome<std::size_t>) { order += name; }; };
  for (const char name : std::string("abcd"))
    w.stream.write(bytes_of(std::string(1, name)), note(name)).detach();
  w.stream.write({}, note('e')).detach();
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("abcde", order);
  TEST_ASSERT_EQUAL_STRING("abcd", w.received());
}

static void test_a_shutdown_that_is_refused_ends_from_the_loop() {
  wired w;
  next_call_fails("uv_shutdown", UV_ENOTCONN);
  recorder<done> end;
  const operation closing = w.stream.shutdown(end.callback());
  TEST_ASSERT_FALSE(end.called());
  wait_for(end);
  TEST_ASSERT_EQUAL_STRING("stream_error", ending(end));
}

static void test_results_that_wait_are_told_before_closed() {
  wired w;
  next_call_fails("uv_shutdown", UV_ENOTCONN);
  std::string order;
  w.stream.shutdown([&order](outcome<done> end) { order += end ? "wrong " : "failed "; }).detach();
  w.stream.close([&order](outcome<done>) { order += "closed"; });
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("failed closed", order);
}

static void test_addresses_that_cannot_be_had_are_a_stream_error() {
  wired w;
  next_call_fails("uv_tcp_getsockname", UV_EBADF);
  TEST_ASSERT_TRUE(error_kind::stream == thrown_by([&w] { (void)w.stream.local(); }));
  next_call_fails("uv_tcp_getpeername", UV_ENOTCONN);
  TEST_ASSERT_TRUE(error_kind::stream == thrown_by([&w] { (void)w.stream.peer(); }));
}

static void test_a_socket_that_cannot_be_had_leaves_the_stream_as_it_was() {
  wired w;
  for (const int result :
       {static_cast<int>(UV_EBADF), 0}) {  // none at all, and one that cannot be duplicated
    next_call_fails("uv_fileno", result);
    TEST_ASSERT_TRUE(error_kind::stream == thrown_by([&w] { (void)std::move(w.stream).release_socket(); }));
  }
  w.send("x");
  reading one(w.stream);
  wait_for(one.end);
  TEST_ASSERT_EQUAL_STRING("x", one.text());
}

static void test_a_first_call_without_memory_throws_and_leaves_the_stream_as_it_was() {
  wired w;
  std::array<std::byte, 8> into{};
  recorder<std::size_t> never;
  for (std::size_t nth = 1; nth <= 4; ++nth) {
    faults::clear();
    faults::fail("malloc", nth, 0);
    TEST_ASSERT_THROWS(out_of_resources, w.stream.read(into, never.callback()));
    faults::clear();
    faults::fail("malloc", nth, 0);
    TEST_ASSERT_THROWS(out_of_resources, w.stream.write(bytes_of("x"), never.callback()));
    faults::clear();
    faults::fail("malloc", nth, 0);
    TEST_ASSERT_THROWS(out_of_resources, w.stream.shutdown([](outcome<done>) {}));
  }
  faults::clear();
  recorder<std::size_t> end;
  const operation writing = w.stream.write(bytes_of("y"), end.callback());
  wait_for(end);
  TEST_ASSERT_EQUAL_STRING("y", w.received());
  TEST_ASSERT_EQUAL_STRING("not called", ending(never));
}

static void test_a_turn_without_memory_throws_and_leaves_no_handle() {
  const auto count = std::make_shared<detail::handle_count>();
  silent_client client;
  for (std::size_t nth = 1; nth <= 4; ++nth) {
    faults::clear();
    faults::fail("malloc", nth, 0);
    TEST_ASSERT_THROWS(out_of_resources, detail::turn(fixture::loop(), client, count));
  }
  faults::clear();
  fixture::run();
  TEST_ASSERT_EQUAL(0u, count->open());
}

static void test_a_handle_without_memory_says_so() {
  detail::uv_handle<uv_timer_t> owner;
  next_call_fails("malloc", 0);
  TEST_ASSERT_EQUAL(UV_ENOMEM, owner.open(nullptr, [](uv_timer_t*) -> int { return 0; }));
  TEST_ASSERT_FALSE(owner);
}

int main() {
  fixture::ignore_broken_pipes();
  UNITY_BEGIN();
  RUN_TEST(test_a_read_that_cannot_start_ends_from_the_loop_and_the_next_one_may_work);
  RUN_TEST(test_a_read_that_could_not_start_may_be_dropped_or_cancelled);
  RUN_TEST(test_a_write_that_the_kernel_refuses_ends_from_the_loop);
  RUN_TEST(test_a_write_that_cannot_be_queued_ends_from_the_loop);
  RUN_TEST(test_a_kernel_that_takes_little_at_a_time_gets_every_byte_once);
  RUN_TEST(test_results_keep_their_order_when_some_writes_are_queued);
  RUN_TEST(test_a_shutdown_that_is_refused_ends_from_the_loop);
  RUN_TEST(test_results_that_wait_are_told_before_closed);
  RUN_TEST(test_addresses_that_cannot_be_had_are_a_stream_error);
  RUN_TEST(test_a_socket_that_cannot_be_had_leaves_the_stream_as_it_was);
  RUN_TEST(test_a_first_call_without_memory_throws_and_leaves_the_stream_as_it_was);
  RUN_TEST(test_a_turn_without_memory_throws_and_leaves_no_handle);
  RUN_TEST(test_a_handle_without_memory_says_so);
  return UNITY_END();
}
