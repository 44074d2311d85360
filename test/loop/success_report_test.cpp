// What a dial that succeeded reports: the names asked, the answers, every attempt, and who won.
#include <string>

#include "demo/dns_responder.hpp"
#include "demo/peers.hpp"
#include "support/loop_fixture.hpp"
#include "uvdial/ares_resolver.hpp"
#include "uvdial/dialer.hpp"
#include "uvdial/error.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::dns_responder;
using demo::listener;
using demo::reserve;

namespace {

struct world {
  dns_responder dns{fixture::loop()};
  std::shared_ptr<ares_resolver> names = std::make_shared<ares_resolver>(
      fixture::loop(), ares_resolver_options{.servers = {dns.address()},
                                             .hosts_file = "",
                                             .search = std::vector<std::string>{"one.test", "two.test"},
                                             .ndots = 1});
  dialer dials{fixture::loop(), {names}};
  listener peer{fixture::loop(), reserve(ip_family::v4)};
  dial_report report{};

  bool dial(const std::string& host, dial_options options = {}) {
    options.report = &report;
    fixture::recorder<tcp_stream> end;
    const operation running = dials.connect(target(host, peer.address().port()), options, end.callback());
    fixture::run_until([&end] { return end.called(); });
    return end.succeeded();
  }
  std::string names_asked() const {
    std::string text;
    for (const std::string& one : report.names) text += (text.empty() ? "" : ", ") + one;
    return text;
  }
};

std::unique_ptr<world> w;

}  // namespace

void setUp() {
  fixture::open();
  w = std::make_unique<world>();
}

void tearDown() {
  w.reset();
  fixture::close();
}

void test_the_names_of_a_search_list_are_told_in_order() {
  w->dns.host("db.two.test", {.addresses = {"127.0.0.1"}});
  TEST_ASSERT_TRUE(w->dial("db"));
  TEST_ASSERT_EQUAL("db", w->report.host);
  TEST_ASSERT_EQUAL("db.one.test, db.two.test", w->names_asked());
}

void test_one_name_that_is_not_the_host_is_told() {
  w->dns.host("db.one.test", {.addresses = {"127.0.0.1"}});
  TEST_ASSERT_TRUE(w->dial("db"));
  TEST_ASSERT_EQUAL("db.one.test", w->names_asked());
}

void test_names_that_are_known_already_are_told_too() {
  w->dns.host("db.two.test", {.addresses = {"127.0.0.1"}});
  (void)w->dial("db");
  const std::size_t questions = w->dns.questions().size();
  TEST_ASSERT_TRUE(w->dial("db"));
  TEST_ASSERT_EQUAL("db.one.test, db.two.test", w->names_asked());
  TEST_ASSERT_LESS_THAN(2 * questions, w->dns.questions().size());  // what was in the cache is told as well
}

void test_a_host_that_is_asked_as_it_is_needs_no_names() {
  w->dns.host("db.test", {.addresses = {"127.0.0.1"}});
  TEST_ASSERT_TRUE(w->dial("db.test"));
  TEST_ASSERT_EQUAL("", w->names_asked());
}

void test_a_host_that_is_asked_as_it_is_first_and_then_otherwise_tells_both() {
  w->dns.host("db.sub.one.test", {.addresses = {"127.0.0.1"}});
  TEST_ASSERT_TRUE(w->dial("db.sub"));
  TEST_ASSERT_EQUAL("db.sub, db.sub.one.test", w->names_asked());
}

void test_a_failed_lookup_tells_its_names_too() {
  TEST_ASSERT_FALSE(w->dial("db"));
  TEST_ASSERT_EQUAL("db.one.test, db.two.test, db", w->names_asked());
}

void test_a_literal_has_neither_names_nor_answers() {
  TEST_ASSERT_TRUE(w->dial("127.0.0.1"));
  TEST_ASSERT_EQUAL("127.0.0.1", w->report.host);
  TEST_ASSERT_EQUAL("", w->names_asked());
  TEST_ASSERT_EQUAL(0u, w->report.families.size());
  TEST_ASSERT_EQUAL(0u, w->report.winner.value());
  TEST_ASSERT_TRUE(w->report.why_won == win_reason::first_choice);
}

void test_each_family_tells_its_addresses_and_its_code() {
  w->dns.answer("db.test", demo::record_type::a, {.addresses = {"127.0.0.1", "127.0.0.2"}});
  w->dns.answer("db.test", demo::record_type::aaaa, {});
  TEST_ASSERT_TRUE(w->dial("db.test"));
  const family_report& v6 = w->report.families.at(0);
  const family_report& v4 = w->report.families.at(1);
  TEST_ASSERT_TRUE(v6.answered && v6.family == ip_family::v6);
  TEST_ASSERT_EQUAL(0u, v6.addresses.size());
  TEST_ASSERT_TRUE(to_resolve_errc(v6.why) == resolve_errc::no_address);
  TEST_ASSERT_TRUE(v4.answered && !v4.why);
  TEST_ASSERT_EQUAL(2u, v4.addresses.size());
  TEST_ASSERT_EQUAL(w->peer.address(), v4.addresses.at(0));
  TEST_ASSERT_EQUAL("127.0.0.2", v4.addresses.at(1).address_to_string());
  TEST_ASSERT_LESS_OR_EQUAL(v4.ended, v4.asked);
}

void test_the_winner_and_its_reason_stand_beside_the_attempts() {
  w->dns.host("db.test", {.addresses = {"127.0.0.2", "127.0.0.1"}});  // nobody listens at 127.0.0.2
  TEST_ASSERT_TRUE(w->dial("db.test"));
  TEST_ASSERT_EQUAL(2u, w->report.attempts.size());
  TEST_ASSERT_EQUAL(1u, w->report.winner.value());
  TEST_ASSERT_TRUE(w->report.why_won == win_reason::others_failed);
  const attempt& winner = w->report.attempts[1];
  TEST_ASSERT_TRUE(winner.what == attempt::state::won && !winner.why);
  TEST_ASSERT_EQUAL(w->peer.address(), winner.to);
  TEST_ASSERT_LESS_OR_EQUAL(winner.ended, winner.started);
  TEST_ASSERT_LESS_OR_EQUAL(w->report.elapsed, winner.ended);
  const std::string line = explain_win(w->report);
  TEST_ASSERT_EQUAL("connected to " + winner.to.to_string() + " (IPv4) in ",
                    line.substr(0, line.find(" in ") + 4));
  TEST_ASSERT_CONTAINS_STRING(" ms: 1 attempt before it had failed", line);
}

void test_a_failure_has_no_winner() {
  w->dns.host("db.test", {.addresses = {"127.0.0.2"}});
  TEST_ASSERT_FALSE(w->dial("db.test"));
  TEST_ASSERT_FALSE(w->report.winner.has_value());
  TEST_ASSERT_TRUE(w->report.why_won == win_reason::none);
  TEST_ASSERT_EQUAL("", explain_win(w->report));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_the_names_of_a_search_list_are_told_in_order);
  RUN_TEST(test_one_name_that_is_not_the_host_is_told);
  RUN_TEST(test_names_that_are_known_already_are_told_too);
  RUN_TEST(test_a_host_that_is_asked_as_it_is_needs_no_names);
  RUN_TEST(test_a_host_that_is_asked_as_it_is_first_and_then_otherwise_tells_both);
  RUN_TEST(test_a_failed_lookup_tells_its_names_too);
  RUN_TEST(test_a_literal_has_neither_names_nor_answers);
  RUN_TEST(test_each_family_tells_its_addresses_and_its_code);
  RUN_TEST(test_the_winner_and_its_reason_stand_beside_the_attempts);
  RUN_TEST(test_a_failure_has_no_winner);
  return UNITY_END();
}
