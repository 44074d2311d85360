// What the lookups of one resolver share: what DNS said before, and the question that is on its way.
#include <optional>
#include <stdexcept>

#include "demo/dns_responder.hpp"
#include "support/loop_fixture.hpp"
#include "support/recording_sink.hpp"
#include "support/temporary_file.hpp"
#include "uvdial/ares_resolver.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::dns_responder;
using demo::record_type;
using demo::reply_fault;
using demo::response_code;
using fixture::recording_sink;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

constexpr family_policy both = family_policy::v6_first;
const std::string found = "6:2001:db8::1 4:192.0.2.1";

struct world {
  dns_responder dns{fixture::loop()};
  std::optional<ares_resolver> names;

  explicit world(ares_resolver_options options = {}) {
    dns.answer_unknown({.addresses = {"2001:db8::1", "192.0.2.1"}});
    if (options.resolv_conf == ares_resolver_options{}.resolv_conf) {
      options.resolv_conf = "";
      options.servers = {dns.address()};
    }
    options.hosts_file = "";
    if (!options.search) options.search.emplace();
    options.ndots = 1;
    names.emplace(fixture::loop(), std::move(options));
  }

  lookup_handle start(const std::string& host, recording_sink& sink, family_policy families = both) {
    return names->lookup({host, 80, families}, sink);
  }
  std::string lookup(const std::string& host, family_policy families = both) {
    recording_sink sink;
    const std::size_t wanted = families == both || families == family_policy::v4_first ? 2 : 1;
    const lookup_handle running = start(host, sink, families);
    if (sink.answers.size() < wanted) fixture::run_until([&] { return sink.answers.size() == wanted; });
    return sink.all();
  }
  // What is told inside lookup().
  std::string known(const std::string& host, family_policy families = both) {
    recording_sink sink;
    const lookup_handle running = start(host, sink, families);
    return sink.all();
  }
  std::size_t questions() const { return dns.questions().size(); }
};

}  // namespace

void test_lookups_of_one_name_at_once_share_two_questions() {
  world w;
  recording_sink sink;
  std::vector<lookup_handle> running;
  for (int i = 0; i < 2'000; ++i) running.push_back(w.start("demo.test", sink));
  fixture::run_until([&] { return sink.answers.size() == 4'000; });
  TEST_ASSERT_EQUAL(2u, w.questions());
  for (const answer& each : sink.answers) {
    TEST_ASSERT_EQUAL(1u, each.endpoints.size());
    TEST_ASSERT_EQUAL(80u, each.endpoints[0].port());
    TEST_ASSERT_EQUAL(60s, each.ttl);
    TEST_ASSERT_TRUE(each.server == w.dns.address());
  }
}

void test_what_is_known_is_told_inside_lookup_with_the_time_that_is_left() {
  world w;
  w.dns.host("demo.test", {.addresses = {"2001:db8::1", "192.0.2.1"}, .ttl = 50s, .aliases = {"real.test"}});
  TEST_ASSERT_EQUAL_STRING(found, w.lookup("demo.test"));
  recording_sink sink;
  const lookup_handle again = w.start("demo.test", sink);
  TEST_ASSERT_EQUAL_STRING(found, sink.all());
  TEST_ASSERT_EQUAL(2u, w.questions());
  for (const answer& each : sink.answers) {
    TEST_ASSERT_LESS_OR_EQUAL(50s, each.ttl);
    TEST_ASSERT_GREATER_THAN(40s, each.ttl);
    TEST_ASSERT_EQUAL_STRING("real.test", each.canonical_name);
    TEST_ASSERT_TRUE(each.server == w.dns.address());
    TEST_ASSERT_EQUAL(80u, each.endpoints.at(0).port());
  }
}

void test_what_holds_for_no_time_is_asked_for_again() {
  world w;
  w.dns.host("demo.test", {.addresses = {"2001:db8::1", "192.0.2.1"}, .ttl = 0s});
  for (const std::size_t questions : {2u, 4u}) {
    TEST_ASSERT_EQUAL_STRING(found, w.lookup("demo.test"));
    TEST_ASSERT_EQUAL(questions, w.questions());
  }
}

void test_without_a_memory_questions_are_still_shared() {
  world w({.cache_entries = 0});
  for (const std::size_t questions : {2u, 4u}) {
    recording_sink sink;
    const lookup_handle one = w.start("demo.test", sink);
    const lookup_handle other = w.start("demo.test", sink);
    fixture::run_until([&] { return sink.answers.size() == 4; });
    TEST_ASSERT_EQUAL(questions, w.questions());
  }
}

void test_negative_answers_are_remembered_where_the_zone_says_for_how_long() {
  for (const response_code code : {response_code::nxdomain, response_code::no_error}) {
    const std::string told = code == response_code::nxdomain ? "6:NXDOMAIN 4:NXDOMAIN" : "6:NODATA 4:NODATA";
    world w;
    w.dns.host("soa.test", {.code = code, .negative_ttl = 20s});
    w.dns.host("none.test", {.code = code});
    w.dns.host("zero.test", {.code = code, .negative_ttl = 0s});
    for (const char* name : {"soa.test", "none.test", "zero.test"})
      TEST_ASSERT_EQUAL_STRING_MESSAGE(told, w.lookup(name), name);
    TEST_ASSERT_EQUAL_STRING(told, w.known("soa.test"));
    TEST_ASSERT_EQUAL_STRING("", w.known("none.test"));
    TEST_ASSERT_EQUAL_STRING("", w.known("zero.test"));
  }
}

// The cache has room for one name only.
void test_failures_are_neither_remembered_nor_push_anything_out() {
  world w({.timeout = 250ms, .tries = 1, .cache_entries = 2});
  TEST_ASSERT_EQUAL_STRING(found, w.lookup("demo.test"));
  const struct {
    demo::dns_script script;
    const char* told;
  } rows[] = {{{.code = response_code::servfail, .negative_ttl = 20s}, "6:SERVFAIL 4:SERVFAIL"},
              {{.code = response_code::refused, .negative_ttl = 20s}, "6:REFUSED 4:REFUSED"},
              {{.fault = reply_fault::garbage}, "6:BADRESP 4:BADRESP"},
              {{.fault = reply_fault::silent}, "6:DNSTIMEOUT 4:DNSTIMEOUT"}};
  for (const auto& row : rows) {
    w.dns.host("bad.test", row.script);
    TEST_ASSERT_EQUAL_STRING(row.told, w.lookup("bad.test"));
    TEST_ASSERT_EQUAL_STRING_MESSAGE("", w.known("bad.test"), row.told);
    TEST_ASSERT_EQUAL_STRING_MESSAGE(found, w.known("demo.test"), row.told);
  }
  w.dns.host("bad.test", {.addresses = {"192.0.2.9"}});
  TEST_ASSERT_EQUAL_STRING("6:NODATA 4:192.0.2.9", w.lookup("bad.test"));
}

void test_the_name_that_was_not_used_for_longest_makes_room() {
  world w({.cache_entries = 2});
  (void)w.lookup("a.test");
  (void)w.lookup("b.test");
  TEST_ASSERT_EQUAL_STRING("", w.known("a.test"));
  TEST_ASSERT_EQUAL_STRING(found, w.known("b.test"));
}

void test_reverse_questions_are_shared_but_not_remembered() {
  world w({.cache_entries = 2});
  (void)w.lookup("demo.test");
  const char* const reverse = "7.2.0.192.in-addr.arpa";
  w.dns.answer(reverse, record_type::ptr, {.names = {"demo.test"}});
  for (const std::size_t questions : {1u, 2u}) {
    fixture::recorder<std::vector<std::string>> one;
    fixture::recorder<std::vector<std::string>> other;
    const endpoint address = *endpoint::from_literal("192.0.2.7", 0);
    const operation first = w.names->reverse(address, {}, one.callback());
    const operation second = w.names->reverse(address, {}, other.callback());
    fixture::run_until([&] { return one.called() && other.called(); });
    TEST_ASSERT_TRUE(one.succeeded() && other.succeeded());
    TEST_ASSERT_EQUAL(questions, w.dns.asked(reverse, record_type::ptr));
  }
  w.dns.answer(reverse, record_type::ptr, {.code = response_code::nxdomain, .negative_ttl = 20s});
  fixture::recorder<std::vector<std::string>> none;
  const operation third = w.names->reverse(*endpoint::from_literal("192.0.2.7", 0), {}, none.callback());
  fixture::run_until([&] { return none.called(); });
  TEST_ASSERT_EQUAL(error_kind::host_not_found, none.failure()->kind());
  TEST_ASSERT_EQUAL_STRING_MESSAGE("", w.known(reverse, family_policy::v4_only), "another kind of question");
  TEST_ASSERT_EQUAL_STRING(found, w.known("demo.test"));
}

void test_names_that_differ_in_case_or_a_final_dot_are_one() {
  world w;
  recording_sink sink;
  const lookup_handle one = w.start("Demo.TEST", sink);
  const lookup_handle other = w.start("demo.test", sink);
  const lookup_handle dotted = w.start("dEMO.test.", sink);
  fixture::run_until([&] { return sink.answers.size() == 6; });
  TEST_ASSERT_EQUAL_STRING(found, w.known("DEMO.test"));
  TEST_ASSERT_EQUAL_STRING(found, w.known("demo.TEST."));
  TEST_ASSERT_EQUAL(2u, w.questions());
}

void test_candidates_of_the_search_list_are_remembered_each_by_itself() {
  world w({.search = std::vector<std::string>{"s1.test", "s2.test"}});
  w.dns.host("db.s1.test", {.code = response_code::nxdomain, .negative_ttl = 20s});
  TEST_ASSERT_EQUAL_STRING(found, w.lookup("db"));
  TEST_ASSERT_EQUAL(4u, w.questions());
  TEST_ASSERT_EQUAL_STRING(found, w.known("db"));
  TEST_ASSERT_EQUAL_STRING(found, w.known("db.s2.test"));
  TEST_ASSERT_EQUAL_STRING("6:NXDOMAIN 4:NXDOMAIN", w.known("db.s1.test."));
  TEST_ASSERT_EQUAL(4u, w.questions());
}

void test_a_sink_may_drop_its_lookup_when_the_next_candidate_is_known() {
  world w({.search = std::vector<std::string>{"s1.test", "s2.test"}});
  w.dns.host("db.s1.test", {.code = response_code::nxdomain});
  (void)w.lookup("db.s2.test");
  recording_sink sink;
  lookup_handle running = w.start("db", sink);
  sink.then = [&] { running.reset(); };
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("6:2001:db8::1", sink.all());
}

void test_two_searches_meet_at_the_candidate_that_is_asked_for() {
  world w({.search = std::vector<std::string>{"s1.test", "s2.test"}});
  w.dns.host("db.s1.test", {.code = response_code::nxdomain});
  recording_sink sinks[2];
  const lookup_handle one = w.start("db", sinks[0]);
  const lookup_handle other = w.start("db", sinks[1]);
  fixture::run_until([&] { return sinks[0].answers.size() == 2 && sinks[1].answers.size() == 2; });
  for (const recording_sink& each : sinks) TEST_ASSERT_EQUAL_STRING(found, each.all());
  TEST_ASSERT_EQUAL(4u, w.questions());
}

void test_a_family_that_is_known_is_told_at_once_and_only_the_other_is_asked() {
  const struct {
    family_policy first;
    family_policy then;
    const char* known;
    const char* all;
    record_type asked;
  } rows[] = {
      {family_policy::v4_only, both, "4:192.0.2.1", "4:192.0.2.1 6:2001:db8::1", record_type::aaaa},
      {family_policy::v6_only, both, "6:2001:db8::1", "6:2001:db8::1 4:192.0.2.1", record_type::a},
      {family_policy::v4_only, family_policy::v4_first, "4:192.0.2.1", "4:192.0.2.1 6:2001:db8::1",
       record_type::aaaa},
      {family_policy::v6_only, family_policy::v4_first, "6:2001:db8::1", "6:2001:db8::1 4:192.0.2.1",
       record_type::a},
      {both, family_policy::v4_first, "4:192.0.2.1 6:2001:db8::1", "4:192.0.2.1 6:2001:db8::1",
       record_type::ptr},
  };
  for (const auto& row : rows) {
    world w;
    (void)w.lookup("demo.test", row.first);
    const std::size_t before = w.questions();
    recording_sink sink;
    const lookup_handle running = w.start("demo.test", sink, row.then);
    TEST_ASSERT_EQUAL_STRING(row.known, sink.all());
    if (sink.answers.size() < 2) fixture::run_until([&] { return sink.answers.size() == 2; });
    TEST_ASSERT_EQUAL_STRING(row.all, sink.all());
    const bool both_known = row.asked == record_type::ptr;
    TEST_ASSERT_EQUAL(before + (both_known ? 0 : 1), w.questions());
    if (!both_known) TEST_ASSERT_EQUAL(1u, w.dns.asked("demo.test", row.asked));
  }
}

void test_a_family_that_is_known_to_have_nothing_waits_for_the_other() {
  world w({.search = std::vector<std::string>{"s1.test"}});
  w.dns.answer("demo.test", record_type::aaaa, {.negative_ttl = 20s});
  w.dns.answer("demo.test", record_type::a, {.addresses = {"192.0.2.1"}});
  w.dns.answer("none.test", record_type::aaaa, {.negative_ttl = 20s});
  for (const char* name : {"demo.test.", "none.test."}) (void)w.lookup(name, family_policy::v6_only);
  TEST_ASSERT_EQUAL_STRING("", w.known("demo.test"));
  TEST_ASSERT_EQUAL_STRING("6:NODATA 4:192.0.2.1", w.lookup("demo.test"));
  TEST_ASSERT_EQUAL(1u, w.dns.asked("demo.test", record_type::aaaa));
  TEST_ASSERT_EQUAL_STRING(found, w.lookup("none.test"));
  TEST_ASSERT_EQUAL(1u, w.dns.asked("none.test", record_type::aaaa));
  TEST_ASSERT_EQUAL(1u, w.dns.asked("none.test.s1.test", record_type::aaaa));
}

void test_another_configuration_begins_without_memories() {
  const temporary_file conf("");
  world w({.resolv_conf = conf.path(), .timeout = 200ms, .tries = 1});
  const std::string server = "nameserver [127.0.0.1]:" + std::to_string(w.dns.address().port()) + "\n";
  conf.write(server);
  (void)w.lookup("demo.test");
  TEST_ASSERT_EQUAL_STRING(found, w.known("demo.test"));
  conf.write(server + "options edns0\n");
  w.dns.host("silent.test", {.fault = reply_fault::silent});
  (void)w.lookup("silent.test");  // so that the file is looked at
  TEST_ASSERT_EQUAL_STRING("", w.known("demo.test"));
  TEST_ASSERT_EQUAL_STRING(found, w.lookup("demo.test"));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_lookups_of_one_name_at_once_share_two_questions);
  RUN_TEST(test_what_is_known_is_told_inside_lookup_with_the_time_that_is_left);
  RUN_TEST(test_what_holds_for_no_time_is_asked_for_again);
  RUN_TEST(test_without_a_memory_questions_are_still_shared);
  RUN_TEST(test_negative_answers_are_remembered_where_the_zone_says_for_how_long);
  RUN_TEST(test_failures_are_neither_remembered_nor_push_anything_out);
  RUN_TEST(test_the_name_that_was_not_used_for_longest_makes_room);
  RUN_TEST(test_reverse_questions_are_shared_but_not_remembered);
  RUN_TEST(test_names_that_differ_in_case_or_a_final_dot_are_one);
  RUN_TEST(test_candidates_of_the_search_list_are_remembered_each_by_itself);
  RUN_TEST(test_a_sink_may_drop_its_lookup_when_the_next_candidate_is_known);
  RUN_TEST(test_two_searches_meet_at_the_candidate_that_is_asked_for);
  RUN_TEST(test_a_family_that_is_known_is_told_at_once_and_only_the_other_is_asked);
  RUN_TEST(test_a_family_that_is_known_to_have_nothing_waits_for_the_other);
  RUN_TEST(test_another_configuration_begins_without_memories);
  return UNITY_END();
}
