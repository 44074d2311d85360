// One lookup for both families: which questions are asked, and what is told in which order.
#include "uvdial/ares_resolver.hpp"

#include <stdexcept>

#include "demo/dns_responder.hpp"
#include "support/loop_fixture.hpp"
#include "support/recording_sink.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::dns_responder;
using demo::record_type;
using demo::response_code;
using fixture::recording_sink;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

struct world {
  dns_responder dns{fixture::loop()};
  ares_resolver names;
  recording_sink sink;

  explicit world(std::vector<std::string> search = {}, unsigned ndots = 1)
      : names(fixture::loop(),
              {.servers = {dns.address()}, .hosts_file = "", .search = std::move(search), .ndots = ndots}) {}

  std::string lookup(const std::string& host, family_policy families = family_policy::v6_first) {
    const std::size_t wanted = sink.answers.size() + detail_count(families);
    const lookup_handle running = names.lookup({host, 80, families}, sink);
    if (sink.answers.size() < wanted) fixture::run_until([&] { return sink.answers.size() >= wanted; });
    return sink.all();
  }

  // "6 db.s1.test, 4 db.s1.test": in the order of arrival.
  std::string questions() const {
    std::string text;
    for (const auto& seen : dns.questions())
      text +=
          (text.empty() ? "" : ", ") + std::string(seen.type == record_type::aaaa ? "6 " : "4 ") + seen.name;
    return text;
  }

 private:
  static std::size_t detail_count(family_policy families) {
    return families == family_policy::v6_only || families == family_policy::v4_only ? 1 : 2;
  }
};

}  // namespace

// RFC 8305, 3: "the AAAA query SHOULD be first, followed by the A query".
void test_both_families_are_asked_v6_first() {
  world w;
  w.dns.host("demo.test", {.addresses = {"2001:db8::1", "192.0.2.1"}});
  TEST_ASSERT_EQUAL_STRING("6:2001:db8::1 4:192.0.2.1", w.lookup("demo.test"));
  TEST_ASSERT_EQUAL_STRING("6 demo.test, 4 demo.test", w.questions());
  for (const answer& each : w.sink.answers) TEST_ASSERT_EQUAL(80, each.endpoints.front().port());
}

void test_each_family_is_told_when_its_answer_comes() {
  world w;
  w.dns.answer("demo.test", record_type::aaaa, {.addresses = {"2001:db8::1"}, .delay = 30ms});
  w.dns.answer("demo.test", record_type::a, {.addresses = {"192.0.2.1"}});
  TEST_ASSERT_EQUAL_STRING("4:192.0.2.1 6:2001:db8::1", w.lookup("demo.test"));
}

void test_a_policy_asks_its_families_only() {
  const struct {
    family_policy families;
    const char* questions;
  } rows[] = {{family_policy::v6_only, "6 demo.test"},
              {family_policy::v4_only, "4 demo.test"},
              {family_policy::v4_first, "4 demo.test, 6 demo.test"}};
  for (const auto& row : rows) {
    world w;
    w.dns.host("demo.test", {.addresses = {"2001:db8::1", "192.0.2.1"}});
    (void)w.lookup("demo.test", row.families);
    TEST_ASSERT_EQUAL_STRING(row.questions, w.questions());
  }
}

void test_the_search_list_is_walked_once_for_both_families() {
  world w({"s1.test", "s2.test"});
  w.dns.host("db.s1.test", {.addresses = {"192.0.2.1"}});
  w.dns.host("db.s2.test", {.addresses = {"2001:db8::2"}});
  TEST_ASSERT_EQUAL_STRING("6:NODATA 4:192.0.2.1", w.lookup("db"));
  TEST_ASSERT_EQUAL_STRING("6 db.s1.test, 4 db.s1.test", w.questions());
}

void test_a_candidate_that_does_not_exist_is_followed_by_the_next() {
  world w({"s1.test", "s2.test"});
  w.dns.host("db.s2.test", {.addresses = {"2001:db8::2", "192.0.2.2"}});
  TEST_ASSERT_EQUAL_STRING("6:2001:db8::2 4:192.0.2.2", w.lookup("db"));
  TEST_ASSERT_EQUAL_STRING("6 db.s1.test, 4 db.s1.test, 6 db.s2.test, 4 db.s2.test", w.questions());
}

void test_a_name_with_one_family_never_asks_the_suffixes_for_the_other() {
  world w({"s1.test"});
  w.dns.host("v4.test", {.addresses = {"192.0.2.1"}});
  w.dns.host("v4.test.s1.test", {.addresses = {"2001:db8::9"}});
  TEST_ASSERT_EQUAL_STRING("6:NODATA 4:192.0.2.1", w.lookup("v4.test"));
  TEST_ASSERT_EQUAL_STRING("6 v4.test, 4 v4.test", w.questions());
}

void test_no_address_at_all_goes_on_and_is_remembered() {
  world w({"s1.test"});
  w.dns.host("txt.test", {});
  TEST_ASSERT_EQUAL_STRING("6:NODATA 4:NODATA", w.lookup("txt.test"));
  TEST_ASSERT_EQUAL_STRING("6 txt.test, 4 txt.test, 6 txt.test.s1.test, 4 txt.test.s1.test", w.questions());
}

void test_a_negative_answer_is_held_until_the_other_family_is_known() {
  world w({"s1.test"});
  w.dns.answer("demo.test", record_type::aaaa, {});
  w.dns.answer("demo.test", record_type::a, {.addresses = {"192.0.2.1"}, .delay = 30ms});
  const lookup_handle running = w.names.lookup({"demo.test", 80, family_policy::v6_first}, w.sink);
  std::size_t told_before_a = 0;
  fixture::run_until([&] {
    if (w.sink.answers.size() < 2) told_before_a = w.sink.answers.size();
    return w.sink.answers.size() == 2;
  });
  TEST_ASSERT_EQUAL(0u, told_before_a);
  TEST_ASSERT_EQUAL_STRING("6:NODATA 4:192.0.2.1", w.sink.all());
}

void test_a_failing_server_does_not_end_the_search() {
  world w({"s1.test"});
  w.dns.host("db.s1.test", {.code = response_code::servfail});
  w.dns.host("db", {.addresses = {"192.0.2.1"}});
  TEST_ASSERT_EQUAL_STRING("6:NODATA 4:192.0.2.1", w.lookup("db"));
}

void test_a_final_dot_ends_the_search() {
  world w({"s1.test"});
  TEST_ASSERT_EQUAL_STRING("6:NXDOMAIN 4:NXDOMAIN", w.lookup("db."));
  TEST_ASSERT_EQUAL_STRING("6 db, 4 db", w.questions());
}

void test_ndots_moves_the_name_behind_the_suffixes() {
  world w({"s1.test"}, 2);
  w.dns.host("a.b.s1.test", {.addresses = {"192.0.2.1"}});
  TEST_ASSERT_EQUAL_STRING("6:NODATA 4:192.0.2.1", w.lookup("a.b"));
  TEST_ASSERT_EQUAL_STRING("6 a.b.s1.test, 4 a.b.s1.test", w.questions());
}

void test_impossible_names_ask_nobody() {
  world w({"s1.test"});
  std::string expected;
  for (const std::string& host :
       {std::string(64, 'a') + ".test", std::string("a..test"), std::string("127.1"),
        std::string("hidden.onion"), std::string("fe80::1%lo")}) {
    expected += std::string(expected.empty() ? "" : " ") + "6:NXDOMAIN 4:NXDOMAIN";
    TEST_ASSERT_EQUAL_STRING_MESSAGE(expected, w.lookup(host), host);
  }
  for (const answer& each : w.sink.answers) TEST_ASSERT_TRUE(each.why == resolve_errc::host_not_found);
  TEST_ASSERT_EQUAL_STRING("", w.questions());
}

// RFC 6761, 6.3.
void test_localhost_is_this_machine_and_nobody_is_asked() {
  world w({"s1.test"});
  w.dns.answer_unknown({.addresses = {"192.0.2.9", "2001:db8::9"}});
  TEST_ASSERT_EQUAL_STRING("6:::1 4:127.0.0.1", w.lookup("localhost"));
  TEST_ASSERT_EQUAL_STRING("6:::1 4:127.0.0.1 4:127.0.0.1",
                           w.lookup("web.LocalHost.", family_policy::v4_only));
  TEST_ASSERT_EQUAL_STRING("", w.questions());
}

void test_the_names_of_an_alias_chain_are_told() {
  world w;
  w.dns.host("www.test", {.addresses = {"192.0.2.1"}, .ttl = 7s, .aliases = {"real.test"}});
  (void)w.lookup("www.test", family_policy::v4_only);
  const answer& told = w.sink.answers.at(0);
  TEST_ASSERT_EQUAL_STRING("real.test", told.canonical_name);
  TEST_ASSERT_EQUAL(1u, told.aliases.size());
  TEST_ASSERT_EQUAL_STRING("www.test", told.aliases[0]);
  TEST_ASSERT_EQUAL(7s, told.ttl);
}

void test_many_names_at_once_are_all_answered() {
  world w;
  w.dns.answer_unknown({.addresses = {"192.0.2.1", "2001:db8::1"}});
  std::vector<lookup_handle> running;
  for (int i = 0; i < 300; ++i)
    running.push_back(
        w.names.lookup({"h" + std::to_string(i) + ".test", 80, family_policy::v6_first}, w.sink));
  fixture::run();
  TEST_ASSERT_EQUAL(600u, w.sink.answers.size());
  for (const answer& each : w.sink.answers) TEST_ASSERT_EQUAL(1u, each.endpoints.size());
}

void test_options_out_of_range_are_refused() {
  auto& loop = fixture::loop();
  TEST_ASSERT_THROWS(std::invalid_argument, ares_resolver(loop, {.timeout = 0ms}));
  TEST_ASSERT_THROWS(std::invalid_argument, ares_resolver(loop, {.timeout = -1ms}));
  TEST_ASSERT_THROWS(std::invalid_argument, ares_resolver(loop, {.timeout = 3'600'001ms}));
  TEST_ASSERT_THROWS(std::invalid_argument, ares_resolver(loop, {.tries = 0}));
  TEST_ASSERT_THROWS(std::invalid_argument, ares_resolver(loop, {.tries = 101}));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_both_families_are_asked_v6_first);
  RUN_TEST(test_each_family_is_told_when_its_answer_comes);
  RUN_TEST(test_a_policy_asks_its_families_only);
  RUN_TEST(test_the_search_list_is_walked_once_for_both_families);
  RUN_TEST(test_a_candidate_that_does_not_exist_is_followed_by_the_next);
  RUN_TEST(test_a_name_with_one_family_never_asks_the_suffixes_for_the_other);
  RUN_TEST(test_no_address_at_all_goes_on_and_is_remembered);
  RUN_TEST(test_a_negative_answer_is_held_until_the_other_family_is_known);
  RUN_TEST(test_a_failing_server_does_not_end_the_search);
  RUN_TEST(test_a_final_dot_ends_the_search);
  RUN_TEST(test_ndots_moves_the_name_behind_the_suffixes);
  RUN_TEST(test_impossible_names_ask_nobody);
  RUN_TEST(test_localhost_is_this_machine_and_nobody_is_asked);
  RUN_TEST(test_the_names_of_an_alias_chain_are_told);
  RUN_TEST(test_many_names_at_once_are_all_answered);
  RUN_TEST(test_options_out_of_range_are_refused);
  return UNITY_END();
}
