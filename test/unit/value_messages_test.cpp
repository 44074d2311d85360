// What a programmer reads who gave a value that cannot be: every refusal of a target, an endpoint, an address rule, the
// path of a socket, and an option.
#include <net/if.h>
#include <sys/socket.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "glue/unix_socket.hpp"
#include "unity.hpp"
#include "uvdial/address_policy.hpp"
#include "uvdial/confirm.hpp"
#include "uvdial/endpoint.hpp"
#include "uvdial/options.hpp"

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace uvdial;

void setUp() {}
void tearDown() {}

namespace {

struct row {
  std::function<void()> call;
  std::string text;
};

void check(const std::vector<row>& rows) {
  for (const row& each : rows) {
    std::string said = "accepted";
    try {
      each.call();
    } catch (const std::invalid_argument& why) {
      said = why.what();
    }
    TEST_ASSERT_EQUAL_STRING(each.text, said);
  }
}

std::function<void()> one_word(std::string text) {
  return [text] { (void)target::parse(text); };
}
std::function<void()> two_words(std::string host, std::string port) {
  return [host, port] { (void)target::parse(host, port); };
}
std::function<void()> literal(std::string text) {
  return [text] { (void)endpoint::from_literal(text, 1); };
}
std::function<void()> rule(std::string text) {
  return [text] { address_policy().deny(text); };
}
std::function<void()> unix_path(std::string path) {
  return [path] { (void)detail::unix_address(path); };
}
std::function<void()> options(const dial_options& given) {
  return [given] { validate(given); };
}

}  // namespace

static void test_a_target_in_one_word() {
  check({
      {one_word(""), R"(bad target "": it is empty)"},
      {one_word("host.test"), R"(bad target "host.test": the port is missing, as in host:443)"},
      {one_word("host.test:"), R"(bad target "host.test:": the port is missing, as in host:443)"},
      {one_word(":80"), R"(bad target ":80": the host is missing)"},
      {one_word("::1:80"),
       R"(bad target "::1:80": more than one colon; an IPv6 address goes in brackets, as in )"
       "[2001:db8::1]:443"},
      {one_word("[::1"), R"(bad target "[::1": the closing bracket is missing, as in [2001:db8::1]:443)"},
      {one_word("[::1]"), R"(bad target "[::1]": the port is missing, as in [2001:db8::1]:443)"},
      {one_word("[::1]80"),
       R"(bad target "[::1]80": a colon and the port must follow the closing bracket, as in )"
       "[2001:db8::1]:443"},
      {one_word("[host.test]:80"), R"(bad target "[host.test]:80": only an IPv6 address goes in brackets)"},
      {one_word("ho[st:80"), R"(bad target "ho[st:80": brackets go around an IPv6 address only, as in )"
                             "[2001:db8::1]:443"},
      {one_word("host%eth0:80"),
       R"(bad target "host%eth0:80": a zone after % goes with an IPv6 address only, as in )"
       "fe80::1%eth0"},
      {one_word("[fe80::1%]:80"),
       R"(bad target "[fe80::1%]:80": the zone after % is missing, as in fe80::1%eth0)"},
      {one_word("[fe80::1]:80"),
       R"(bad target "[fe80::1]:80": a link-local address needs a zone, as in fe80::1%eth0)"},
      {one_word("ho st:80"), R"(bad target "ho st:80": it has a space in it)"},
      {one_word("ho\nst:80"), R"(bad target "ho\x0ast:80": it has a control character in it)"},
      {one_word("https://host.test"),
       R"(bad target "https://host.test": a URL is not taken here, only a host and a )"
       "port, as in example.com:443"},
      {one_word("host.test:0"), R"(bad target "host.test:0": port 0 cannot be connected to)"},
      {one_word("host.test:080"), R"(bad target "host.test:080": the port has a leading zero)"},
      {one_word("host.test:99999"), R"(bad target "host.test:99999": the highest port is 65535)"},
      {one_word("host.test:htpps"),
       R"(bad target "host.test:htpps": the port is neither a number from 1 to 65535 nor )"
       "a service name known here, as https is"},
  });
}

static void test_a_host_and_a_port() {
  check({
      {two_words("", "80"), R"(bad host "": it is empty)"},
      {two_words("host.test", ""), R"(bad port "" of "host.test": the port is missing)"},
      {two_words("host.test", "99999"), R"(bad port "99999" of "host.test": the highest port is 65535)"},
      {two_words("host.test", "htpps"),
       R"(bad port "htpps" of "host.test": the port is neither a number from 1 to )"
       "65535 nor a service name known here, as https is"},
      {two_words("host.test:80", "80"),
       R"(bad host "host.test:80": a colon stands in an IPv6 address only, and this )"
       "is none; the port is given apart"},
      {two_words("[::1", "80"), R"(bad host "[::1": the closing bracket is missing, as in [2001:db8::1])"},
      {two_words("fe80::1%a[b", "80"),
       R"(bad host "fe80::1%a[b": brackets go around an IPv6 address, and not into its )"
       "zone"},
      {[] { (void)target("", 80); }, R"(bad host "": the host is missing)"},
      {[] { (void)target("host.test", 0); }, R"(bad port "0" of "host.test": port 0 cannot be connected to)"},
  });
}

static void test_an_endpoint() {
  check({
      {[] { (void)endpoint::parse("host.test:80"); },
       R"(bad endpoint "host.test:80": an endpoint needs an IP address, and the host is a name or a broken address)"},
      {literal("fe80::1"), R"(bad address "fe80::1": a link-local address needs a zone, as in fe80::1%eth0)"},
      {literal("fe80::1%no-such-if"),
       R"(bad address "fe80::1%no-such-if": no interface "no-such-if" (no such device))"},
      {[] {
         const sockaddr unspecified{};
         (void)endpoint(unspecified);
       },
       "bad address family 0: only IPv4 and IPv6 have endpoints"},
  });
}

static void test_a_rule_about_addresses() {
  check({
      {rule("all"),
       R"(bad address rule "all": neither an address, nor a network as in 10.0.0.0/8, nor one of the sets )"
       "private, loopback, link-local, multicast, unspecified, metadata, reserved"},
      {rule("10.0.0.0/x"),
       R"(bad address rule "10.0.0.0/x": the length of the prefix, after the slash, is no plain )"
       "number"},
      {rule("10.0.0.0/33"),
       R"(bad address rule "10.0.0.0/33": the longest prefix of this family has 32 bits)"},
      {rule("10.0.0.1/8"),
       R"(bad address rule "10.0.0.1/8": it has bits beyond its prefix; the network is 10.0.0.0/8)"},
      {rule("fe80::1%eth0"),
       R"(bad address rule "fe80::1%eth0": a zone does not belong there: a rule is about an )"
       "address in every zone"},
      {rule("::ffff:10.0.0.0/104"),
       R"(bad address rule "::ffff:10.0.0.0/104": an IPv4-mapped address; write )"
       "10.0.0.0/8, which is judged in all its IPv6 forms"},
  });
}

static void test_the_path_of_a_socket() {
  check({
      {unix_path(""), R"(bad unix path "": it is empty)"},
      {unix_path("/run\0x"s), R"(bad unix path "/run\x00x": it has a zero byte in it)"},
      {unix_path("@"), R"(bad unix path "@": the abstract name is empty)"},
#ifndef __linux__
      {unix_path("@x"),
       R"(bad unix path "@x": this system has no abstract names; a file of that name is written ./@name)"},
#endif
      {unix_path(std::string(110, 'x')),
       "bad unix path \"" + std::string(110, 'x') + "\": it is 110 bytes long; the longest has 107 bytes"},
      {unix_path("@" + std::string(110, 'x')),
       "bad unix path \"@" + std::string(110, 'x') +
           "\": the abstract name is 110 bytes long; the longest has 107 "
           "bytes"},
  });
}

static void test_an_option() {
  static confirm_step nothing{};
  check({
      {options({.timeout = 0ms}), "bad timeout 0 ms: it must be from 1 ms to 31536000000 ms"},
      {options({.attempt_delay = 9ms}), "bad attempt_delay 9 ms: it must be from 10 ms to 2000 ms"},
      {options({.resolution_delay = 2001ms}),
       "bad resolution_delay 2001 ms: it must be from 0 ms to 2000 ms"},
      {options({.attempt_timeout = 0ms}), "bad attempt_timeout 0 ms: it must be from 1 ms to 31536000000 ms"},
      {options({.families = static_cast<family_policy>(9)}), "bad families 9: not a value of family_policy"},
      {options({.bind_v4 = endpoint::parse("[::1]:1")}), "bad bind_v4 [::1]:1: it is no IPv4 address"},
      {options({.bind_v6 = endpoint::parse("127.0.0.1:1")}),
       "bad bind_v6 127.0.0.1:1: it is no IPv6 address"},
      {options({.keep_alive = 0s}), "bad keep_alive 0 s: it must be from 1 s to 32767 s"},
      {options({.confirm = &nothing}), "bad confirm: it points to an empty function"},
  });
}

// The quote is what somebody sees in a log: it must not break the line, move a cursor or fill the page.
static void test_the_quote_of_any_text_is_short_and_can_be_printed() {
  check({
      {one_word("b\xc3\xbc"
                "cher"),
       "bad target \"b\xc3\xbc"
       "cher\": the port is missing, as in host:443"},
      {one_word("b\xfc"
                "cher"),
       "bad target \"b\\xfc"
       "cher\": the port is missing, as in host:443"},
      {one_word("a\xc2\x9b"
                "2Jb"),
       "bad target \"a\\xc2\\x9b"
       "2Jb\": the port is missing, as in host:443"},
      {one_word("a\"b\\c"), R"(bad target "a\"b\\c": the port is missing, as in host:443)"},
      {one_word(std::string(5000, 'a')),
       "bad target \"" + std::string(200, 'a') + "\"...: the port is missing, as in host:443"},
      // 200 bytes would end in the middle of a character
      {one_word(std::string(199, 'a') + "\xc3\xbc and more"),
       "bad target \"" + std::string(199, 'a') + "\"...: it has a space in it"},
  });
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_target_in_one_word);
  RUN_TEST(test_a_host_and_a_port);
  RUN_TEST(test_an_endpoint);
  RUN_TEST(test_a_rule_about_addresses);
  RUN_TEST(test_the_path_of_a_socket);
  RUN_TEST(test_an_option);
  RUN_TEST(test_the_quote_of_any_text_is_short_and_can_be_printed);
  return UNITY_END();
}
