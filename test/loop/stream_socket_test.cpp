// The socket under a stream: its options, and the hard way to end a connection.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <stdexcept>
#include <string>

#include "support/connected.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using fixture::bytes_of;
using fixture::ending;
using fixture::reading;
using fixture::recorder;
using fixture::wired;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

int option_of(int number, int level, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  TEST_ASSERT_EQUAL(0, ::getsockopt(number, level, option, &value, &size));
  return value;
}

int option_of(tcp_stream& stream, int level, int option) {
  uv_os_fd_t number = -1;
  (void)uv_fileno(reinterpret_cast<uv_handle_t*>(&stream.native()), &number);
  return option_of(number, level, option);
}

template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const std::invalid_argument& why) {
    return why.what();
  }
  return "accepted";
}

// What the peer's socket knows of the end of the connection.
int error_of(const wired& w) { return option_of(w.peer.get(), SOL_SOCKET, SO_ERROR); }

}  // namespace

static void test_no_delay_is_switched_off_and_on() {
  wired w;
  TEST_ASSERT_NOT_EQUAL(0, option_of(w.stream, IPPROTO_TCP, TCP_NODELAY));
  w.stream.no_delay(false);
  TEST_ASSERT_EQUAL(0, option_of(w.stream, IPPROTO_TCP, TCP_NODELAY));
  w.stream.no_delay(true);
  TEST_ASSERT_NOT_EQUAL(0, option_of(w.stream, IPPROTO_TCP, TCP_NODELAY));
}

static void test_keep_alive_sets_all_three_numbers() {
  wired w;
  TEST_ASSERT_EQUAL(0, option_of(w.stream, SOL_SOCKET, SO_KEEPALIVE));
  w.stream.keep_alive(61s, 17s, 5);
  TEST_ASSERT_NOT_EQUAL(0, option_of(w.stream, SOL_SOCKET, SO_KEEPALIVE));
  TEST_ASSERT_EQUAL(61, option_of(w.stream, IPPROTO_TCP, TCP_KEEPIDLE));
  TEST_ASSERT_EQUAL(17, option_of(w.stream, IPPROTO_TCP, TCP_KEEPINTVL));
  TEST_ASSERT_EQUAL(5, option_of(w.stream, IPPROTO_TCP, TCP_KEEPCNT));
  w.stream.no_keep_alive();
  TEST_ASSERT_EQUAL(0, option_of(w.stream, SOL_SOCKET, SO_KEEPALIVE));
}

static void test_the_ends_of_the_keep_alive_ranges_are_what_the_system_takes() {
  wired w;
  w.stream.keep_alive(1s, 1s, 1);
  w.stream.keep_alive(32767s, 32767s, 127);
  TEST_ASSERT_EQUAL(127, option_of(w.stream, IPPROTO_TCP, TCP_KEEPCNT));
}

static void test_a_keep_alive_out_of_range_is_quoted_and_sets_nothing() {
  wired w;
  TEST_ASSERT_EQUAL_STRING("tcp_stream: bad keep_alive idle 0 s: it must be from 1 to 32767 s",
                           refusal([&w] { w.stream.keep_alive(0s, 1s, 1); }));
  TEST_ASSERT_EQUAL_STRING("tcp_stream: bad keep_alive interval 32768 s: it must be from 1 to 32767 s",
                           refusal([&w] { w.stream.keep_alive(1s, 32768s, 1); }));
  TEST_ASSERT_EQUAL_STRING("tcp_stream: bad keep_alive count 128: it must be from 1 to 127",
                           refusal([&w] { w.stream.keep_alive(1s, 1s, 128); }));
  TEST_ASSERT_EQUAL_STRING("tcp_stream: bad keep_alive count -1: it must be from 1 to 127",
                           refusal([&w] { w.stream.keep_alive(1s, 1s, -1); }));
  TEST_ASSERT_EQUAL(0, option_of(w.stream, SOL_SOCKET, SO_KEEPALIVE));
}

// Linux sets aside twice what it is asked for; others do not.
static void test_buffer_sizes_are_set_and_given_back() {
  wired w;
  w.stream.set_send_buffer_size(20'000);
  w.stream.set_receive_buffer_size(30'000);
  TEST_ASSERT_EQUAL(option_of(w.stream, SOL_SOCKET, SO_SNDBUF), w.stream.send_buffer_size());
  TEST_ASSERT_EQUAL(option_of(w.stream, SOL_SOCKET, SO_RCVBUF), w.stream.receive_buffer_size());
  TEST_ASSERT_TRUE(w.stream.send_buffer_size() == 20'000 || w.stream.send_buffer_size() == 40'000);
  TEST_ASSERT_TRUE(w.stream.receive_buffer_size() == 30'000 || w.stream.receive_buffer_size() == 60'000);
}

static void test_a_buffer_of_nothing_is_misuse() {
  wired w;
  const int before = w.stream.send_buffer_size();
  TEST_ASSERT_EQUAL_STRING("stream: bad SO_SNDBUF 0: it must be at least 1",
                           refusal([&w] { w.stream.set_send_buffer_size(0); }));
  TEST_ASSERT_EQUAL_STRING("stream: bad SO_RCVBUF -5: it must be at least 1",
                           refusal([&w] { w.stream.set_receive_buffer_size(-5); }));
  TEST_ASSERT_EQUAL(before, w.stream.send_buffer_size());
}

static void test_an_empty_stream_has_no_socket() {
  wired w;
  w.stream.reset();
  TEST_ASSERT_THROWS(std::logic_error, w.stream.no_delay(true));
  TEST_ASSERT_THROWS(std::logic_error, w.stream.keep_alive(1s, 1s, 1));
  TEST_ASSERT_THROWS(std::logic_error, w.stream.no_keep_alive());
  TEST_ASSERT_THROWS(std::logic_error, w.stream.send_buffer_size());
  TEST_ASSERT_THROWS(std::logic_error, w.stream.set_receive_buffer_size(1));
  TEST_ASSERT_THROWS(std::logic_error, w.stream.reset());
  TEST_ASSERT_THROWS(std::logic_error, w.stream.reset([](outcome<done>) {}));
}

static void test_a_reset_is_seen_as_one() {
  wired w;
  recorder<done> closed;
  w.stream.reset(closed.callback());
  TEST_ASSERT_EQUAL_MESSAGE(0, closed.calls, "inside the call");
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("success", ending(closed));
  TEST_ASSERT_EQUAL(ECONNRESET, error_of(w));
}

static void test_a_reset_needs_no_callback_but_takes_no_empty_one() {
  wired w;
  TEST_ASSERT_THROWS(std::invalid_argument, w.stream.reset(nullptr));
  w.stream.reset();
  fixture::run();
  TEST_ASSERT_EQUAL(ECONNRESET, error_of(w));
}

static void test_a_plain_close_is_no_reset() {
  wired w;
  w.stream.close([](outcome<done>) {});
  fixture::run();
  TEST_ASSERT_EQUAL(0, error_of(w));
}

// The peer has read the end by then; a reset after it is EPIPE to its system.
static void test_a_reset_after_a_shutdown_is_seen_as_one() {
  wired w;
  recorder<done> end;
  const operation shutting = w.stream.shutdown(end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("success", ending(end));
  TEST_ASSERT_EQUAL(0, error_of(w));
  w.stream.reset();
  fixture::run();
  TEST_ASSERT_EQUAL(EPIPE, error_of(w));
}

static void test_a_reset_throws_away_what_was_not_sent() {
  wired w;
  recorder<std::size_t> wrote;
  recorder<done> shut;
  const operation writing =
      w.stream.write(bytes_of(fixture::long_text(fixture::more_than_fits)), wrote.callback());
  const operation shutting = w.stream.shutdown(shut.callback());
  reading one(w.stream);
  fixture::run_turn();
  recorder<done> closed;
  w.stream.reset(closed.callback());
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(wrote));
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(shut));
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(one.end));
  TEST_ASSERT_EQUAL_STRING("success", ending(closed));
  TEST_ASSERT_EQUAL(ECONNRESET, error_of(w));
}

static void test_a_stream_that_the_peer_has_reset_may_be_reset() {
  wired w;
  reading one(w.stream);
  w.reset();
  fixture::run_until([&one] { return one.end.called(); });
  recorder<done> closed;
  w.stream.reset(closed.callback());
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("success", ending(closed));
}

int main() {
  fixture::ignore_broken_pipes();
  UNITY_BEGIN();
  RUN_TEST(test_no_delay_is_switched_off_and_on);
  RUN_TEST(test_keep_alive_sets_all_three_numbers);
  RUN_TEST(test_the_ends_of_the_keep_alive_ranges_are_what_the_system_takes);
  RUN_TEST(test_a_keep_alive_out_of_range_is_quoted_and_sets_nothing);
  RUN_TEST(test_buffer_sizes_are_set_and_given_back);
  RUN_TEST(test_a_buffer_of_nothing_is_misuse);
  RUN_TEST(test_an_empty_stream_has_no_socket);
  RUN_TEST(test_a_reset_is_seen_as_one);
  RUN_TEST(test_a_reset_needs_no_callback_but_takes_no_empty_one);
  RUN_TEST(test_a_plain_close_is_no_reset);
  RUN_TEST(test_a_reset_after_a_shutdown_is_seen_as_one);
  RUN_TEST(test_a_reset_throws_away_what_was_not_sent);
  RUN_TEST(test_a_stream_that_the_peer_has_reset_may_be_reset);
  return UNITY_END();
}
