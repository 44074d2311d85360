// Streams and lookups over paths that lose what is long, fall silent, or change while somebody waits.
#include <fcntl.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <vector>

#include "demo/dns_responder.hpp"
#include "demo/peers.hpp"
#include "support/connected.hpp"
#include "support/tun_world.hpp"
#include "uvdial/ares_resolver.hpp"
#include "uvdial/dialer.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::dns_responder;
using demo::listener;
using fixture::bytes_of;
using fixture::ending;
using fixture::reading;
using fixture::recorder;
using fixture::refusal;
using fixture::this_machine;
using fixture::tun_world;

void setUp() { fixture::open_tun_world(); }
void tearDown() { fixture::close(); }

namespace {

constexpr const char* far_v4 = "192.0.2.10";
constexpr const char* nat64 = "64:ff9b::c000:20a";  // far_v4, as a machine without IPv4 knows it (RFC 6052)
constexpr const char* names_v4 = "192.0.2.53";
constexpr const char* names_v6 = "2001:db8:2::53";

std::unique_ptr<dns_responder> server_there(tun_world& wire, const char* literal) {
  return wire.there([literal] {
    return std::make_unique<dns_responder>(fixture::loop(), endpoint::from_literal(literal, 53).value());
  });
}

// A connection to a peer behind the wire, who reads all he gets.
struct stream_world {
  tun_world wire{};
  listener peer{
      fixture::loop(), wire.far_port(far_v4), {.then = demo::behaviour::read, .keeps_loop_alive = true}};
  tcp_stream stream = fixture::dial(peer.address());

  stream_world() {
    fixture::run_until([this] { return peer.accepted() == 1; });
  }
};

// Two servers of names behind the wire, the first of IPv4 and the second of IPv6, and one name that they know.
struct names_world {
  tun_world wire{};
  std::unique_ptr<dns_responder> first = server_there(wire, names_v4);
  std::unique_ptr<dns_responder> second = server_there(wire, names_v6);
  listener peer{fixture::loop(), wire.far_port(far_v4)};
  // Short, so that silence costs little: what follows from it is the same.
  std::shared_ptr<ares_resolver> names =
      std::make_shared<ares_resolver>(fixture::loop(), ares_resolver_options{.timeout = 200ms, .tries = 2});
  dialer dials{fixture::loop(), {.names = names}};
  dial_report report{};
  recorder<tcp_stream> end{};

  explicit names_world(std::string_view servers) {
    this_machine().write_resolv_conf(servers);
    first->host("demo.test", {.addresses = {far_v4}});
    second->host("demo.test", {.addresses = {far_v4}});
  }
  operation start(dial_options options = {}) {
    end.result.reset();
    end.calls = 0;
    options.report = &report;
    options.remember = false;
    return dials.connect(target("demo.test", peer.address().port()), options, end.callback());
  }
  names_world& dial(const dial_options& options = {}) {
    const operation running = start(options);
    wait_for(end);
    return *this;
  }
  std::string result() const {
    if (end.succeeded()) return end.result->get_if()->peer().address_to_string();
    if (!end.called()) return "not called";
    return std::string(ending(end)) + ": " + std::string(code_name(end.failure()->code()));
  }
};

constexpr const char* both_servers = "nameserver 192.0.2.53\nnameserver 2001:db8:2::53\n";
constexpr const char* first_server = "nameserver 192.0.2.53\n";

}  // namespace

// The path loses what is long and says nothing: the kernel has taken bytes that will never arrive.
static void test_a_write_into_a_path_that_loses_what_is_long_ends_by_its_timeout_and_close_does_not_hang() {
  stream_world w;
  w.wire.towards(far_v4, {.longest = 576});
  recorder<std::size_t> small, big;
  recorder<done> closed;
  const operation first = w.stream.write(bytes_of("short"), small.callback());
  fixture::run_until([&w] { return w.peer.received() == "short"; });
  TEST_ASSERT_EQUAL_STRING("success", ending(small));
  w.stream.set_write_timeout(60ms);
  const operation second =
      w.stream.write(bytes_of(fixture::long_text(fixture::more_than_fits)), big.callback());
  wait_for(big);
  TEST_ASSERT_EQUAL_STRING("timeout_error", ending(big));
  TEST_ASSERT_EQUAL_STRING("short", w.peer.received());
  w.stream.close(closed.callback());
  wait_for(closed);
}

static void test_a_path_that_says_how_long_packets_may_be_gets_shorter_ones() {
  stream_world w;
  w.wire.towards(far_v4, {.refuses = refusal::too_big, .longest = 1280});
  recorder<std::size_t> end;
  const std::string text = fixture::long_text(100'000);
  w.stream.set_write_timeout(5s);
  const operation writing = w.stream.write(bytes_of(text), end.callback());
  fixture::run_until([&] { return w.peer.received().size() == text.size(); });
  TEST_ASSERT_TRUE(w.peer.received() == text);
}

static void test_a_peer_that_is_gone_without_a_word_ends_a_read_by_its_timeout() {
  stream_world w;
  w.wire.towards(far_v4, {.loses = true});
  recorder<std::size_t> written;
  const operation writing = w.stream.write(bytes_of("anybody there?"), written.callback());
  wait_for(written);
  TEST_ASSERT_EQUAL_STRING_MESSAGE("success", ending(written),
                                   "the kernel has it, which is all that is promised");
  w.stream.set_read_timeout(30ms);
  reading one(w.stream);
  wait_for(one.end);
  TEST_ASSERT_EQUAL_STRING("timeout_error", ending(one.end));
}

// RFC 1122, 4.2.3.9: what a router says about a connection that stands is a hint, and no end.
static void test_a_connection_that_stands_survives_what_routers_say() {
  for (const refusal why : {refusal::no_network, refusal::no_host, refusal::not_permitted}) {
    stream_world w;
    w.wire.towards(far_v4, {.refuses = why});
    w.stream.write(bytes_of("x"), [](outcome<std::size_t>) {}).detach();
    for (int turn = 0; turn < 3; ++turn) fixture::run_turn();
    w.wire.towards(far_v4, {});
    w.stream.write(bytes_of("y"), [](outcome<std::size_t>) {}).detach();
    fixture::run_until([&w] { return w.peer.received() == "xy"; });
  }
}

static void test_an_interface_may_go_and_come_back_under_a_stream() {
  stream_world w;
  tun_world::unplug();
  recorder<std::size_t> end;
  const operation writing = w.stream.write(bytes_of("late"), end.callback());
  for (int turn = 0; turn < 3; ++turn) fixture::run_turn();
  tun_world::plug_in();
  fixture::run_until([&w] { return w.peer.received() == "late"; });
  TEST_ASSERT_EQUAL_STRING("success", ending(end));
}

static void test_a_server_that_cannot_be_reached_is_passed_over_at_once() {
  for (const refusal why : {refusal::no_port, refusal::not_permitted}) {
    names_world w(both_servers);
    w.wire.towards(names_v4, {.refuses = why});
    TEST_ASSERT_EQUAL_STRING(far_v4, w.dial().result());
    TEST_ASSERT_EQUAL(0u, w.first->questions().size());
    TEST_ASSERT_LESS_THAN(std::chrono::microseconds(1s), w.report.elapsed);
  }
}

// For these the kernel does not break a datagram socket: a later packet may find a way.
static void test_a_server_behind_a_broken_route_is_silent_and_the_next_one_answers() {
  names_world w(both_servers);
  w.wire.towards(names_v4, {.refuses = refusal::no_host});
  TEST_ASSERT_EQUAL_STRING(far_v4, w.dial().result());
  TEST_ASSERT_EQUAL(0u, w.first->questions().size());
}

static void test_no_server_within_reach_is_a_typed_failure_and_the_next_dial_works() {
  names_world w(both_servers);
  tun_world::unplug();
  TEST_ASSERT_EQUAL_STRING("dns_failure: DNSUNREACHABLE", w.dial().result());
  tun_world::plug_in();
  TEST_ASSERT_EQUAL_STRING(far_v4, w.dial().result());
}

static void test_another_resolv_conf_is_obeyed_and_what_ran_on_the_old_server_ends() {
  names_world w(first_server);
  w.wire.towards(names_v4, {.loses = true});
  const operation running = w.start();
  fixture::run_turn();
  this_machine().write_resolv_conf("nameserver 2001:db8:2::53\n");
  wait_for(w.end);
  TEST_ASSERT_EQUAL_STRING("dns_timeout: DNSTIMEOUT", w.result());
  TEST_ASSERT_EQUAL_STRING(far_v4, w.dial().result());
  TEST_ASSERT_EQUAL(0u, w.first->questions().size());
}

// No way out over IPv4: its addresses are not waited for, whoever is preferred.
static void test_a_machine_without_v4_connects_to_what_dns64_made_up_and_waits_for_no_a_record() {
  names_world w("nameserver 2001:db8:2::53\n");
  const listener behind(fixture::loop(), w.wire.far_port(nat64, w.peer.address().port()));
  tun_world::forget_v4();
  w.second->answer("demo.test", demo::record_type::aaaa, {.addresses = {nat64}});
  w.second->answer("demo.test", demo::record_type::a, {.addresses = {far_v4}, .delay = 1500ms});
  for (const family_policy families : {family_policy::v6_first, family_policy::v4_first}) {
    w.dial({.resolution_delay = 2000ms, .families = families});
    TEST_ASSERT_EQUAL_STRING(nat64, w.result());
    for (const family_report& each : w.report.families)
      TEST_ASSERT_EQUAL(each.family == ip_family::v6, each.answered);
  }
}

static void test_a_machine_without_v4_whose_a_record_comes_first_still_connects() {
  names_world w("nameserver 2001:db8:2::53\n");
  const listener behind(fixture::loop(), w.wire.far_port(nat64, w.peer.address().port()));
  tun_world::forget_v4();
  w.second->answer("demo.test", demo::record_type::aaaa, {.addresses = {nat64}, .delay = 120ms});
  w.second->answer("demo.test", demo::record_type::a, {.addresses = {far_v4}});
  TEST_ASSERT_EQUAL_STRING(nat64, w.dial().result());
  TEST_ASSERT_EQUAL(2u, w.report.attempts.size());
  TEST_ASSERT_TRUE(w.report.attempts[0].why == std::errc::network_unreachable);
}

namespace {

// So many addresses that the answer has about 16 octets for each.
demo::dns_script long_answer(std::size_t count) {
  demo::dns_script script{.addresses = {far_v4}};
  for (std::size_t i = 1; i < count; ++i) script.addresses.push_back("192.0.2." + std::to_string(100 + i));
  return script;
}

}  // namespace

// 1,232 octets and two headers are what every path of IPv6 carries.
static void test_an_answer_that_edns_allows_fits_the_narrowest_path() {
  names_world w("nameserver 2001:db8:2::53\noptions edns0\n");
  w.wire.towards(names_v6, {.longest = 1280});
  w.second->host("demo.test", long_answer(72));
  TEST_ASSERT_EQUAL_STRING(far_v4, w.dial({.families = family_policy::v4_only}).result());
  TEST_ASSERT_EQUAL(72u, w.report.families.at(0).addresses.size());
  TEST_ASSERT_EQUAL(1u, w.second->questions().size());
}

static void test_answers_that_are_too_long_for_the_path_are_silence_and_the_next_server_is_asked() {
  names_world w(both_servers);
  w.wire.towards(names_v4, {.longest = 600});
  w.first->host("demo.test", long_answer(60));
  TEST_ASSERT_EQUAL_STRING(far_v4, w.dial({.families = family_policy::v4_only}).result());
  TEST_ASSERT_GREATER_THAN(0u, w.first->questions().size());
  TEST_ASSERT_EQUAL(1u, w.report.families.at(0).addresses.size());
}

static void test_a_truncated_answer_comes_whole_over_tcp_through_a_narrow_path() {
  names_world w("nameserver 2001:db8:2::53\n");
  w.wire.towards(names_v6, {.longest = 1280});
  demo::dns_script script = long_answer(70);
  script.fault = demo::reply_fault::truncated;
  w.second->host("demo.test", script);
  TEST_ASSERT_EQUAL_STRING(far_v4, w.dial({.families = family_policy::v4_only}).result());
}

static void test_a_machine_without_a_port_for_datagrams_is_out_of_resources_and_recovers() {
  names_world w(first_server);
  fixture::narrow_the_ports(40000, 40001);
  std::vector<demo::descriptor> taken;
  for (const std::uint16_t port : {std::uint16_t{40000}, std::uint16_t{40001}})
    taken.push_back(demo::bound_socket(demo::socket_kind::udp, *endpoint::from_literal("0.0.0.0", port)));
  TEST_ASSERT_EQUAL_STRING("out_of_resources: EAGAIN", w.dial().result());
  TEST_ASSERT_EQUAL(0u, w.first->questions().size());
  taken.clear();
  TEST_ASSERT_EQUAL_STRING(far_v4, w.dial().result());
}

int main() {
  fixture::ignore_broken_pipes();
  fixture::enter_tun_world();
  UNITY_BEGIN();
  RUN_TEST(test_a_write_into_a_path_that_loses_what_is_long_ends_by_its_timeout_and_close_does_not_hang);
  RUN_TEST(test_a_path_that_says_how_long_packets_may_be_gets_shorter_ones);
  RUN_TEST(test_a_peer_that_is_gone_without_a_word_ends_a_read_by_its_timeout);
  RUN_TEST(test_a_connection_that_stands_survives_what_routers_say);
  RUN_TEST(test_an_interface_may_go_and_come_back_under_a_stream);
  RUN_TEST(test_a_server_that_cannot_be_reached_is_passed_over_at_once);
  RUN_TEST(test_a_server_behind_a_broken_route_is_silent_and_the_next_one_answers);
  RUN_TEST(test_no_server_within_reach_is_a_typed_failure_and_the_next_dial_works);
  RUN_TEST(test_another_resolv_conf_is_obeyed_and_what_ran_on_the_old_server_ends);
  RUN_TEST(test_a_machine_without_v4_connects_to_what_dns64_made_up_and_waits_for_no_a_record);
  RUN_TEST(test_a_machine_without_v4_whose_a_record_comes_first_still_connects);
  RUN_TEST(test_an_answer_that_edns_allows_fits_the_narrowest_path);
  RUN_TEST(test_answers_that_are_too_long_for_the_path_are_silence_and_the_next_server_is_asked);
  RUN_TEST(test_a_truncated_answer_comes_whole_over_tcp_through_a_narrow_path);
  RUN_TEST(test_a_machine_without_a_port_for_datagrams_is_out_of_resources_and_recovers);
  return UNITY_END();
}
