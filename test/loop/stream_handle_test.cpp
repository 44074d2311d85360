// The doors between a stream and plain libuv, in both directions.
#include <fcntl.h>

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "support/connected.hpp"

using namespace uvdial;
using fixture::bytes_of;
using fixture::connected;
using fixture::ending;
using fixture::reading;
using fixture::recorder;
using fixture::wired;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

uv_stream_t* as_stream(uv_tcp_t& handle) { return reinterpret_cast<uv_stream_t*>(&handle); }
uv_handle_t* as_handle(uv_tcp_t& handle) { return reinterpret_cast<uv_handle_t*>(&handle); }

int try_send(uv_tcp_t& handle, std::string text) {
  const uv_buf_t piece = uv_buf_init(text.data(), static_cast<unsigned>(text.size()));
  return uv_try_write(as_stream(handle), &piece, 1);
}

void free_closed(uv_handle_t* handle) { std::free(handle); }

// What a program in C would have: a handle inside a struct of its own.
struct session {
  int number = 7;
  uv_tcp_t tcp{};
  bool closed = false;
};

void note_closed(uv_handle_t* handle) { static_cast<session*>(handle->data)->closed = true; }

struct plain_connect {
  uv_connect_t request{};
  int status = 1;
};

void note_connected(uv_connect_t* request, int status) {
  static_cast<plain_connect*>(request->data)->status = status;
}

// A connection that this library has no part in.
uv_tcp_t* connect_in_plain_libuv(const endpoint& to) {
  auto* made = static_cast<uv_tcp_t*>(std::malloc(sizeof(uv_tcp_t)));
  plain_connect connecting;
  connecting.request.data = &connecting;
  TEST_ASSERT_EQUAL(0, uv_tcp_init(&fixture::loop(), made));
  TEST_ASSERT_EQUAL(0, uv_tcp_connect(&connecting.request, made, &to.native(), note_connected));
  fixture::run_until([&connecting] { return connecting.status != 1; });
  TEST_ASSERT_EQUAL(0, connecting.status);
  return made;
}

}  // namespace

static void test_local_and_peer_are_the_two_ends() {
  wired w;
  TEST_ASSERT_EQUAL(demo::bound_address(w.peer), w.stream.peer());
  TEST_ASSERT_TRUE(w.stream.local().loopback());
  TEST_ASSERT_NOT_EQUAL(w.stream.peer().port(), w.stream.local().port());
}

static void test_peer_of_a_reset_connection_is_a_stream_error() {
  wired w;
  reading one(w.stream);
  w.reset();
  fixture::run_until([&one] { return one.end.called(); });
  TEST_ASSERT_THROWS(stream_error, w.stream.peer());
}

static void test_native_is_the_handle_for_socket_options() {
  wired w;
  TEST_ASSERT_EQUAL(UV_TCP, w.stream.native().type);
  TEST_ASSERT_EQUAL(0, uv_tcp_keepalive(&w.stream.native(), 1, 60));
  TEST_ASSERT_EQUAL(0, uv_tcp_nodelay(&w.stream.native(), 0));
}

static void test_a_released_handle_is_one_of_plain_libuv() {
  connected c;
  uv_tcp_t* plain = std::move(c.stream).release().release();
  TEST_ASSERT_NULL(plain->data);
  TEST_ASSERT_EQUAL(5, try_send(*plain, "plain"));
  fixture::run_until([&c] { return c.peer.received() == "plain"; });
  uv_close(as_handle(*plain), free_closed);
  fixture::run_until([&c] { return c.peer.ended() == 1; });
}

static void test_a_released_handle_that_nobody_takes_is_closed() {
  connected c;
  { const tcp_handle unwanted = std::move(c.stream).release(); }
  fixture::run_until([&c] { return c.peer.ended() == 1; });
  TEST_ASSERT_THROWS(std::logic_error, c.stream.peer());
}

static void test_release_is_refused_while_a_call_is_in_flight_and_the_stream_stays() {
  wired w;
  reading one(w.stream);
  TEST_ASSERT_THROWS(std::logic_error, std::move(w.stream).release());
  TEST_ASSERT_THROWS(std::logic_error, std::move(w.stream).release_socket());
  w.send("x");
  fixture::run_until([&one] { return one.end.called(); });
  TEST_ASSERT_EQUAL_STRING("x", one.text());
  recorder<std::size_t> written;
  const operation writing = w.stream.write(bytes_of("y"), written.callback());
  TEST_ASSERT_THROWS(std::logic_error, std::move(w.stream).release());
  fixture::run();
  TEST_ASSERT_TRUE(written.succeeded());
  TEST_ASSERT_NOT_NULL(std::move(w.stream).release());
}

static void test_a_read_that_was_dropped_is_not_in_flight() {
  wired w;
  w.send("kept");
  reading one(w.stream);
  one.running.cancel();
  one.running = {};
  tcp_stream again(std::move(w.stream).release());
  reading two(again);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("kept", two.text());
  TEST_ASSERT_EQUAL_STRING("not called", ending(one.end));
}

static void test_a_stream_may_be_released_inside_the_callbacks_of_its_calls() {
  wired w;
  w.send("x");
  tcp_handle taken;
  std::array<std::byte, 8> into{};
  const operation reads =
      w.stream.read(into, [&](outcome<std::size_t>) { taken = std::move(w.stream).release(); });
  fixture::run_until([&taken] { return taken != nullptr; });
  tcp_stream back(std::move(taken));
  const operation writes =
      back.write(bytes_of("y"), [&](outcome<std::size_t>) { taken = std::move(back).release(); });
  fixture::run_until([&taken] { return taken != nullptr; });
  TEST_ASSERT_EQUAL(1, try_send(*taken, "z"));
  TEST_ASSERT_EQUAL_STRING("yz", w.received());
}

static void test_a_released_socket_opens_on_a_handle_inside_a_struct() {
  connected c;
  const int socket = std::move(c.stream).release_socket();
  TEST_ASSERT_NOT_EQUAL(0, ::fcntl(socket, F_GETFL) & O_NONBLOCK);
  TEST_ASSERT_NOT_EQUAL(0, ::fcntl(socket, F_GETFD) & FD_CLOEXEC);
  fixture::run_turn();  // the handle it came from is closed here
  session one;
  one.tcp.data = &one;
  TEST_ASSERT_EQUAL(0, uv_tcp_init(&fixture::loop(), &one.tcp));
  TEST_ASSERT_EQUAL(0, uv_tcp_open(&one.tcp, socket));
  TEST_ASSERT_EQUAL(3, try_send(one.tcp, "own"));
  fixture::run_until([&c] { return c.peer.received() == "own"; });
  TEST_ASSERT_EQUAL(0u, c.peer.ended());
  uv_close(as_handle(one.tcp), note_closed);
  fixture::run_until([&] { return one.closed && c.peer.ended() == 1; });
}

static void test_a_foreign_handle_can_be_adopted() {
  demo::listener peer(fixture::loop(), demo::reserve(ip_family::v4),
                      {.then = demo::behaviour::echo, .keeps_loop_alive = true});
  tcp_stream stream{tcp_handle(connect_in_plain_libuv(peer.address()))};
  recorder<std::size_t> written;
  const operation writing = stream.write(bytes_of("echo"), written.callback());
  reading one(stream);
  fixture::run_until([&] { return one.end.called() && written.called(); });
  TEST_ASSERT_EQUAL_STRING("echo", one.text());
}

static void test_null_cannot_be_adopted() {
  TEST_ASSERT_THROWS(std::invalid_argument, tcp_stream{tcp_handle()});
}

int main() {
  fixture::ignore_broken_pipes();
  UNITY_BEGIN();
  RUN_TEST(test_local_and_peer_are_the_two_ends);
  RUN_TEST(test_peer_of_a_reset_connection_is_a_stream_error);
  RUN_TEST(test_native_is_the_handle_for_socket_options);
  RUN_TEST(test_a_released_handle_is_one_of_plain_libuv);
  RUN_TEST(test_a_released_handle_that_nobody_takes_is_closed);
  RUN_TEST(test_release_is_refused_while_a_call_is_in_flight_and_the_stream_stays);
  RUN_TEST(test_a_read_that_was_dropped_is_not_in_flight);
  RUN_TEST(test_a_stream_may_be_released_inside_the_callbacks_of_its_calls);
  RUN_TEST(test_a_released_socket_opens_on_a_handle_inside_a_struct);
  RUN_TEST(test_a_foreign_handle_can_be_adopted);
  RUN_TEST(test_null_cannot_be_adopted);
  return UNITY_END();
}
