// What resolve() and reverse() give: the entry, its order, and the errors.
#include <ares.h>

#include <stdexcept>

#include "support/resolve_world.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using fixture::resolve_world;
using fixture::text_of;
using fixture::without_times;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

constexpr ip_family v4 = ip_family::v4;
constexpr ip_family v6 = ip_family::v6;

endpoint at(const char* address) { return *endpoint::from_literal(address, 0); }
std::error_code ares(int status) { return {status, ares_category()}; }

// What a starting call throws.
template <class Start>
std::string refusal(Start start) {
  try {
    const operation running = start();
  } catch (const std::invalid_argument& why) {
    return why.what();
  } catch (const std::logic_error& why) {
    return std::string("logic_error: ") + why.what();
  }
  return "accepted";
}

using names_recorder = fixture::recorder<std::vector<std::string>>;

std::string text_of(const names_recorder& end) {
  if (!end.called()) return "not called";
  if (const error* why = end.failure()) return without_times(why->what());
  std::string text;
  for (const std::string& name : *end.result->get_if()) text += (text.empty() ? "" : " ") + name;
  return text;
}

}  // namespace

void test_a_literal_stands_for_itself() {
  for (const char* literal : {"127.0.0.1", "2001:db8::1"}) {
    resolve_world w;
    const operation running = w.resolve(literal);
    TEST_ASSERT_EQUAL(0, w.end.calls);
    fixture::run_turn();
    TEST_ASSERT_EQUAL_STRING(std::string(literal) + ": " + literal, text_of(w.end));
    TEST_ASSERT_EQUAL(0, w.names->lookups);
    TEST_ASSERT_EQUAL(0u, w.end.result->get_if()->endpoints.front().port());
  }
}

void test_a_literal_of_another_family_is_no_address() {
  resolve_world w;
  const operation running = w.resolve("::1", {.families = family_policy::v4_only});
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("resolve ::1: no address of the families asked for", text_of(w.end));
  TEST_ASSERT_EQUAL(error_kind::no_address, w.end.failure()->kind());
}

void test_bad_input_is_refused_at_once_and_quoted() {
  resolve_world w;
  const auto host = [&w](const std::string& text) { return refusal([&] { return w.resolve(text); }); };
  TEST_ASSERT_EQUAL_STRING("bad host \"\": the host is missing", host(""));
  TEST_ASSERT_EQUAL_STRING("bad host \"a b.test\": it has a space in it", host("a b.test"));
  TEST_ASSERT_CONTAINS_STRING("\"http://a.test/\"", host("http://a.test/"));
  TEST_ASSERT_CONTAINS_STRING("\"[::1]\"", host("[::1]"));
  TEST_ASSERT_CONTAINS_STRING("\"fe80::1\"", host("fe80::1"));
  TEST_ASSERT_CONTAINS_STRING("\"fe80::1%nosuch\"", host("fe80::1%nosuch"));
  const auto timeout = [&w](std::chrono::milliseconds value) {
    return refusal([&] { return w.resolve("a.test", {.timeout = value}); });
  };
  TEST_ASSERT_CONTAINS_STRING("bad timeout 0 ms", timeout(0ms));
  TEST_ASSERT_CONTAINS_STRING("bad timeout -1 ms", timeout(-1ms));
  TEST_ASSERT_CONTAINS_STRING("bad timeout", timeout(std::chrono::milliseconds::max()));
  TEST_ASSERT_CONTAINS_STRING("bad families 9", refusal([&] {
                                return w.resolve("a.test", {.families = static_cast<family_policy>(9)});
                              }));
  TEST_ASSERT_EQUAL_STRING("resolver: resolve() without a callback",
                           refusal([&] { return w.resolve("a.test", {}, {}); }));
  TEST_ASSERT_EQUAL(0, uv_loop_alive(&fixture::loop()));
}

void test_what_the_resolver_throws_goes_through_and_leaves_nothing() {
  struct closed_resolver final : resolver {
    lookup_handle lookup(const question&, answer_sink&) override { throw std::logic_error("closed"); }
  };
  resolve_world w;
  closed_resolver names;
  TEST_ASSERT_EQUAL_STRING("logic_error: closed",
                           refusal([&] { return w.calls->resolve(names, "a.test", {}, w.end.callback()); }));
  fixture::run();
  TEST_ASSERT_EQUAL(0, w.end.calls);
}

void test_a_name_is_looked_up_once_for_the_families_asked() {
  for (const family_policy families :
       {family_policy::v6_first, family_policy::v4_first, family_policy::v6_only, family_policy::v4_only}) {
    resolve_world w;
    const operation running = w.resolve("a.test", {.families = families});
    TEST_ASSERT_EQUAL(1, w.names->lookups);
    TEST_ASSERT_EQUAL_STRING("a.test", w.names->last.host);
    TEST_ASSERT_EQUAL(0u, w.names->last.port);
    TEST_ASSERT_TRUE(families == w.names->last.families);
  }
}

void test_it_ends_when_all_families_have_answered() {
  resolve_world w;
  const operation running = w.resolve("a.test");
  w.answer({v6, {at("::1")}});
  fixture::run_turn();
  w.answer({v6, {}, resolve_errc::dns_failure});  // a second answer for one family is not heard
  fixture::run_turn();
  TEST_ASSERT_EQUAL(0, w.end.calls);
  w.answer({v4, {at("127.0.0.1")}});
  TEST_ASSERT_EQUAL(0, w.end.calls);
  fixture::run_turn();
  TEST_ASSERT_EQUAL_STRING("a.test: ::1 127.0.0.1", text_of(w.end));
}

void test_one_family_is_enough_where_one_is_asked() {
  resolve_world w;
  const operation running = w.resolve("a.test", {.families = family_policy::v4_only});
  w.answer({v6, {at("::1")}});  // nobody asked
  w.answer({v4, {at("127.0.0.1")}});
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("a.test: 127.0.0.1", text_of(w.end));
}

void test_answers_inside_the_lookup_are_told_from_the_loop() {
  resolve_world w;
  w.answer_both();
  const operation running = w.resolve("a.test");
  TEST_ASSERT_EQUAL(0, w.end.calls);
  fixture::run_turn();
  TEST_ASSERT_EQUAL_STRING("a.test: ::1 127.0.0.1", text_of(w.end));
}

// Rule 8 prefers the smaller scope; where there is no way to the other address, so does rule 1.
void test_addresses_stand_in_the_order_of_RFC_6724() {
  const struct {
    family_policy families;
    const char* order;
  } rows[] = {{family_policy::v6_first, "a.test: ::1 127.0.0.1 192.0.2.1"},
              {family_policy::v4_first, "a.test: 127.0.0.1 192.0.2.1 ::1"}};
  for (const auto& row : rows) {
    resolve_world w;
    const operation running = w.resolve("a.test", {.families = row.families});
    w.answer({v4, {at("192.0.2.1"), at("127.0.0.1").with_port(80)}});
    w.answer({v6, {at("::1")}});
    fixture::run();
    TEST_ASSERT_EQUAL_STRING(row.order, text_of(w.end));
    for (const endpoint& each : w.end.result->get_if()->endpoints) TEST_ASSERT_EQUAL(0u, each.port());
  }
}

void test_more_addresses_than_are_ordered_all_come() {
  resolve_world w;
  const operation running = w.resolve("a.test", {.families = family_policy::v4_only});
  std::vector<endpoint> many;
  for (int last = 1; last <= 200; ++last) many.push_back(at(("127.0.0." + std::to_string(last)).c_str()));
  w.answer({v4, many});
  fixture::run();
  TEST_ASSERT_TRUE(many == w.end.result->get_if()->endpoints);
}

void test_the_names_are_those_of_the_first_family_that_has_them() {
  answer plain{v6, {at("::1")}};
  answer named{v4, {at("127.0.0.1")}};
  named.canonical_name = "b.test";
  named.aliases = {"a.test"};
  resolve_world w;
  operation running = w.resolve("a.test");
  w.answer(named);
  w.answer(plain);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("b.test: ::1 127.0.0.1 (a.test)", text_of(w.end));

  plain.canonical_name = "c.test";
  running = w.resolve("a.test");
  w.answer(named);
  w.answer(plain);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("c.test: ::1 127.0.0.1", text_of(w.end));
}

void test_a_family_without_addresses_is_no_failure_beside_one_with_some() {
  for (const std::error_code& why : {ares(ARES_ENODATA), ares(ARES_ESERVFAIL), ares(ARES_ETIMEOUT)}) {
    resolve_world w;
    const operation running = w.resolve("a.test");
    w.answer({v6, {}, why});
    w.answer({v4, {at("127.0.0.1")}});
    fixture::run();
    TEST_ASSERT_EQUAL_STRING("a.test: 127.0.0.1", text_of(w.end));
  }
}

void test_a_failure_is_typed_and_says_who_said_so() {
  resolve_world w;
  const operation running = w.resolve("nosuch.test");
  for (const ip_family family : {v4, v6}) {
    answer told{family, {}, ares(ARES_ENOTFOUND)};
    told.server = endpoint::parse("127.0.0.53:53");
    w.answer(told);
  }
  fixture::run();
  const error* why = w.end.failure();
  TEST_ASSERT_EQUAL_STRING("resolve nosuch.test: host not found (NXDOMAIN from 127.0.0.53) after N ms",
                           without_times(why->what()));
  TEST_ASSERT_EQUAL(error_kind::host_not_found, why->kind());
  TEST_ASSERT_EQUAL(ares(ARES_ENOTFOUND), why->code());
  const dial_report& report = why->report();
  TEST_ASSERT_EQUAL_STRING("nosuch.test", report.host);
  TEST_ASSERT_EQUAL(2u, report.families.size());
  TEST_ASSERT_TRUE(report.families[0].family == v6 && report.families[1].family == v4);
  for (const family_report& family : report.families) {
    TEST_ASSERT_TRUE(family.answered);
    TEST_ASSERT_TRUE(family.server == endpoint::parse("127.0.0.53:53"));
    TEST_ASSERT_TRUE(family.ended <= report.elapsed);
  }
}

void test_the_more_telling_of_two_failures_decides() {
  resolve_world w;
  const operation running = w.resolve("odd.test");
  w.answer({v6, {}, ares(ARES_ENODATA)});
  w.answer({v4, {}, ares(ARES_ESERVFAIL)});
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("resolve odd.test: DNS failure (IPv6 NODATA, IPv4 SERVFAIL) after N ms",
                           without_times(text_of(w.end)));
  TEST_ASSERT_EQUAL(error_kind::dns_failure, w.end.failure()->kind());
}

void test_an_address_has_names() {
  resolve_world w;
  names_recorder end;
  const operation running = w.calls->reverse(
      [](detail::reverse_sink& sink) {
        sink.named({{"a.test", "b.test"}});
        return lookup_handle();
      },
      at("127.0.0.1"), {}, end.callback());
  TEST_ASSERT_EQUAL_STRING("not called", text_of(end));
  fixture::run_turn();
  TEST_ASSERT_EQUAL_STRING("a.test b.test", text_of(end));
}

void test_an_address_without_a_name_is_a_typed_failure() {
  const struct {
    detail::reverse_answer told;
    error_kind kind;
    const char* text;
  } rows[] = {
      {{{}, ares(ARES_ENOTFOUND), endpoint::parse("127.0.0.53:53")},
       error_kind::host_not_found,
       "reverse ::1: no name (NXDOMAIN from 127.0.0.53) after N ms"},
      {{}, error_kind::no_address, "reverse ::1: no name (NODATA) after N ms"},
      {{{}, ares(ARES_ESERVFAIL)}, error_kind::dns_failure, "reverse ::1: DNS failure (SERVFAIL) after N ms"},
  };
  for (const auto& row : rows) {
    resolve_world w;
    names_recorder end;
    const operation running = w.calls->reverse(
        [&row](detail::reverse_sink& sink) {
          sink.named(row.told);
          sink.named({{"late.test"}});  // not heard
          return lookup_handle();
        },
        at("::1"), {}, end.callback());
    fixture::run();
    TEST_ASSERT_EQUAL_STRING(row.text, text_of(end));
    TEST_ASSERT_EQUAL(row.kind, end.failure()->kind());
    TEST_ASSERT_TRUE(end.failure()->report().families.front().family == v6);
  }
}

void test_a_reverse_question_has_a_deadline_and_checks_its_options() {
  resolve_world w;
  names_recorder end;
  const auto ask = [](detail::reverse_sink&) { return lookup_handle(); };
  const operation running = w.calls->reverse(ask, at("127.0.0.1"), {.timeout = 1ms}, end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("reverse 127.0.0.1: timed out after N ms", text_of(end));
  TEST_ASSERT_CONTAINS_STRING("bad timeout 0 ms", refusal([&] {
                                return w.calls->reverse(ask, at("::1"), {.timeout = 0ms}, end.callback());
                              }));
  TEST_ASSERT_EQUAL_STRING("resolver: reverse() without a callback",
                           refusal([&] { return w.calls->reverse(ask, at("::1"), {}, {}); }));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_literal_stands_for_itself);
  RUN_TEST(test_a_literal_of_another_family_is_no_address);
  RUN_TEST(test_bad_input_is_refused_at_once_and_quoted);
  RUN_TEST(test_what_the_resolver_throws_goes_through_and_leaves_nothing);
  RUN_TEST(test_a_name_is_looked_up_once_for_the_families_asked);
  RUN_TEST(test_it_ends_when_all_families_have_answered);
  RUN_TEST(test_one_family_is_enough_where_one_is_asked);
  RUN_TEST(test_answers_inside_the_lookup_are_told_from_the_loop);
  RUN_TEST(test_addresses_stand_in_the_order_of_RFC_6724);
  RUN_TEST(test_more_addresses_than_are_ordered_all_come);
  RUN_TEST(test_the_names_are_those_of_the_first_family_that_has_them);
  RUN_TEST(test_a_family_without_addresses_is_no_failure_beside_one_with_some);
  RUN_TEST(test_a_failure_is_typed_and_says_who_said_so);
  RUN_TEST(test_the_more_telling_of_two_failures_decides);
  RUN_TEST(test_an_address_has_names);
  RUN_TEST(test_an_address_without_a_name_is_a_typed_failure);
  RUN_TEST(test_a_reverse_question_has_a_deadline_and_checks_its_options);
  return UNITY_END();
}
