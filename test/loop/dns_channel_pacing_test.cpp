// When a channel asks again, and how often: lost questions, bursts, late answers, budgets, loops that were held up.
#include "demo/dns_responder.hpp"
#include "support/dns_askers.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::dns_responder;
using demo::record_type;
using demo::reply_fault;
using fixture::hand_server;
using fixture::make_channel;
using fixture::recording_waiter;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

constexpr detail::dns_record v4 = detail::dns_record::v4_address;
constexpr auto short_timeout = 60ms;

std::string name_of(int number) { return "h" + std::to_string(number) + ".test"; }

void expect_all(const recording_waiter& waiter, std::size_t count, const char* what) {
  TEST_ASSERT_EQUAL(count, waiter.heard.size());
  for (const std::string& each : waiter.heard) TEST_ASSERT_EQUAL_STRING(what, each);
}

}  // namespace

// With the configured wait of a minute alone it would be the other way round.
void test_a_lost_question_is_asked_again_after_the_usual_time_of_the_server() {
  dns_responder dns(fixture::loop());
  dns.answer_unknown({.addresses = {"192.0.2.1"}});
  dns.host("slow.test", {.addresses = {"192.0.2.2"}, .delay = 1'000ms});
  dns.answer_in_turn("lost.test", record_type::a,
                     {{.fault = reply_fault::silent}, {.addresses = {"192.0.2.3"}}});
  recording_waiter waiter;
  const auto channel = make_channel({{dns.address()}, 60s, 3});
  (void)channel->ask("fast.test", v4, waiter);
  fixture::run_until([&] { return waiter.heard.size() == 1; });
  (void)channel->ask("slow.test", v4, waiter);
  (void)channel->ask("lost.test", v4, waiter);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 192.0.2.3 192.0.2.2", waiter.all());
}

// Sent before anything was known about the server, and shortened by its neighbour's answer.
void test_one_answer_shortens_the_waits_of_those_that_were_sent_before() {
  dns_responder dns(fixture::loop());
  dns.host("fast.test", {.addresses = {"192.0.2.1"}});
  dns.host("slow.test", {.addresses = {"192.0.2.2"}, .delay = 500ms});
  dns.answer_in_turn("lost.test", record_type::a,
                     {{.fault = reply_fault::silent}, {.addresses = {"192.0.2.3"}}});
  recording_waiter waiter;
  const auto channel = make_channel({.servers = {dns.address()}});
  for (const char* name : {"lost.test", "slow.test", "fast.test"}) (void)channel->ask(name, v4, waiter);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 192.0.2.3 192.0.2.2", waiter.all());
}

void test_a_thousand_questions_at_once_are_each_asked_once() {
  dns_responder dns(fixture::loop());
  dns.answer_unknown({.addresses = {"192.0.2.1"}});
  recording_waiter waiter;
  const auto channel = make_channel({.servers = {dns.address()}});
  for (int i = 0; i < 1'000; ++i) (void)channel->ask(name_of(i), v4, waiter);
  fixture::run();
  expect_all(waiter, 1'000, "192.0.2.1");
  TEST_ASSERT_EQUAL(1'000u, dns.questions().size());
  TEST_ASSERT_FALSE(waiter.nested);
}

void test_forgotten_questions_that_wait_in_the_queue_are_never_sent() {
  dns_responder dns(fixture::loop());
  dns.answer_unknown({.addresses = {"192.0.2.1"}});
  recording_waiter waiter;
  std::vector<detail::dns_query*> asked;
  const auto channel = make_channel({.servers = {dns.address()}});
  for (int i = 0; i < 1'000; ++i) asked.push_back(channel->ask(name_of(i), v4, waiter));
  for (std::size_t i = 500; i < asked.size(); ++i) channel->forget(asked[i]);
  fixture::run();
  expect_all(waiter, 500, "192.0.2.1");
  TEST_ASSERT_EQUAL(500u, dns.questions().size());
}

void test_a_late_answer_to_an_earlier_try_is_taken() {
  dns_responder dns(fixture::loop());
  dns.answer_in_turn("slow.test", record_type::a,
                     {{.addresses = {"192.0.2.1"}, .delay = 150ms}, {.fault = reply_fault::silent}});
  recording_waiter waiter;
  const auto channel = make_channel({{dns.address()}, short_timeout, 30});
  (void)channel->ask("slow.test", v4, waiter);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", waiter.all());
  TEST_ASSERT_GREATER_OR_EQUAL(2u, dns.questions().size());
}

void test_both_answers_to_a_question_that_was_asked_twice_end_it_once() {
  dns_responder dns(fixture::loop());
  dns.host("slow.test", {.addresses = {"192.0.2.1"}, .delay = 100ms});
  dns.host("other.test", {.addresses = {"192.0.2.2"}, .delay = 300ms});
  recording_waiter waiter;
  const auto channel = make_channel({{dns.address()}, short_timeout, 30});
  (void)channel->ask("slow.test", v4, waiter);
  (void)channel->ask("other.test", v4, waiter);
  fixture::run();
  TEST_ASSERT_GREATER_OR_EQUAL(2u, dns.asked("slow.test", record_type::a));
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 192.0.2.2", waiter.all());
}

void test_a_question_whose_time_is_over_names_the_server() {
  hand_server silent;
  recording_waiter waiter;
  const auto channel = make_channel({{silent.address()}, short_timeout, 3});
  const detail::instant start = detail::now();
  (void)channel->ask("a.test", v4, waiter);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("DNSTIMEOUT", waiter.all());
  TEST_ASSERT_GREATER_OR_EQUAL(3 * short_timeout, detail::now() - start);
  TEST_ASSERT_TRUE(waiter.last.server.has_value());
  TEST_ASSERT_EQUAL_STRING(silent.address().to_string(), waiter.last.server->to_string());
  const int asked = silent.answer(100, "192.0.2.1");
  TEST_ASSERT_GREATER_OR_EQUAL(2, asked);
  TEST_ASSERT_LESS_OR_EQUAL(3, asked);
}

// More answers than are read in one turn: no turn may take the unread ones for lost.
void test_answers_in_the_socket_of_a_held_loop_are_all_taken_and_nothing_is_asked_twice() {
  hand_server server;
  recording_waiter waiter;
  const auto channel = make_channel({{server.address()}, short_timeout, 2});
  for (int i = 0; i < 100; ++i) (void)channel->ask(name_of(i), v4, waiter);
  fixture::run_turn();  // now all are sent
  const int answered = server.answer(1'000, "192.0.2.1");
  fixture::hold_for(2s);
  fixture::run();
  TEST_ASSERT_EQUAL(100, answered);
  expect_all(waiter, 100, "192.0.2.1");
  TEST_ASSERT_EQUAL(0, server.answer(1'000, "192.0.2.1"));
}

// The bound of one reading, and not one more: whether there is more is seen in the next turn, and then time acts.
void test_a_socket_that_was_emptied_at_the_bound_holds_no_timeout_up() {
  hand_server server;
  recording_waiter waiter;
  const auto channel = make_channel({{server.address()}, short_timeout, 2});
  (void)channel->ask("a..test", v4, waiter);  // ends inside, so that the channel has been woken before
  fixture::run();
  waiter.heard.clear();
  for (int i = 0; i < 17; ++i) (void)channel->ask(name_of(i), v4, waiter);
  fixture::run_turn();  // now all are sent
  TEST_ASSERT_EQUAL(16, server.answer(16, "192.0.2.1"));
  int turns = 0;
  fixture::run_until([&] { return ++turns, waiter.heard.size() == 17; });
  TEST_ASSERT_EQUAL_STRING("DNSTIMEOUT", waiter.heard.back());
  TEST_ASSERT_LESS_THAN(100, turns);  // and the loop does not spin meanwhile
}

void test_an_answer_over_tcp_in_the_socket_of_a_held_loop_beats_its_timeout() {
  dns_responder dns(fixture::loop());
  dns.answer_unknown({.addresses = {"192.0.2.1"}});
  recording_waiter waiter;
  detail::dns_channel_options options{{dns.address()}, 300ms, 1};
  options.tcp_only = true;
  const auto channel = make_channel(options);
  (void)channel->ask("a.test", v4, waiter);
  fixture::run_until([&] { return waiter.heard.size() == 1; });  // the connection stands
  (void)channel->ask("b.test", v4, waiter);
  fixture::run_until([&] { return dns.questions().size() == 2; });
  fixture::hold_for(600ms);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 192.0.2.1", waiter.all());
  TEST_ASSERT_EQUAL(2u, dns.questions().size());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_lost_question_is_asked_again_after_the_usual_time_of_the_server);
  RUN_TEST(test_one_answer_shortens_the_waits_of_those_that_were_sent_before);
  RUN_TEST(test_a_thousand_questions_at_once_are_each_asked_once);
  RUN_TEST(test_forgotten_questions_that_wait_in_the_queue_are_never_sent);
  RUN_TEST(test_a_late_answer_to_an_earlier_try_is_taken);
  RUN_TEST(test_both_answers_to_a_question_that_was_asked_twice_end_it_once);
  RUN_TEST(test_a_question_whose_time_is_over_names_the_server);
  RUN_TEST(test_answers_in_the_socket_of_a_held_loop_are_all_taken_and_nothing_is_asked_twice);
  RUN_TEST(test_a_socket_that_was_emptied_at_the_bound_holds_no_timeout_up);
  RUN_TEST(test_an_answer_over_tcp_in_the_socket_of_a_held_loop_beats_its_timeout);
  return UNITY_END();
}
