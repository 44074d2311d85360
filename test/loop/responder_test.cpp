// The scripted DNS server, asked over plain sockets: each reply it can be told to give, and that it leaves
// nothing behind on the loop.
#include <algorithm>
#include <stdexcept>
#include <string>

#include "demo/dns_responder.hpp"
#include "support/dns_client.hpp"
#include "support/loop_fixture.hpp"

using namespace uvdial;
using namespace uvdial::demo;
using namespace fixture;
using namespace std::chrono_literals;

namespace {

bool has_tail(const octets& message, const octets& tail) {
  return message.size() >= tail.size() && std::equal(tail.rbegin(), tail.rend(), message.rbegin());
}

}  // namespace

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

static void test_a_host_answers_for_both_families() {
  dns_responder dns(fixture::loop());
  dns.host("demo.test", {.addresses = {"::1", "192.0.2.7", "192.0.2.8"}});
  client asking(dns);
  TEST_ASSERT_EQUAL_STRING("0/1", asking.outline("demo.test", record_type::aaaa));
  TEST_ASSERT_EQUAL_STRING("0/2", asking.outline("demo.test", record_type::a));
  TEST_ASSERT_TRUE(has_tail(asking.ask({2, "demo.test", record_type::a}).value(), {192, 0, 2, 8}));
}

static void test_an_unknown_name_does_not_exist() {
  dns_responder dns(fixture::loop());
  dns.answer("v6.test", record_type::aaaa, {.addresses = {"::1"}});
  client asking(dns);
  TEST_ASSERT_EQUAL_STRING("3/0", asking.outline("nobody.test", record_type::a));
  TEST_ASSERT_EQUAL_STRING_MESSAGE("0/0", asking.outline("v6.test", record_type::a), "it has another type");
}

static void test_unknown_names_can_be_answered_otherwise() {
  dns_responder dns(fixture::loop());
  dns.answer_unknown({.addresses = {"192.0.2.9"}});
  client asking(dns);
  TEST_ASSERT_EQUAL_STRING("0/1", asking.outline("h1.bench.test", record_type::a));
  dns.answer_unknown({.fault = reply_fault::silent});
  TEST_ASSERT_FALSE(asking.ask({1, "h2.bench.test", record_type::a}, long_enough).has_value());
}

static void test_each_rcode_is_sent() {
  dns_responder dns(fixture::loop());
  client asking(dns);
  for (const auto code : {response_code::formerr, response_code::servfail, response_code::nxdomain,
                          response_code::notimp, response_code::refused}) {
    dns.host("ill.test", {.code = code});
    TEST_ASSERT_EQUAL_STRING(std::to_string(static_cast<int>(code)) + "/0",
                             asking.outline("ill.test", record_type::aaaa));
  }
}

static void test_case_does_not_matter_and_is_repeated() {
  dns_responder dns(fixture::loop());
  dns.host("Demo.Test", {.addresses = {"192.0.2.7"}});
  client asking(dns);
  const dns_question question{9, "dEMO.tesT", record_type::a};
  const octets sent = build_question(question);
  const octets reply = asking.ask(question).value();
  TEST_ASSERT_TRUE(std::equal(sent.begin() + 12, sent.end(), reply.begin() + 12));
  TEST_ASSERT_EQUAL_INT(1, reply[7]);
  TEST_ASSERT_EQUAL_STRING("demo.test", dns.questions().at(0).name);
  TEST_ASSERT_EQUAL_STRING("dEMO.tesT", dns.questions().at(0).spelled);
}

static void test_faults_are_sent_as_told() {
  dns_responder dns(fixture::loop());
  client asking(dns);
  dns.host("x.test", {.addresses = {"192.0.2.7"}, .fault = reply_fault::silent});
  TEST_ASSERT_FALSE(asking.ask({1, "x.test", record_type::a}, long_enough).has_value());
  dns.host("x.test", {.addresses = {"192.0.2.7"}, .fault = reply_fault::garbage});
  TEST_ASSERT_TRUE(has_tail(asking.ask({1, "x.test", record_type::a}).value(), {0xde, 0xad}));
  dns.host("x.test", {.addresses = {"192.0.2.7"}, .fault = reply_fault::wrong_id});
  TEST_ASSERT_EQUAL_INT(0xff, asking.ask({1, "x.test", record_type::a}).value()[0]);
}

static void test_the_nth_query_gets_the_nth_reply() {
  dns_responder dns(fixture::loop());
  dns.answer_in_turn(
      "lossy.test", record_type::a,
      {{.fault = reply_fault::silent}, {.code = response_code::servfail}, {.addresses = {"192.0.2.7"}}});
  client asking(dns);
  TEST_ASSERT_FALSE(asking.ask({1, "lossy.test", record_type::a}, long_enough).has_value());
  TEST_ASSERT_EQUAL_STRING("2/0", asking.outline("lossy.test", record_type::a));
  TEST_ASSERT_EQUAL_STRING("0/1", asking.outline("lossy.test", record_type::a));
  TEST_ASSERT_EQUAL_STRING_MESSAGE("0/1", asking.outline("lossy.test", record_type::a), "the last one stays");
}

static void test_replies_come_in_the_order_of_their_delays() {
  dns_responder dns(fixture::loop());
  dns.answer("slow.test", record_type::a, {.addresses = {"192.0.2.7"}, .delay = 60ms});
  dns.answer("fast.test", record_type::a, {.addresses = {"192.0.2.7"}, .delay = 20ms});
  client asking(dns);
  const std::uint64_t start = uv_hrtime();
  send_all(asking.socket, build_question({1, "slow.test", record_type::a}));
  send_all(asking.socket, build_question({2, "fast.test", record_type::a}));
  TEST_ASSERT_EQUAL_INT(2, receive(asking.socket).value()[1]);
  TEST_ASSERT_EQUAL_INT(1, receive(asking.socket).value()[1]);
  TEST_ASSERT_GREATER_OR_EQUAL(58'000'000u, uv_hrtime() - start);  // libuv's clock has whole milliseconds
}

static void test_a_truncated_reply_is_whole_over_tcp() {
  dns_responder dns(fixture::loop());
  dns.answer_in_turn("big.test", record_type::a,
                     {{.addresses = {"192.0.2.7", "192.0.2.8"}, .fault = reply_fault::truncated}, {}});
  client asking(dns);
  const octets cut = asking.ask({1, "big.test", record_type::a}).value();
  TEST_ASSERT_EQUAL_INT(2, cut[2] & 2);
  TEST_ASSERT_EQUAL_INT(0, cut[7]);

  const descriptor stream = connected(socket_kind::tcp, dns.address());
  send_all(stream, framed(build_question({1, "big.test", record_type::a})));
  const octets whole = receive(stream).value();
  TEST_ASSERT_EQUAL_INT(whole.size() - 2, whole[0] << 8 | whole[1]);
  TEST_ASSERT_EQUAL_INT(2, whole[2 + 7]);
  TEST_ASSERT_TRUE(dns.questions().at(1).over == transport::tcp);
}

static void test_queries_over_tcp_may_come_in_pieces_and_together() {
  dns_responder dns(fixture::loop());
  dns.host("demo.test", {.addresses = {"192.0.2.7"}});
  const descriptor stream = connected(socket_kind::tcp, dns.address());
  octets both = framed(build_question({1, "demo.test", record_type::a}));
  const octets second = framed(build_question({2, "demo.test", record_type::aaaa}));
  both.insert(both.end(), second.begin(), second.end());
  send_all(stream, octets(both.begin(), both.begin() + 5));
  TEST_ASSERT_FALSE(receive(stream, long_enough).has_value());
  send_all(stream, octets(both.begin() + 5, both.end()));
  TEST_ASSERT_TRUE(run_until([&dns] { return dns.questions().size() == 2; }, soon));
  TEST_ASSERT_EQUAL_INT(1, dns.asked("DEMO.test", record_type::a));
  TEST_ASSERT_EQUAL_INT(1, dns.asked("demo.test", record_type::aaaa));
}

static void test_a_client_that_leaves_before_its_reply_does_no_harm() {
  dns_responder dns(fixture::loop());
  dns.host("demo.test", {.addresses = {"192.0.2.7"}, .delay = 20ms});
  {
    const descriptor stream = connected(socket_kind::tcp, dns.address());
    send_all(stream, framed(build_question({1, "demo.test", record_type::a})));
    TEST_ASSERT_TRUE(run_until([&dns] { return dns.questions().size() == 1; }, soon));
  }
  TEST_ASSERT_FALSE(run_until([] { return false; }, long_enough));
}

static void test_questions_say_who_asked() {
  dns_responder dns(fixture::loop());
  client first(dns);
  client second(dns);
  first.outline("a.test", record_type::a);
  second.outline("b.test", record_type::aaaa);
  TEST_ASSERT_EQUAL_INT(2, dns.questions().size());
  TEST_ASSERT_EQUAL(bound_address(first.socket), dns.questions()[0].client);
  TEST_ASSERT_EQUAL(bound_address(second.socket), dns.questions()[1].client);
  TEST_ASSERT_TRUE(dns.questions()[1].type == record_type::aaaa);
}

static void test_noise_is_passed_over() {
  dns_responder dns(fixture::loop());
  client asking(dns);
  send_all(asking.socket, {1, 2, 3});
  TEST_ASSERT_EQUAL_STRING("3/0", asking.outline("nobody.test", record_type::a));
  TEST_ASSERT_EQUAL_INT(1, dns.questions().size());
}

static void test_it_can_be_reached_over_v6() {
  if (!v6_loopback_available()) TEST_IGNORE_MESSAGE("no ::1 on this machine");
  dns_responder dns(fixture::loop(), ip_family::v6);
  client asking(dns);
  TEST_ASSERT_EQUAL_STRING("::1", dns.address().address_to_string());
  TEST_ASSERT_EQUAL_STRING("3/0", asking.outline("nobody.test", record_type::a));
}

static void test_it_does_not_keep_the_loop_alive() {
  dns_responder dns(fixture::loop());
  TEST_ASSERT_EQUAL_INT(0, uv_run(&fixture::loop(), UV_RUN_DEFAULT));
}

static void test_it_may_go_with_a_reply_still_to_send() {
  auto dns = std::make_unique<dns_responder>(fixture::loop());
  dns->host("demo.test", {.addresses = {"192.0.2.7"}, .delay = 10ms});
  client asking(*dns);
  send_all(asking.socket, build_question({1, "demo.test", record_type::a}));
  TEST_ASSERT_TRUE(run_until([&dns] { return dns->questions().size() == 1; }, soon));
  TEST_ASSERT_EQUAL_INT_MESSAGE(0, uv_run(&fixture::loop(), UV_RUN_DEFAULT), "the reply holds no loop");
  dns.reset();
  TEST_ASSERT_FALSE(receive(asking.socket, long_enough).has_value());
}

static void test_a_script_that_cannot_be_sent_is_refused() {
  dns_responder dns(fixture::loop());
  TEST_ASSERT_THROWS(std::invalid_argument, dns.host("x.test", {.addresses = {"localhost"}}));
  TEST_ASSERT_THROWS(std::invalid_argument, dns.host("x.test", {.aliases = {"a..b"}}));
  TEST_ASSERT_THROWS(std::invalid_argument, dns.answer_in_turn("x.test", record_type::a, {}));
  TEST_ASSERT_THROWS(std::invalid_argument, dns.answer_unknown({.addresses = {"nowhere"}}));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_host_answers_for_both_families);
  RUN_TEST(test_an_unknown_name_does_not_exist);
  RUN_TEST(test_unknown_names_can_be_answered_otherwise);
  RUN_TEST(test_each_rcode_is_sent);
  RUN_TEST(test_case_does_not_matter_and_is_repeated);
  RUN_TEST(test_faults_are_sent_as_told);
  RUN_TEST(test_the_nth_query_gets_the_nth_reply);
  RUN_TEST(test_replies_come_in_the_order_of_their_delays);
  RUN_TEST(test_a_truncated_reply_is_whole_over_tcp);
  RUN_TEST(test_queries_over_tcp_may_come_in_pieces_and_together);
  RUN_TEST(test_a_client_that_leaves_before_its_reply_does_no_harm);
  RUN_TEST(test_questions_say_who_asked);
  RUN_TEST(test_noise_is_passed_over);
  RUN_TEST(test_it_can_be_reached_over_v6);
  RUN_TEST(test_it_does_not_keep_the_loop_alive);
  RUN_TEST(test_it_may_go_with_a_reply_still_to_send);
  RUN_TEST(test_a_script_that_cannot_be_sent_is_refused);
  return UNITY_END();
}
