// resolve() and reverse() of the default resolver, over a hosts file and a real DNS server on the loopback.
#include <optional>
#include <stdexcept>

#include "demo/dns_responder.hpp"
#include "support/loop_fixture.hpp"
#include "support/resolve_world.hpp"
#include "support/temporary_file.hpp"
#include "uvdial/ares_resolver.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::dns_responder;
using demo::record_type;
using demo::reply_fault;
using demo::response_code;
using fixture::recorder;
using fixture::without_times;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

using names_recorder = recorder<std::vector<std::string>>;

endpoint at(const char* address) { return *endpoint::from_literal(address, 0); }

std::string text_of(const names_recorder& end) {
  if (!end.called()) return "not called";
  if (const error* why = end.failure()) return without_times(why->what());
  std::string text;
  for (const std::string& name : *end.result->get_if()) text += (text.empty() ? "" : " ") + name;
  return text;
}

const char* const reverse_of_7 = "7.2.0.192.in-addr.arpa";

struct world {
  dns_responder dns{fixture::loop()};
  std::optional<ares_resolver> names;
  recorder<host_entry> entry;
  names_recorder back;

  explicit world(const std::string& hosts_file = "") {
    names.emplace(fixture::loop(), ares_resolver_options{.servers = {dns.address()},
                                                         .resolv_conf = "",
                                                         .hosts_file = hosts_file,
                                                         .search = std::vector<std::string>{},
                                                         .ndots = 1});
  }
  operation start(const std::string& host, const resolve_options& options = {}) {
    return names->resolve(host, options, entry.callback());
  }
  operation start_reverse(const endpoint& address, const resolve_options& options = {}) {
    return names->reverse(address, options, back.callback());
  }
  std::string resolve(const std::string& host, const resolve_options& options = {}) {
    entry = {};
    const operation running = start(host, options);
    TEST_ASSERT_FALSE_MESSAGE(entry.called(), "told inside resolve()");
    fixture::run_until([this] { return entry.called(); });
    return without_times(fixture::text_of(entry));
  }
  std::string reverse(const char* address) {
    back = {};
    const operation running = start_reverse(at(address).with_port(4711));
    TEST_ASSERT_FALSE_MESSAGE(back.called(), "told inside reverse()");
    fixture::run_until([this] { return back.called(); });
    return text_of(back);
  }
  void point(const std::string& name, demo::dns_script script) {
    dns.answer(name, record_type::ptr, std::move(script));
  }
  std::string from_server() const { return " from " + dns.address().to_string() + ") after N ms"; }
};

}  // namespace

void test_a_chain_of_aliases_ends_in_the_canonical_name() {
  world w;
  w.dns.host("www.test", {.addresses = {"192.0.2.1"}, .aliases = {"edge.test", "real.test"}});
  for (int i = 0; i < 2; ++i)
    TEST_ASSERT_EQUAL_STRING("real.test: 192.0.2.1 (www.test) (edge.test)",
                             w.resolve("www.test", {.families = family_policy::v4_only}));
  TEST_ASSERT_EQUAL_MESSAGE(1u, w.dns.questions().size(), "the names are remembered, too");
}

void test_the_hosts_file_answers_both_ways() {
  const temporary_file hosts(
      "192.0.2.7 first.test second.test\n2001:db8::7 first.test third.test\n127.0.0.1 here.test localhost\n");
  world w(hosts.path());
  w.dns.answer_unknown({.addresses = {"192.0.2.99"}, .names = {"dns.test"}});
  TEST_ASSERT_CONTAINS_STRING("first.test:", w.resolve("second.test"));
  TEST_ASSERT_EQUAL_STRING("first.test second.test", w.reverse("192.0.2.7"));
  TEST_ASSERT_EQUAL_STRING("first.test third.test", w.reverse("2001:db8::7"));
  TEST_ASSERT_EQUAL_STRING("here.test localhost", w.reverse("127.0.0.1"));
  TEST_ASSERT_EQUAL_STRING("127.0.0.1: 127.0.0.1", w.resolve("127.0.0.1"));
  TEST_ASSERT_EQUAL(0u, w.dns.questions().size());
}

void test_a_literal_asks_nobody() {
  world w;
  for (const char* literal : {"192.0.2.1", "2001:db8::1", "::1"})
    TEST_ASSERT_EQUAL_STRING(std::string(literal) + ": " + literal, w.resolve(literal));
  TEST_ASSERT_EQUAL(0u, w.dns.questions().size());
}

void test_the_loopback_is_localhost_without_any_file() {
  world w;
  w.dns.answer_unknown({.names = {"elsewhere.test"}});
  for (const char* address : {"127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1"})
    TEST_ASSERT_EQUAL_STRING_MESSAGE("localhost", w.reverse(address), address);
  TEST_ASSERT_EQUAL(0u, w.dns.questions().size());
}

void test_a_mapped_address_has_the_names_of_the_address_in_it() {
  const temporary_file hosts("192.0.2.8 filed.test\n");
  world w(hosts.path());
  w.point(reverse_of_7, {.names = {"demo.test"}});
  TEST_ASSERT_EQUAL_STRING("filed.test", w.reverse("::ffff:192.0.2.8"));
  TEST_ASSERT_EQUAL_STRING("demo.test", w.reverse("::ffff:192.0.2.7"));
}

void test_an_address_is_asked_for_under_its_reverse_name() {
  world w;
  w.point(reverse_of_7, {.names = {"demo.test"}});
  w.point("7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
          {.names = {"six.test"}});
  TEST_ASSERT_EQUAL_STRING("demo.test", w.reverse("192.0.2.7"));
  TEST_ASSERT_EQUAL_STRING("six.test", w.reverse("2001:db8::7"));
  TEST_ASSERT_EQUAL(2u, w.dns.questions().size());
}

void test_several_names_come_in_the_order_of_the_server() {
  world w;
  w.point(reverse_of_7, {.names = {"b.test", "a.test", "c.test"}});
  TEST_ASSERT_EQUAL_STRING("b.test a.test c.test", w.reverse("192.0.2.7"));
}

// RFC 2317.
void test_a_pointer_behind_an_alias_is_found() {
  world w;
  w.point(reverse_of_7, {.aliases = {"7.0-25.2.0.192.in-addr.arpa"}, .names = {"demo.test"}});
  TEST_ASSERT_EQUAL_STRING("demo.test", w.reverse("192.0.2.7"));
}

void test_a_name_that_nobody_could_ask_for_is_left_out() {
  world w;
  w.point(reverse_of_7, {.names = {"a b.test", "good.test", "$(reboot).test", "127.1"}});
  TEST_ASSERT_EQUAL_STRING("good.test", w.reverse("192.0.2.7"));
  w.point(reverse_of_7, {.names = {"a b.test"}});
  TEST_ASSERT_EQUAL_STRING("reverse 192.0.2.7: no name (NODATA" + w.from_server(), w.reverse("192.0.2.7"));
  TEST_ASSERT_EQUAL(error_kind::no_address, w.back.failure()->kind());
}

void test_an_address_without_a_name_says_who_said_so() {
  world w;
  const struct {
    demo::dns_script script;
    const char* text;
    error_kind kind;
  } rows[] = {
      {{.code = response_code::nxdomain}, "no name (NXDOMAIN", error_kind::host_not_found},
      {{}, "no name (NODATA", error_kind::no_address},
      {{.code = response_code::servfail}, "DNS failure (SERVFAIL", error_kind::dns_failure},
      {{.code = response_code::refused}, "DNS failure (REFUSED", error_kind::dns_failure},
      {{.fault = reply_fault::garbage}, "DNS failure (BADRESP", error_kind::dns_failure},
  };
  for (const auto& row : rows) {
    w.point(reverse_of_7, row.script);
    TEST_ASSERT_EQUAL_STRING(std::string("reverse 192.0.2.7: ") + row.text + w.from_server(),
                             w.reverse("192.0.2.7"));
    TEST_ASSERT_EQUAL(row.kind, w.back.failure()->kind());
    TEST_ASSERT_TRUE(w.back.failure()->report().families.at(0).server == w.dns.address());
  }
}

void test_no_reverse_question_is_walked_along_the_search_list() {
  world w;
  w.names.emplace(fixture::loop(), ares_resolver_options{.servers = {w.dns.address()},
                                                         .resolv_conf = "",
                                                         .hosts_file = "",
                                                         .search = std::vector<std::string>{"s1.test"},
                                                         .ndots = 15});
  TEST_ASSERT_CONTAINS_STRING("NXDOMAIN", w.reverse("192.0.2.7"));
  TEST_ASSERT_EQUAL(1u, w.dns.questions().size());
}

// RFC 6724: there is no way to the documentation's addresses, or a longer one.
void test_addresses_come_with_the_best_first() {
  world w;
  w.dns.host("demo.test", {.addresses = {"192.0.2.1", "127.0.0.1", "::1"}});
  TEST_ASSERT_EQUAL_STRING("demo.test: ::1 127.0.0.1 192.0.2.1", w.resolve("demo.test"));
  TEST_ASSERT_EQUAL_STRING("demo.test: 127.0.0.1 192.0.2.1 ::1",
                           w.resolve("demo.test", {.families = family_policy::v4_first}));
  TEST_ASSERT_EQUAL_STRING("demo.test: ::1", w.resolve("demo.test", {.families = family_policy::v6_only}));
  for (const endpoint& each : w.entry.result->get_if()->endpoints) TEST_ASSERT_EQUAL(0u, each.port());
}

void test_a_deadline_ends_both_kinds_of_calls() {
  world w;
  w.dns.answer_unknown({.fault = reply_fault::silent});
  TEST_ASSERT_EQUAL_STRING("resolve a.test: timed out after N ms", w.resolve("a.test", {.timeout = 20ms}));
  TEST_ASSERT_EQUAL(error_kind::timeout, w.entry.failure()->kind());
  const operation running = w.start_reverse(at("192.0.2.7"), {.timeout = 20ms});
  fixture::run_until([&] { return w.back.called(); });
  TEST_ASSERT_EQUAL_STRING("reverse 192.0.2.7: timed out after N ms", text_of(w.back));
  TEST_ASSERT_FALSE_MESSAGE(uv_loop_alive(&fixture::loop()) != 0, "their questions are forgotten");
}

void test_a_deadline_tells_what_one_family_had() {
  world w;
  w.dns.answer("a.test", record_type::a, {.code = response_code::servfail});
  w.dns.answer("a.test", record_type::aaaa, {.fault = reply_fault::silent});
  const std::string text = w.resolve("a.test.", {.timeout = 50ms});
  TEST_ASSERT_CONTAINS_STRING("timed out", text);
  TEST_ASSERT_CONTAINS_STRING("IPv6 lookup still open", text);
}

void test_a_cancelled_call_says_so_and_a_dropped_one_is_silent() {
  world w;
  w.dns.answer_unknown({.fault = reply_fault::silent});
  operation resolving = w.start("a.test");
  operation reversing = w.start_reverse(at("192.0.2.7"));
  resolving.cancel();
  reversing.cancel();
  TEST_ASSERT_FALSE(w.entry.called() || w.back.called());
  fixture::run();
  TEST_ASSERT_TRUE(fixture::cancelled(w.entry) && fixture::cancelled(w.back));
  w.entry = {};
  w.back = {};
  resolving = w.start("a.test");
  reversing = w.start_reverse(at("192.0.2.7"));
  resolving = {};
  reversing = {};
  fixture::run();
  TEST_ASSERT_FALSE(w.entry.called() || w.back.called());
}

void test_closing_the_resolver_cancels_its_calls_and_then_says_so() {
  world w;
  w.dns.answer_unknown({.fault = reply_fault::silent});
  const operation resolving = w.start("a.test");
  const operation reversing = w.start_reverse(at("192.0.2.7"));
  bool calls_first = false;
  recorder<done> closed;
  w.names->close([&](outcome<done> end) {
    calls_first = w.entry.called() && w.back.called();
    closed.callback()(std::move(end));
  });
  TEST_ASSERT_FALSE(w.entry.called() || w.back.called() || closed.called());
  fixture::run();
  TEST_ASSERT_TRUE(fixture::cancelled(w.entry) && fixture::cancelled(w.back));
  TEST_ASSERT_TRUE(calls_first && closed.succeeded());
  TEST_ASSERT_EQUAL(1, w.entry.calls + w.back.calls - 1);
  TEST_ASSERT_THROWS(std::logic_error, w.start("a.test"));
  TEST_ASSERT_THROWS(std::logic_error, w.start("127.0.0.1"));
  TEST_ASSERT_THROWS(std::logic_error, w.start_reverse(at("127.0.0.1")));
}

void test_calls_go_on_when_the_resolver_is_gone() {
  world w;
  w.dns.host("a.test", {.addresses = {"192.0.2.1"}});
  w.point(reverse_of_7, {.names = {"demo.test"}});
  const operation resolving = w.start("a.test");
  const operation reversing = w.start_reverse(at("192.0.2.7"));
  w.names.reset();
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("a.test: 192.0.2.1", fixture::text_of(w.entry));
  TEST_ASSERT_EQUAL_STRING("demo.test", text_of(w.back));
}

void test_a_callback_may_destroy_the_resolver() {
  world w;
  w.dns.host("a.test", {.addresses = {"192.0.2.1"}});
  int calls = 0;
  const auto last = [&](const outcome<host_entry>&) {
    ++calls;
    w.names.reset();
  };
  const operation one = w.names->resolve("a.test", {}, last);
  const operation other = w.names->resolve("a.test", {}, last);
  fixture::run();
  TEST_ASSERT_EQUAL(2, calls);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_chain_of_aliases_ends_in_the_canonical_name);
  RUN_TEST(test_the_hosts_file_answers_both_ways);
  RUN_TEST(test_a_literal_asks_nobody);
  RUN_TEST(test_the_loopback_is_localhost_without_any_file);
  RUN_TEST(test_a_mapped_address_has_the_names_of_the_address_in_it);
  RUN_TEST(test_an_address_is_asked_for_under_its_reverse_name);
  RUN_TEST(test_several_names_come_in_the_order_of_the_server);
  RUN_TEST(test_a_pointer_behind_an_alias_is_found);
  RUN_TEST(test_a_name_that_nobody_could_ask_for_is_left_out);
  RUN_TEST(test_an_address_without_a_name_says_who_said_so);
  RUN_TEST(test_no_reverse_question_is_walked_along_the_search_list);
  RUN_TEST(test_addresses_come_with_the_best_first);
  RUN_TEST(test_a_deadline_ends_both_kinds_of_calls);
  RUN_TEST(test_a_deadline_tells_what_one_family_had);
  RUN_TEST(test_a_cancelled_call_says_so_and_a_dropped_one_is_silent);
  RUN_TEST(test_closing_the_resolver_cancels_its_calls_and_then_says_so);
  RUN_TEST(test_calls_go_on_when_the_resolver_is_gone);
  RUN_TEST(test_a_callback_may_destroy_the_resolver);
  return UNITY_END();
}
