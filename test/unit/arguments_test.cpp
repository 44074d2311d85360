// What a command line means, and what is refused with which words.
#include "cli/arguments.hpp"

#include <sstream>
#include <string>
#include <vector>

#include "support/command_words.hpp"
#include "unity.hpp"

using namespace std::chrono_literals;
using uvdial::endpoint;
using uvdial::family_policy;
using uvdial::target;
using uvdial::cli::arguments;
using uvdial::cli::help_text;
using uvdial::cli::usage_error;

using fixture::read;
using fixture::refusal;
using fixture::words;

void setUp() {}
void tearDown() {}

namespace {

void check_target(const target& expected, const words& given) {
  const arguments is = read(given);
  TEST_ASSERT_TRUE(is.what == arguments::wish::dial);
  TEST_ASSERT_EQUAL(expected.to_string(), is.to.value().to_string());
}

struct server_row {
  const char* text;
  const char* expected;
  int port;
};
constexpr server_row servers[] = {{"192.0.2.53", "192.0.2.53", 0},
                                  {"192.0.2.53:5353", "192.0.2.53", 5353},
                                  {"2001:db8::53", "2001:db8::53", 0},
                                  {"[2001:db8::53]", "2001:db8::53", 0},
                                  {"[2001:db8::53]:5353", "2001:db8::53", 5353},
                                  {"::1", "::1", 0},
                                  {"[::1]:65535", "::1", 65535}};

constexpr const char* no_servers[] = {
    "",      "localhost",   "192.0.2.53:",  "192.0.2.53:0", "192.0.2.53:65536",
    "[::1",  "::1]",        "[192.0.2.53]", "[::1]53",      "192.0.2.53 ",
    "1.2.3", "[::1]:65536", ":53",          "[]:53"};

struct range_row {
  const char* option;
  int first, last;
};
constexpr range_row ranges[] = {
    {"--timeout", 1, 86'400'000}, {"--attempt-delay", 10, 2000}, {"--resolution-delay", 0, 2000}};

constexpr const char* no_numbers[] = {"",
                                      " 100",
                                      "100 ",
                                      "+100",
                                      "-100",
                                      "0x64",
                                      "1e2",
                                      "10.0",
                                      "0100",
                                      "100ms",
                                      "ten",
                                      "٣٠٠",
                                      "99999999999999999999"};

}  // namespace

static void test_host_and_port_are_two_words() { check_target({"demo.test", 80}, {"demo.test", "80"}); }

static void test_host_and_port_are_one_word() { check_target({"demo.test", 80}, {"demo.test:80"}); }

static void test_an_ipv6_address_has_brackets_where_the_port_is_in_the_same_word() {
  check_target({"::1", 80}, {"[::1]:80"});
  check_target({"::1", 80}, {"::1", "80"});
  check_target({"::1", 80}, {"[::1]", "80"});
}

static void test_a_port_may_be_a_service_name() {
  check_target({"demo.test", 443}, {"demo.test:https"});
  check_target({"demo.test", 443}, {"demo.test", "https"});
}

static void test_nothing_said_means_a_relay_with_the_defaults() {
  const arguments is = read({"demo.test:80"});
  TEST_ASSERT_TRUE(is.then == arguments::after_connect::relay);
  TEST_ASSERT_FALSE(is.json);
  TEST_ASSERT_FALSE(is.trace);
  TEST_ASSERT_TRUE(is.dns_servers.empty());
  TEST_ASSERT_FALSE(is.hosts_file.has_value());
  TEST_ASSERT_EQUAL(30'000ms, is.options.timeout.value());
  TEST_ASSERT_EQUAL(250ms, is.options.attempt_delay);
  TEST_ASSERT_EQUAL(50ms, is.options.resolution_delay);
  TEST_ASSERT_TRUE(is.options.families == family_policy::v6_first);
}

static void test_z_only_connects() {
  TEST_ASSERT_TRUE(read({"-z", "demo.test:80"}).then == arguments::after_connect::close);
}

static void test_json_only_connects_too() {
  const arguments is = read({"--json", "demo.test:80"});
  TEST_ASSERT_TRUE(is.json);
  TEST_ASSERT_TRUE(is.then == arguments::after_connect::close);
}

static void test_trace_leaves_the_relay_on() {
  const arguments is = read({"--trace", "demo.test:80"});
  TEST_ASSERT_TRUE(is.trace);
  TEST_ASSERT_TRUE(is.then == arguments::after_connect::relay);
}

static void test_a_value_is_the_next_word_or_follows_an_equals_sign() {
  TEST_ASSERT_EQUAL(1500ms, read({"--timeout", "1500", "demo.test:80"}).options.timeout.value());
  TEST_ASSERT_EQUAL(1500ms, read({"--timeout=1500", "demo.test:80"}).options.timeout.value());
  TEST_ASSERT_EQUAL("a=b", read({"--hosts=a=b", "demo.test:80"}).hosts_file.value());
}

static void test_options_stand_before_between_and_after_the_operands() {
  const arguments is = read({"-z", "demo.test", "--trace", "80", "--timeout", "9"});
  TEST_ASSERT_EQUAL("demo.test:80", is.to.value().to_string());
  TEST_ASSERT_TRUE(is.trace);
  TEST_ASSERT_EQUAL(9ms, is.options.timeout.value());
}

static void test_the_last_of_two_values_counts() {
  TEST_ASSERT_EQUAL(2ms, read({"--timeout=1", "--timeout=2", "demo.test:80"}).options.timeout.value());
}

static void test_two_dashes_end_the_options() {
  TEST_ASSERT_EQUAL("-z:80", read({"--", "-z", "80"}).to.value().to_string());
  TEST_ASSERT_EQUAL("--:80", read({"--", "--", "80"}).to.value().to_string());
}

static void test_every_range_includes_its_ends_and_nothing_beyond() {
  for (const range_row& row : ranges) {
    const auto with = [&row](long long value) {
      return refusal({row.option, std::to_string(value).c_str(), "demo.test:80"});
    };
    TEST_ASSERT_EQUAL_MESSAGE("accepted", with(row.first), row.option);
    TEST_ASSERT_EQUAL_MESSAGE("accepted", with(row.last), row.option);
    for (const long long beyond : {row.first - 1LL, row.last + 1LL})
      TEST_ASSERT_CONTAINS_STRING_MESSAGE("\"" + std::to_string(beyond) + "\"", with(beyond), row.option);
  }
}

static void test_a_number_is_plain_decimal() {
  for (const char* text : no_numbers) {
    const std::string why = refusal({"--timeout", text, "demo.test:80"});
    TEST_ASSERT_CONTAINS_STRING(
        "option --timeout takes a whole number of milliseconds from 1 to 86400000, not", why);
    TEST_ASSERT_CONTAINS_STRING("\"" + std::string(text) + "\"", why);
  }
}

static void test_family_is_any_or_one_of_two() {
  TEST_ASSERT_TRUE(read({"--family", "any", "d:80"}).options.families == family_policy::v6_first);
  TEST_ASSERT_TRUE(read({"--family", "ipv4", "d:80"}).options.families == family_policy::v4_only);
  TEST_ASSERT_TRUE(read({"--family=ipv6", "d:80"}).options.families == family_policy::v6_only);
  for (const char* text : {"", "IPv4", "4", "inet", "ipv4 "})
    TEST_ASSERT_EQUAL("option --family takes any, ipv4 or ipv6, not \"" + std::string(text) + "\"",
                      refusal({"--family", text, "d:80"}));
}

static void test_a_dns_server_is_an_address_with_or_without_a_port() {
  for (const server_row& row : servers) {
    const arguments is = read({"--dns-server", row.text, "d:80"});
    TEST_ASSERT_EQUAL_MESSAGE(1, is.dns_servers.size(), row.text);
    TEST_ASSERT_EQUAL_MESSAGE(row.expected, is.dns_servers[0].address_to_string(), row.text);
    TEST_ASSERT_EQUAL_MESSAGE(row.port, is.dns_servers[0].port(), row.text);
  }
}

static void test_a_dns_server_is_nothing_else() {
  for (const char* text : no_servers)
    TEST_ASSERT_EQUAL(
        "option --dns-server takes an IP address, with or without a port, not \"" + std::string(text) + "\"",
        refusal({"--dns-server", text, "d:80"}));
}

static void test_dns_servers_are_kept_in_their_order() {
  const arguments is = read({"--dns-server=192.0.2.1", "--dns-server=192.0.2.2", "d:80"});
  TEST_ASSERT_EQUAL(2, is.dns_servers.size());
  TEST_ASSERT_EQUAL("192.0.2.1", is.dns_servers[0].address_to_string());
  TEST_ASSERT_EQUAL("192.0.2.2", is.dns_servers[1].address_to_string());
}

// Which one was meant is in command_line_messages_test.cpp.
static void test_unknown_options_are_quoted() {
  for (const char* text : {"-x", "-zz", "-z=1", "--jso", "--JSON", "---json", "--resolv", "--block",
                           "--block=private", "--unix-path", "-h"}) {
    const std::string why = refusal({text, "d:80"});
    TEST_ASSERT_EQUAL(0, why.find("unknown option \"" + std::string(text) + "\"; "));
    TEST_ASSERT_TRUE_MESSAGE(why.ends_with(" see uvdial --help"), why);
  }
}

static void test_a_value_that_is_missing_or_not_wanted_is_refused() {
  TEST_ASSERT_EQUAL("option \"--timeout\" needs a value; see uvdial --help", refusal({"d:80", "--timeout"}));
  TEST_ASSERT_EQUAL("option --json takes no value: \"--json=yes\"", refusal({"--json=yes", "d:80"}));
  TEST_ASSERT_EQUAL("option --hosts takes the name of a file, not \"\"", refusal({"--hosts=", "d:80"}));
}

static void test_there_is_one_target_no_less_and_no_more() {
  TEST_ASSERT_EQUAL("no HOST given, as in uvdial example.com 443; see uvdial --help", refusal({}));
  TEST_ASSERT_EQUAL("no HOST given, as in uvdial example.com 443; see uvdial --help", refusal({"-z", "--"}));
  TEST_ASSERT_EQUAL("unexpected argument \"c\"; see uvdial --help", refusal({"a", "1", "c"}));
}

static void test_a_bad_target_is_quoted() {
  const std::vector<std::pair<words, std::string>> rows = {{{"demo.test"}, "demo.test"},
                                                           {{"demo.test", "0"}, "0"},
                                                           {{"demo.test", "65536"}, "65536"},
                                                           {{"demo.test:"}, "demo.test:"},
                                                           {{"demo.test", "-1"}, "-1"},
                                                           {{"::1:80"}, "::1:80"},
                                                           {{"", "80"}, ""},
                                                           {{"http://demo.test"}, "http://demo.test"}};
  for (const auto& [given, bad] : rows) TEST_ASSERT_CONTAINS_STRING("\"" + bad + "\"", refusal(given));
}

static void test_a_usage_error_is_one_line() {
  for (const words& given : std::vector<words>{
           {"a\nb", "80"}, {"-\n"}, {"a", "1", "\r\n"}, {"--timeout", "\n", "d:80"}, {"--dns-server=\n"}})
    TEST_ASSERT_EQUAL(std::string::npos, refusal(given).find_first_of("\r\n"));
}

static void test_help_and_version_win_over_what_follows() {
  TEST_ASSERT_TRUE(read({"--help", "--nonsense"}).what == arguments::wish::help);
  TEST_ASSERT_TRUE(read({"-z", "--version", "a", "b", "c"}).what == arguments::wish::version);
  TEST_ASSERT_TRUE(read({"--", "--help", "80"}).what == arguments::wish::dial);
  TEST_ASSERT_TRUE(read({"--resolve", "--help"}).what == arguments::wish::help);
  TEST_ASSERT_TRUE(read({"--trace", "--resolve", "--version"}).what == arguments::wish::version);
}

static void test_help_fits_on_a_terminal_and_names_every_option() {
  std::istringstream lines{std::string(help_text())};
  for (std::string line; std::getline(lines, line);) TEST_ASSERT_LESS_OR_EQUAL_MESSAGE(80, line.size(), line);
  TEST_ASSERT_EQUAL('\n', help_text().back());
  for (const char* name : {"-z", "--json", "--trace", "--svg", "--repeat", "--resolve", "--unix",
                           "--dns-server", "--hosts", "--family", "--bind", "--deny", "--allow", "--timeout",
                           "--attempt-delay", "--resolution-delay", "--help", "--version"})
    TEST_ASSERT_CONTAINS_STRING(std::string("\n  ") + name + " ", help_text());
  for (const char* heading : {"Usage: ", "\nExamples:\n", "\nExit status:\n"})
    TEST_ASSERT_CONTAINS_STRING(heading, help_text());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_host_and_port_are_two_words);
  RUN_TEST(test_host_and_port_are_one_word);
  RUN_TEST(test_an_ipv6_address_has_brackets_where_the_port_is_in_the_same_word);
  RUN_TEST(test_a_port_may_be_a_service_name);
  RUN_TEST(test_nothing_said_means_a_relay_with_the_defaults);
  RUN_TEST(test_z_only_connects);
  RUN_TEST(test_json_only_connects_too);
  RUN_TEST(test_trace_leaves_the_relay_on);
  RUN_TEST(test_a_value_is_the_next_word_or_follows_an_equals_sign);
  RUN_TEST(test_options_stand_before_between_and_after_the_operands);
  RUN_TEST(test_the_last_of_two_values_counts);
  RUN_TEST(test_two_dashes_end_the_options);
  RUN_TEST(test_every_range_includes_its_ends_and_nothing_beyond);
  RUN_TEST(test_a_number_is_plain_decimal);
  RUN_TEST(test_family_is_any_or_one_of_two);
  RUN_TEST(test_a_dns_server_is_an_address_with_or_without_a_port);
  RUN_TEST(test_a_dns_server_is_nothing_else);
  RUN_TEST(test_dns_servers_are_kept_in_their_order);
  RUN_TEST(test_unknown_options_are_quoted);
  RUN_TEST(test_a_value_that_is_missing_or_not_wanted_is_refused);
  RUN_TEST(test_there_is_one_target_no_less_and_no_more);
  RUN_TEST(test_a_bad_target_is_quoted);
  RUN_TEST(test_a_usage_error_is_one_line);
  RUN_TEST(test_help_and_version_win_over_what_follows);
  RUN_TEST(test_help_fits_on_a_terminal_and_names_every_option);
  return UNITY_END();
}
