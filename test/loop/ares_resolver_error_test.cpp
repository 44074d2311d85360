// Every way in which DNS fails, through resolve() and through a dial: class, code, who was asked, and when.
#include <cstdint>

#include "demo/dns_responder.hpp"
#include "demo/peers.hpp"
#include "support/dns_askers.hpp"
#include "support/loop_fixture.hpp"
#include "support/resolve_world.hpp"
#include "uvdial/ares_resolver.hpp"
#include "uvdial/dialer.hpp"
#include "values/international_name.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::dns_responder;
using demo::record_type;
using demo::reply_fault;
using demo::response_code;
using fixture::hand_server;
using fixture::recorder;
using fixture::text_of;
using fixture::without_times;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

struct world {
  dns_responder dns{fixture::loop()};
  dns_responder second{fixture::loop()};
  std::shared_ptr<ares_resolver> names;

  explicit world(ares_resolver_options options = {}) { use({dns.address()}, std::move(options)); }
  void use(std::vector<endpoint> servers, ares_resolver_options options = {}) {
    options.servers = std::move(servers);
    options.resolv_conf = "";
    options.hosts_file = "";
    options.search.emplace();
    options.ndots = 1;
    names = std::make_shared<ares_resolver>(fixture::loop(), std::move(options));
  }

  recorder<host_entry> resolve(const std::string& host, const resolve_options& options = {}) {
    recorder<host_entry> end;
    const operation running = names->resolve(host, options, end.callback());
    fixture::run_until([&] { return end.called(); });
    return end;
  }
  recorder<tcp_stream> dial(const std::string& host, const dial_options& options = {},
                            std::uint16_t port = 80) {
    recorder<tcp_stream> end;
    dialer dials(fixture::loop(), {.names = names});
    const operation running = dials.connect({host, port}, options, end.callback());
    fixture::run_until([&] { return end.called(); });
    return end;
  }
};

struct failure {
  const char* label;
  demo::dns_script script;
  error_kind kind;
  const char* code;
  const char* text;  // SERVER is the address of the one who was asked
};

template <class Value>
void check(const failure& expected, const recorder<Value>& end, const endpoint& server, error_kind kind) {
  const error* why = end.failure();
  TEST_ASSERT_NOT_NULL_MESSAGE(why, expected.label);
  TEST_ASSERT_EQUAL_MESSAGE(kind_name(kind), kind_name(why->kind()), expected.label);
  TEST_ASSERT_EQUAL_STRING_MESSAGE(expected.code, code_name(why->code()), expected.label);
  std::string text = expected.text;
  if (const std::size_t at = text.find("SERVER"); at != std::string::npos)
    text.replace(at, 6, server.to_string());
  TEST_ASSERT_EQUAL_STRING_MESSAGE(text, without_times(why->what()), expected.label);
  const dial_report& report = why->report();
  TEST_ASSERT_EQUAL_MESSAGE(2u, report.families.size(), expected.label);
  for (const family_report& each : report.families) {
    TEST_ASSERT_TRUE_MESSAGE(each.answered, expected.label);
    TEST_ASSERT_TRUE_MESSAGE(each.server == server, expected.label);
    TEST_ASSERT_EQUAL_STRING_MESSAGE(expected.code, code_name(each.why), expected.label);
    TEST_ASSERT_GREATER_THAN_MESSAGE(0us, each.ended, expected.label);
    TEST_ASSERT_LESS_OR_EQUAL_MESSAGE(report.elapsed, each.ended, expected.label);
  }
}

// Through resolve() and through a dial.
void check_both(const failure& expected, world& w, const endpoint& server) {
  check(expected, w.resolve("bad.test"), server, expected.kind);
  check(expected, w.dial("bad.test"), server, expected.kind);
  TEST_ASSERT_EQUAL_MESSAGE(
      expected.kind == error_kind::dns_failure || expected.kind == error_kind::dns_timeout,
      w.resolve("bad.test").failure()->temporary(), expected.label);
}

constexpr auto failed = error_kind::dns_failure;

const failure answers[] = {
    {"nxdomain",
     {.code = response_code::nxdomain},
     error_kind::host_not_found,
     "NXDOMAIN",
     "resolve bad.test: host not found (NXDOMAIN from SERVER) after N ms"},
    {"nodata",
     {},
     error_kind::no_address,
     "NODATA",
     "resolve bad.test: no address (NODATA from SERVER) after N ms"},
    {"alias only",
     {.aliases = {"other.test"}},
     error_kind::no_address,
     "NODATA",
     "resolve bad.test: no address (NODATA from SERVER) after N ms"},
    {"servfail",
     {.code = response_code::servfail},
     failed,
     "SERVFAIL",
     "resolve bad.test: DNS failure (SERVFAIL from SERVER) after N ms"},
    {"refused",
     {.code = response_code::refused},
     failed,
     "REFUSED",
     "resolve bad.test: DNS failure (REFUSED from SERVER) after N ms"},
    {"formerr",
     {.code = response_code::formerr},
     failed,
     "FORMERR",
     "resolve bad.test: DNS failure (FORMERR from SERVER) after N ms"},
    {"notimp",
     {.code = response_code::notimp},
     failed,
     "NOTIMP",
     "resolve bad.test: DNS failure (NOTIMP from SERVER) after N ms"},
    {"garbage",
     {.fault = reply_fault::garbage},
     failed,
     "BADRESP",
     "resolve bad.test: DNS failure (BADRESP from SERVER) after N ms"},
};

std::string resolved(world& w, const std::string& host) { return without_times(text_of(w.resolve(host))); }

}  // namespace

void test_each_answer_that_brings_no_address_is_typed() {
  for (const failure& each : answers) {
    world w;
    w.dns.host("bad.test", each.script);
    check_both(each, w, w.dns.address());
  }
}

void test_what_is_no_answer_is_silence() {
  const struct {
    const char* label;
    reply_fault fault;
  } rows[] = {{"silent", reply_fault::silent},
              {"wrong id", reply_fault::wrong_id},
              {"wrong sender", reply_fault::wrong_sender},
              {"wrong question", reply_fault::wrong_question}};
  for (const auto& row : rows) {
    world w({.timeout = 60ms, .tries = 1});
    w.dns.host("bad.test", {.addresses = {"192.0.2.1", "2001:db8::1"}, .fault = row.fault});
    check_both({row.label,
                {},
                error_kind::dns_timeout,
                "DNSTIMEOUT",
                "resolve bad.test: no answer from DNS (DNSTIMEOUT at SERVER) after N ms"},
               w, w.dns.address());
  }
}

void test_a_truncated_answer_without_tcp_is_a_failure() {
  world w({.timeout = 500ms, .tries = 1});
  w.dns.host("bad.test",
             {.addresses = {"192.0.2.1", "2001:db8::1"}, .fault = reply_fault::truncated_without_tcp});
  check_both({"truncated",
              {},
              failed,
              "DNSUNREACHABLE",
              "resolve bad.test: DNS failure (DNSUNREACHABLE at SERVER) after N ms"},
             w, w.dns.address());
  w.dns.host("bad.test", {.addresses = {"192.0.2.1"}, .fault = reply_fault::truncated});
  TEST_ASSERT_EQUAL_STRING("bad.test: 192.0.2.1", resolved(w, "bad.test"));
}

void test_a_closed_port_is_an_unreachable_server() {
  hand_server closed;
  closed.refuse();
  world w;
  w.use({closed.address()});
  check_both({"closed",
              {},
              failed,
              "DNSUNREACHABLE",
              "resolve bad.test: DNS failure (DNSUNREACHABLE at SERVER) after N ms"},
             w, closed.address());
}

void test_the_second_server_answers_where_the_first_one_fails() {
  for (const auto& script :
       {demo::dns_script{.code = response_code::servfail}, demo::dns_script{.code = response_code::refused},
        demo::dns_script{.code = response_code::formerr}, demo::dns_script{.code = response_code::notimp},
        demo::dns_script{.fault = reply_fault::garbage}}) {
    world w;
    w.use({w.dns.address(), w.second.address()});
    w.dns.host("bad.test", script);
    w.second.host("bad.test", {.addresses = {"192.0.2.1"}});
    TEST_ASSERT_EQUAL_STRING("bad.test: 192.0.2.1", resolved(w, "bad.test."));
    TEST_ASSERT_EQUAL(2u, w.dns.questions().size());
    TEST_ASSERT_EQUAL(2u, w.second.questions().size());
  }
}

void test_the_second_server_answers_where_the_first_one_is_not_there() {
  hand_server closed;
  closed.refuse();
  world w;
  w.use({closed.address(), w.second.address()});
  w.second.host("bad.test", {.addresses = {"192.0.2.1"}});
  TEST_ASSERT_EQUAL_STRING("bad.test: 192.0.2.1", resolved(w, "bad.test."));
}

void test_both_servers_fail_and_the_last_one_is_named() {
  world w;
  w.use({w.dns.address(), w.second.address()});
  for (dns_responder* each : {&w.dns, &w.second}) each->host("bad.test", {.code = response_code::servfail});
  check_both(
      {"both", {}, failed, "SERVFAIL", "resolve bad.test: DNS failure (SERVFAIL from SERVER) after N ms"}, w,
      w.second.address());
}

void test_a_server_that_fails_and_one_that_is_silent_is_a_failure() {
  world w;
  w.use({w.dns.address(), w.second.address()}, {.timeout = 250ms, .tries = 1});
  w.dns.host("bad.test", {.code = response_code::servfail});
  w.second.host("bad.test", {.fault = reply_fault::silent});
  const auto end = w.resolve("bad.test");
  TEST_ASSERT_EQUAL_STRING("SERVFAIL", code_name(end.failure()->code()));
}

void test_the_trouble_of_one_family_does_not_lose_the_addresses_of_the_other() {
  for (const auto& trouble :
       {demo::dns_script{.code = response_code::servfail}, demo::dns_script{.fault = reply_fault::silent}}) {
    for (const ip_family good : {ip_family::v4, ip_family::v6}) {
      if (good == ip_family::v6 && !demo::v6_loopback_available()) continue;
      world w({.timeout = 250ms, .tries = 1});
      const demo::listener peer(fixture::loop(), demo::reserve(good));
      w.dns.host("half.test", {.addresses = {"127.0.0.1", "::1"}});
      w.dns.answer("half.test", good == ip_family::v4 ? record_type::aaaa : record_type::a, trouble);
      TEST_ASSERT_EQUAL_STRING("half.test: " + peer.address().address_to_string(), resolved(w, "half.test"));
      const auto end = w.dial("half.test", {}, peer.address().port());
      TEST_ASSERT_TRUE(end.succeeded());
      TEST_ASSERT_EQUAL(peer.address(), end.result->get_if()->peer());
    }
  }
}

void test_the_trouble_of_one_family_stands_beside_the_reason_of_the_other() {
  world w;
  w.dns.answer("odd.test", record_type::a, {});
  w.dns.answer("odd.test", record_type::aaaa, {.code = response_code::servfail});
  const std::string server = w.dns.address().to_string();
  TEST_ASSERT_EQUAL_STRING("resolve odd.test: DNS failure (IPv6 SERVFAIL from " + server +
                               ", IPv4 NODATA from " + server + ") after N ms",
                           resolved(w, "odd.test"));
}

void test_a_name_that_cannot_be_says_why() {
  const struct {
    std::string host;
    const char* why;
  } rows[] = {
      {".", "an empty name"},
      {"a..test", "an empty label"},
      {".test", "an empty label"},
      {std::string(64, 'a') + ".test", "a label of more than 63 octets"},
      {std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + "." +
           std::string(62, 'd'),
       "more than 253 octets"},
      {"a+b.test", "a character that host names cannot have"},
      {"127.1", "a number as its last label"},
      {"host.0x7f", "a number as its last label"},
      {"hidden.onion", "an onion service, which DNS does not know"},
  };
  world w;
  for (const auto& row : rows) {
    const std::string expected = "resolve " + row.host + ": host not found (" + row.why + ") after N ms";
    const auto resolving = w.resolve(row.host);
    TEST_ASSERT_EQUAL_STRING(expected, without_times(text_of(resolving)));
    TEST_ASSERT_EQUAL(error_kind::host_not_found, resolving.failure()->kind());
    TEST_ASSERT_EQUAL_STRING("NXDOMAIN", code_name(resolving.failure()->code()));
    for (const family_report& each : resolving.failure()->report().families) {
      TEST_ASSERT_EQUAL_STRING(row.why, each.detail);
      TEST_ASSERT_FALSE(each.server.has_value());
    }
    const auto dialing = w.dial(row.host);
    TEST_ASSERT_EQUAL_STRING(expected, without_times(dialing.failure()->what()));
    TEST_ASSERT_EQUAL(error_kind::host_not_found, dialing.failure()->kind());
  }
  TEST_ASSERT_EQUAL(0u, w.dns.questions().size());
}

void test_names_beyond_ascii_are_asked_as_A_labels_or_refused_with_a_reason() {
  world w;
  w.dns.host("xn--bcher-kva.test", {.addresses = {"192.0.2.1"}});
  if (detail::knows_international_names()) {
    const auto end = w.resolve("B\u00dccher.test");
    TEST_ASSERT_TRUE(end.succeeded());
    TEST_ASSERT_EQUAL_STRING("192.0.2.1", end.result->get_if()->endpoints.at(0).address_to_string());
    TEST_ASSERT_EQUAL(1u, w.dns.asked("xn--bcher-kva.test", record_type::a));
    TEST_ASSERT_CONTAINS_STRING("host not found (not a valid international name (",
                                resolved(w, "b\xff.test"));
  } else {
    TEST_ASSERT_CONTAINS_STRING("host not found (a non-ASCII name, and this build has no libidn2)",
                                resolved(w, "b\u00fccher.test"));
    TEST_ASSERT_EQUAL(0u, w.dns.questions().size());
  }
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_each_answer_that_brings_no_address_is_typed);
  RUN_TEST(test_what_is_no_answer_is_silence);
  RUN_TEST(test_a_truncated_answer_without_tcp_is_a_failure);
  RUN_TEST(test_a_closed_port_is_an_unreachable_server);
  RUN_TEST(test_the_second_server_answers_where_the_first_one_fails);
  RUN_TEST(test_the_second_server_answers_where_the_first_one_is_not_there);
  RUN_TEST(test_both_servers_fail_and_the_last_one_is_named);
  RUN_TEST(test_a_server_that_fails_and_one_that_is_silent_is_a_failure);
  RUN_TEST(test_the_trouble_of_one_family_does_not_lose_the_addresses_of_the_other);
  RUN_TEST(test_the_trouble_of_one_family_stands_beside_the_reason_of_the_other);
  RUN_TEST(test_a_name_that_cannot_be_says_why);
  RUN_TEST(test_names_beyond_ascii_are_asked_as_A_labels_or_refused_with_a_reason);
  return UNITY_END();
}
