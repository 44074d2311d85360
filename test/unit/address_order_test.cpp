// RFC 6724, section 6, in tables: what goes in, each address with its source, and in which order it comes
// out.
#include "logic/address_order.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "unity.hpp"

using namespace uvdial;
using namespace uvdial::detail;

void setUp() {}
void tearDown() {}

namespace {

struct row {
  const char* rule;
  std::vector<std::pair<const char*, const char*>> in;  // destination, source; null: no source
  const char* out;
  std::optional<ip_family> ahead{};
};

// Not by endpoint::from_literal, which asks for the zone of a link-local address.
endpoint address(const char* text) {
  sockaddr_storage storage{};
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
    storage.ss_family = AF_INET6;
  } else if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
    storage.ss_family = AF_INET;
  } else {
    throw std::invalid_argument(text);
  }
  return endpoint(reinterpret_cast<const sockaddr&>(storage));
}

std::string ordered(const row& what) {
  std::vector<destination> list;
  for (const auto& [to, source] : what.in) {
    list.push_back({address(to), source ? std::optional(address(source)) : std::nullopt});
  }
  order_addresses(list, what.ahead);
  std::string text;
  for (const destination& one : list) text += (text.empty() ? "" : ", ") + one.to.address_to_string();
  return text;
}

void check(const std::vector<row>& table) {
  for (const row& what : table) TEST_ASSERT_EQUAL_STRING_MESSAGE(what.out, ordered(what), what.rule);
}

}  // namespace

static void test_the_examples_of_the_rfc_come_out_as_it_says() {
  // RFC 6724, 10.2. Its Mobile IPv6 example needs rule 4 and is not here.
  check({
      {"prefer matching scope",
       {{"2001:db8:1::1", "2001:db8:1::2"}, {"198.51.100.121", "169.254.13.78"}},
       "2001:db8:1::1, 198.51.100.121"},
      {"prefer matching scope, against the precedence",
       {{"2001:db8:1::1", "fe80::1"}, {"198.51.100.121", "198.51.100.117"}},
       "198.51.100.121, 2001:db8:1::1"},
      {"prefer higher precedence",
       {{"2001:db8:1::1", "2001:db8:1::2"}, {"10.1.2.3", "10.1.2.4"}},
       "2001:db8:1::1, 10.1.2.3"},
      {"prefer smaller scope",
       {{"2001:db8:1::1", "2001:db8:1::2"}, {"fe80::1", "fe80::2"}},
       "fe80::1, 2001:db8:1::1"},
      {"prefer matching label",
       {{"2001:db8:1::1", "2002:c633:6401::2"}, {"2002:c633:6401::1", "2002:c633:6401::2"}},
       "2002:c633:6401::1, 2001:db8:1::1"},
      {"prefer higher precedence over 6to4",
       {{"2002:c633:6401::1", "2002:c633:6401::2"}, {"2001:db8:1::1", "2001:db8:1::2"}},
       "2001:db8:1::1, 2002:c633:6401::1"},
      {"longest matching prefix",
       {{"2001:db8:3ffe::1", "2001:db8:3f44::2"}, {"2001:db8:1::1", "2001:db8:1::2"}},
       "2001:db8:1::1, 2001:db8:3ffe::1"},
  });
}

// Rule 1: "If DB is known to be unreachable or if Source(DB) is undefined, then prefer DA."
static void test_rule_1_puts_addresses_without_a_source_last() {
  check({
      {"one of them", {{"2001:db8::1", nullptr}, {"192.0.2.1", "192.0.2.9"}}, "192.0.2.1, 2001:db8::1"},
      {"behind a scope that does not match",
       {{"2001:db8::1", nullptr}, {"192.0.2.1", "169.254.0.1"}},
       "192.0.2.1, 2001:db8::1"},
      {"several keep their order",
       {{"192.0.2.2", nullptr}, {"2001:db8::1", nullptr}, {"192.0.2.1", "192.0.2.9"}, {"192.0.2.3", nullptr}},
       "192.0.2.1, 192.0.2.2, 2001:db8::1, 192.0.2.3"},
  });
}

// Rule 2: "If Scope(DA) = Scope(Source(DA)) and Scope(DB) <> Scope(Source(DB)), then prefer DA."
static void test_rule_2_prefers_a_source_of_the_same_scope() {
  check({
      {"private IPv4 is global (3.2)",
       {{"198.51.100.1", "169.254.0.1"}, {"192.0.2.1", "192.168.0.1"}},
       "192.0.2.1, 198.51.100.1"},
      {"127/8 is link-local (3.2)",
       {{"192.0.2.1", "127.0.0.1"}, {"127.0.0.2", "127.0.0.1"}},
       "127.0.0.2, 192.0.2.1"},
      {"::1 is link-local (3.4)",
       {{"2001:db8::1", "::1"}, {"2001:db8::2", "2001:db8::9"}},
       "2001:db8::2, 2001:db8::1"},
      {"::1 and fe80::/10 are of one scope",
       {{"2001:db8::1", "::1"}, {"fe80::1", "::1"}},
       "fe80::1, 2001:db8::1"},
      {"unique local is global",
       {{"2001:db8::1", "fe80::9"}, {"fd00::1", "2001:db8::9"}},
       "fd00::1, 2001:db8::1"},
      {"site-local is a scope of its own",
       {{"2001:db8::1", "fec0::9"}, {"fec0::1", "fec0::9"}},
       "fec0::1, 2001:db8::1"},
      {"a multicast address has its scope inside (3.1)",
       {{"ff02::1", "2001:db8::9"}, {"ff0e::1", "2001:db8::9"}},
       "ff0e::1, ff02::1"},
      {"link-local multicast from link-local",
       {{"ff0e::1", "fe80::9"}, {"ff02::1", "fe80::9"}},
       "ff02::1, ff0e::1"},
  });
}

// Rule 5: "If Label(Source(DA)) = Label(DA) and Label(Source(DB)) <> Label(DB), then prefer DA."
static void test_rule_5_prefers_a_source_of_the_same_label() {
  check({
      {"unique local from unique local, global from unique local",
       {{"2001:db8::1", "fd00::9"}, {"fd00::1", "fd00::9"}},
       "fd00::1, 2001:db8::1"},
      {"IPv4 when IPv6 has only a unique local source",
       {{"2001:db8::1", "fd00::9"}, {"192.0.2.1", "192.0.2.9"}},
       "192.0.2.1, 2001:db8::1"},
      {"IPv4 when IPv6 has only Teredo",
       {{"2001:db8::1", "2001::9"}, {"192.0.2.1", "10.0.0.9"}},
       "192.0.2.1, 2001:db8::1"},
  });
}

// Rule 6: "If Precedence(DA) > Precedence(DB), then prefer DA." The table of section 2.1, from top to bottom.
static void test_rule_6_follows_the_policy_table() {
  check({
      {"every line of the table",
       {{"3ffe::1", "3ffe::9"},
        {"fc00::1", "fc00::9"},
        {"2001::1", "2001::9"},
        {"2002::1", "2002::9"},
        {"192.0.2.1", "192.0.2.9"},
        {"2001:db8::1", "2001:db8::9"}},
       "2001:db8::1, 192.0.2.1, 2002::1, 2001::1, fc00::1, 3ffe::1"},
      {"::1 above all", {{"fe80::1", "fe80::9"}, {"::1", "::1"}}, "::1, fe80::1"},
      {"IPv4-compatible at the bottom",
       {{"::192.0.2.1", "::192.0.2.9"}, {"fc00::1", "fc00::9"}},
       "fc00::1, ::192.0.2.1"},
      {"site-local at the bottom", {{"fec0::1", "fec0::9"}, {"fc00::1", "fc00::9"}}, "fc00::1, fec0::1"},
      {"fd00::/8 is part of fc00::/7", {{"fd00::1", "fd00::9"}, {"2001::1", "2001::9"}}, "2001::1, fd00::1"},
      {"2001:db8::/32 is not Teredo",
       {{"2002::1", "2002::9"}, {"2001:db8::1", "2001:db8::9"}},
       "2001:db8::1, 2002::1"},
      {"IPv4-mapped ones are IPv4",
       {{"::ffff:192.0.2.1", "::ffff:192.0.2.9"}, {"2001:db8::1", "2001:db8::9"}, {"192.0.2.2", "192.0.2.9"}},
       "2001:db8::1, ::ffff:192.0.2.1, 192.0.2.2"},
  });
}

// Rule 8: "If Scope(DA) < Scope(DB), then prefer DA."
static void test_rule_8_prefers_the_smaller_scope() {
  check({
      {"IPv4", {{"192.0.2.1", "192.0.2.9"}, {"169.254.0.1", "169.254.0.9"}}, "169.254.0.1, 192.0.2.1"},
      {"IPv6", {{"2001:db8::1", "2001:db8::9"}, {"fe80::1", "fe80::9"}}, "fe80::1, 2001:db8::1"},
      {"it comes before the prefix",
       {{"2001:db8::1", "2001:db8::9"}, {"fe80::1", "febf:ffff::9"}},
       "fe80::1, 2001:db8::1"},
      {"it comes after the precedence",
       {{"169.254.0.1", "169.254.0.9"}, {"2001:db8::1", "2001:db8::9"}},
       "2001:db8::1, 169.254.0.1"},
  });
}

// Rule 9: "If CommonPrefixLen(Source(DA), DA) > CommonPrefixLen(Source(DB), DB), then prefer DA."
static void test_rule_9_prefers_the_longer_common_prefix_of_ipv6() {
  check({
      {"by one bit",
       {{"2001:db8:2::1", "2001:db8::9"}, {"2001:db8:1::1", "2001:db8::9"}},
       "2001:db8:1::1, 2001:db8:2::1"},
      {"2.2: no further than the prefix of the source, 64 bits",
       {{"2001:db8::ffff:1", "2001:db8::9"}, {"2001:db8::8", "2001:db8::9"}},
       "2001:db8::ffff:1, 2001:db8::8"},
      {"the last bit of the 64",
       {{"2001:db8:0:1::1", "2001:db8::9"}, {"2001:db8::1", "2001:db8::9"}},
       "2001:db8::1, 2001:db8:0:1::1"},
      {"not for IPv4, which would undo round robin",
       {{"198.51.100.1", "192.0.2.9"}, {"192.0.2.8", "192.0.2.9"}},
       "198.51.100.1, 192.0.2.8"},
      {"not for IPv4-mapped ones either",
       {{"::ffff:198.51.100.1", "::ffff:192.0.2.9"}, {"::ffff:192.0.2.8", "::ffff:192.0.2.9"}},
       "::ffff:198.51.100.1, ::ffff:192.0.2.8"},
  });
}

// Rule 10: "Otherwise, leave the order unchanged."
static void test_rule_10_leaves_equal_ones_in_their_order() {
  check({
      {"IPv4",
       {{"192.0.2.3", "192.0.2.9"}, {"192.0.2.1", "192.0.2.9"}, {"192.0.2.2", "192.0.2.9"}},
       "192.0.2.3, 192.0.2.1, 192.0.2.2"},
      {"IPv6 of one network",
       {{"2001:db8::3", "2001:db8::9"}, {"2001:db8::1", "2001:db8::9"}},
       "2001:db8::3, 2001:db8::1"},
      {"among others",
       {{"192.0.2.3", "192.0.2.9"},
        {"2001:db8::2", "2001:db8::9"},
        {"192.0.2.1", "192.0.2.9"},
        {"2001:db8::1", "2001:db8::9"}},
       "2001:db8::2, 2001:db8::1, 192.0.2.3, 192.0.2.1"},
      {"nothing", {}, ""},
      {"one", {{"192.0.2.1", nullptr}}, "192.0.2.1"},
  });
}

static void test_a_family_ahead_goes_before_all_rules() {
  check({
      {"IPv4, which the precedence puts second",
       {{"2001:db8::1", "2001:db8::9"}, {"192.0.2.1", "192.0.2.9"}},
       "192.0.2.1, 2001:db8::1",
       ip_family::v4},
      {"also without a source",
       {{"2001:db8::1", "2001:db8::9"}, {"192.0.2.1", nullptr}},
       "192.0.2.1, 2001:db8::1",
       ip_family::v4},
      {"the rules hold inside each family",
       {{"2001:db8::1", "2001:db8::9"},
        {"fe80::1", "fe80::9"},
        {"192.0.2.1", nullptr},
        {"192.0.2.2", "192.0.2.9"}},
       "192.0.2.2, 192.0.2.1, fe80::1, 2001:db8::1",
       ip_family::v4},
  });
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_the_examples_of_the_rfc_come_out_as_it_says);
  RUN_TEST(test_rule_1_puts_addresses_without_a_source_last);
  RUN_TEST(test_rule_2_prefers_a_source_of_the_same_scope);
  RUN_TEST(test_rule_5_prefers_a_source_of_the_same_label);
  RUN_TEST(test_rule_6_follows_the_policy_table);
  RUN_TEST(test_rule_8_prefers_the_smaller_scope);
  RUN_TEST(test_rule_9_prefers_the_longer_common_prefix_of_ipv6);
  RUN_TEST(test_rule_10_leaves_equal_ones_in_their_order);
  RUN_TEST(test_a_family_ahead_goes_before_all_rules);
  return UNITY_END();
}
