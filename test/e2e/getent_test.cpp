// The same name asked of the system's own resolver and of this library, on a machine that holds nothing but what the
// test put there: the same addresses in the same order, the same canonical name, and the same questions to the server.
//
// Each case states what both must say, so that two equal mistakes are seen too. Where the library differs on purpose
// the test says why. The machine is support/private_network.hpp; where it cannot be had all tests are skipped.
#include <string>

#include "support/getent_world.hpp"

using namespace uvdial;
using namespace fixture;

void setUp() { fixture::open_getent_world(); }
void tearDown() { fixture::close(); }

// ---- the hosts file

static void test_a_name_in_the_hosts_file_is_asked_of_no_server_for_either_family() {
  getent_world w("", "127.0.0.5 db.test\n");
  w.dns.host("db.test", {.addresses = {"::1", "127.0.0.9"}});
  w.check("db.test", "db.test: 127.0.0.5", "");
}

static void test_an_alias_in_the_hosts_file_leads_to_the_first_name_of_its_line() {
  getent_world w("", "127.0.0.5 db.test db primary\n");
  w.check("primary", "db.test: 127.0.0.5", "");
  w.check("db", "db.test: 127.0.0.5", "");
}

static void test_all_lines_of_a_name_count() {
  getent_world w("",
                 "127.0.0.5 db.test\n# comment\n127.0.0.6 other.test\n::1 db.test\n127.0.0.7 db.test db\n");
  w.check("db.test", "db.test: ::1 127.0.0.5 127.0.0.7", "");
}

static void test_the_hosts_file_is_read_without_regard_to_case() {
  getent_world w("", "127.0.0.5 Db.Test\n");
  w.check("dB.tEST", "Db.Test: 127.0.0.5", "");
}

static void test_a_short_name_is_not_completed_in_the_hosts_file() {
  getent_world w("search s1.test\n", "127.0.0.5 db.s1.test\n");
  w.dns.host("db.s1.test", {.addresses = {"127.0.0.9"}});
  w.check("db", "db.s1.test: 127.0.0.9", "db.s1.test");
}

static void test_what_cannot_be_read_in_the_hosts_file_is_passed_over() {
  getent_world w("", "127.0.0.256 db.test\n127.0.0.5\n\tdb.test\n  127.0.0.6\tdb.test#127.0.0.7 x.test\n");
  w.check("db.test", "db.test: 127.0.0.6", "");
}

// On purpose: whoever writes the dot means the same host. glibc asks a server then.
static void test_a_trailing_dot_does_not_hide_the_hosts_file() {
  getent_world w("", "127.0.0.5 db.test\n");
  w.dns.host("db.test", {.addresses = {"127.0.0.9"}});
  TEST_ASSERT_EQUAL_STRING("db.test: 127.0.0.5", getent_world::ask("db.test.").text);
  TEST_ASSERT_EQUAL_STRING("", names_asked(w.dns));
}

static void test_localhost_is_what_the_hosts_file_says() {
  getent_world w("", "127.0.0.1 localhost\n::1 localhost ip6-localhost\n");
  w.check("localhost", "localhost: ::1 127.0.0.1", "");
}

// On purpose: RFC 6761, 6.3 wants such names to be this machine without a question. glibc asks a server.
static void test_a_name_under_localhost_is_this_machine() {
  getent_world w;
  w.dns.host("foo.localhost", {.addresses = {"127.0.0.9"}});
  TEST_ASSERT_EQUAL_STRING("localhost: ::1 127.0.0.1", getent_world::ask("foo.localhost").text);
  TEST_ASSERT_EQUAL_STRING("localhost: ::1 127.0.0.1", getent_world::ask("localhost").text);
  TEST_ASSERT_EQUAL_STRING("", names_asked(w.dns));
}

// ---- plain names

static void test_both_families() {
  getent_world w;
  w.dns.host("both.test", {.addresses = {"127.0.0.9", "127.0.0.8", "::1"}});
  w.check("both.test", "both.test: ::1 127.0.0.9 127.0.0.8", "both.test");
}

static void test_one_family() {
  getent_world w;
  w.dns.host("v4.test", {.addresses = {"127.0.0.9"}});
  w.dns.host("v6.test", {.addresses = {"::1"}});
  w.check("v4.test", "v4.test: 127.0.0.9", "v4.test");
  w.check("v6.test", "v6.test: ::1", "v6.test");
}

static void test_the_failure_of_one_family_leaves_the_other() {
  getent_world w("options attempts:1\n");
  w.dns.answer("half.test", demo::record_type::aaaa, {.code = demo::response_code::servfail});
  w.dns.answer("half.test", demo::record_type::a, {.addresses = {"127.0.0.9"}});
  w.check("half.test", "half.test: 127.0.0.9", "half.test");
}

static void test_many_addresses_keep_the_order_of_the_server() {
  getent_world w;
  w.dns.host("many.test", {.addresses = {"127.0.0.9", "127.0.0.3", "127.0.0.200", "127.0.0.4", "127.1.0.1"}});
  w.check("many.test", "many.test: 127.0.0.9 127.0.0.3 127.0.0.200 127.0.0.4 127.1.0.1", "many.test");
}

static void test_an_address_that_comes_twice_is_told_twice() {
  getent_world w;
  w.dns.host("twice.test", {.addresses = {"127.0.0.9", "127.0.0.8", "127.0.0.9"}});
  w.check("twice.test", "twice.test: 127.0.0.9 127.0.0.8 127.0.0.9", "twice.test");
}

static void test_an_underscore_is_a_letter_like_any_other() {
  getent_world w;
  w.dns.host("a_b.test", {.addresses = {"127.0.0.9"}});
  w.check("a_b.test", "a_b.test: 127.0.0.9", "a_b.test");
}

static void test_a_chain_of_aliases_ends_in_the_canonical_name() {
  getent_world w;
  w.dns.host("www.test", {.addresses = {"127.0.0.9", "::1"}, .aliases = {"web.test", "host.example"}});
  w.check("www.test", "host.example: ::1 127.0.0.9", "www.test");
}

static void test_a_chain_of_aliases_may_end_in_nothing() {
  getent_world w;
  w.dns.host("www.test", {.aliases = {"web.test"}});
  w.check_nothing("www.test", "NODATA", "www.test");
}

static void test_case_does_not_matter() {
  getent_world w;
  w.dns.host("demo.test", {.addresses = {"127.0.0.9"}});
  TEST_ASSERT_EQUAL_STRING(ask_getent("DEMO.Test"), getent_world::ask("DEMO.Test").text);
  TEST_ASSERT_CONTAINS_STRING(": 127.0.0.9", getent_world::ask("DEMO.Test").text);
}

static void test_a_trailing_dot_ends_the_search() {
  getent_world w("search s1.test\n");
  w.dns.host("db.test", {.addresses = {"127.0.0.9"}});
  w.check("db.test.", "db.test: 127.0.0.9", "db.test");
  w.check_nothing("db.", "NXDOMAIN", "db");
}

static void test_what_no_name_can_be_is_found_by_neither() {
  getent_world w;
  w.dns.answer_unknown({.addresses = {"127.0.0.9"}});
  const std::string label(63, 'a');
  const std::string too_long = label + "." + label + "." + label + "." + label + ".test";
  for (const std::string& name : {label + "a.test", too_long, std::string("a..test"), std::string(".test")}) {
    TEST_ASSERT_EQUAL_STRING_MESSAGE("nothing", ask_getent(name), name);
    const std::size_t before = w.dns.questions().size();
    const library_view ours = getent_world::ask(name);
    TEST_ASSERT_EQUAL_STRING_MESSAGE("nothing", ours.text, name);
    TEST_ASSERT_EQUAL_STRING_MESSAGE("NXDOMAIN", ours.reason, name);
    TEST_ASSERT_EQUAL_STRING_MESSAGE("", names_asked(w.dns, before), name);
  }
}

// ---- the order (RFC 6724)

static void test_addresses_with_a_way_there_come_first() {
  getent_world w;
  w.dns.host("mixed.test", {.addresses = {"2001:db8::9", "192.0.2.9", "127.0.0.9", "::1"}});
  w.check("mixed.test", "mixed.test: ::1 127.0.0.9 2001:db8::9 192.0.2.9", "mixed.test");
}

static void test_v6_comes_before_v4_where_both_have_a_source() {
  private_network::add_v4("192.0.2.1");
  private_network::add_v6("2001:db8::1");
  getent_world w;
  w.dns.host("mixed.test", {.addresses = {"192.0.2.9", "192.0.2.8", "2001:db8::1"}});
  w.check("mixed.test", "mixed.test: 2001:db8::1 192.0.2.9 192.0.2.8", "mixed.test");
}

static void test_v4_comes_first_where_v6_has_no_way_there() {
  private_network::add_v4("192.0.2.1");
  private_network::add_v6("fd00::1");
  getent_world w;
  w.dns.host("mixed.test", {.addresses = {"2001:db8::9", "192.0.2.9"}});
  w.check("mixed.test", "mixed.test: 192.0.2.9 2001:db8::9", "mixed.test");
}

// RFC 6724, 2.1. The table that glibc has built in is the one of RFC 3484, so the machine's gai.conf has the newer one.
static void test_prefixes_have_their_precedence() {
  if (!machine().orders_by_rfc_6724()) TEST_IGNORE_MESSAGE("no gai.conf on this machine");
  private_network::add_v4("192.0.2.1");
  for (const char* each : {"2001:db8::1", "2002:db8::1", "fd00::1"}) private_network::add_v6(each);
  getent_world w;
  w.dns.host("many.test", {.addresses = {"fd00::1", "2002:db8::1", "192.0.2.9", "::1", "2001:db8::1"}});
  w.check("many.test", "many.test: ::1 2001:db8::1 192.0.2.9 2002:db8::1 fd00::1", "many.test");
}

int main() {
  enter_getent_world();
  UNITY_BEGIN();
  RUN_TEST(test_a_name_in_the_hosts_file_is_asked_of_no_server_for_either_family);
  RUN_TEST(test_an_alias_in_the_hosts_file_leads_to_the_first_name_of_its_line);
  RUN_TEST(test_all_lines_of_a_name_count);
  RUN_TEST(test_the_hosts_file_is_read_without_regard_to_case);
  RUN_TEST(test_a_short_name_is_not_completed_in_the_hosts_file);
  RUN_TEST(test_what_cannot_be_read_in_the_hosts_file_is_passed_over);
  RUN_TEST(test_a_trailing_dot_does_not_hide_the_hosts_file);
  RUN_TEST(test_many_addresses_keep_the_order_of_the_server);
  RUN_TEST(test_an_address_that_comes_twice_is_told_twice);
  RUN_TEST(test_an_underscore_is_a_letter_like_any_other);
  RUN_TEST(test_localhost_is_what_the_hosts_file_says);
  RUN_TEST(test_a_name_under_localhost_is_this_machine);
  RUN_TEST(test_both_families);
  RUN_TEST(test_one_family);
  RUN_TEST(test_the_failure_of_one_family_leaves_the_other);
  RUN_TEST(test_a_chain_of_aliases_ends_in_the_canonical_name);
  RUN_TEST(test_a_chain_of_aliases_may_end_in_nothing);
  RUN_TEST(test_case_does_not_matter);
  RUN_TEST(test_a_trailing_dot_ends_the_search);
  RUN_TEST(test_what_no_name_can_be_is_found_by_neither);
  RUN_TEST(test_addresses_with_a_way_there_come_first);
  RUN_TEST(test_v6_comes_before_v4_where_both_have_a_source);
  RUN_TEST(test_v4_comes_first_where_v6_has_no_way_there);
  RUN_TEST(test_prefixes_have_their_precedence);
  return UNITY_END();
}
