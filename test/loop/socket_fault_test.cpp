// System calls that fail under a socket of ours: before a connect, under a Unix-domain dial, and under a stream.
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "demo/peers.hpp"
#include "support/connected.hpp"
#include "support/faults.hpp"
#include "support/plain_listener.hpp"
#include "support/unix_listener.hpp"
#include "uvdial/dialer.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::descriptor;
using fixture::ending;
using fixture::recorder;

// The names are the linker's.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" {
int __real_socket(int family, int type, int protocol);
int __wrap_socket(int family, int type, int protocol) {
  const auto scripted = faults::next("socket");
  if (!scripted) return __real_socket(family, type, protocol);
  errno = static_cast<int>(*scripted);
  return -1;
}
int __real_connect(int number, const sockaddr* to, socklen_t size);
int __wrap_connect(int number, const sockaddr* to, socklen_t size) {
  const auto scripted = faults::next("connect");
  if (!scripted) return __real_connect(number, to, size);
  errno = static_cast<int>(*scripted);
  return -1;
}
int __real_setsockopt(int number, int level, int option, const void* value, socklen_t size);
int __wrap_setsockopt(int number, int level, int option, const void* value, socklen_t size) {
  const auto scripted = faults::next("setsockopt");
  if (!scripted) return __real_setsockopt(number, level, option, value, size);
  errno = static_cast<int>(*scripted);
  return -1;
}
int __real_uv_tcp_bind(uv_tcp_t* handle, const sockaddr* to, unsigned flags);
int __wrap_uv_tcp_bind(uv_tcp_t* handle, const sockaddr* to, unsigned flags) {
  if (const auto scripted = faults::next("uv_tcp_bind")) return static_cast<int>(*scripted);
  return __real_uv_tcp_bind(handle, to, flags);
}
int __real_uv_tcp_open(uv_tcp_t* handle, uv_os_sock_t number);
int __wrap_uv_tcp_open(uv_tcp_t* handle, uv_os_sock_t number) {
  if (const auto scripted = faults::next("uv_tcp_open")) return static_cast<int>(*scripted);
  return __real_uv_tcp_open(handle, number);
}
int __real_uv_pipe_open(uv_pipe_t* handle, uv_file number);
int __wrap_uv_pipe_open(uv_pipe_t* handle, uv_file number) {
  if (const auto scripted = faults::next("uv_pipe_open")) return static_cast<int>(*scripted);
  return __real_uv_pipe_open(handle, number);
}
int __real_uv_fileno(const uv_handle_t* handle, uv_os_fd_t* number);
int __wrap_uv_fileno(const uv_handle_t* handle, uv_os_fd_t* number) {
  if (const auto scripted = faults::next("uv_fileno")) return static_cast<int>(*scripted);
  return __real_uv_fileno(handle, number);
}
// Reaches the blocks that handles live in; not operator new.
void* __real_malloc(std::size_t size);
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

// From here on, not counting what made the test's world.
void next_call_fails(std::string_view function, long result) {
  faults::clear();
  faults::fail(function, 1, result);
}

const dial_options from_somewhere{.bind_v4 = endpoint::from_literal("127.0.0.5", 0)};

std::size_t open_descriptors() {
  std::size_t count = 0;
  for (int number = 0; number < 256; ++number) count += ::fcntl(number, F_GETFD) != -1 ? 1 : 0;
  return count;
}

struct world {
  dialer dials{fixture::loop()};
  fixture::plain_listener peer{};
  fixture::socket_folder folder{};
  fixture::unix_listener file{folder / "alive.sock"};

  template <class Stream, class Start>
  recorder<Stream> ended(Start start) {
    recorder<Stream> end;
    const operation running = start(end.callback());
    TEST_ASSERT_EQUAL(0, end.calls);
    fixture::run();
    TEST_ASSERT_EQUAL(1, end.calls);
    return end;
  }
  recorder<tcp_stream> dial(const dial_options& options) {
    return ended<tcp_stream>(
        [&](auto on_done) { return dials.connect(peer.address(), options, std::move(on_done)); });
  }
  recorder<pipe_stream> dial_unix(const dial_options& options = {}) {
    return ended<pipe_stream>(
        [&](auto on_done) { return dials.connect_unix(file.path(), options, std::move(on_done)); });
  }
};

template <class Value>
std::string code_of(const recorder<Value>& end) {
  return end.failure() ? std::string(code_name(end.failure()->code())) : "success";
}

template <class Call>
std::string message_of(Call call) {
  try {
    call();
  } catch (const stream_error& why) {
    return why.what();
  }
  return "no stream_error";
}

}  // namespace

static void test_no_descriptor_for_a_bound_socket_is_out_of_resources() {
  world w;
  next_call_fails("socket", EMFILE);
  const auto end = w.dial(from_somewhere);
  TEST_ASSERT_EQUAL_STRING("out_of_resources", ending(end));
  TEST_ASSERT_EQUAL("EMFILE", code_of(end));
  TEST_ASSERT_EQUAL("success", code_of(w.dial(from_somewhere)));
}

static void test_a_bind_that_fails_at_once_fails_the_attempt() {
  world w;
  next_call_fails("uv_tcp_bind", UV_EACCES);
  const auto end = w.dial(from_somewhere);
  TEST_ASSERT_EQUAL_STRING("connect_error", ending(end));
  TEST_ASSERT_EQUAL("EACCES", code_of(end));
  TEST_ASSERT_TRUE(w.peer.nobody_came());
}

// The first setsockopt() is that one; it only saves ports.
static void test_a_system_that_cannot_choose_a_port_late_chooses_it_at_once() {
  world w;
  next_call_fails("setsockopt", ENOPROTOOPT);
  TEST_ASSERT_EQUAL("success", code_of(w.dial(from_somewhere)));
  TEST_ASSERT_EQUAL_STRING("127.0.0.5", w.peer.next_peer().address_to_string());
  next_call_fails("uv_fileno", UV_EBADF);
  TEST_ASSERT_EQUAL("success", code_of(w.dial(from_somewhere)));
}

static void test_a_plain_dial_asks_for_nothing_of_that() {
  world w;
  faults::clear();
  const auto end = w.dial({.no_delay = false});
  TEST_ASSERT_EQUAL("success", code_of(end));
  TEST_ASSERT_EQUAL(1u, faults::calls("socket"));
  TEST_ASSERT_EQUAL(1u, faults::calls("connect"));
  TEST_ASSERT_EQUAL(0u, faults::calls("setsockopt"));
  TEST_ASSERT_EQUAL(0u, faults::calls("uv_tcp_bind"));
}

static void test_shortages_under_a_unix_dial_are_out_of_resources() {
  world w;
  for (const int code : {EMFILE, ENFILE, ENOBUFS, ENOMEM}) {
    next_call_fails("socket", code);
    TEST_ASSERT_EQUAL_STRING("out_of_resources", ending(w.dial_unix()));
  }
  next_call_fails("malloc", 0);
  const std::size_t before = open_descriptors();
  TEST_ASSERT_EQUAL("ENOMEM", code_of(w.dial_unix()));
  TEST_ASSERT_EQUAL(before, open_descriptors());
  faults::clear();
  TEST_ASSERT_EQUAL("success", code_of(w.dial_unix()));
}

static void test_other_failures_of_a_unix_dial_are_connect_errors_with_their_code() {
  world w;
  next_call_fails("connect", EACCES);
  const auto end = w.dial_unix();
  TEST_ASSERT_EQUAL_STRING("connect_error", ending(end));
  TEST_ASSERT_EQUAL("EACCES", code_of(end));
  TEST_ASSERT_CONTAINS_STRING("alive.sock: permission denied", end.failure()->what());
}

static void test_a_unix_socket_that_libuv_will_not_have_is_closed() {
  world w;
  TEST_ASSERT_EQUAL("success",
                    code_of(w.dial_unix()));  // libuv's first stream opens a descriptor for emergencies
  const std::size_t before = open_descriptors();
  next_call_fails("uv_pipe_open", UV_EINVAL);
  TEST_ASSERT_EQUAL("EINVAL", code_of(w.dial_unix()));
  fixture::run();
  TEST_ASSERT_EQUAL(before, open_descriptors());
}

static void test_an_interrupted_connect_is_made_again() {
  world w;
  faults::clear();
  faults::fail("connect", 1, EINTR);
  faults::fail("connect", 2, EINTR);
  TEST_ASSERT_EQUAL("success", code_of(w.dial_unix()));
  TEST_ASSERT_EQUAL(1u, faults::calls("socket"));
  TEST_ASSERT_EQUAL(3u, faults::calls("connect"));
}

// 1, 2, 4, ... 32, 50, 50 ms: the seven first pauses alone are 113 ms.
static void test_a_full_queue_is_asked_again_after_growing_pauses() {
  world w;
  faults::clear();
  for (std::size_t nth = 1; nth <= 8; ++nth) faults::fail("connect", nth, EAGAIN);
  dial_report report;
  TEST_ASSERT_EQUAL("success", code_of(w.dial_unix({.report = &report})));
  TEST_ASSERT_EQUAL(9u, faults::calls("connect"));
  TEST_ASSERT_GREATER_OR_EQUAL(163ms, report.elapsed);
}

static void test_a_full_queue_that_turns_into_a_failure_is_that_failure() {
  world w;
  faults::clear();
  faults::fail("connect", 1, EAGAIN);
  faults::fail("connect", 2, ECONNREFUSED);
  TEST_ASSERT_EQUAL_STRING("connection_refused", ending(w.dial_unix()));
}

static void test_a_socket_option_that_is_refused_is_a_stream_error_with_its_name() {
  fixture::wired w;
  const auto fails_at = [&w](std::size_t nth) {
    faults::clear();
    faults::fail("setsockopt", nth, ENOPROTOOPT);
    return message_of([&w] { w.stream.keep_alive(1s, 1s, 1); });
  };
  TEST_ASSERT_EQUAL("TCP_KEEPIDLE: protocol not available", fails_at(1));
  TEST_ASSERT_EQUAL("TCP_KEEPINTVL: protocol not available", fails_at(2));
  TEST_ASSERT_EQUAL("TCP_KEEPCNT: protocol not available", fails_at(3));
  TEST_ASSERT_EQUAL("SO_KEEPALIVE: protocol not available", fails_at(4));
  next_call_fails("setsockopt", ENOPROTOOPT);
  TEST_ASSERT_EQUAL("TCP_NODELAY: protocol not available", message_of([&w] { w.stream.no_delay(true); }));
  next_call_fails("setsockopt", ENOPROTOOPT);
  TEST_ASSERT_EQUAL("SO_KEEPALIVE: protocol not available", message_of([&w] { w.stream.no_keep_alive(); }));
  next_call_fails("setsockopt", ENOPROTOOPT);
  TEST_ASSERT_EQUAL("SO_SNDBUF: protocol not available",
                    message_of([&w] { w.stream.set_send_buffer_size(1); }));
  next_call_fails("uv_fileno", UV_EBADF);
  TEST_ASSERT_EQUAL("TCP_KEEPIDLE: bad file descriptor",
                    message_of([&w] { w.stream.keep_alive(1s, 1s, 1); }));
}

static void test_a_reset_that_the_system_refuses_still_closes() {
  fixture::wired w;
  next_call_fails("setsockopt", EINVAL);
  recorder<done> closed;
  w.stream.reset(closed.callback());
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("success", ending(closed));
}

static void test_a_descriptor_that_cannot_be_adopted_stays_the_callers() {
  const fixture::plain_listener listening;
  const descriptor tcp(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const endpoint to = listening.address();
  TEST_ASSERT_EQUAL(0, ::connect(tcp.get(), &to.native(), to.native_size()));
  int both[2] = {};
  TEST_ASSERT_EQUAL(0, ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both));
  const descriptor unix_one(both[0]);
  const descriptor other_end(both[1]);
  const auto adopt_tcp = [&tcp] { (void)tcp_stream::adopt(fixture::loop(), tcp.get()); };
  const auto adopt_unix = [&unix_one] { (void)pipe_stream::adopt(fixture::loop(), unix_one.get()); };

  next_call_fails("uv_tcp_open", UV_EINVAL);
  TEST_ASSERT_EQUAL("tcp_stream: adopt() of descriptor " + std::to_string(tcp.get()) + ": invalid argument",
                    message_of(adopt_tcp));
  next_call_fails("uv_pipe_open", UV_EINVAL);
  TEST_ASSERT_EQUAL(
      "pipe_stream: adopt() of descriptor " + std::to_string(unix_one.get()) + ": invalid argument",
      message_of(adopt_unix));
  next_call_fails("malloc", 0);
  TEST_ASSERT_THROWS(out_of_resources, adopt_tcp());
  next_call_fails("malloc", 0);
  TEST_ASSERT_THROWS(out_of_resources, adopt_unix());
  fixture::run();
  TEST_ASSERT_NOT_EQUAL(-1, ::fcntl(tcp.get(), F_GETFD));
  TEST_ASSERT_NOT_EQUAL(-1, ::fcntl(unix_one.get(), F_GETFD));
}

int main() {
  fixture::ignore_broken_pipes();
  UNITY_BEGIN();
  RUN_TEST(test_no_descriptor_for_a_bound_socket_is_out_of_resources);
  RUN_TEST(test_a_bind_that_fails_at_once_fails_the_attempt);
  RUN_TEST(test_a_system_that_cannot_choose_a_port_late_chooses_it_at_once);
  RUN_TEST(test_a_plain_dial_asks_for_nothing_of_that);
  RUN_TEST(test_shortages_under_a_unix_dial_are_out_of_resources);
  RUN_TEST(test_other_failures_of_a_unix_dial_are_connect_errors_with_their_code);
  RUN_TEST(test_a_unix_socket_that_libuv_will_not_have_is_closed);
  RUN_TEST(test_an_interrupted_connect_is_made_again);
  RUN_TEST(test_a_full_queue_is_asked_again_after_growing_pauses);
  RUN_TEST(test_a_full_queue_that_turns_into_a_failure_is_that_failure);
  RUN_TEST(test_a_socket_option_that_is_refused_is_a_stream_error_with_its_name);
  RUN_TEST(test_a_reset_that_the_system_refuses_still_closes);
  RUN_TEST(test_a_descriptor_that_cannot_be_adopted_stays_the_callers);
  return UNITY_END();
}
