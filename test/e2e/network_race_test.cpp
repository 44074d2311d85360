// Races over paths that are slow, dead, refused by routers or gone: two kernels, and a wire that does what it is told.
#include <string>
#include <vector>

#include "demo/peers.hpp"
#include "support/connected.hpp"
#include "support/netlink.hpp"
#include "support/tun_world.hpp"
#include "uvdial/dialer.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::listener;
using fixture::ending;
using fixture::recorder;
using fixture::refusal;
using fixture::tun_world;
namespace netlink = fixture::netlink;

void setUp() { fixture::open_tun_world(); }
void tearDown() { fixture::close(); }

namespace {

constexpr const char* far_v4 = "192.0.2.10";
constexpr const char* far_v6 = "2001:db8:2::10";
constexpr std::uint16_t port = 4242;

endpoint at(const char* literal) { return endpoint::from_literal(literal, port).value(); }

// One who answers at both addresses, behind the wire.
struct race_world {
  tun_world wire{};
  listener v4{fixture::loop(), wire.far_port(far_v4, port)};
  listener v6{fixture::loop(), wire.far_port(far_v6, port)};
  dialer dials{fixture::loop()};
  dial_report report{};
  recorder<tcp_stream> end{};

  operation start(const std::vector<endpoint>& to, dial_options options = {}) {
    end.result.reset();
    end.calls = 0;
    options.report = &report;
    options.remember = false;
    return dials.connect(to, options, end.callback());
  }
  race_world& dial(const std::vector<endpoint>& to, const dial_options& options = {}) {
    const operation running = start(to, options);
    fixture::run_until([this] { return end.called(); });
    return *this;
  }
  std::chrono::microseconds gap() const {
    return report.attempts.at(1).started - report.attempts.at(0).started;
  }
  // "unreachable: EHOSTUNREACH", or the address of the one who answered.
  std::string result() const {
    if (end.succeeded()) return end.result->get_if()->peer().address_to_string();
    if (!end.called()) return "not called";
    return std::string(ending(end)) + ": " + std::string(code_name(end.failure()->code()));
  }
};

const std::vector<endpoint> both{at(far_v6), at(far_v4)};

}  // namespace

static void test_a_v6_that_answers_late_loses_to_v4_after_the_attempt_delay() {
  race_world w;
  w.wire.towards(far_v6, {.delay = 1500ms});
  TEST_ASSERT_EQUAL_STRING(far_v4, w.dial(both).result());
  TEST_ASSERT_EQUAL(2u, w.report.attempts.size());
  TEST_ASSERT_TRUE(w.report.attempts[0].what == attempt::state::open);
  TEST_ASSERT_GREATER_OR_EQUAL(std::chrono::microseconds(250ms), w.gap());
  TEST_ASSERT_LESS_THAN(std::chrono::microseconds(1500ms), w.report.elapsed);
}

static void test_a_v6_that_answers_within_the_attempt_delay_wins_and_v4_hears_nothing() {
  race_world w;
  w.wire.towards(far_v6, {.delay = 60ms});
  TEST_ASSERT_EQUAL_STRING(far_v6, w.dial(both, {.attempt_delay = 2000ms}).result());
  TEST_ASSERT_GREATER_OR_EQUAL(std::chrono::microseconds(59ms), w.report.elapsed);
  TEST_ASSERT_EQUAL(1u, w.wire.knocks(far_v6));
  TEST_ASSERT_EQUAL(0u, w.wire.knocks(far_v4));
}

// Both answer late, and the one that started first is not given up for the other.
static void test_the_first_attempt_may_still_win_when_the_second_has_started() {
  race_world w;
  w.wire.towards(far_v6, {.delay = 150ms});
  w.wire.towards(far_v4, {.delay = 1500ms});
  TEST_ASSERT_EQUAL_STRING(far_v6, w.dial(both, {.attempt_delay = 20ms}).result());
  TEST_ASSERT_EQUAL(2u, w.report.attempts.size());
}

static void test_a_lost_first_packet_costs_the_attempt_delay_and_not_its_repetition() {
  race_world w;
  w.wire.towards(far_v6, {.loses = true});
  TEST_ASSERT_EQUAL_STRING(far_v4, w.dial(both).result());
  TEST_ASSERT_TRUE(w.report.attempts[0].what == attempt::state::open);
}

static void test_silence_everywhere_is_ended_by_the_deadline_with_all_attempts_open() {
  race_world w;
  w.wire.towards(far_v6, {.loses = true});
  w.wire.towards(far_v4, {.loses = true});
  w.dial(both, {.timeout = 100ms, .attempt_delay = 10ms});
  TEST_ASSERT_EQUAL_STRING("timeout_error: ETIMEDOUT", w.result());
  TEST_ASSERT_EQUAL(2u, w.end.failure()->attempts().size());
  for (const attempt& each : w.end.failure()->attempts()) TEST_ASSERT_TRUE(each.what == attempt::state::open);
}

static void test_what_a_router_says_ends_the_attempt_and_starts_the_next_at_once() {
  struct row {
    const char* to;
    refusal why;
    const char* result;
  };
  constexpr row rows[] = {{far_v4, refusal::no_network, "unreachable: ENETUNREACH"},
                          {far_v4, refusal::no_host, "unreachable: EHOSTUNREACH"},
                          {far_v4, refusal::no_port, "connection_refused: ECONNREFUSED"},
                          {far_v4, refusal::not_permitted, "unreachable: EHOSTUNREACH"},
                          {far_v6, refusal::no_network, "unreachable: ENETUNREACH"},
                          {far_v6, refusal::no_host, "unreachable: EHOSTUNREACH"},
                          {far_v6, refusal::no_port, "connection_refused: ECONNREFUSED"},
                          {far_v6, refusal::not_permitted, "connect_error: EACCES"}};
  race_world w;
  for (const row& each : rows) {
    const bool is_v6 = each.to == std::string_view(far_v6);
    w.wire.towards(each.to, {.refuses = each.why});
    TEST_ASSERT_EQUAL_STRING(each.result, w.dial({at(each.to)}).result());
    w.dial(both,
           {.attempt_delay = 2000ms, .families = is_v6 ? family_policy::v6_first : family_policy::v4_first});
    TEST_ASSERT_EQUAL_STRING_MESSAGE(is_v6 ? far_v4 : far_v6, w.result(), each.result);
    TEST_ASSERT_EQUAL(2u, w.report.attempts.size());
    TEST_ASSERT_LESS_THAN_MESSAGE(std::chrono::microseconds(2000ms), w.gap(), each.result);
    w.wire.towards(each.to, {});
  }
}

// No attempt can be smaller than its first packet: the kernel takes the hint, repeats, and nothing is decided by it.
static void test_a_first_packet_that_is_too_big_for_the_path_is_silence() {
  for (const char* to : {far_v4, far_v6}) {
    race_world w;
    w.wire.towards(to, {.refuses = refusal::too_big, .longest = 39});
    w.dial({at(to)}, {.timeout = 60ms});
    TEST_ASSERT_EQUAL_STRING("timeout_error: ETIMEDOUT", w.result());
  }
}

static void test_each_route_to_nowhere_has_its_code_and_its_address_goes_last() {
  struct row {
    netlink::route_kind kind;
    const char* result;
  };
  constexpr row rows[] = {{netlink::route_kind::blackhole, "connect_error: EINVAL"},
                          {netlink::route_kind::unreachable, "unreachable: EHOSTUNREACH"},
                          {netlink::route_kind::prohibit, "connect_error: EACCES"}};
  for (const row& each : rows) {
    race_world w;
    netlink::add_route({.prefix = "2001:db8:2::", .length = 64, .kind = each.kind});
    TEST_ASSERT_EQUAL_STRING(each.result, w.dial({at(far_v6)}).result());
    TEST_ASSERT_EQUAL_STRING(far_v4, w.dial(both, {.attempt_delay = 2000ms}).result());
    // The order of RFC 6724 puts an address without a source last: it is not even tried.
    TEST_ASSERT_EQUAL(1u, w.report.attempts.size());
  }
}

static void test_without_any_network_every_address_is_unreachable_and_with_one_the_next_dial_works() {
  race_world w;
  tun_world::unplug();
  w.dial(both, {.attempt_delay = 2000ms});
  TEST_ASSERT_EQUAL_STRING("unreachable: ENETUNREACH", w.result());
  TEST_ASSERT_EQUAL(2u, w.end.failure()->attempts().size());
  TEST_ASSERT_LESS_THAN(std::chrono::microseconds(2000ms), w.gap());
  tun_world::plug_in();
  w.dial(both);
  TEST_ASSERT_TRUE(w.end.succeeded());
}

// The kernel sends the first packet again after a second, and by then there is a way.
static void test_an_interface_may_go_and_come_back_in_the_middle_of_a_dial() {
  race_world w;
  w.wire.towards(far_v4, {.loses = true});
  const operation running = w.start({at(far_v4)});
  fixture::run_until([&w] { return w.wire.knocks(far_v4) == 1; });
  tun_world::unplug();
  for (int turn = 0; turn < 3; ++turn) fixture::run_turn();
  TEST_ASSERT_FALSE(w.end.called());
  tun_world::plug_in();
  w.wire.towards(far_v4, {});
  fixture::run_until([&w] { return w.end.called(); });
  TEST_ASSERT_EQUAL_STRING(far_v4, w.result());
}

static void test_an_interface_that_goes_in_the_middle_of_a_dial_leaves_the_rest_to_the_deadline() {
  race_world w;
  w.wire.towards(far_v4, {.loses = true});
  const operation running = w.start({at(far_v4)}, {.timeout = 80ms});
  fixture::run_until([&w] { return w.wire.knocks(far_v4) == 1; });
  tun_world::unplug();
  fixture::run_until([&w] { return w.end.called(); });
  TEST_ASSERT_EQUAL_STRING("timeout_error: ETIMEDOUT", w.result());
}

// Towards one peer each local port serves one connection.
static void test_when_the_local_ports_are_all_taken_the_machine_is_out_of_resources_and_recovers() {
  for (const char* to : {far_v4, far_v6}) {
    race_world w;
    fixture::narrow_the_ports(40000, 40003);
    std::vector<tcp_stream> taken;
    for (int i = 0; i < 4; ++i) {
      w.dial({at(to)});
      TEST_ASSERT_EQUAL_STRING(to, w.result());
      taken.push_back(std::move(*w.end.result).value());
    }
    TEST_ASSERT_EQUAL_STRING("out_of_resources: EAGAIN", w.dial({at(to)}).result());
    TEST_ASSERT_TRUE(w.end.failure()->temporary());
    const char* other = to == far_v4 ? far_v6 : far_v4;
    TEST_ASSERT_EQUAL_STRING_MESSAGE(other, w.dial({at(to), at(other)}).result(),
                                     "another peer has ports of its own");
    taken.back().reset();
    taken.pop_back();
    TEST_ASSERT_EQUAL_STRING(to, w.dial({at(to)}).result());
  }
}

// Nobody listens at a port that the kernel may choose as the local one: then a socket can meet itself (RFC 9293, 3.5,
// simultaneous open), and would hold the port against the server that is to come.
static void test_a_connection_to_oneself_is_a_refusal() {
  for (const char* to : {"127.0.0.1", "::1"}) {
    race_world w;
    fixture::narrow_the_ports(port, port + 1);
    for (int i = 0; i < 8; ++i) {
      TEST_ASSERT_EQUAL_STRING("connection_refused: ECONNREFUSED", w.dial({at(to)}).result());
      const listener server(fixture::loop(), demo::reserved_port(at(to)));
      TEST_ASSERT_EQUAL_STRING_MESSAGE(to, w.dial({at(to)}).result(), "the port is free at once");
      std::move(*w.end.result).value().reset();  // which leaves no TIME_WAIT on the only other port
      fixture::run();
    }
  }
}

int main() {
  fixture::enter_tun_world();
  UNITY_BEGIN();
  RUN_TEST(test_a_v6_that_answers_late_loses_to_v4_after_the_attempt_delay);
  RUN_TEST(test_a_v6_that_answers_within_the_attempt_delay_wins_and_v4_hears_nothing);
  RUN_TEST(test_the_first_attempt_may_still_win_when_the_second_has_started);
  RUN_TEST(test_a_lost_first_packet_costs_the_attempt_delay_and_not_its_repetition);
  RUN_TEST(test_silence_everywhere_is_ended_by_the_deadline_with_all_attempts_open);
  RUN_TEST(test_what_a_router_says_ends_the_attempt_and_starts_the_next_at_once);
  RUN_TEST(test_a_first_packet_that_is_too_big_for_the_path_is_silence);
  RUN_TEST(test_each_route_to_nowhere_has_its_code_and_its_address_goes_last);
  RUN_TEST(test_without_any_network_every_address_is_unreachable_and_with_one_the_next_dial_works);
  RUN_TEST(test_an_interface_may_go_and_come_back_in_the_middle_of_a_dial);
  RUN_TEST(test_an_interface_that_goes_in_the_middle_of_a_dial_leaves_the_rest_to_the_deadline);
  RUN_TEST(test_when_the_local_ports_are_all_taken_the_machine_is_out_of_resources_and_recovers);
  RUN_TEST(test_a_connection_to_oneself_is_a_refusal);
  return UNITY_END();
}
