// One c-ares channel against a real server on the loopback: what each kind of reply comes to.
#include "glue/dns_channel.hpp"

#include "demo/dns_responder.hpp"
#include "support/dns_askers.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::dns_responder;
using demo::record_type;
using demo::reply_fault;
using demo::response_code;
using fixture::make_channel;
using fixture::recording_waiter;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

constexpr detail::dns_record v4 = detail::dns_record::v4_address;
constexpr detail::dns_record v6 = detail::dns_record::v6_address;

struct world {
  dns_responder dns{fixture::loop()};
  std::shared_ptr<fixture::asked_channel> channel;
  recording_waiter waiter;

  explicit world(unsigned tries = 3, std::chrono::milliseconds timeout = 2000ms)
      : channel(make_channel({{dns.address()}, timeout, tries})) {}

  std::string ask(const std::string& name, detail::dns_record record = v4) {
    const std::size_t before = waiter.heard.size();
    (void)channel->ask(name, record, waiter);
    fixture::run_until([&] { return waiter.heard.size() > before; });
    return waiter.heard.back();
  }
};

}  // namespace

void test_a_name_is_asked_for_one_family() {
  world w;
  w.dns.host("demo.test", {.addresses = {"192.0.2.2", "192.0.2.1", "2001:db8::1"}, .ttl = 77s});
  TEST_ASSERT_EQUAL_STRING("192.0.2.2,192.0.2.1", w.ask("demo.test"));
  TEST_ASSERT_EQUAL(77s, w.waiter.last.ttl);
  TEST_ASSERT_EQUAL_STRING_MESSAGE("", w.waiter.last.canonical_name, "the name that was asked");
  TEST_ASSERT_EQUAL(0u, w.dns.asked("demo.test", record_type::aaaa));
  TEST_ASSERT_EQUAL_STRING("2001:db8::1", w.ask("demo.test", v6));
  TEST_ASSERT_EQUAL(1u, w.dns.asked("demo.test", record_type::aaaa));
}

void test_a_question_alone_keeps_the_loop_alive() {
  world w;
  w.dns.host("demo.test", {.addresses = {"192.0.2.1"}});
  (void)w.channel->ask("demo.test", v4, w.waiter);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", w.waiter.all());
}

void test_a_reply_never_comes_inside_ask() {
  world w;
  w.dns.host("demo.test", {.addresses = {"192.0.2.1"}});
  const std::string label(64, 'a');
  for (const std::string& name : {std::string("demo.test"), label + ".test", std::string("a..test")}) {
    const std::size_t before = w.waiter.heard.size();
    (void)w.channel->ask(name, v4, w.waiter);
    TEST_ASSERT_EQUAL(before, w.waiter.heard.size());
    fixture::run_until([&] { return w.waiter.heard.size() > before; });
  }
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 NXDOMAIN NXDOMAIN", w.waiter.all());
  TEST_ASSERT_EQUAL(1u, w.dns.questions().size());
}

void test_no_search_list_is_added() {
  world w;
  TEST_ASSERT_EQUAL_STRING("NXDOMAIN", w.ask("db"));
  TEST_ASSERT_EQUAL(1u, w.dns.questions().size());
  TEST_ASSERT_EQUAL_STRING("db", w.dns.questions().front().name);
}

void test_each_failure_of_a_server_has_its_code() {
  const struct {
    response_code code;
    const char* name;
  } rows[] = {{response_code::servfail, "SERVFAIL"}, {response_code::refused, "REFUSED"},
              {response_code::formerr, "FORMERR"},   {response_code::notimp, "NOTIMP"},
              {response_code::nxdomain, "NXDOMAIN"}, {response_code::no_error, "NODATA"}};
  world w(1);
  for (const auto& row : rows) {
    w.dns.host("demo.test", {.code = row.code});
    TEST_ASSERT_EQUAL_STRING(row.name, w.ask("demo.test"));
  }
}

void test_one_server_that_fails_is_not_asked_again() {
  world w(3);
  w.dns.host("demo.test", {.code = response_code::servfail});
  TEST_ASSERT_EQUAL_STRING("SERVFAIL", w.ask("demo.test"));
  TEST_ASSERT_EQUAL(1u, w.dns.questions().size());
}

void test_of_two_servers_the_second_is_asked_when_the_first_fails() {
  dns_responder failing(fixture::loop());
  dns_responder working(fixture::loop());
  failing.answer_unknown({.code = response_code::servfail});
  working.answer_unknown({.addresses = {"192.0.2.1"}});
  recording_waiter waiter;
  const auto channel = make_channel({.servers = {failing.address(), working.address()}});
  (void)channel->ask("demo.test", v4, waiter);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", waiter.all());
}

void test_a_reply_that_cannot_be_read_is_badresp() {
  world w(1);
  w.dns.host("demo.test", {.fault = reply_fault::garbage});
  TEST_ASSERT_EQUAL_STRING("BADRESP", w.ask("demo.test"));
}

void test_silence_is_a_timeout() {
  world w(1, 20ms);
  w.dns.host("demo.test", {.fault = reply_fault::silent});
  TEST_ASSERT_EQUAL_STRING("DNSTIMEOUT", w.ask("demo.test"));
}

void test_a_lost_question_is_asked_again() {
  world w(3, 20ms);
  w.dns.answer_in_turn("demo.test", record_type::a,
                       {{.fault = reply_fault::silent}, {.addresses = {"192.0.2.1"}}});
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", w.ask("demo.test"));
  TEST_ASSERT_GREATER_OR_EQUAL(2u, w.dns.asked("demo.test", record_type::a));
}

void test_a_wrong_id_is_not_taken() {
  world w(1, 20ms);
  w.dns.host("demo.test", {.addresses = {"192.0.2.9"}, .fault = reply_fault::wrong_id});
  TEST_ASSERT_EQUAL_STRING("DNSTIMEOUT", w.ask("demo.test"));
}

void test_a_truncated_reply_is_fetched_over_tcp() {
  world w;
  demo::dns_script many{.fault = reply_fault::truncated};
  for (int i = 1; i <= 100; ++i) many.addresses.push_back("192.0.2." + std::to_string(i));
  w.dns.host("demo.test", many);
  TEST_ASSERT_CONTAINS_STRING("192.0.2.100", w.ask("demo.test"));
  TEST_ASSERT_EQUAL(100u, w.waiter.last.addresses.size());
  TEST_ASSERT_EQUAL(2u, w.dns.questions().size());
  TEST_ASSERT_TRUE(w.dns.questions().back().over == demo::transport::tcp);
}

void test_a_chain_of_aliases_gives_all_names() {
  world w;
  w.dns.host("www.test", {.addresses = {"192.0.2.1"}, .ttl = 5s, .aliases = {"middle.test", "real.test"}});
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", w.ask("www.test"));
  TEST_ASSERT_EQUAL_STRING("real.test", w.waiter.last.canonical_name);
  TEST_ASSERT_EQUAL(2u, w.waiter.last.aliases.size());
  TEST_ASSERT_EQUAL_STRING("www.test", w.waiter.last.aliases[0]);
  TEST_ASSERT_EQUAL_STRING("middle.test", w.waiter.last.aliases[1]);
  TEST_ASSERT_EQUAL(5s, w.waiter.last.ttl);
}

void test_aliases_without_an_address_are_nodata() {
  world w;
  w.dns.host("www.test", {.aliases = {"real.test"}});
  TEST_ASSERT_EQUAL_STRING("NODATA", w.ask("www.test"));
  TEST_ASSERT_EQUAL_STRING("NODATA", w.ask("www.test", v6));
}

void test_nothing_is_remembered_between_questions() {
  world w;
  w.dns.host("demo.test", {.addresses = {"192.0.2.1"}, .ttl = 3600s});
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", w.ask("demo.test"));
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", w.ask("demo.test"));
  TEST_ASSERT_EQUAL(2u, w.dns.questions().size());
}

void test_many_questions_at_once_are_all_answered() {
  world w;
  w.dns.answer_unknown({.addresses = {"192.0.2.1"}});
  for (int i = 0; i < 500; ++i) (void)w.channel->ask("h" + std::to_string(i) + ".test", v4, w.waiter);
  fixture::run();
  TEST_ASSERT_EQUAL(500u, w.waiter.heard.size());
  for (const std::string& each : w.waiter.heard) TEST_ASSERT_EQUAL_STRING("192.0.2.1", each);
}

void test_a_server_can_be_asked_over_v6() {
  if (!demo::v6_loopback_available()) TEST_IGNORE_MESSAGE("this machine has no ::1");
  dns_responder dns(fixture::loop(), ip_family::v6);
  dns.host("demo.test", {.addresses = {"192.0.2.1"}});
  recording_waiter waiter;
  const auto channel = make_channel({.servers = {dns.address()}});
  (void)channel->ask("demo.test", v4, waiter);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", waiter.all());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_name_is_asked_for_one_family);
  RUN_TEST(test_a_question_alone_keeps_the_loop_alive);
  RUN_TEST(test_a_reply_never_comes_inside_ask);
  RUN_TEST(test_no_search_list_is_added);
  RUN_TEST(test_each_failure_of_a_server_has_its_code);
  RUN_TEST(test_one_server_that_fails_is_not_asked_again);
  RUN_TEST(test_of_two_servers_the_second_is_asked_when_the_first_fails);
  RUN_TEST(test_a_reply_that_cannot_be_read_is_badresp);
  RUN_TEST(test_silence_is_a_timeout);
  RUN_TEST(test_a_lost_question_is_asked_again);
  RUN_TEST(test_a_wrong_id_is_not_taken);
  RUN_TEST(test_a_truncated_reply_is_fetched_over_tcp);
  RUN_TEST(test_a_chain_of_aliases_gives_all_names);
  RUN_TEST(test_aliases_without_an_address_are_nodata);
  RUN_TEST(test_nothing_is_remembered_between_questions);
  RUN_TEST(test_many_questions_at_once_are_all_answered);
  RUN_TEST(test_a_server_can_be_asked_over_v6);
  return UNITY_END();
}
