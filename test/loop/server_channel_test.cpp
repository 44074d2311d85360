// One c-ares channel to one server: what its questions are told, and when.
#include "glue/server_channel.hpp"

#include <ares.h>

#include "demo/dns_responder.hpp"
#include "glue/dns_packet.hpp"
#include "support/dns_askers.hpp"
#include "support/dns_client.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::dns_responder;
using demo::record_type;
using demo::reply_fault;
using demo::response_code;
using detail::dns_record;
using fixture::soon;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

constexpr auto impossible = "a..test";  // refused by c-ares inside the call that asks

struct recording_question final : detail::channel_question {
  int calls = 0;
  int status = -1;
  std::string packet{};

  void ended(int its_status, const unsigned char* its_packet, int size) noexcept override {
    ++calls;
    status = its_status;
    if (its_packet) packet.assign(reinterpret_cast<const char*>(its_packet), static_cast<std::size_t>(size));
  }
};

struct world final : detail::channel_owner {
  explicit world(bool over_tcp = false, bool edns = false)
      : channel(fixture::loop(), *this, {dns.address(), over_tcp, edns},
                std::make_shared<detail::handle_count>()) {
    dns.answer_unknown({.addresses = {"192.0.2.1"}});
  }

  void has_read() noexcept override {
    ++readings;
    if (then) std::exchange(then, nullptr)();
  }
  int ask(recording_question& question, const char* name = "demo.test",
          dns_record record = dns_record::v4_address) {
    return channel.ask(name, record, question);
  }
  bool wait_for(const recording_question& question) const {
    return fixture::run_until([&question] { return question.calls > 0; }, soon);
  }
  bool wait_for_questions(std::size_t count) const {
    return fixture::run_until([this, count] { return dns.questions().size() >= count; }, soon);
  }

  dns_responder dns{fixture::loop()};
  int readings = 0;
  std::function<void()> then{};
  detail::server_channel channel;
};

}  // namespace

void test_an_answer_comes_once_with_its_packet() {
  world w;
  recording_question question;
  TEST_ASSERT_FALSE(w.channel.is_open());
  TEST_ASSERT_EQUAL(ARES_SUCCESS, w.ask(question));
  TEST_ASSERT_TRUE(w.channel.is_open());
  TEST_ASSERT_EQUAL(0, question.calls);
  TEST_ASSERT_TRUE(w.wait_for(question));
  fixture::run_turn();
  TEST_ASSERT_EQUAL(1, question.calls);
  TEST_ASSERT_EQUAL(ARES_SUCCESS, question.status);
  TEST_ASSERT_GREATER_THAN(12u, question.packet.size());
  TEST_ASSERT_GREATER_OR_EQUAL(1, w.readings);
}

void test_each_answer_has_its_status_and_its_packet() {
  const struct {
    response_code code;
    int status;
  } rows[] = {{response_code::no_error, ARES_ENODATA},   {response_code::nxdomain, ARES_ENOTFOUND},
              {response_code::servfail, ARES_ESERVFAIL}, {response_code::refused, ARES_EREFUSED},
              {response_code::formerr, ARES_EFORMERR},   {response_code::notimp, ARES_ENOTIMP}};
  world w;
  for (const auto& row : rows) {
    w.dns.host("demo.test", {.code = row.code});
    recording_question question;
    TEST_ASSERT_EQUAL(ARES_SUCCESS, w.ask(question));
    TEST_ASSERT_TRUE(w.wait_for(question));
    TEST_ASSERT_EQUAL(row.status, question.status);
    TEST_ASSERT_FALSE(question.packet.empty());
  }
  TEST_ASSERT_EQUAL(std::size(rows), w.dns.questions().size());
}

void test_an_impossible_name_ends_inside_ask() {
  world w;
  recording_question question;
  TEST_ASSERT_EQUAL(ARES_SUCCESS, w.ask(question, impossible));
  TEST_ASSERT_EQUAL(1, question.calls);
  TEST_ASSERT_NOT_EQUAL(ARES_SUCCESS, question.status);
  TEST_ASSERT_TRUE(question.packet.empty());
}

void test_each_record_is_asked_for_by_its_number() {
  world w;
  recording_question questions[3];
  (void)w.ask(questions[0], "a.test", dns_record::v4_address);
  (void)w.ask(questions[1], "b.test", dns_record::v6_address);
  (void)w.ask(questions[2], "7.2.0.192.in-addr.arpa", dns_record::pointer);
  for (const auto& each : questions) TEST_ASSERT_TRUE(w.wait_for(each));
  TEST_ASSERT_EQUAL(1u, w.dns.asked("a.test", record_type::a));
  TEST_ASSERT_EQUAL(1u, w.dns.asked("b.test", record_type::aaaa));
  TEST_ASSERT_EQUAL(1u, w.dns.asked("7.2.0.192.in-addr.arpa", record_type::ptr));
}

void test_the_owner_may_ask_when_a_socket_was_read() {
  world w;
  recording_question first;
  recording_question second;
  int known = 0;
  w.then = [&] {
    known = first.calls;
    (void)w.ask(second, "again.test");
  };
  (void)w.ask(first);
  TEST_ASSERT_TRUE(w.wait_for(second));
  TEST_ASSERT_EQUAL(1, known);  // told before the owner
  TEST_ASSERT_EQUAL(ARES_SUCCESS, second.status);
}

void test_the_owner_may_shut_it_when_a_socket_was_read() {
  world w;
  w.dns.host("silent.test", {.fault = reply_fault::silent});
  recording_question first;
  recording_question second;
  w.then = [&] { w.channel.shut(); };
  (void)w.ask(second, "silent.test");
  (void)w.ask(first);
  TEST_ASSERT_TRUE(w.wait_for(second));
  TEST_ASSERT_EQUAL(ARES_SUCCESS, first.status);
  TEST_ASSERT_EQUAL(ARES_EDESTRUCTION, second.status);
}

void test_shutting_ends_all_inside_the_call_and_the_next_question_comes_from_another_port() {
  world w;
  w.dns.answer_unknown({.fault = reply_fault::silent});
  const std::size_t before = fixture::open_descriptors();
  recording_question questions[3];
  for (auto& each : questions) (void)w.ask(each);
  TEST_ASSERT_TRUE(w.wait_for_questions(3));
  TEST_ASSERT_GREATER_THAN(before, fixture::open_descriptors());
  w.channel.shut();
  for (const auto& each : questions) {
    TEST_ASSERT_EQUAL(1, each.calls);
    TEST_ASSERT_EQUAL(ARES_EDESTRUCTION, each.status);
  }
  TEST_ASSERT_FALSE(w.channel.is_open());
  TEST_ASSERT_EQUAL(before, fixture::open_descriptors());
  w.channel.shut();
  const demo::descriptor old_port =
      demo::bound_socket(demo::socket_kind::udp, w.dns.questions().front().client);
  recording_question next;
  w.dns.answer_unknown({.addresses = {"192.0.2.1"}});
  (void)w.ask(next);
  TEST_ASSERT_TRUE(w.wait_for(next));
  TEST_ASSERT_EQUAL(ARES_SUCCESS, next.status);
}

void test_questions_share_a_socket() {
  world w;
  recording_question questions[3];
  for (auto& each : questions) (void)w.ask(each);
  for (const auto& each : questions) TEST_ASSERT_TRUE(w.wait_for(each));
  const auto& seen = w.dns.questions();
  TEST_ASSERT_EQUAL(3u, seen.size());
  for (const auto& each : seen) TEST_ASSERT_EQUAL(seen.front().client.port(), each.client.port());
}

void test_a_young_question_does_not_expire() {
  world w;
  w.dns.host("demo.test", {.addresses = {"192.0.2.1"}, .delay = 50ms});
  recording_question question;
  w.channel.expire();  // not even open
  (void)w.ask(question);
  w.channel.expire();
  TEST_ASSERT_EQUAL(0, question.calls);
  TEST_ASSERT_TRUE(w.wait_for(question));
  TEST_ASSERT_EQUAL(ARES_SUCCESS, question.status);
}

void test_all_goes_over_one_tcp_connection_where_that_is_wanted() {
  world w(true);
  recording_question questions[3];
  for (auto& each : questions) (void)w.ask(each);
  for (const auto& each : questions) TEST_ASSERT_TRUE(w.wait_for(each));
  for (const auto& each : questions) TEST_ASSERT_EQUAL(ARES_SUCCESS, each.status);
  for (const auto& seen : w.dns.questions()) {
    TEST_ASSERT_TRUE(seen.over == demo::transport::tcp);
    TEST_ASSERT_EQUAL(w.dns.questions().front().client.port(), seen.client.port());
  }
}

void test_a_tcp_answer_is_read_in_one_turn() {
  world w(true);
  recording_question first;
  (void)w.ask(first);
  TEST_ASSERT_TRUE(w.wait_for(first));  // the connection stands
  recording_question second;
  (void)w.ask(second);
  TEST_ASSERT_TRUE(w.wait_for_questions(2));
  if (second.calls == 0) {
    w.readings = 0;
    TEST_ASSERT_TRUE(fixture::run_until([&] { return w.readings > 0; }, soon));
  }
  TEST_ASSERT_EQUAL(1, second.calls);
}

void test_edns_is_offered_where_it_is_wanted() {
  for (const bool wanted : {true, false}) {
    world w(false, wanted);
    recording_question question;
    (void)w.ask(question);
    TEST_ASSERT_TRUE(w.wait_for(question));
    const auto offered = w.dns.questions().front().edns;
    TEST_ASSERT_EQUAL(wanted, offered.has_value());
    if (wanted) TEST_ASSERT_EQUAL(1232, *offered);
  }
}

void test_a_truncated_answer_is_given_as_it_is() {
  world w;
  w.dns.host("demo.test", {.addresses = {"192.0.2.1"}, .fault = reply_fault::truncated});
  recording_question question;
  (void)w.ask(question);
  TEST_ASSERT_TRUE(w.wait_for(question));
  const auto* packet = reinterpret_cast<const unsigned char*>(question.packet.data());
  TEST_ASSERT_TRUE(detail::is_truncated(packet, static_cast<int>(question.packet.size())));
  recording_question next;
  (void)w.ask(next, "next.test");
  TEST_ASSERT_TRUE(w.wait_for(next));
  TEST_ASSERT_EQUAL(2u, w.dns.questions().size());
  for (const auto& seen : w.dns.questions()) TEST_ASSERT_TRUE(seen.over == demo::transport::udp);
}

// c-ares may keep its socket or take another one; either is watched.
void test_after_a_refusal_the_next_answer_is_heard() {
  struct : detail::channel_owner {
    void has_read() noexcept override {}
  } owner;
  fixture::hand_server server;
  server.refuse();
  detail::server_channel channel(fixture::loop(), owner, {server.address()},
                                 std::make_shared<detail::handle_count>());
  recording_question refused;
  (void)channel.ask("a.test", dns_record::v4_address, refused);
  TEST_ASSERT_TRUE(fixture::run_until([&] { return refused.calls > 0; }, soon));
  TEST_ASSERT_EQUAL(ARES_ECONNREFUSED, refused.status);
  TEST_ASSERT_TRUE(channel.sockets().take_refusal());
  TEST_ASSERT_EQUAL(0, channel.take_watch_failure());
  server.accept_again();
  recording_question answered;
  (void)channel.ask("a.test", dns_record::v4_address, answered);
  TEST_ASSERT_EQUAL(1, server.answer(1, "192.0.2.1"));
  TEST_ASSERT_TRUE(fixture::run_until([&] { return answered.calls > 0; }, soon));
  TEST_ASSERT_EQUAL(ARES_SUCCESS, answered.status);
}

void test_an_open_question_does_not_keep_the_loop_alive() {
  world w;
  w.dns.answer_unknown({.fault = reply_fault::silent});
  recording_question question;
  (void)w.ask(question);
  TEST_ASSERT_TRUE(w.wait_for_questions(1));
  fixture::run_turn();  // the test's own timer has gone
  TEST_ASSERT_EQUAL(0, uv_loop_alive(&fixture::loop()));
  TEST_ASSERT_EQUAL(0, question.calls);
  w.channel.shut();  // while the question is still there
}

void test_a_channel_that_was_never_asked_opens_nothing() {
  const std::size_t before = fixture::open_descriptors();
  {
    struct : detail::channel_owner {
      void has_read() noexcept override {}
    } owner;
    detail::server_channel channel(fixture::loop(), owner, {demo::loopback(ip_family::v4)},
                                   std::make_shared<detail::handle_count>());
    channel.shut();
    TEST_ASSERT_EQUAL(before, fixture::open_descriptors());
    TEST_ASSERT_EQUAL(53, channel.sockets().server().port());
  }
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_an_answer_comes_once_with_its_packet);
  RUN_TEST(test_each_answer_has_its_status_and_its_packet);
  RUN_TEST(test_an_impossible_name_ends_inside_ask);
  RUN_TEST(test_each_record_is_asked_for_by_its_number);
  RUN_TEST(test_the_owner_may_ask_when_a_socket_was_read);
  RUN_TEST(test_the_owner_may_shut_it_when_a_socket_was_read);
  RUN_TEST(test_shutting_ends_all_inside_the_call_and_the_next_question_comes_from_another_port);
  RUN_TEST(test_questions_share_a_socket);
  RUN_TEST(test_a_young_question_does_not_expire);
  RUN_TEST(test_all_goes_over_one_tcp_connection_where_that_is_wanted);
  RUN_TEST(test_a_tcp_answer_is_read_in_one_turn);
  RUN_TEST(test_edns_is_offered_where_it_is_wanted);
  RUN_TEST(test_a_truncated_answer_is_given_as_it_is);
  RUN_TEST(test_after_a_refusal_the_next_answer_is_heard);
  RUN_TEST(test_an_open_question_does_not_keep_the_loop_alive);
  RUN_TEST(test_a_channel_that_was_never_asked_opens_nothing);
  return UNITY_END();
}
