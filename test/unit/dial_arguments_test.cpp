// The command line of a dial: from where, to which addresses, to what kind of socket, and how often.
#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "support/command_words.hpp"
#include "support/unity.hpp"

using namespace uvdial;
using cli::arguments;

using fixture::read;
using fixture::refusal;
using fixture::words;

void setUp() {}
void tearDown() {}

namespace {

bool allows(const arguments& wanted, const char* address) {
  return wanted.policy.allows(endpoint::from_literal(address, 80).value());
}

struct policy_row {
  words rules;
  std::vector<const char*> allowed;
  std::vector<const char*> denied;
};
const std::vector<policy_row> policies = {
    {{}, {"192.0.2.1", "127.0.0.1", "10.1.2.3", "::1"}, {}},
    {{"--deny", "private"}, {"192.0.2.1", "127.0.0.1"}, {"10.1.2.3", "fd00::1", "::ffff:10.1.2.3"}},
    {{"--deny=loopback"}, {"10.1.2.3"}, {"127.0.0.1", "::1"}},
    {{"--deny=link-local"}, {"10.1.2.3"}, {"169.254.1.1"}},
    {{"--deny=multicast"}, {"10.1.2.3"}, {"224.0.0.1", "ff02::1:3"}},
    {{"--deny=unspecified"}, {"10.1.2.3"}, {"0.0.0.0", "::"}},
    {{"--deny=metadata"}, {"169.254.1.1"}, {"169.254.169.254"}},
    {{"--deny=reserved"}, {"10.1.2.3"}, {"192.0.2.1", "2001:db8::1"}},
    {{"--deny=192.0.2.7"}, {"192.0.2.1"}, {"192.0.2.7"}},
    {{"--deny=private", "--deny=loopback"}, {"192.0.2.1"}, {"10.1.2.3", "127.0.0.1"}},
    {{"--deny=10.0.0.0/8", "--allow=10.1.0.0/16"}, {"10.1.2.3", "192.0.2.1"}, {"10.2.0.1"}},
    {{"--allow=10.1.0.0/16", "--deny=10.0.0.0/8"}, {"10.1.2.3", "192.0.2.1"}, {"10.2.0.1"}},
    {{"--allow=10.1.0.0/16"}, {"10.1.2.3"}, {"10.2.0.1", "192.0.2.1", "::1"}},
    {{"--allow=loopback", "--allow=2001:db8::/32"}, {"127.0.0.1", "::1", "2001:db8::7"}, {"192.0.2.1"}}};

std::string name_of(const words& rules) {
  std::string name;
  for (const char* each : rules) name += std::string(each) + " ";
  return name;
}

}  // namespace

static void test_deny_and_allow_make_a_policy() {
  for (const policy_row& row : policies) {
    words given = row.rules;
    given.push_back("d:80");
    const arguments is = read(given);
    for (const char* address : row.allowed)
      TEST_ASSERT_TRUE_MESSAGE(allows(is, address), name_of(row.rules) + address);
    for (const char* address : row.denied)
      TEST_ASSERT_FALSE_MESSAGE(allows(is, address), name_of(row.rules) + address);
  }
}

static void test_a_rule_that_is_none_is_quoted() {
  for (const char* text : {"", "Private", "all", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/", "010.0.0.0/8",
                           "example.com", "fe80::1%lo", "::ffff:10.0.0.0/104", "private,loopback"}) {
    for (const std::string option : {"--deny", "--allow"}) {
      const std::string why = refusal({option.c_str(), text, "d:80"});
      TEST_ASSERT_EQUAL_MESSAGE(0, why.find("option " + option + ": "), why);
      TEST_ASSERT_CONTAINS_STRING("\"" + std::string(text) + "\"", why);
    }
  }
}

static void test_bind_takes_one_address_of_each_family() {
  const arguments none = read({"d:80"});
  TEST_ASSERT_FALSE(none.options.bind_v4 || none.options.bind_v6);
  const arguments one = read({"--bind", "127.0.0.3", "d:80"});
  TEST_ASSERT_EQUAL("127.0.0.3:0", one.options.bind_v4.value().to_string());
  TEST_ASSERT_FALSE(one.options.bind_v6.has_value());
  const arguments both = read({"--bind=::1", "d:80", "--bind=127.0.0.3"});
  TEST_ASSERT_EQUAL("127.0.0.3", both.options.bind_v4.value().address_to_string());
  TEST_ASSERT_EQUAL("::1", both.options.bind_v6.value().address_to_string());
  TEST_ASSERT_EQUAL("option --bind takes one address of each family, and \"127.0.0.4\" is the second of IPv4",
                    refusal({"--bind=127.0.0.3", "--bind=::1", "--bind=127.0.0.4", "d:80"}));
  TEST_ASSERT_EQUAL("option --bind takes one address of each family, and \"::1\" is the second of IPv6",
                    refusal({"--bind=::1", "--bind=::1", "d:80"}));
}

static void test_bind_takes_a_zone_that_this_machine_has() {
  TEST_ASSERT_EQUAL("fe80::1%lo",
                    read({"--bind=fe80::1%lo", "d:80"}).options.bind_v6.value().address_to_string());
  const std::string why = refusal({"--bind=fe80::1%no-such-if", "d:80"});
  TEST_ASSERT_EQUAL_MESSAGE(0, why.find("option --bind: "), why);
  TEST_ASSERT_CONTAINS_STRING("fe80::1%no-such-if", why);
}

static void test_bind_takes_nothing_but_an_address() {
  for (const char* text :
       {"", "localhost", "127.0.0.1:0", "127.0.0.1:80", "[::1]", "[::1]:80", "127.1", "lo"})
    TEST_ASSERT_EQUAL("option --bind takes an IP address without a port, not \"" + std::string(text) + "\"",
                      refusal({"--bind", text, "d:80"}));
}

static void test_unix_takes_the_place_of_host_and_port() {
  const arguments is = read({"--unix", "/run/x.sock", "-z", "--trace", "--timeout=9"});
  TEST_ASSERT_TRUE(is.what == arguments::wish::dial);
  TEST_ASSERT_EQUAL("/run/x.sock", is.unix_path.value());
  TEST_ASSERT_FALSE(is.to.has_value());
  TEST_ASSERT_EQUAL("@name", read({"--unix=@name", "--json"}).unix_path.value());
  TEST_ASSERT_EQUAL("option --unix takes the path of a socket, not \"\"", refusal({"--unix="}));
  TEST_ASSERT_EQUAL("unexpected argument \"d\": --unix takes the place of HOST and PORT",
                    refusal({"--unix=/x", "d", "80"}));
  TEST_ASSERT_EQUAL("unexpected argument \"-z\": --unix takes the place of HOST and PORT",
                    refusal({"--unix=/x", "--", "-z"}));
}

static void test_unix_refuses_what_is_about_hosts() {
  for (const char* option :
       {"--bind=127.0.0.1", "--allow=private", "--deny=private", "--dns-server=192.0.2.1", "--hosts=names",
        "--family=any", "--attempt-delay=250", "--resolution-delay=50", "--svg=x.svg"}) {
    const std::string name(option, std::string_view(option).find('='));
    const std::string expected = "option \"" + name + "\" goes with a HOST, and --unix takes none";
    TEST_ASSERT_EQUAL(expected, refusal({"--unix=/x", option}));
    TEST_ASSERT_EQUAL(expected, refusal({option, "--unix=/x"}));
  }
}

static void test_resolve_refuses_what_is_about_connections() {
  for (const char* option :
       {"--unix=/x", "--bind=127.0.0.1", "--allow=private", "--deny=private", "--repeat=2", "--svg=x.svg"}) {
    const std::string name(option, std::string_view(option).find('='));
    TEST_ASSERT_EQUAL("option \"" + name + "\" goes with a connection, and --resolve makes none",
                      refusal({option, "--resolve", "d"}));
  }
}

static void test_repeat_is_a_number_of_dials_that_only_connect() {
  TEST_ASSERT_FALSE(read({"d:80"}).repeat.has_value());
  for (const std::size_t count : {1U, 20U, 10000U}) {
    const arguments is = read({"--repeat", std::to_string(count).c_str(), "d:80"});
    TEST_ASSERT_EQUAL(count, is.repeat.value());
    TEST_ASSERT_TRUE(is.then == arguments::after_connect::close);
  }
  TEST_ASSERT_EQUAL(3, read({"--unix=/x", "--repeat=3", "--json"}).repeat.value());
  for (const char* text : {"", "0", "-1", "10001", "1e3", "01", "ten"})
    TEST_ASSERT_EQUAL(
        "option --repeat takes a whole number from 1 to 10000, not \"" + std::string(text) + "\"",
        refusal({"--repeat", text, "d:80"}));
}

static void test_repeat_does_not_go_with_trace() {
  const std::string expected = "option \"--trace\" shows one dial, and --repeat makes many";
  TEST_ASSERT_EQUAL(expected, refusal({"--repeat=2", "--trace", "d:80"}));
  TEST_ASSERT_EQUAL(expected, refusal({"--trace", "--unix=/x", "--repeat=2"}));
}

static void test_a_picture_goes_into_a_file_whatever_else_is_told() {
  TEST_ASSERT_FALSE(read({"d:80"}).svg_file.has_value());
  const arguments is = read({"--svg", "x.svg", "--trace", "--json", "d:80"});
  TEST_ASSERT_EQUAL("x.svg", is.svg_file.value());
  TEST_ASSERT_TRUE(is.trace && is.json);
  TEST_ASSERT_TRUE(read({"--svg=x.svg", "d:80"}).then == arguments::after_connect::relay);
  TEST_ASSERT_EQUAL("x.svg", read({"--svg=x.svg", "--repeat=2", "d:80"}).svg_file.value());
  TEST_ASSERT_EQUAL("option --svg takes the name of a file, not \"\"", refusal({"--svg=", "d:80"}));
  TEST_ASSERT_EQUAL("option \"--svg\" needs a value; see uvdial --help", refusal({"d:80", "--svg"}));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_deny_and_allow_make_a_policy);
  RUN_TEST(test_a_rule_that_is_none_is_quoted);
  RUN_TEST(test_bind_takes_one_address_of_each_family);
  RUN_TEST(test_bind_takes_a_zone_that_this_machine_has);
  RUN_TEST(test_bind_takes_nothing_but_an_address);
  RUN_TEST(test_unix_takes_the_place_of_host_and_port);
  RUN_TEST(test_unix_refuses_what_is_about_hosts);
  RUN_TEST(test_resolve_refuses_what_is_about_connections);
  RUN_TEST(test_repeat_is_a_number_of_dials_that_only_connect);
  RUN_TEST(test_repeat_does_not_go_with_trace);
  RUN_TEST(test_a_picture_goes_into_a_file_whatever_else_is_told);
  return UNITY_END();
}
