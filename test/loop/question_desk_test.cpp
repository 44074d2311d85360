// Those who share a question: each may go, or do anything while it is told, and the others do not notice.
#include "service/question_desk.hpp"

#include <functional>
#include <optional>

#include "demo/dns_responder.hpp"
#include "support/dns_askers.hpp"
#include "support/loop_fixture.hpp"
#include "support/recording_sink.hpp"
#include "uvdial/ares_resolver.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::dns_responder;
using demo::record_type;
using demo::reply_fault;
using demo::response_code;
using detail::dns_record;
using fixture::recording_sink;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

struct listener final : detail::reply_listener {
  detail::question_ticket ticket{};
  std::string heard{};
  std::function<void()> then{};

  void replied(dns_record, const detail::shared_reply& reply) override {
    heard += (heard.empty() ? "" : " ") + fixture::recording_waiter::text_of(*reply);
    if (then) then();
  }
};

struct world {
  dns_responder dns{fixture::loop()};
  std::shared_ptr<detail::question_desk> desk = std::make_shared<detail::question_desk>(16);
  std::array<listener, 4> ears{};

  world() {
    dns.answer_unknown({.addresses = {"192.0.2.1"}});
    desk->use(channel());
  }
  std::shared_ptr<detail::dns_channel> channel() { return channel_to(dns.address()); }
  static std::shared_ptr<detail::dns_channel> channel_to(const endpoint& server) {
    return std::make_shared<detail::dns_channel>(fixture::loop(),
                                                 detail::dns_channel_options{.servers = {server}},
                                                 std::make_shared<detail::handle_count>());
  }
  void ask(listener& who, const std::string& name = "demo.test") {
    desk->ask(name, dns_record::v4_address, who, who.ticket);
  }
  void ask_all() {
    for (listener& each : ears) ask(each);
  }
  std::size_t questions() const { return dns.questions().size(); }
  std::string heard() const {
    std::string text;
    for (const listener& each : ears) text += "[" + each.heard + "]";
    return text;
  }
};

// The same through a resolver: several lookups of one name.
struct lookups {
  dns_responder dns{fixture::loop()};
  std::optional<ares_resolver> names;
  std::array<recording_sink, 3> sinks{};
  std::array<lookup_handle, 3> running{};

  lookups() {
    dns.answer_unknown({.addresses = {"2001:db8::1", "192.0.2.1"}});
    names.emplace(fixture::loop(), ares_resolver_options{.servers = {dns.address()},
                                                         .resolv_conf = "",
                                                         .hosts_file = "",
                                                         .search = std::vector<std::string>{},
                                                         .ndots = 1});
  }
  void start() {
    for (std::size_t i = 0; i < sinks.size(); ++i) running[i] = look_up(sinks[i]);
  }
  lookup_handle look_up(recording_sink& sink) {
    return names->lookup({"demo.test", 80, family_policy::v6_first}, sink);
  }
};

const std::string found = "6:2001:db8::1 4:192.0.2.1";

}  // namespace

void test_all_who_ask_hear_one_reply_in_the_order_of_asking() {
  world w;
  std::string order;
  for (std::size_t i = 0; i < w.ears.size(); ++i) {
    w.ears[i].then = [&order, i] { order += std::to_string(i); };
  }
  w.ask_all();
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("[192.0.2.1][192.0.2.1][192.0.2.1][192.0.2.1]", w.heard());
  TEST_ASSERT_EQUAL_STRING("0123", order);
  TEST_ASSERT_EQUAL(1u, w.questions());
}

void test_who_goes_does_not_disturb_the_others() {
  for (const std::size_t gone : {0u, 1u, 3u}) {
    world w;
    w.ask_all();
    w.desk->forget(w.ears[gone].ticket);
    w.desk->forget(w.ears[gone].ticket);  // an empty ticket by then
    fixture::run();
    for (std::size_t i = 0; i < w.ears.size(); ++i)
      TEST_ASSERT_EQUAL_STRING(i == gone ? "" : "192.0.2.1", w.ears[i].heard);
    TEST_ASSERT_EQUAL(1u, w.questions());
  }
}

void test_the_last_one_who_goes_takes_the_question_along() {
  world w;
  w.dns.host("demo.test", {.fault = reply_fault::silent});
  w.ask_all();
  for (listener& each : w.ears) {
    TEST_ASSERT_TRUE(uv_loop_alive(&fixture::loop()) != 0);
    w.desk->forget(each.ticket);
  }
  TEST_ASSERT_FALSE(uv_loop_alive(&fixture::loop()) != 0);
  w.dns.host("demo.test", {.addresses = {"192.0.2.2"}});
  w.ask(w.ears[0]);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("[192.0.2.2][][][]", w.heard());
}

void test_a_listener_may_drop_those_who_wait_behind_it() {
  world w;
  w.ears[0].then = [&w] {
    w.desk->forget(w.ears[1].ticket);
    w.desk->forget(w.ears[3].ticket);
  };
  w.ask_all();
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("[192.0.2.1][][192.0.2.1][]", w.heard());
}

void test_a_listener_may_drop_all_others() {
  world w;
  w.ears[0].then = [&w] {
    for (listener& each : w.ears) w.desk->forget(each.ticket);
  };
  w.ask_all();
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("[192.0.2.1][][][]", w.heard());
}

void test_a_listener_that_asks_the_same_again_gets_a_question_of_its_own() {
  world w;
  w.dns.answer_in_turn("demo.test", record_type::a,
                       {{.code = response_code::servfail}, {.addresses = {"192.0.2.3"}}});
  w.ears[0].then = [&w] {
    if (w.ears[0].heard == "SERVFAIL") w.ask(w.ears[0]);
  };
  w.ask_all();
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("[SERVFAIL 192.0.2.3][SERVFAIL][SERVFAIL][SERVFAIL]", w.heard());
  TEST_ASSERT_EQUAL(2u, w.questions());
}

void test_what_was_heard_is_known_while_it_is_told() {
  world w;
  bool known = false;
  w.ears[0].then = [&] { known = w.desk->known("DEMO.test", ip_family::v4) != nullptr; };
  w.ask_all();
  fixture::run();
  TEST_ASSERT_TRUE(known);
}

void test_a_listener_may_close_or_destroy_the_desk() {
  for (const bool destroys : {false, true}) {
    world w;
    w.ears[1].then = [&w, destroys] {
      if (!destroys) return w.desk->close();
      w.desk.reset();
    };
    w.ask_all();
    fixture::run();
    TEST_ASSERT_EQUAL_STRING(
        destroys ? "[192.0.2.1][192.0.2.1][192.0.2.1][192.0.2.1]" : "[192.0.2.1][192.0.2.1][][]", w.heard());
  }
}

void test_a_closed_desk_tells_nobody_and_lets_go_of_the_loop() {
  world w;
  w.ask_all();
  w.ask(w.ears[0], "other.test");
  w.desk->close();
  w.desk->close();
  TEST_ASSERT_FALSE(uv_loop_alive(&fixture::loop()) && uv_run(&fixture::loop(), UV_RUN_NOWAIT) > 1);
  for (listener& each : w.ears) w.desk->forget(each.ticket);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("[][][][]", w.heard());
}

void test_what_runs_on_another_channel_is_not_joined_and_not_remembered() {
  world w;
  w.ask(w.ears[0]);
  w.desk->use(w.channel());
  w.ask(w.ears[1]);
  w.desk->forget(w.ears[1].ticket);
  fixture::run_until([&] { return !w.ears[0].heard.empty(); });
  TEST_ASSERT_NULL(w.desk->known("demo.test", ip_family::v4));
  w.ask(w.ears[2]);
  w.ask(w.ears[3]);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("[192.0.2.1][][192.0.2.1][192.0.2.1]", w.heard());
  TEST_ASSERT_NOT_NULL(w.desk->known("demo.test", ip_family::v4));
}

// The old question ends while a new one of the same name runs: that one can be joined as before.
void test_the_end_of_an_old_question_leaves_the_new_one_joinable() {
  world w;
  w.dns.answer_in_turn("demo.test", record_type::a,
                       {{.addresses = {"192.0.2.1"}}, {.addresses = {"192.0.2.2"}, .delay = 30ms}});
  w.ask(w.ears[0]);
  fixture::run_turn();  // now it is sent, before the other one
  w.desk->use(w.channel());
  w.ask(w.ears[1]);
  fixture::run_until([&] { return !w.ears[0].heard.empty(); });
  w.ask(w.ears[2]);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("[192.0.2.1][192.0.2.2][192.0.2.2][]", w.heard());
  TEST_ASSERT_EQUAL(2u, w.questions());
}

void test_trouble_is_told_once() {
  world w;
  fixture::hand_server closed;
  closed.refuse();
  w.desk->use(world::channel_to(closed.address()));
  w.ask(w.ears[0]);
  fixture::run();
  TEST_ASSERT_TRUE(w.desk->take_trouble());
  TEST_ASSERT_FALSE(w.desk->take_trouble());
  w.desk->use(w.channel());
  w.dns.host("demo.test", {.code = response_code::servfail});
  w.ask(w.ears[1]);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("[DNSUNREACHABLE][SERVFAIL][][]", w.heard());
  TEST_ASSERT_FALSE_MESSAGE(w.desk->take_trouble(), "a server that is there and fails");
}

void test_dropped_lookups_do_not_disturb_those_that_share_their_question() {
  lookups w;
  w.start();
  w.running[0].reset();
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("", w.sinks[0].all());
  TEST_ASSERT_EQUAL_STRING(found, w.sinks[1].all());
  TEST_ASSERT_EQUAL_STRING(found, w.sinks[2].all());
  TEST_ASSERT_EQUAL(2u, w.dns.questions().size());
}

void test_a_sink_may_drop_the_other_lookups_of_its_name() {
  lookups w;
  w.sinks[0].then = [&w] { w.running[2].reset(); };
  w.start();
  fixture::run();
  TEST_ASSERT_EQUAL_STRING(found, w.sinks[0].all());
  TEST_ASSERT_EQUAL_STRING(found, w.sinks[1].all());
  TEST_ASSERT_EQUAL_STRING("", w.sinks[2].all());
}

void test_a_sink_may_close_the_resolver_that_others_share() {
  lookups w;
  w.sinks[0].then = [&w] {
    if (w.sinks[0].answers.size() == 1) w.names->close({});
  };
  w.start();
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("6:2001:db8::1 4:ECANCELED", w.sinks[0].all());
  TEST_ASSERT_EQUAL_STRING("6:ECANCELED 4:ECANCELED", w.sinks[1].all());
  TEST_ASSERT_EQUAL_STRING("6:ECANCELED 4:ECANCELED", w.sinks[2].all());
}

void test_a_sink_may_destroy_the_resolver_and_every_lookup() {
  lookups w;
  w.sinks[0].then = [&w] {
    w.names.reset();
    for (lookup_handle& each : w.running) each.reset();
  };
  w.start();
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("6:2001:db8::1", w.sinks[0].all());
  TEST_ASSERT_EQUAL_STRING("", w.sinks[1].all() + w.sinks[2].all());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_all_who_ask_hear_one_reply_in_the_order_of_asking);
  RUN_TEST(test_who_goes_does_not_disturb_the_others);
  RUN_TEST(test_the_last_one_who_goes_takes_the_question_along);
  RUN_TEST(test_a_listener_may_drop_those_who_wait_behind_it);
  RUN_TEST(test_a_listener_may_drop_all_others);
  RUN_TEST(test_a_listener_that_asks_the_same_again_gets_a_question_of_its_own);
  RUN_TEST(test_what_was_heard_is_known_while_it_is_told);
  RUN_TEST(test_a_listener_may_close_or_destroy_the_desk);
  RUN_TEST(test_a_closed_desk_tells_nobody_and_lets_go_of_the_loop);
  RUN_TEST(test_what_runs_on_another_channel_is_not_joined_and_not_remembered);
  RUN_TEST(test_the_end_of_an_old_question_leaves_the_new_one_joinable);
  RUN_TEST(test_trouble_is_told_once);
  RUN_TEST(test_dropped_lookups_do_not_disturb_those_that_share_their_question);
  RUN_TEST(test_a_sink_may_drop_the_other_lookups_of_its_name);
  RUN_TEST(test_a_sink_may_close_the_resolver_that_others_share);
  RUN_TEST(test_a_sink_may_destroy_the_resolver_and_every_lookup);
  return UNITY_END();
}
