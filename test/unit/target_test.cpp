// What a person types as a place to connect to, and what is refused.
#include <stdexcept>
#include <string>

#include "unity.hpp"
#include "uvdial/endpoint.hpp"

using uvdial::target;

void setUp() {}
void tearDown() {}

namespace {

template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const std::invalid_argument& why) {
    return why.what();
  }
  return "accepted";
}

void check_refused(const std::string& text, const std::string& quoted, const std::string& reason) {
  const auto why = refusal([&] { (void)target::parse(text); });
  TEST_ASSERT_CONTAINS_STRING_MESSAGE("\"" + quoted + "\"", why, text);
  TEST_ASSERT_CONTAINS_STRING_MESSAGE(reason, why, text);
}

}  // namespace

void test_good_targets_are_read_and_printed() {
  struct {
    const char* text;
    const char* host;
    unsigned port;
    const char* printed;
  } const rows[] = {
      {"host.test:80", "host.test", 80, "host.test:80"},
      {"host.test.:1", "host.test.", 1, "host.test.:1"},
      {"host:65535", "host", 65535, "host:65535"},
      {"host.test:https", "host.test", 443, "host.test:443"},
      {"_service.host-1.test:80", "_service.host-1.test", 80, "_service.host-1.test:80"},
      {"192.0.2.1:22", "192.0.2.1", 22, "192.0.2.1:22"},
      {"[2001:db8::1]:80", "2001:db8::1", 80, "[2001:db8::1]:80"},
      {"[::1]:http", "::1", 80, "[::1]:80"},
      {"[fe80::1%eth0]:80", "fe80::1%eth0", 80, "[fe80::1%eth0]:80"},
      {"127.1:80", "127.1", 80, "127.1:80"},  // a name as good as any: the resolver says that it is none
  };
  for (const auto& row : rows) {
    const auto read = target::parse(row.text);
    TEST_ASSERT_EQUAL_STRING(row.host, read.host);
    TEST_ASSERT_EQUAL_UINT(row.port, read.port);
    TEST_ASSERT_EQUAL_STRING(row.printed, read.to_string());
    TEST_ASSERT_TRUE_MESSAGE(target::parse(read.to_string()) == read, row.text);
  }
}

void test_a_bad_port_is_refused_with_the_text_and_the_reason() {
  struct {
    const char* port;
    const char* reason;
  } const rows[] = {
      {"99999", "the highest port is 65535"},
      {"65536", "the highest port is 65535"},
      {"99999999999999999999", "the highest port is 65535"},
      {"010", "leading zero"},
      {"00", "leading zero"},
      {"0", "port 0"},
      {"80x", "neither a number"},
      {"0x50", "neither a number"},
      {"-1", "neither a number"},
      {"+80", "neither a number"},
      {"8.0", "neither a number"},
      {"HTTPS", "neither a number"},
      {"no-such-service", "neither a number"},
      {"", "the port is missing"},
      {" 80", ""},
      {"80 ", ""},
      {"80\n", ""},
  };
  for (const auto& row : rows) {
    const std::string port = row.port;
    const auto quoted = port == "80\n" ? std::string("80\\x0a") : port;
    check_refused("host.test:" + port, "host.test:" + quoted, row.reason);
    check_refused("[::1]:" + port, "[::1]:" + quoted, row.reason);
    const auto why = refusal([&] { (void)target::parse("host.test", port); });
    TEST_ASSERT_CONTAINS_STRING_MESSAGE("bad port \"" + quoted + "\"", why, row.port);
    TEST_ASSERT_CONTAINS_STRING_MESSAGE(row.reason, why, row.port);
  }
}

void test_a_bad_target_is_refused_with_the_text_and_the_reason() {
  struct {
    const char* text;
    const char* reason;
  } const rows[] = {
      {"", "it is empty"},
      {":", "the host is missing"},
      {"host.test", "the port is missing, as in host:443"},
      {"host.test:", "the port is missing"},
      {":80", "the host is missing"},
      {"host.test:80:90", "more than one colon"},
      {"::1", "goes in brackets, as in [2001:db8::1]:443"},
      {"::1:80", "goes in brackets, as in [2001:db8::1]:443"},
      {"2001:db8::1:443", "goes in brackets"},
      {"[::1", "the closing bracket is missing"},
      {"[::1:80", "the closing bracket is missing"},
      {"[::1]", "the port is missing"},
      {"[::1]:", "the port is missing"},
      {"[::1]80", "a colon and the port must follow"},
      {"[::1]x:80", "a colon and the port must follow"},
      {"[]:80", "only an IPv6 address goes in brackets"},
      {"[192.0.2.1]:80", "only an IPv6 address goes in brackets"},
      {"[host.test]:80", "only an IPv6 address goes in brackets"},
      {"[192.0.2.1%eth0]:80", "only an IPv6 address goes in brackets"},
      {"[[::1]]:80", "only an IPv6 address goes in brackets"},
      {"ho[st:80", "brackets go around an IPv6 address only"},
      {"host]:80", "brackets go around an IPv6 address only"},
      {"host%eth0:80", "a zone after % goes with an IPv6 address only"},
      {"192.0.2.1%eth0:80", "a zone after % goes with an IPv6 address only"},
      {"[fe80::1]:80", "a link-local address needs a zone, as in fe80::1%eth0"},
      {"[fe80::1%]:80", "the zone after % is missing"},
      {"ho st:80", "it has a space in it"},
      {" host:80", "it has a space in it"},
      {"https://host.test:443", "a URL is not taken here"},
      {"host.test:443/", "a URL is not taken here"},
      {"user@host.test:443", "a URL is not taken here"},
      {"host.test?x:443", "a URL is not taken here"},
      {"host.test#x:443", "a URL is not taken here"},
  };
  for (const auto& row : rows) check_refused(row.text, row.text, row.reason);
}

// Else "[" + host + "]:80" would end in the middle of the zone.
void test_a_zone_has_no_brackets() {
  for (const char* const host : {"fe80::1%]80", "::1%a[b", "::1%:]:80"}) {
    TEST_ASSERT_CONTAINS_STRING_MESSAGE("not into its zone", refusal([&] { (void)target(host, 80); }), host);
    TEST_ASSERT_CONTAINS_STRING_MESSAGE("not into its zone",
                                        refusal([&] { (void)target::parse(host, "80"); }), host);
  }
}

void test_control_characters_are_refused_and_quoted_readably() {
  check_refused("host\t.test:80", "host\\x09.test:80", "control character");
  check_refused("host\r\n.test:80", "host\\x0d\\x0a.test:80", "control character");
  check_refused("host\x7f:80", "host\\x7f:80", "control character");
  check_refused(std::string("host\0.test:80", 13), "host\\x00.test:80", "control character");
  check_refused("\"host\\ :80", "\\\"host\\\\ :80", "space");
}

void test_a_very_long_text_is_quoted_in_part() {
  const auto why = refusal([] { (void)target::parse(std::string(100'000, 'a')); });
  TEST_ASSERT_LESS_THAN(400u, why.size());
  TEST_ASSERT_CONTAINS_STRING("aaa\"...: the port is missing", why);
}

void test_a_name_beyond_ascii_is_left_to_the_resolver() {
  const auto read = target::parse(
      "b\xc3\xbc"
      "cher.test:80");
  TEST_ASSERT_EQUAL_STRING(
      "b\xc3\xbc"
      "cher.test",
      read.host);
}

void test_host_and_port_may_come_apart() {
  TEST_ASSERT_TRUE(target::parse("host.test", "80") == target("host.test", 80));
  TEST_ASSERT_TRUE(target::parse("host.test", "https") == target("host.test", 443));
  TEST_ASSERT_TRUE(target::parse("[2001:db8::1]", "80") == target("2001:db8::1", 80));
  TEST_ASSERT_TRUE(target::parse("2001:db8::1", "80") == target("2001:db8::1", 80));
  TEST_ASSERT_TRUE(target::parse("fe80::1%eth0", "80") == target("fe80::1%eth0", 80));
}

void test_a_bad_host_that_comes_apart_is_refused() {
  struct {
    const char* host;
    const char* reason;
  } const rows[] = {
      {"", "empty"},
      {"host.test:80", "a colon stands in an IPv6 address only"},
      {":", "a colon stands in an IPv6 address only"},
      {"[::1", "the closing bracket is missing"},
      {"[", "the closing bracket is missing"},
      {"[]", "only an IPv6 address goes in brackets"},
      {"[192.0.2.1]", "only an IPv6 address goes in brackets"},
      {"::1]", "brackets go around an IPv6 address only"},
      {"fe80::1", "a link-local address needs a zone"},
      {"https://host.test", "a URL is not taken here"},
      {"host test", "a space"},
  };
  for (const auto& row : rows) {
    const auto why = refusal([&] { (void)target::parse(row.host, "80"); });
    TEST_ASSERT_CONTAINS_STRING_MESSAGE("bad host \"" + std::string(row.host) + "\"", why, row.host);
    TEST_ASSERT_CONTAINS_STRING_MESSAGE(row.reason, why, row.host);
  }
}

void test_the_constructor_refuses_what_parse_refuses() {
  for (const auto* host : {"", "[::1]", "fe80::1", "host:80", "a b", "http://host", "192.0.2.1%1"})
    TEST_ASSERT_CONTAINS_STRING_MESSAGE("bad host", refusal([&] { (void)target(host, 80); }), host);
  TEST_ASSERT_EQUAL_STRING("bad port \"0\" of \"host.test\": port 0 cannot be connected to",
                           refusal([] { (void)target("host.test", 0); }));
  TEST_ASSERT_EQUAL_STRING("[2001:db8::1]:80", target("2001:db8::1", 80).to_string());
}

void test_well_known_services_have_their_ports() {
  struct {
    const char* name;
    unsigned port;
  } const rows[] = {{"amqp", 5672}, {"domain", 53}, {"http", 80},   {"https", 443},
                    {"ssh", 22},    {"smtp", 25},   {"imaps", 993}, {"xmpp-server", 5269}};
  for (const auto& row : rows) {
    const auto port = uvdial::port_of_service(row.name);
    TEST_ASSERT_TRUE_MESSAGE(port.has_value(), row.name);
    TEST_ASSERT_EQUAL_UINT(row.port, *port);
  }
  for (const auto* name : {"", "HTTP", "htt", "httpss", "zzz", "80", "a"})
    TEST_ASSERT_FALSE_MESSAGE(uvdial::port_of_service(name).has_value(), name);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_good_targets_are_read_and_printed);
  RUN_TEST(test_a_bad_port_is_refused_with_the_text_and_the_reason);
  RUN_TEST(test_a_bad_target_is_refused_with_the_text_and_the_reason);
  RUN_TEST(test_a_zone_has_no_brackets);
  RUN_TEST(test_control_characters_are_refused_and_quoted_readably);
  RUN_TEST(test_a_very_long_text_is_quoted_in_part);
  RUN_TEST(test_a_name_beyond_ascii_is_left_to_the_resolver);
  RUN_TEST(test_host_and_port_may_come_apart);
  RUN_TEST(test_a_bad_host_that_comes_apart_is_refused);
  RUN_TEST(test_the_constructor_refuses_what_parse_refuses);
  RUN_TEST(test_well_known_services_have_their_ports);
  return UNITY_END();
}
