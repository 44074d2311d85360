#include "logic/resolv_conf.hpp"

#include <net/if.h>

#include "support/unity.hpp"

using namespace std::chrono_literals;
using uvdial::endpoint;
using uvdial::detail::read_resolv_conf;
using uvdial::detail::resolv_conf;
using uvdial::detail::resolver_surroundings;

void setUp() {}
void tearDown() {}

namespace {

// "192.0.2.1 2001:db8::1": addresses, and the port where one is said.
std::string servers(std::string_view text) {
  std::string all;
  for (const endpoint& each : read_resolv_conf(text, {}).servers)
    all += (all.empty() ? "" : " ") + (each.port() == 0 ? each.address_to_string() : each.to_string());
  return all;
}

std::string domains(std::string_view text, const resolver_surroundings& with = {}) {
  std::string all;
  for (const std::string& each : read_resolv_conf(text, with).search.domains)
    all += (all.empty() ? "" : " ") + each;
  return all;
}

resolv_conf options(const std::string& words) { return read_resolv_conf("options " + words + "\n", {}); }

}  // namespace

void test_an_empty_text_is_the_local_server_and_the_usual_rules() {
  const resolv_conf nothing = read_resolv_conf("", {});
  TEST_ASSERT_EQUAL(1u, nothing.servers.size());
  TEST_ASSERT_EQUAL_STRING("127.0.0.1:0", nothing.servers.front().to_string());
  TEST_ASSERT_TRUE(nothing.search.domains.empty());
  TEST_ASSERT_EQUAL(1u, nothing.search.ndots);
  TEST_ASSERT_FALSE(nothing.timeout.has_value());
  TEST_ASSERT_FALSE(nothing.attempts.has_value());
  TEST_ASSERT_FALSE(nothing.rotate || nothing.tcp_only || nothing.edns);
  for (const char* text : {"\n", "# a\n;b\n", "nameserver\n", "nameserver \n", "search\n", "nonsense 1\n"})
    TEST_ASSERT_TRUE_MESSAGE(nothing == read_resolv_conf(text, {}), text);
}

void test_a_whole_file() {
  const resolv_conf read = read_resolv_conf(
      "# made by hand\n"
      "nameserver 192.0.2.1\n"
      "nameserver\t2001:db8::1\n"
      "search a.test b.test\n"
      "options ndots:5 timeout:1 attempts:3 rotate use-vc edns0 trust-ad\n"
      "sortlist 192.0.2.0/255.255.255.0",
      {});
  resolv_conf expected;
  expected.servers = {endpoint::from_literal("192.0.2.1", 0).value(),
                      endpoint::from_literal("2001:db8::1", 0).value()};
  expected.search = {{"a.test", "b.test"}, 5};
  expected.timeout = 1s;
  expected.attempts = 3;
  expected.rotate = expected.tcp_only = expected.edns = true;
  TEST_ASSERT_TRUE(expected == read);
}

void test_three_servers_count_and_twice_the_same_is_two() {
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 192.0.2.1 192.0.2.2",
                           servers("nameserver 192.0.2.1\nnameserver 192.0.2.1\nnameserver 192.0.2.2\n"
                                   "nameserver 192.0.2.3\n"));
}

void test_servers_that_cannot_be_read_do_not_count() {
  TEST_ASSERT_EQUAL_STRING(
      "192.0.2.1 192.0.2.2 192.0.2.3",
      servers("nameserver dns.test\nnameserver 192.0.2.1\nnameserver 192.0.2.256\nnameserver 2001:db8::g\n"
              "nameserver 192.0.2.9#no\nnameserver 192.0.2.9:53\nnameserver 192.0.2.2\nnameserver "
              "192.0.2.3"));
}

void test_what_follows_the_address_does_not_matter() {
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 2001:db8::1",
                           servers("nameserver \t 192.0.2.1 # first\nnameserver 2001:db8::1\tjunk\n"));
}

void test_old_forms_of_v4_are_read_as_the_system_reads_them() {
  TEST_ASSERT_EQUAL_STRING("127.0.0.1 127.0.0.2 8.0.0.1",
                           servers("nameserver 127.1\nnameserver 0x7f000002\nnameserver 010.0.0.1\n"));
  TEST_ASSERT_EQUAL_STRING("127.0.0.1", servers("nameserver " + std::string(100, '1') + "\n"));
}

void test_zones_by_name_and_by_number() {
  const std::string number = std::to_string(if_nametoindex("lo"));
  TEST_ASSERT_EQUAL_STRING("fe80::1%lo fe80::2%lo",
                           servers("nameserver fe80::1%lo\nnameserver fe80::2%" + number + "\n"));
}

void test_a_link_local_server_without_its_interface_is_passed_over() {
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", servers("nameserver fe80::1\nnameserver fe80::1%no-such-interface\n"
                                                "nameserver fe80::1%\nnameserver 192.0.2.1\n"));
}

void test_a_global_server_needs_no_zone() {
  TEST_ASSERT_EQUAL_STRING("2001:db8::1", servers("nameserver 2001:db8::1%no-such-interface\n"));
}

void test_a_port_stands_behind_brackets() {
  TEST_ASSERT_EQUAL_STRING("192.0.2.1:5353 [2001:db8::1]:54 192.0.2.2",
                           servers("nameserver [192.0.2.1]:5353\nnameserver [2001:db8::1]:54\n"
                                   "nameserver [192.0.2.2]\n"));
  TEST_ASSERT_EQUAL_STRING("[fe80::1%lo]:53", servers("nameserver [fe80::1%lo]:53\n"));
  for (const char* word :
       {"[192.0.2.1]:0", "[192.0.2.1]:65536", "[192.0.2.1]:", "[192.0.2.1]:5x", "[192.0.2.1", "[192.0.2.1]53",
        "[]:53", "[dns.test]:53", "[192.0.2.1]:-1", "[", "]"})
    TEST_ASSERT_EQUAL_STRING_MESSAGE("127.0.0.1", servers(std::string("nameserver ") + word + "\n"), word);
}

void test_a_keyword_stands_in_the_first_column_and_a_blank_follows() {
  TEST_ASSERT_EQUAL_STRING("127.0.0.1", servers(" nameserver 192.0.2.1\n\tnameserver 192.0.2.1\n"
                                                "NAMESERVER 192.0.2.1\nnameserver192.0.2.1\n"));
  TEST_ASSERT_EQUAL_STRING("", domains(" search a.test\nsearched a.test\nsearch\ndomains a.test\n"));
}

void test_comments_begin_in_the_first_column_only() {
  TEST_ASSERT_EQUAL_STRING("", domains("#search a.test\n;search a.test\n# search a.test\n"));
  TEST_ASSERT_EQUAL_STRING_MESSAGE("a.test b", domains("search a.test # b\n"), "# is no domain, b is");
}

void test_the_last_of_search_and_domain_wins() {
  TEST_ASSERT_EQUAL_STRING("c.test", domains("search a.test b.test\ndomain c.test d.test\n"));
  TEST_ASSERT_EQUAL_STRING("a.test b.test", domains("domain c.test\nsearch \t a.test\t b.test \n"));
  TEST_ASSERT_EQUAL_STRING("b.test", domains("search a.test\nsearch b.test\n"));
  TEST_ASSERT_EQUAL_STRING_MESSAGE("a.test", domains("search a.test\nsearch \ndomain \t\n"),
                                   "they say nothing");
}

void test_domains_are_kept_as_they_are_written() {
  TEST_ASSERT_EQUAL_STRING("A.Test. .", domains("search A.Test. .\n"));
}

void test_domains_that_no_name_can_end_in_are_left_out() {
  TEST_ASSERT_EQUAL_STRING("a.test b.test",
                           domains("search a..test a.test 1 " + std::string(64, 'a') + " b.test / \n"));
  TEST_ASSERT_EQUAL_STRING_MESSAGE("", domains("search #\n", {{}, {}, "host.test"}),
                                   "the list is set all the same");
}

void test_the_search_list_has_a_limit() {
  std::string text = "search";
  for (int i = 0; i < 1000; ++i) text += " d" + std::to_string(i) + ".test";
  const resolv_conf read = read_resolv_conf(text, {});
  TEST_ASSERT_EQUAL(32u, read.search.domains.size());
  TEST_ASSERT_EQUAL_STRING("d31.test", read.search.domains.back());
}

void test_without_a_search_list_the_domain_of_the_machine_is_searched() {
  const struct {
    const char* host_name;
    const char* domain;
  } rows[] = {{"host.sub.test", "sub.test"},
              {"host", ""},
              {"host.", ""},
              {".test", "test"},
              {"", ""},
              {"host..test", ""}};
  for (const auto& row : rows)
    TEST_ASSERT_EQUAL_STRING_MESSAGE(row.domain, domains("", {{}, {}, row.host_name}), row.host_name);
  TEST_ASSERT_EQUAL_STRING("a.test", domains("search a.test\n", {{}, {}, "host.sub.test"}));
  TEST_ASSERT_EQUAL_STRING("a.test", domains("domain a.test\n", {{}, {}, "host.sub.test"}));
}

void test_localdomain_takes_the_place_of_the_file() {
  const char* text = "search a.test\ndomain b.test\n";
  TEST_ASSERT_EQUAL_STRING("c.test d.test", domains(text, {"c.test \td.test", {}, "host.test"}));
  TEST_ASSERT_EQUAL_STRING("c.test", domains(text, {"c.test\nd.test", {}, {}}));
  TEST_ASSERT_EQUAL_STRING_MESSAGE("", domains(text, {"", {}, "host.test"}), "set, and empty");
}

void test_options_add_up_over_lines() {
  const resolv_conf read = read_resolv_conf("options ndots:2 rotate\noptions timeout:3\toptions edns0\n", {});
  TEST_ASSERT_EQUAL(2u, read.search.ndots);
  TEST_ASSERT_TRUE(read.timeout == 3s);
  TEST_ASSERT_TRUE(read.rotate && read.edns);
  TEST_ASSERT_EQUAL(4u, read_resolv_conf("options ndots:2\noptions ndots:4\n", {}).search.ndots);
}

void test_numbers_are_cut_to_what_the_system_takes() {
  const resolv_conf high = options("ndots:16 timeout:31 attempts:6");
  TEST_ASSERT_EQUAL(15u, high.search.ndots);
  TEST_ASSERT_TRUE(high.timeout == 30s);
  TEST_ASSERT_EQUAL(5u, high.attempts.value());
  const std::string digits(40, '9');
  const resolv_conf huge = options("ndots:" + digits + " timeout:" + digits + " attempts:" + digits);
  TEST_ASSERT_TRUE(huge == high);
  const resolv_conf low = options("ndots:0 timeout:0 attempts:0");
  TEST_ASSERT_EQUAL(0u, low.search.ndots);
  TEST_ASSERT_TRUE(low.timeout == 1s);
  TEST_ASSERT_EQUAL(1u, low.attempts.value());
  TEST_ASSERT_TRUE(low == options("ndots:-1 timeout:-1 attempts:-" + digits));
}

void test_a_number_that_cannot_be_read_is_zero_and_may_stand_behind_a_blank() {
  TEST_ASSERT_EQUAL(0u, options("ndots:abc").search.ndots);
  TEST_ASSERT_EQUAL(0u, options("ndots:").search.ndots);
  TEST_ASSERT_EQUAL(3u, options("ndots: 3").search.ndots);
  TEST_ASSERT_EQUAL(3u, options("ndots:+3,timeout:9").search.ndots);
  TEST_ASSERT_TRUE(options("timeout: rotate").rotate);
}

void test_options_are_known_by_how_they_begin() {
  TEST_ASSERT_TRUE(options("rotated use-vcx edns0,").edns);
  TEST_ASSERT_TRUE(options("rotated use-vcx edns0,").rotate);
  TEST_ASSERT_TRUE(options("rotated use-vcx edns0,").tcp_only);
  TEST_ASSERT_TRUE(read_resolv_conf("", {}) == options("no-rotate Rotate rot ndots=3 inet6 single-request"));
}

void test_res_options_come_after_the_file() {
  const resolv_conf read = read_resolv_conf("options ndots:2 timeout:7\n", {{}, " ndots:4 rotate", {}});
  TEST_ASSERT_EQUAL(4u, read.search.ndots);
  TEST_ASSERT_TRUE(read.timeout == 7s);
  TEST_ASSERT_TRUE(read.rotate);
}

void test_lines_may_end_as_on_windows() {
  const char* text = "nameserver 2001:db8::1\r\nsearch a.test\r\noptions rotate\r\nnameserver 192.0.2.1\r";
  TEST_ASSERT_EQUAL_STRING("2001:db8::1 192.0.2.1", servers(text));
  TEST_ASSERT_EQUAL_STRING("a.test", domains(text));
  TEST_ASSERT_TRUE(read_resolv_conf(text, {}).rotate);
}

void test_a_zero_octet_ends_its_line() {
  using namespace std::string_view_literals;
  TEST_ASSERT_EQUAL_STRING("a", domains("search a\0b c\n"sv));
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 192.0.2.2",
                           servers("nameserver 192.0.2.1\0 9\nnameserver 192.0.2.2\n"sv));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_an_empty_text_is_the_local_server_and_the_usual_rules);
  RUN_TEST(test_a_whole_file);
  RUN_TEST(test_three_servers_count_and_twice_the_same_is_two);
  RUN_TEST(test_servers_that_cannot_be_read_do_not_count);
  RUN_TEST(test_what_follows_the_address_does_not_matter);
  RUN_TEST(test_old_forms_of_v4_are_read_as_the_system_reads_them);
  RUN_TEST(test_zones_by_name_and_by_number);
  RUN_TEST(test_a_link_local_server_without_its_interface_is_passed_over);
  RUN_TEST(test_a_global_server_needs_no_zone);
  RUN_TEST(test_a_port_stands_behind_brackets);
  RUN_TEST(test_a_keyword_stands_in_the_first_column_and_a_blank_follows);
  RUN_TEST(test_comments_begin_in_the_first_column_only);
  RUN_TEST(test_the_last_of_search_and_domain_wins);
  RUN_TEST(test_domains_are_kept_as_they_are_written);
  RUN_TEST(test_domains_that_no_name_can_end_in_are_left_out);
  RUN_TEST(test_the_search_list_has_a_limit);
  RUN_TEST(test_without_a_search_list_the_domain_of_the_machine_is_searched);
  RUN_TEST(test_localdomain_takes_the_place_of_the_file);
  RUN_TEST(test_options_add_up_over_lines);
  RUN_TEST(test_numbers_are_cut_to_what_the_system_takes);
  RUN_TEST(test_a_number_that_cannot_be_read_is_zero_and_may_stand_behind_a_blank);
  RUN_TEST(test_options_are_known_by_how_they_begin);
  RUN_TEST(test_res_options_come_after_the_file);
  RUN_TEST(test_lines_may_end_as_on_windows);
  RUN_TEST(test_a_zero_octet_ends_its_line);
  return UNITY_END();
}
