// Which of several servers is asked, and answers that do not fit into a datagram.
#include <ares.h>

#include "demo/dns_responder.hpp"
#include "support/dns_askers.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::dns_responder;
using demo::record_type;
using demo::reply_fault;
using demo::response_code;
using fixture::hand_server;
using fixture::make_channel;
using fixture::recording_waiter;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

constexpr detail::dns_record v4 = detail::dns_record::v4_address;

struct two_servers {
  dns_responder first{fixture::loop()};
  dns_responder second{fixture::loop()};
  recording_waiter waiter;
  std::shared_ptr<fixture::asked_channel> channel;

  explicit two_servers(bool rotates = false)
      : channel(make_channel({.servers = {first.address(), second.address()},
                              .timeout = 100ms,
                              .tries = 30,
                              .rotates = rotates})) {
    first.answer_unknown({.addresses = {"192.0.2.1"}});
    second.answer_unknown({.addresses = {"192.0.2.2"}});
  }
  std::string ask(std::initializer_list<const char*> names) {
    waiter.heard.clear();
    for (const char* name : names) (void)channel->ask(name, v4, waiter);
    fixture::run();
    return waiter.all();
  }
};

// Fifty names beside the one that is truncated.
struct neighbours {
  recording_waiter waiter;

  void ask(fixture::asked_channel& channel) {
    for (int i = 0; i < 50; ++i) (void)channel.ask("h" + std::to_string(i) + ".test", v4, waiter);
  }
  void expect_each_answered() const {
    TEST_ASSERT_EQUAL(50u, waiter.heard.size());
    for (const std::string& each : waiter.heard) TEST_ASSERT_EQUAL_STRING("192.0.2.1", each);
  }
  void expect_each_answered_and_asked_once(const dns_responder& dns) const {
    expect_each_answered();
    for (int i = 0; i < 50; ++i)
      TEST_ASSERT_EQUAL(1u, dns.asked("h" + std::to_string(i) + ".test", record_type::a));
  }
};

}  // namespace

void test_while_the_first_server_answers_the_second_is_not_asked() {
  two_servers w;
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 192.0.2.1", w.ask({"a.test", "b.test"}));
  TEST_ASSERT_EQUAL(0u, w.second.questions().size());
}

void test_a_silent_first_server_is_left_alone_after_two_questions() {
  two_servers w;
  w.first.answer_unknown({.fault = reply_fault::silent});
  TEST_ASSERT_EQUAL_STRING("192.0.2.2 192.0.2.2", w.ask({"a.test", "b.test"}));
  const std::size_t asked = w.first.questions().size();
  TEST_ASSERT_EQUAL(2u, asked);
  TEST_ASSERT_EQUAL_STRING("192.0.2.2 192.0.2.2 192.0.2.2", w.ask({"c.test", "d.test", "e.test"}));
  TEST_ASSERT_EQUAL(asked, w.first.questions().size());
}

void test_a_refusing_first_server_is_left_alone_at_once() {
  hand_server refusing;
  refusing.refuse();
  dns_responder working(fixture::loop());
  working.answer_unknown({.addresses = {"192.0.2.2"}});
  recording_waiter waiter;
  const auto channel = make_channel({.servers = {refusing.address(), working.address()}});
  (void)channel->ask("a.test", v4, waiter);
  fixture::run();
  refusing.accept_again();
  (void)channel->ask("b.test", v4, waiter);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("192.0.2.2 192.0.2.2", waiter.all());
  TEST_ASSERT_EQUAL(0, refusing.answer(1, "192.0.2.1"));
  TEST_ASSERT_EQUAL(2u, working.questions().size());
}

void test_where_all_refuse_the_last_one_is_named() {
  hand_server first;
  hand_server second;
  first.refuse();
  second.refuse();
  recording_waiter waiter;
  const auto channel = make_channel({.servers = {first.address(), second.address()}});
  for (int i = 0; i < 3; ++i) (void)channel->ask("a.test", v4, waiter);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("DNSUNREACHABLE DNSUNREACHABLE DNSUNREACHABLE", waiter.all());
  TEST_ASSERT_TRUE(waiter.last.server.has_value());
  TEST_ASSERT_EQUAL_STRING(second.address().to_string(), waiter.last.server->to_string());
}

void test_a_first_server_that_fails_is_asked_again_for_the_next_name() {
  two_servers w;
  w.first.host("broken.test", {.code = response_code::servfail});
  TEST_ASSERT_EQUAL_STRING("192.0.2.2", w.ask({"broken.test"}));
  TEST_ASSERT_EQUAL_STRING(w.second.address().to_string(), w.waiter.last.server->to_string());
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", w.ask({"good.test"}));
}

void test_where_all_fail_the_last_one_says_why() {
  two_servers w;
  w.first.answer_unknown({.code = response_code::refused});
  w.second.answer_unknown({.code = response_code::servfail});
  TEST_ASSERT_EQUAL_STRING("SERVFAIL", w.ask({"a.test"}));
  TEST_ASSERT_EQUAL_STRING(w.second.address().to_string(), w.waiter.last.server->to_string());
  TEST_ASSERT_EQUAL(1u, w.first.questions().size());
  TEST_ASSERT_EQUAL(1u, w.second.questions().size());
}

void test_rotating_questions_begin_with_each_server_in_its_turn() {
  two_servers w(true);
  (void)w.ask({"a.test", "b.test", "c.test", "d.test"});
  TEST_ASSERT_EQUAL(2u, w.first.questions().size());
  TEST_ASSERT_EQUAL(2u, w.second.questions().size());
  (void)w.ask({"e.test"});
  (void)w.ask({"f.test"});
  TEST_ASSERT_EQUAL(3u, w.first.questions().size());
  TEST_ASSERT_EQUAL(3u, w.second.questions().size());
}

void test_one_truncated_answer_beside_others_is_fetched_over_tcp() {
  dns_responder dns(fixture::loop());
  dns.answer_unknown({.addresses = {"192.0.2.1"}});
  dns.host("large.test", {.addresses = {"192.0.2.9"}, .fault = reply_fault::truncated});
  recording_waiter waiter;
  neighbours others;
  const auto channel = make_channel({.servers = {dns.address()}});
  (void)channel->ask("large.test", v4, waiter);
  others.ask(*channel);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("192.0.2.9", waiter.all());
  TEST_ASSERT_EQUAL(2u, dns.asked("large.test", record_type::a));
  others.expect_each_answered_and_asked_once(dns);
}

void test_a_truncated_answer_without_tcp_fails_alone() {
  for (const auto service : {demo::tcp_service::answering, demo::tcp_service::refusing}) {
    dns_responder dns(fixture::loop(), demo::loopback(ip_family::v4), service);
    dns.answer_unknown({.addresses = {"192.0.2.1"}, .delay = 20ms});
    dns.host("large.test", {.addresses = {"192.0.2.9"}, .fault = reply_fault::truncated_without_tcp});
    recording_waiter waiter;
    neighbours others;
    const auto channel = make_channel({.servers = {dns.address()}});
    (void)channel->ask("large.test", v4, waiter);
    others.ask(*channel);
    fixture::run();
    TEST_ASSERT_EQUAL_STRING("DNSUNREACHABLE", waiter.all());
    others.expect_each_answered_and_asked_once(dns);
  }
}

// Newer versions of c-ares end all that waits at the same socket: the others are asked again.
void test_an_answer_that_cannot_be_read_fails_alone() {
  dns_responder dns(fixture::loop());
  dns.answer_unknown({.addresses = {"192.0.2.1"}, .delay = 20ms});
  dns.host("broken.test", {.fault = reply_fault::garbage});
  recording_waiter waiter;
  neighbours others;
  const auto channel = make_channel({.servers = {dns.address()}});
  (void)channel->ask("broken.test", v4, waiter);
  others.ask(*channel);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("BADRESP", waiter.all());
  others.expect_each_answered();
}

void test_where_one_server_has_no_tcp_the_next_one_is_asked() {
  two_servers w;
  w.first.host("large.test", {.addresses = {"192.0.2.9"}, .fault = reply_fault::truncated_without_tcp});
  TEST_ASSERT_EQUAL_STRING("192.0.2.2", w.ask({"large.test"}));
}

void test_a_truncated_answer_that_nobody_waits_for_is_not_fetched() {
  dns_responder dns(fixture::loop());
  dns.host("large.test", {.addresses = {"192.0.2.9"}, .delay = 20ms, .fault = reply_fault::truncated});
  dns.host("other.test", {.addresses = {"192.0.2.1"}, .delay = 60ms});
  recording_waiter waiter;
  recording_waiter forgotten;
  const auto channel = make_channel({.servers = {dns.address()}});
  detail::dns_query* const large = channel->ask("large.test", v4, forgotten);
  (void)channel->ask("other.test", v4, waiter);
  channel->forget(large);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", waiter.all());
  TEST_ASSERT_EQUAL_STRING("", forgotten.all());
  TEST_ASSERT_EQUAL(1u, dns.asked("large.test", record_type::a));
}

void test_tcp_only_sends_no_datagram() {
  dns_responder dns(fixture::loop());
  dns.answer_unknown({.addresses = {"192.0.2.1"}});
  neighbours others;
  detail::dns_channel_options options{.servers = {dns.address()}};
  options.tcp_only = true;
  const auto channel = make_channel(options);
  others.ask(*channel);
  fixture::run();
  others.expect_each_answered_and_asked_once(dns);
  for (const auto& seen : dns.questions()) TEST_ASSERT_TRUE(seen.over == demo::transport::tcp);
}

void test_tcp_only_without_tcp_is_unreachable() {
  dns_responder dns(fixture::loop(), demo::loopback(ip_family::v4), demo::tcp_service::refusing);
  recording_waiter waiter;
  detail::dns_channel_options options{.servers = {dns.address()}};
  options.tcp_only = true;
  const auto channel = make_channel(options);
  (void)channel->ask("a.test", v4, waiter);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("DNSUNREACHABLE", waiter.all());
  TEST_ASSERT_EQUAL_STRING(dns.address().to_string(), waiter.last.server->to_string());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_while_the_first_server_answers_the_second_is_not_asked);
  RUN_TEST(test_a_silent_first_server_is_left_alone_after_two_questions);
  RUN_TEST(test_a_refusing_first_server_is_left_alone_at_once);
  RUN_TEST(test_where_all_refuse_the_last_one_is_named);
  RUN_TEST(test_a_first_server_that_fails_is_asked_again_for_the_next_name);
  RUN_TEST(test_where_all_fail_the_last_one_says_why);
  RUN_TEST(test_rotating_questions_begin_with_each_server_in_its_turn);
  RUN_TEST(test_one_truncated_answer_beside_others_is_fetched_over_tcp);
  RUN_TEST(test_a_truncated_answer_without_tcp_fails_alone);
  RUN_TEST(test_an_answer_that_cannot_be_read_fails_alone);
  RUN_TEST(test_where_one_server_has_no_tcp_the_next_one_is_asked);
  RUN_TEST(test_a_truncated_answer_that_nobody_waits_for_is_not_fetched);
  RUN_TEST(test_tcp_only_sends_no_datagram);
  RUN_TEST(test_tcp_only_without_tcp_is_unreachable);
  return UNITY_END();
}
