// The TCP peers that the other tests and the demo stand on, met by plain sockets: who answers, who refuses,
// who is silent, and that nothing stays on the loop.
#include "demo/peers.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <optional>
#include <string>

#include "support/loop_fixture.hpp"

using namespace uvdial;
using namespace uvdial::demo;
using namespace std::chrono_literals;

namespace {

constexpr auto soon = 2'000ms;

void on_tick(uv_timer_t*) noexcept {}

// No handle of a listener holds the loop, so a timer does.
template <class Ready>
bool run_until(Ready ready, std::chrono::milliseconds limit = soon) {
  detail::uv_handle<uv_timer_t> tick;
  TEST_ASSERT_EQUAL_INT(
      0, tick.open(nullptr, [](uv_timer_t* timer) { return uv_timer_init(&fixture::loop(), timer); }));
  TEST_ASSERT_EQUAL_INT(0, uv_timer_start(tick.get(), on_tick, 1, 1));
  const std::uint64_t end = uv_hrtime() + static_cast<std::uint64_t>(std::chrono::nanoseconds(limit).count());
  while (!ready()) {
    if (uv_hrtime() > end) return false;
    uv_run(&fixture::loop(), UV_RUN_ONCE);
  }
  return true;
}

descriptor new_socket(ip_family family) {
  return descriptor(
      ::socket(family == ip_family::v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

descriptor start_connect(const endpoint& to) {
  descriptor made = new_socket(to.family());
  const int result = ::connect(made.get(), &to.native(), to.native_size());
  TEST_ASSERT_TRUE(result == 0 || errno == EINPROGRESS);
  return made;
}

// How the connect ended: 0, an errno, or nothing while it is still going on.
std::optional<int> outcome_of(const descriptor& socket, std::chrono::milliseconds limit) {
  pollfd waited{socket.get(), POLLOUT, 0};
  if (::poll(&waited, 1, static_cast<int>(limit.count())) == 0) return std::nullopt;
  int code = 0;
  socklen_t size = sizeof code;
  TEST_ASSERT_EQUAL_INT(0, ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &code, &size));
  return code;
}

// The kernel may tell a refusal on the loopback in connect() itself or a moment later.
int connect_code(const endpoint& to) {
  const descriptor socket = new_socket(to.family());
  if (::connect(socket.get(), &to.native(), to.native_size()) == 0) return 0;
  return errno == EINPROGRESS ? outcome_of(socket, soon).value() : errno;
}

// Reads what comes until the end of the stream: the text, and how it ended.
struct stream_end {
  std::string text;
  int code = -1;  // 0: FIN, else errno; -1: still open
};

stream_end read_to_end(const descriptor& from, std::chrono::milliseconds limit = soon) {
  stream_end seen;
  const auto read = [&] {
    char bytes[256];
    const ssize_t size = ::recv(from.get(), bytes, sizeof bytes, 0);
    if (size > 0) seen.text.append(bytes, static_cast<std::size_t>(size));
    if (size == 0) seen.code = 0;
    if (size < 0 && errno != EAGAIN) seen.code = errno;
    return seen.code >= 0;
  };
  (void)run_until(read, limit);  // running out of time is one of the results
  return seen;
}

std::string read_text(const descriptor& from, std::size_t size) {
  std::string text(size, '?');
  std::size_t have = 0;
  const auto read = [&] {
    const ssize_t more = ::recv(from.get(), text.data() + have, size - have, 0);
    if (more > 0) have += static_cast<std::size_t>(more);
    return have == size;
  };
  (void)run_until(read);  // what is missing shows in the text
  return text;
}

void send_text(const descriptor& to, std::string_view text) {
  TEST_ASSERT_EQUAL_INT(text.size(), ::send(to.get(), text.data(), text.size(), MSG_NOSIGNAL));
}

void need_v6() {
  if (!v6_loopback_available()) TEST_IGNORE_MESSAGE("no ::1 on this machine");
}

}  // namespace

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

static void test_a_listener_accepts_and_counts() {
  listener peer(fixture::loop(), reserve(ip_family::v4));
  const descriptor first = start_connect(peer.address());
  const descriptor second = start_connect(peer.address());
  TEST_ASSERT_TRUE(run_until([&peer] { return peer.accepted() == 2; }));
  TEST_ASSERT_EQUAL_INT(2, peer.open());
  TEST_ASSERT_EQUAL_INT(0, outcome_of(first, soon).value());
}

static void test_a_listener_can_be_on_v6() {
  need_v6();
  listener peer(fixture::loop(), reserve(ip_family::v6));
  const descriptor client = start_connect(peer.address());
  TEST_ASSERT_TRUE(run_until([&peer] { return peer.accepted() == 1; }));
}

static void test_a_listener_does_not_keep_the_loop_alive() {
  listener peer(fixture::loop(), reserve(ip_family::v4));
  const descriptor client = start_connect(peer.address());
  TEST_ASSERT_TRUE(run_until([&peer] { return peer.accepted() == 1; }));
  TEST_ASSERT_EQUAL_INT(0, uv_run(&fixture::loop(), UV_RUN_DEFAULT));
}

static void test_a_listener_keeps_the_loop_alive_when_told_to() {
  listener peer(fixture::loop(), reserve(ip_family::v4), {.keeps_loop_alive = true});
  TEST_ASSERT_NOT_EQUAL(0, uv_run(&fixture::loop(), UV_RUN_NOWAIT));
}

static void test_close_ends_the_stream_at_once() {
  listener peer(fixture::loop(), reserve(ip_family::v4), {.then = behaviour::close, .greeting = "bye"});
  const stream_end seen = read_to_end(start_connect(peer.address()));
  TEST_ASSERT_EQUAL_STRING("bye", seen.text);
  TEST_ASSERT_EQUAL_INT(0, seen.code);
  TEST_ASSERT_EQUAL_INT(0, peer.open());
}

static void test_reset_breaks_the_stream_at_once() {
  listener peer(fixture::loop(), reserve(ip_family::v4), {.then = behaviour::reset});
  TEST_ASSERT_EQUAL_INT(ECONNRESET, read_to_end(start_connect(peer.address())).code);
  TEST_ASSERT_EQUAL_INT(1, peer.accepted());
}

static void test_echo_sends_back_what_comes() {
  listener peer(fixture::loop(), reserve(ip_family::v4), {.then = behaviour::echo, .greeting = "hello "});
  const descriptor client = start_connect(peer.address());
  TEST_ASSERT_EQUAL_INT(0, outcome_of(client, soon).value());
  send_text(client, "world");
  TEST_ASSERT_EQUAL_STRING("hello world", read_text(client, 11));
  TEST_ASSERT_EQUAL_INT(0, ::shutdown(client.get(), SHUT_WR));
  TEST_ASSERT_EQUAL_INT(0, read_to_end(client).code);
  TEST_ASSERT_EQUAL_INT(1, peer.ended());
  TEST_ASSERT_EQUAL_STRING("world", peer.received());
}

static void test_answer_waits_for_the_end_of_the_stream() {
  listener peer(fixture::loop(), reserve(ip_family::v4), {.then = behaviour::answer});
  const descriptor client = start_connect(peer.address());
  TEST_ASSERT_EQUAL_INT(0, outcome_of(client, soon).value());
  send_text(client, "question");
  TEST_ASSERT_EQUAL_STRING("", read_to_end(client, 60ms).text);
  TEST_ASSERT_EQUAL_INT(0, ::shutdown(client.get(), SHUT_WR));
  const stream_end seen = read_to_end(client);
  TEST_ASSERT_EQUAL_STRING("question", seen.text);
  TEST_ASSERT_EQUAL_INT(0, seen.code);
}

static void test_finish_closes_one_direction_only() {
  listener peer(fixture::loop(), reserve(ip_family::v4), {.then = behaviour::finish});
  const descriptor client = start_connect(peer.address());
  TEST_ASSERT_EQUAL_INT(0, read_to_end(client).code);
  send_text(client, "still here");
  TEST_ASSERT_TRUE(run_until([&peer] { return peer.received() == "still here"; }));
  TEST_ASSERT_EQUAL_INT(1, peer.open());
}

static void test_open_connections_can_be_sent_to_finished_closed_and_reset() {
  listener peer(fixture::loop(), reserve(ip_family::v4));
  const descriptor first = start_connect(peer.address());
  TEST_ASSERT_TRUE(run_until([&peer] { return peer.open() == 1; }));
  peer.send("one");
  peer.finish();
  const stream_end seen = read_to_end(first);
  TEST_ASSERT_EQUAL_STRING("one", seen.text);
  TEST_ASSERT_EQUAL_INT(0, seen.code);
  peer.close_connections();
  TEST_ASSERT_EQUAL_INT(0, peer.open());

  const descriptor second = start_connect(peer.address());
  TEST_ASSERT_TRUE(run_until([&peer] { return peer.open() == 1; }));
  peer.reset_connections();
  TEST_ASSERT_EQUAL_INT(ECONNRESET, read_to_end(second).code);
}

static void test_a_reset_of_the_client_is_counted() {
  listener peer(fixture::loop(), reserve(ip_family::v4), {.then = behaviour::read});
  {
    const descriptor client = start_connect(peer.address());
    TEST_ASSERT_TRUE(run_until([&peer] { return peer.open() == 1; }));
    const linger at_once{1, 0};
    TEST_ASSERT_EQUAL_INT(0, ::setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
  }
  TEST_ASSERT_TRUE(run_until([&peer] { return peer.broken() == 1; }));
  TEST_ASSERT_EQUAL_INT(0, peer.open());
}

static void test_a_reserved_port_refuses() {
  const reserved_port port = reserve(ip_family::v4);
  TEST_ASSERT_EQUAL_INT(ECONNREFUSED, connect_code(port.address()));
  TEST_ASSERT_EQUAL_INT_MESSAGE(ECONNREFUSED, connect_code(port.address()), "also the second time");
}

static void test_a_reserved_port_refuses_over_v6() {
  need_v6();
  const reserved_port port = reserve(ip_family::v6);
  TEST_ASSERT_EQUAL_INT(ECONNREFUSED, connect_code(port.address()));
}

static void test_a_reserved_port_belongs_to_one() {
  const reserved_port port = reserve(ip_family::v4);
  TEST_ASSERT_THROWS(std::system_error, reserved_port(port.address()));
}

static void test_one_number_for_several_addresses() {
  const auto ports = reserve_same({"127.0.0.1", "127.0.0.2", "127.0.0.3"});
  TEST_ASSERT_EQUAL_INT(3, ports.size());
  TEST_ASSERT_EQUAL_STRING("127.0.0.3", ports[2].address().address_to_string());
  TEST_ASSERT_EQUAL_INT(ports[0].address().port(), ports[2].address().port());
}

static void test_a_silent_listener_does_not_answer_for_three_seconds() {
  const silent_listener v4(reserve(ip_family::v4));
  const descriptor client = start_connect(v4.address());
  if (!v6_loopback_available()) {
    TEST_ASSERT_FALSE(outcome_of(client, 3'500ms).has_value());
    TEST_IGNORE_MESSAGE("127.0.0.1 is silent; there is no ::1 on this machine");
  }
  const silent_listener v6(reserve(ip_family::v6));
  const descriptor other = start_connect(v6.address());
  // The SYN goes out again after 1 and after 3 s.
  TEST_ASSERT_FALSE(outcome_of(client, 3'500ms).has_value());
  TEST_ASSERT_FALSE(outcome_of(other, 0ms).has_value());
}

static void test_many_clients_of_a_silent_listener_all_meet_silence() {
  const silent_listener silent(reserve(ip_family::v4));
  std::vector<descriptor> clients;
  for (int count = 0; count < 20; ++count) clients.push_back(start_connect(silent.address()));
  for (const descriptor& client : clients) TEST_ASSERT_FALSE(outcome_of(client, 5ms).has_value());
}

static void test_one_port_can_be_silent_in_one_family_and_alive_in_the_other() {
  need_v6();
  port_pair port = reserve_pair();
  const silent_listener v6(std::move(port.v6));
  listener v4(fixture::loop(), std::move(port.v4));
  TEST_ASSERT_EQUAL_INT(v6.address().port(), v4.address().port());
  const descriptor silent = start_connect(v6.address());
  const descriptor alive = start_connect(v4.address());
  TEST_ASSERT_EQUAL_INT(0, outcome_of(alive, soon).value());
  TEST_ASSERT_FALSE(outcome_of(silent, 200ms).has_value());
  TEST_ASSERT_TRUE(run_until([&v4] { return v4.accepted() == 1; }));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_listener_accepts_and_counts);
  RUN_TEST(test_a_listener_can_be_on_v6);
  RUN_TEST(test_a_listener_does_not_keep_the_loop_alive);
  RUN_TEST(test_a_listener_keeps_the_loop_alive_when_told_to);
  RUN_TEST(test_close_ends_the_stream_at_once);
  RUN_TEST(test_reset_breaks_the_stream_at_once);
  RUN_TEST(test_echo_sends_back_what_comes);
  RUN_TEST(test_answer_waits_for_the_end_of_the_stream);
  RUN_TEST(test_finish_closes_one_direction_only);
  RUN_TEST(test_open_connections_can_be_sent_to_finished_closed_and_reset);
  RUN_TEST(test_a_reset_of_the_client_is_counted);
  RUN_TEST(test_a_reserved_port_refuses);
  RUN_TEST(test_a_reserved_port_refuses_over_v6);
  RUN_TEST(test_a_reserved_port_belongs_to_one);
  RUN_TEST(test_one_number_for_several_addresses);
  RUN_TEST(test_a_silent_listener_does_not_answer_for_three_seconds);
  RUN_TEST(test_many_clients_of_a_silent_listener_all_meet_silence);
  RUN_TEST(test_one_port_can_be_silent_in_one_family_and_alive_in_the_other);
  return UNITY_END();
}
