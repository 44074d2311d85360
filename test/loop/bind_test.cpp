// Dials from an address of the caller's choice, as the peer sees them.
#include <netinet/in.h>

#include <string>
#include <vector>

#include "support/connected.hpp"
#include "support/plain_listener.hpp"
#include "uvdial/dialer.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::loopback;
using fixture::ending;
using fixture::plain_listener;
using fixture::recorder;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

endpoint address(const char* text, std::uint16_t port = 0) {
  return endpoint::from_literal(text, port).value();
}

struct one_dial {
  explicit one_dial(const std::vector<endpoint>& to, dial_options options) {
    options.report = &report;
    dialer dials(fixture::loop());
    const operation running = dials.connect(to, options, end.callback());
    fixture::run();
  }
  tcp_stream& stream() { return *end.result->get_if(); }

  dial_report report{};
  recorder<tcp_stream> end{};
};

void require_v6() {
  if (!demo::v6_loopback_available()) TEST_IGNORE_MESSAGE("this machine has no ::1");
}

#ifdef IP_BIND_ADDRESS_NO_PORT
int port_comes_late(tcp_stream& stream) {
  uv_os_fd_t number = -1;
  (void)uv_fileno(reinterpret_cast<uv_handle_t*>(&stream.native()), &number);
  int value = -1;
  socklen_t size = sizeof value;
  TEST_ASSERT_EQUAL(0, ::getsockopt(number, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &value, &size));
  return value;
}
#endif

}  // namespace

static void test_the_peer_sees_the_local_address() {
  const plain_listener peer;
  one_dial dialed({peer.address()}, {.bind_v4 = address("127.0.0.5")});
  TEST_ASSERT_EQUAL_STRING("success", ending(dialed.end));
  const endpoint seen = peer.next_peer();
  TEST_ASSERT_EQUAL_STRING("127.0.0.5", seen.address_to_string());
  TEST_ASSERT_EQUAL(seen, dialed.stream().local());
  TEST_ASSERT_NOT_EQUAL(0, seen.port());
}

static void test_each_family_has_its_own() {
  require_v6();
  const plain_listener v4;
  const plain_listener v6(ip_family::v6);
  const dial_options options{.bind_v4 = address("127.0.0.6"), .bind_v6 = address("::1")};
  one_dial to_v4({v4.address()}, options);
  one_dial to_v6({v6.address()}, options);
  TEST_ASSERT_EQUAL_STRING("127.0.0.6", v4.next_peer().address_to_string());
  TEST_ASSERT_EQUAL_STRING("::1", v6.next_peer().address_to_string());
}

static void test_the_other_familys_address_changes_nothing() {
  require_v6();
  const plain_listener peer(ip_family::v6);
  one_dial dialed({peer.address()}, {.bind_v4 = address("127.0.0.5")});
  TEST_ASSERT_EQUAL_STRING("success", ending(dialed.end));
}

// The port is held by a socket that shares it, so nobody else can have it meanwhile.
static void test_the_peer_sees_the_local_port() {
  const demo::reserved_port mine(loopback(ip_family::v4), demo::address_reuse::yes);
  const plain_listener peer;
  one_dial dialed({peer.address()}, {.bind_v4 = mine.address()});
  TEST_ASSERT_EQUAL_STRING("success", ending(dialed.end));
  TEST_ASSERT_EQUAL(mine.address(), peer.next_peer());
}

static void test_a_local_port_alone_leaves_the_address_to_the_system() {
  const demo::reserved_port mine(loopback(ip_family::v4), demo::address_reuse::yes);
  const plain_listener peer;
  one_dial dialed({peer.address()}, {.bind_v4 = address("0.0.0.0", mine.address().port())});
  TEST_ASSERT_EQUAL(mine.address(), peer.next_peer());
}

// Both attempts are open at once from the same port: the first one meets silence.
static void test_attempts_of_one_race_share_the_local_port() {
  const demo::reserved_port mine(loopback(ip_family::v4), demo::address_reuse::yes);
  const demo::silent_listener silent(demo::reserve(ip_family::v4));
  const plain_listener peer;
  one_dial dialed({silent.address(), peer.address()}, {.attempt_delay = 10ms, .bind_v4 = mine.address()});
  TEST_ASSERT_EQUAL_STRING("success", ending(dialed.end));
  TEST_ASSERT_EQUAL(mine.address(), peer.next_peer());
  TEST_ASSERT_TRUE(attempt::state::open == dialed.report.attempts[0].what);
}

static void test_a_port_is_chosen_late_where_none_was_asked_for() {
#ifdef IP_BIND_ADDRESS_NO_PORT
  const plain_listener peer;
  one_dial any_port({peer.address()}, {.bind_v4 = address("127.0.0.5")});
  TEST_ASSERT_EQUAL(1, port_comes_late(any_port.stream()));
  const demo::reserved_port mine(loopback(ip_family::v4), demo::address_reuse::yes);
  one_dial this_port({peer.address()}, {.bind_v4 = mine.address()});
  TEST_ASSERT_EQUAL(0, port_comes_late(this_port.stream()));
  if (!demo::v6_loopback_available()) return;
  const plain_listener v6(ip_family::v6);
  one_dial over_v6({v6.address()}, {.bind_v6 = address("::1")});
  TEST_ASSERT_EQUAL(1, port_comes_late(over_v6.stream()));
#else
  TEST_IGNORE_MESSAGE("this system chooses the port at once");
#endif
}

static void test_an_address_of_the_wrong_family_is_misuse() {
  const plain_listener peer;
  TEST_ASSERT_THROWS(std::invalid_argument, one_dial({peer.address()}, {.bind_v4 = address("::1")}));
  TEST_ASSERT_THROWS(std::invalid_argument, one_dial({peer.address()}, {.bind_v6 = address("127.0.0.1")}));
}

// Nothing is sent: the bind comes before the connect.
static void test_an_address_that_this_machine_does_not_have_fails_the_attempt() {
  require_v6();
  const plain_listener peer(ip_family::v6);
  one_dial dialed({peer.address()}, {.bind_v6 = address("2001:db8::7")});
  TEST_ASSERT_EQUAL_STRING("unreachable", ending(dialed.end));
  TEST_ASSERT_TRUE(dialed.end.failure()->code() == std::errc::address_not_available);
  TEST_ASSERT_EQUAL(1u, dialed.end.failure()->attempts().size());
  TEST_ASSERT_TRUE(peer.nobody_came());
}

static void test_a_local_port_in_use_fails_the_attempt_and_the_race_goes_on() {
  require_v6();
  const demo::reserved_port taken(loopback(ip_family::v4));
  const plain_listener v4;
  const plain_listener v6(ip_family::v6);
  one_dial dialed({v4.address(), v6.address()},
                  {.families = family_policy::v4_first, .bind_v4 = taken.address()});
  TEST_ASSERT_EQUAL_STRING("success", ending(dialed.end));
  TEST_ASSERT_TRUE(dialed.report.attempts[0].why == std::errc::address_in_use);
  TEST_ASSERT_EQUAL(v6.address(), dialed.stream().peer());
  TEST_ASSERT_TRUE(v4.nobody_came());
  one_dial alone({v4.address()}, {.bind_v4 = taken.address()});
  TEST_ASSERT_EQUAL_STRING("connect_error", ending(alone.end));
  TEST_ASSERT_TRUE(alone.end.failure()->code() == std::errc::address_in_use);
}

// RFC 6724, 6, rule 2: ::1 and a global source differ in scope, 127.0.0.1 and its own source do not.
static void test_the_order_goes_by_the_local_address() {
  require_v6();
  const plain_listener v6(ip_family::v6);
  const plain_listener v4;
  one_dial free({v6.address(), v4.address()}, {});
  TEST_ASSERT_EQUAL(v6.address(), free.report.attempts[0].to);
  one_dial bound({v6.address(), v4.address()}, {.bind_v6 = address("2001:db8::7")});
  TEST_ASSERT_EQUAL(v4.address(), bound.report.attempts[0].to);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_the_peer_sees_the_local_address);
  RUN_TEST(test_each_family_has_its_own);
  RUN_TEST(test_the_other_familys_address_changes_nothing);
  RUN_TEST(test_the_peer_sees_the_local_port);
  RUN_TEST(test_a_local_port_alone_leaves_the_address_to_the_system);
  RUN_TEST(test_attempts_of_one_race_share_the_local_port);
  RUN_TEST(test_a_port_is_chosen_late_where_none_was_asked_for);
  RUN_TEST(test_an_address_of_the_wrong_family_is_misuse);
  RUN_TEST(test_an_address_that_this_machine_does_not_have_fails_the_attempt);
  RUN_TEST(test_a_local_port_in_use_fails_the_attempt_and_the_race_goes_on);
  RUN_TEST(test_the_order_goes_by_the_local_address);
  return UNITY_END();
}
