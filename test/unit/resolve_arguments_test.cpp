// The command line of --resolve: what counts as its host, and which options go with it.
#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "support/command_words.hpp"
#include "unity.hpp"

using namespace std::chrono_literals;
using uvdial::family_policy;
using uvdial::cli::arguments;

using fixture::read;
using fixture::refusal;
using fixture::words;

void setUp() {}
void tearDown() {}

namespace {

struct host_row {
  words given;
  const char* host;
};
const std::vector<host_row> hosts = {{{"demo.test"}, "demo.test"},
                                     {{"demo.test:80"}, "demo.test"},
                                     {{"demo.test", "https"}, "demo.test"},
                                     {{"192.0.2.7"}, "192.0.2.7"},
                                     {{"192.0.2.7:80"}, "192.0.2.7"},
                                     {{"::1"}, "::1"},
                                     {{"2001:db8::1"}, "2001:db8::1"},
                                     {{"::1:80"}, "::1:80"},  // an address of its own
                                     {{"[::1]"}, "::1"},
                                     {{"[::1]:80"}, "::1"},
                                     {{"[::1]", "80"}, "::1"},
                                     {{"::1", "80"}, "::1"},
                                     {{"fe80::1%eth0"}, "fe80::1%eth0"},
                                     {{"1"}, "1"}};

}  // namespace

static void test_resolve_takes_a_host_alone_or_the_words_of_a_dial() {
  for (const host_row& row : hosts) {
    words given = row.given;
    given.insert(given.begin(), "--resolve");
    const arguments is = read(given);
    TEST_ASSERT_TRUE_MESSAGE(is.what == arguments::wish::resolve, row.given[0]);
    TEST_ASSERT_EQUAL_MESSAGE(row.host, is.host, row.given[0]);
    TEST_ASSERT_FALSE_MESSAGE(is.to.has_value(), row.given[0]);
  }
}

static void test_resolve_quotes_what_is_no_host() {
  for (const char* text : {"", "http://demo.test", "a:b:c", "demo.test:", "demo.test:0", ":80", "[demo.test]",
                           "[::1", "::1]", "[::1]80", "two words", "[]"})
    TEST_ASSERT_CONTAINS_STRING("\"" + std::string(text) + "\"", refusal({"--resolve", text}));
  TEST_ASSERT_CONTAINS_STRING("\"99999\"", refusal({"--resolve", "demo.test", "99999"}));
  TEST_ASSERT_EQUAL("no HOST given, as in uvdial --resolve example.com; see uvdial --help",
                    refusal({"--resolve"}));
  TEST_ASSERT_EQUAL("unexpected argument \"c\"; see uvdial --help", refusal({"--resolve", "a", "1", "c"}));
}

static void test_resolve_goes_with_the_options_about_names() {
  const arguments is = read({"--json", "--dns-server=192.0.2.1", "--hosts=names", "demo.test", "--timeout=9",
                             "--family=ipv4", "-z", "--resolve"});
  TEST_ASSERT_TRUE(is.what == arguments::wish::resolve);
  TEST_ASSERT_EQUAL("demo.test", is.host);
  TEST_ASSERT_TRUE(is.json);
  TEST_ASSERT_EQUAL(1, is.dns_servers.size());
  TEST_ASSERT_EQUAL("names", is.hosts_file.value());
  TEST_ASSERT_EQUAL(9ms, is.options.timeout.value());
  TEST_ASSERT_TRUE(is.options.families == family_policy::v4_only);
}

static void test_resolve_refuses_the_options_about_connecting() {
  for (const words& given : std::vector<words>{{"--trace", "--resolve", "d"},
                                               {"--resolve", "--attempt-delay=250", "d"},
                                               {"--resolve", "d", "--resolution-delay", "50"}}) {
    const std::string why = refusal(given);
    TEST_ASSERT_CONTAINS_STRING(" goes with a connection, and --resolve makes none", why);
    TEST_ASSERT_EQUAL(0, why.find("option \"--"));
  }
  TEST_ASSERT_CONTAINS_STRING("option \"--attempt-delay\" ",
                              refusal({"--resolve", "--attempt-delay=250", "d"}));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_resolve_takes_a_host_alone_or_the_words_of_a_dial);
  RUN_TEST(test_resolve_quotes_what_is_no_host);
  RUN_TEST(test_resolve_goes_with_the_options_about_names);
  RUN_TEST(test_resolve_refuses_the_options_about_connecting);
  return UNITY_END();
}
