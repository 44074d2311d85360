// The scripted DNS server: where it listens, what it says of names and of what is not there, and how it lets TCP down.
#include <algorithm>
#include <string>
#include <system_error>

#include "demo/dns_responder.hpp"
#include "support/dns_client.hpp"
#include "support/loop_fixture.hpp"

using namespace uvdial;
using namespace uvdial::demo;
using namespace fixture;
using namespace std::chrono_literals;

namespace {

constexpr auto reverse_name = "7.2.0.192.in-addr.arpa";

endpoint at(std::string_view literal, std::uint16_t port = 0) {
  return endpoint::from_literal(literal, port).value();
}

bool contains(const octets& message, const octets& part) {
  return std::search(message.begin(), message.end(), part.begin(), part.end()) != message.end();
}

// 0 where the server's TCP port takes a connection, else the reason.
int how_tcp_connects(const endpoint& server) {
  const descriptor stream = bound_socket(socket_kind::tcp, at("127.0.0.1"));
  int result = ::connect(stream.get(), &server.native(), server.native_size());
  if (result < 0 && errno != EINPROGRESS) return errno;
  (void)run_until([] { return false; }, long_enough);
  socklen_t size = sizeof result;
  TEST_ASSERT_EQUAL_INT(0, ::getsockopt(stream.get(), SOL_SOCKET, SO_ERROR, &result, &size));
  return result;
}

}  // namespace

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

static void test_it_listens_where_it_is_told() {
  dns_responder dns(loop(), at("127.0.0.2"));
  TEST_ASSERT_EQUAL_STRING("127.0.0.2", dns.address().address_to_string());
  TEST_ASSERT_NOT_EQUAL(0, dns.address().port());
  client asking(dns);
  TEST_ASSERT_EQUAL_STRING("3/0", asking.outline("nobody.test", record_type::a));
}

static void test_two_of_them_share_a_port_at_two_addresses() {
  dns_responder first(loop());
  dns_responder second(loop(), at("127.0.0.2", first.address().port()));
  TEST_ASSERT_EQUAL_INT(first.address().port(), second.address().port());
  client asking(second);
  (void)asking.outline("nobody.test", record_type::a);
  TEST_ASSERT_EQUAL_INT(0, first.questions().size());
  TEST_ASSERT_EQUAL_INT(1, second.questions().size());
}

static void test_a_named_port_that_is_taken_is_an_error() {
  dns_responder first(loop());
  TEST_ASSERT_THROWS(std::system_error, dns_responder(loop(), first.address()));
}

// The side that closes first keeps the connection in TIME_WAIT.
static void test_a_named_port_is_free_again_at_once() {
  const endpoint address = reserve(ip_family::v4).address();
  {
    dns_responder first(loop(), address);
    first.host("cut.test", {.fault = reply_fault::truncated_without_tcp});
    const descriptor stream = connected(socket_kind::tcp, address);
    send_all(stream, framed(build_question({1, "cut.test", record_type::a})));
    TEST_ASSERT_EQUAL_INT(0, receive(stream).value().size());
  }
  fixture::run();
  dns_responder second(loop(), address);
  TEST_ASSERT_EQUAL(address, second.address());
}

static void test_a_pointer_leads_to_names() {
  dns_responder dns(loop());
  dns.answer(reverse_name, record_type::ptr, {.names = {"a.test", "b.test"}});
  client asking(dns);
  const octets reply = asking.ask({1, reverse_name, record_type::ptr}).value();
  TEST_ASSERT_EQUAL_INT(2, reply[7]);
  TEST_ASSERT_TRUE(contains(reply, {0, 12, 0, 1, 0, 0, 0, 60, 0, 8, 1, 'a', 4, 't', 'e', 's', 't', 0}));
  TEST_ASSERT_TRUE(contains(reply, {0, 8, 1, 'b', 4, 't', 'e', 's', 't', 0}));
  TEST_ASSERT_EQUAL_STRING_MESSAGE("0/0", asking.outline(reverse_name, record_type::a), "no address");
}

// RFC 2317: a provider's zone refers to one of its customer's.
static void test_an_alias_may_stand_before_a_pointer() {
  dns_responder dns(loop());
  dns.answer(reverse_name, record_type::ptr,
             {.aliases = {"7.0-25.2.0.192.in-addr.arpa"}, .names = {"a.test"}});
  client asking(dns);
  TEST_ASSERT_EQUAL_STRING("0/2", asking.outline(reverse_name, record_type::ptr));
}

static void test_an_address_question_for_a_script_with_names_gets_no_data() {
  dns_responder dns(loop());
  dns.host("demo.test", {.names = {"a.test"}});
  client asking(dns);
  TEST_ASSERT_EQUAL_STRING("0/0", asking.outline("demo.test", record_type::a));
}

static void test_no_data_and_no_name_say_for_how_long() {
  dns_responder dns(loop());
  dns.host("v4.test", {.addresses = {"192.0.2.7"}, .negative_ttl = 300s});
  dns.answer_unknown({.code = response_code::nxdomain, .negative_ttl = 301s});
  client asking(dns);
  const octets no_data = asking.ask({1, "v4.test", record_type::aaaa}).value();
  TEST_ASSERT_EQUAL_INT(1, no_data[9]);
  TEST_ASSERT_TRUE(contains(no_data, {0, 6, 0, 1, 0, 0, 1, 44}));
  const octets no_name = asking.ask({1, "nobody.test", record_type::aaaa}).value();
  TEST_ASSERT_EQUAL_INT(3, no_name[3] & 15);
  TEST_ASSERT_EQUAL_INT(1, no_name[9]);
  TEST_ASSERT_EQUAL_INT(0, asking.ask({1, "v4.test", record_type::a}).value()[9]);
}

static void test_tcp_is_closed_in_place_of_the_whole_reply() {
  dns_responder dns(loop());
  dns.host("big.test", {.addresses = {"192.0.2.7"}, .fault = reply_fault::truncated_without_tcp});
  client asking(dns);
  const octets cut = asking.ask({1, "big.test", record_type::a}).value();
  TEST_ASSERT_EQUAL_INT(2, cut[2] & 2);
  TEST_ASSERT_EQUAL_INT(0, cut[7]);
  const descriptor stream = connected(socket_kind::tcp, dns.address());
  send_all(stream, framed(build_question({1, "big.test", record_type::a})));
  TEST_ASSERT_EQUAL_INT(0, receive(stream).value().size());
  TEST_ASSERT_EQUAL_INT(2, dns.asked("big.test", record_type::a));
}

static void test_a_server_can_be_without_tcp() {
  dns_responder with(loop());
  dns_responder without(loop(), at("127.0.0.1"), tcp_service::refusing);
  TEST_ASSERT_EQUAL_INT(0, how_tcp_connects(with.address()));
  TEST_ASSERT_EQUAL_INT(ECONNREFUSED, how_tcp_connects(without.address()));
  client asking(without);
  TEST_ASSERT_EQUAL_STRING("3/0", asking.outline("nobody.test", record_type::a));
}

static void test_a_reply_can_be_to_another_question() {
  dns_responder dns(loop());
  dns.host("x.test", {.addresses = {"192.0.2.7"}, .fault = reply_fault::wrong_question});
  client asking(dns);
  const octets reply = asking.ask({1, "x.test", record_type::a}).value();
  TEST_ASSERT_EQUAL_INT(1, reply[7]);
  TEST_ASSERT_TRUE(
      contains(reply, {7, 'a', 'n', 'o', 't', 'h', 'e', 'r', 7, 'i', 'n', 'v', 'a', 'l', 'i', 'd'}));
}

static void test_a_reply_can_be_from_another_sender() {
  dns_responder dns(loop());
  dns.host("x.test", {.addresses = {"192.0.2.7"}, .fault = reply_fault::wrong_sender});
  client asking(dns);
  TEST_ASSERT_FALSE(asking.ask({1, "x.test", record_type::a}, long_enough).has_value());

  const descriptor open_to_all = bound_socket(socket_kind::udp, at("127.0.0.1"));
  const octets question = build_question({1, "x.test", record_type::a});
  TEST_ASSERT_EQUAL_INT(question.size(), ::sendto(open_to_all.get(), question.data(), question.size(), 0,
                                                  &dns.address().native(), dns.address().native_size()));
  TEST_ASSERT_EQUAL_INT(1, receive(open_to_all).value()[7]);
}

static void test_questions_say_whether_they_had_edns() {
  dns_responder dns(loop());
  client asking(dns);
  octets question = build_question({1, "a.test", record_type::a});
  send_all(asking.socket, question);
  question[11] = 1;
  for (const int byte : {0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0})
    question.push_back(static_cast<std::uint8_t>(byte));
  send_all(asking.socket, question);
  TEST_ASSERT_TRUE(run_until([&dns] { return dns.questions().size() == 2; }, soon));
  TEST_ASSERT_FALSE(dns.questions()[0].edns.has_value());
  TEST_ASSERT_EQUAL_INT(1232, dns.questions()[1].edns.value());
}

static void test_a_script_with_a_bad_name_is_refused() {
  dns_responder dns(loop());
  TEST_ASSERT_THROWS(std::invalid_argument, dns.answer(reverse_name, record_type::ptr, {.names = {"a..b"}}));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_it_listens_where_it_is_told);
  RUN_TEST(test_two_of_them_share_a_port_at_two_addresses);
  RUN_TEST(test_a_named_port_that_is_taken_is_an_error);
  RUN_TEST(test_a_named_port_is_free_again_at_once);
  RUN_TEST(test_a_pointer_leads_to_names);
  RUN_TEST(test_an_alias_may_stand_before_a_pointer);
  RUN_TEST(test_an_address_question_for_a_script_with_names_gets_no_data);
  RUN_TEST(test_no_data_and_no_name_say_for_how_long);
  RUN_TEST(test_tcp_is_closed_in_place_of_the_whole_reply);
  RUN_TEST(test_a_server_can_be_without_tcp);
  RUN_TEST(test_a_reply_can_be_to_another_question);
  RUN_TEST(test_a_reply_can_be_from_another_sender);
  RUN_TEST(test_questions_say_whether_they_had_edns);
  RUN_TEST(test_a_script_with_a_bad_name_is_refused);
  return UNITY_END();
}
