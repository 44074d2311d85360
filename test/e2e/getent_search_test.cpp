// As getent_test.cpp: what becomes of a short name, and what the options and the list of servers do.
#include <string>

#include "demo/dns_responder.hpp"
#include "support/getent_world.hpp"

using namespace uvdial;
using namespace fixture;
using demo::dns_responder;
using demo::response_code;

void setUp() { fixture::open_getent_world(); }
void tearDown() { fixture::close(); }

static void test_a_short_name_goes_through_the_search_list_first() {
  getent_world w("search s1.test s2.test\n");
  w.dns.host("db.s2.test", {.addresses = {"127.0.0.9"}});
  w.check("db", "db.s2.test: 127.0.0.9", "db.s1.test db.s2.test");
}

static void test_a_name_with_ndots_dots_is_tried_as_it_is_first() {
  getent_world w("search s1.test\n");
  w.dns.host("a.b", {.addresses = {"127.0.0.9"}});
  w.dns.host("c.d.s1.test", {.addresses = {"127.0.0.8"}});
  w.check("a.b", "a.b: 127.0.0.9", "a.b");
  w.check("c.d", "c.d.s1.test: 127.0.0.8", "c.d c.d.s1.test");
}

static void test_ndots_2_sends_names_with_one_dot_through_the_list_first() {
  getent_world w("search s1.test\noptions ndots:2\n");
  w.dns.host("a.b", {.addresses = {"127.0.0.9"}});
  w.dns.host("c.d.s1.test", {.addresses = {"127.0.0.8"}});
  w.check("a.b", "a.b: 127.0.0.9", "a.b.s1.test a.b");
  w.check("c.d", "c.d.s1.test: 127.0.0.8", "c.d.s1.test");
}

static void test_a_candidate_with_one_family_ends_the_search() {
  getent_world w("search s1.test s2.test\n");
  w.dns.host("db.s1.test", {.addresses = {"127.0.0.9"}});
  w.dns.host("db.s2.test", {.addresses = {"::1"}});
  w.check("db", "db.s1.test: 127.0.0.9", "db.s1.test");
}

static void test_a_candidate_without_addresses_is_followed_by_the_next() {
  getent_world w("search s1.test s2.test\n");
  w.dns.host("db.s1.test", {});
  w.dns.host("db.s2.test", {.addresses = {"127.0.0.9"}});
  w.check("db", "db.s2.test: 127.0.0.9", "db.s1.test db.s2.test");
}

static void test_nowhere_an_address_though_the_name_exists() {
  getent_world w("search s1.test s2.test\n");
  w.dns.host("db.s1.test", {});
  w.check_nothing("db", "NODATA", "db.s1.test db.s2.test db");
}

static void test_the_name_exists_nowhere() {
  getent_world w("search s1.test s2.test\n");
  w.check_nothing("db", "NXDOMAIN", "db.s1.test db.s2.test db");
  w.check_nothing("a.b", "NXDOMAIN", "a.b a.b.s1.test a.b.s2.test");
}

static void test_a_failing_candidate_is_followed_by_the_next() {
  getent_world w("search s1.test s2.test\noptions attempts:1\n");
  w.dns.host("db.s1.test", {.code = response_code::servfail});
  w.dns.host("db.s2.test", {.addresses = {"127.0.0.9"}});
  w.check("db", "db.s2.test: 127.0.0.9", "db.s1.test db.s2.test");
}

static void test_a_failing_candidate_is_what_is_told_where_no_other_exists() {
  getent_world w("search s1.test s2.test\noptions attempts:1\n");
  w.dns.host("db.s1.test", {.code = response_code::servfail});
  w.check_nothing("db", "SERVFAIL", "db.s1.test db.s2.test db");
}

static void test_domain_is_a_list_of_one() {
  getent_world w("domain d1.test\n");
  w.dns.host("db.d1.test", {.addresses = {"127.0.0.9"}});
  w.check("db", "db.d1.test: 127.0.0.9", "db.d1.test");
}

static void test_the_last_of_search_and_domain_counts() {
  getent_world w("search s1.test s2.test\ndomain d1.test\n");
  w.check_nothing("db", "NXDOMAIN", "db.d1.test db");
}

static void test_the_name_of_the_machine_gives_the_search_list_where_no_line_does() {
  getent_world w;
  private_network::set_host_name("machine.h1.test");
  w.dns.host("db.h1.test", {.addresses = {"127.0.0.9"}});
  w.check("db", "db.h1.test: 127.0.0.9", "db.h1.test");
}

static void test_a_search_list_of_the_root_completes_nothing() {
  getent_world w("search .\n");
  w.dns.host("db", {.addresses = {"127.0.0.9"}});
  w.check("db", "db: 127.0.0.9", "db");
}

static void test_more_than_six_suffixes_are_searched() {
  getent_world w("search s1.test s2.test s3.test s4.test s5.test s6.test s7.test s8.test\n");
  w.dns.host("db.s8.test", {.addresses = {"127.0.0.9"}});
  w.check("db", "db.s8.test: 127.0.0.9",
          "db.s1.test db.s2.test db.s3.test db.s4.test db.s5.test db.s6.test db.s7.test db.s8.test");
}

static void test_an_empty_file_means_the_server_of_this_machine() {
  getent_world w;
  machine().write_resolv_conf("");
  w.dns.host("demo.test", {.addresses = {"127.0.0.9"}});
  w.check("demo.test", "demo.test: 127.0.0.9", "demo.test");
}

static void test_comments_and_unknown_words_are_passed_over() {
  getent_world w(
      "# nameserver 127.0.0.3\n; search c.test\nnonsense 1\noptions ndots:1 nonsense:7 inet7\n"
      "search\ts1.test\t s2.test  \n");
  w.dns.host("db.s2.test", {.addresses = {"127.0.0.9"}});
  w.check("db", "db.s2.test: 127.0.0.9", "db.s1.test db.s2.test");
}

static void test_localdomain_in_the_environment_is_the_search_list() {
  getent_world w("search s1.test\n");
  const environment_variable set("LOCALDOMAIN", "e1.test e2.test");
  w.dns.host("db.e2.test", {.addresses = {"127.0.0.9"}});
  w.check("db", "db.e2.test: 127.0.0.9", "db.e1.test db.e2.test");
}

static void test_res_options_in_the_environment_are_options() {
  getent_world w("search s1.test\noptions ndots:1\n");
  const environment_variable set("RES_OPTIONS", "ndots:3");
  w.dns.host("a.b.c", {.addresses = {"127.0.0.9"}});
  w.check("a.b.c", "a.b.c: 127.0.0.9", "a.b.c.s1.test a.b.c");
}

// ---- options and servers

static void test_use_vc_asks_over_tcp() {
  const auto over_tcp = [](const demo::seen_question& seen) { return seen.over == demo::transport::tcp; };
  getent_world w("options use-vc\n");
  w.dns.host("demo.test", {.addresses = {"127.0.0.9", "::1"}});
  TEST_ASSERT_EQUAL_STRING("demo.test: ::1 127.0.0.9", ask_getent("demo.test"));
  TEST_ASSERT_TRUE_MESSAGE(all_questions(w.dns, over_tcp), "getent");
  const std::size_t before = w.dns.questions().size();
  TEST_ASSERT_EQUAL_STRING("demo.test: ::1 127.0.0.9", getent_world::ask("demo.test").text);
  TEST_ASSERT_TRUE_MESSAGE(all_questions(w.dns, over_tcp, before), "the library");
}

static void test_edns0_asks_with_an_opt_record() {
  const auto with_edns = [](const demo::seen_question& seen) { return seen.edns.has_value(); };
  getent_world w("options edns0\n");
  w.dns.host("demo.test", {.addresses = {"127.0.0.9", "::1"}});
  TEST_ASSERT_EQUAL_STRING("demo.test: ::1 127.0.0.9", ask_getent("demo.test"));
  TEST_ASSERT_TRUE_MESSAGE(all_questions(w.dns, with_edns), "getent");
  const std::size_t before = w.dns.questions().size();
  TEST_ASSERT_EQUAL_STRING("demo.test: ::1 127.0.0.9", getent_world::ask("demo.test").text);
  TEST_ASSERT_TRUE_MESSAGE(all_questions(w.dns, with_edns, before), "the library");
}

static void test_a_truncated_reply_is_asked_for_again_over_tcp() {
  getent_world w;
  w.dns.host("big.test", {.addresses = {"127.0.0.9", "127.0.0.8"}, .fault = demo::reply_fault::truncated});
  w.check("big.test", "big.test: 127.0.0.9 127.0.0.8", "big.test");
}

static void test_a_dead_first_server_is_passed_over() {
  machine().write_resolv_conf("nameserver 127.0.0.1\nnameserver 127.0.0.2\noptions timeout:1 attempts:1\n");
  machine().write_hosts("");
  dns_responder second(loop(), server_address("127.0.0.2"));
  second.host("demo.test", {.addresses = {"127.0.0.9", "::1"}});
  for (const std::string& said : {ask_getent("demo.test"), getent_world::ask("demo.test").text})
    TEST_ASSERT_EQUAL_STRING("demo.test: ::1 127.0.0.9", said);
}

static void test_a_first_server_that_refuses_is_passed_over() {
  getent_world w("nameserver 127.0.0.2\n");
  w.dns.answer_unknown({.code = response_code::refused});
  dns_responder second(loop(), server_address("127.0.0.2"));
  second.host("demo.test", {.addresses = {"127.0.0.9", "::1"}});
  for (const std::string& said : {ask_getent("demo.test"), getent_world::ask("demo.test").text})
    TEST_ASSERT_EQUAL_STRING("demo.test: ::1 127.0.0.9", said);
  TEST_ASSERT_GREATER_OR_EQUAL(4, w.dns.questions().size());
}

static void test_no_such_name_from_the_first_server_is_final() {
  getent_world w("nameserver 127.0.0.2\n");
  dns_responder second(loop(), server_address("127.0.0.2"));
  second.host("demo.test", {.addresses = {"127.0.0.9"}});
  w.check_nothing("demo.test", "NXDOMAIN", "demo.test");
  TEST_ASSERT_EQUAL_STRING("", names_asked(second));
}

static void test_rotate_spreads_the_questions() {
  getent_world w("nameserver 127.0.0.2\noptions rotate\n");
  dns_responder second(loop(), server_address("127.0.0.2"));
  for (dns_responder* each : {&w.dns, &second}) each->answer_unknown({.addresses = {"127.0.0.9"}});
  TEST_ASSERT_EQUAL_STRING("n.test: 127.0.0.9", ask_getent("n.test"));
  const std::size_t first_before = w.dns.questions().size();
  const std::size_t second_before = second.questions().size();
  ares_resolver names(loop());
  for (int i = 0; i < 16; ++i) {
    const std::string name = "n" + std::to_string(i) + ".test";
    TEST_ASSERT_EQUAL_STRING(name + ": 127.0.0.9", ask_library(names, name).text);
  }
  TEST_ASSERT_GREATER_THAN(first_before, w.dns.questions().size());
  TEST_ASSERT_GREATER_THAN(second_before, second.questions().size());
}

int main() {
  enter_getent_world();
  UNITY_BEGIN();
  RUN_TEST(test_a_short_name_goes_through_the_search_list_first);
  RUN_TEST(test_a_name_with_ndots_dots_is_tried_as_it_is_first);
  RUN_TEST(test_ndots_2_sends_names_with_one_dot_through_the_list_first);
  RUN_TEST(test_a_candidate_with_one_family_ends_the_search);
  RUN_TEST(test_a_candidate_without_addresses_is_followed_by_the_next);
  RUN_TEST(test_nowhere_an_address_though_the_name_exists);
  RUN_TEST(test_the_name_exists_nowhere);
  RUN_TEST(test_a_failing_candidate_is_followed_by_the_next);
  RUN_TEST(test_a_failing_candidate_is_what_is_told_where_no_other_exists);
  RUN_TEST(test_domain_is_a_list_of_one);
  RUN_TEST(test_the_last_of_search_and_domain_counts);
  RUN_TEST(test_the_name_of_the_machine_gives_the_search_list_where_no_line_does);
  RUN_TEST(test_a_search_list_of_the_root_completes_nothing);
  RUN_TEST(test_more_than_six_suffixes_are_searched);
  RUN_TEST(test_an_empty_file_means_the_server_of_this_machine);
  RUN_TEST(test_comments_and_unknown_words_are_passed_over);
  RUN_TEST(test_localdomain_in_the_environment_is_the_search_list);
  RUN_TEST(test_res_options_in_the_environment_are_options);
  RUN_TEST(test_use_vc_asks_over_tcp);
  RUN_TEST(test_edns0_asks_with_an_opt_record);
  RUN_TEST(test_a_truncated_reply_is_asked_for_again_over_tcp);
  RUN_TEST(test_a_dead_first_server_is_passed_over);
  RUN_TEST(test_a_first_server_that_refuses_is_passed_over);
  RUN_TEST(test_no_such_name_from_the_first_server_is_final);
  RUN_TEST(test_rotate_spreads_the_questions);
  return UNITY_END();
}
