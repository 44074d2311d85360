// The rules of an address policy: which one decides, what the sets hold, and which text is refused.
#include "uvdial/address_policy.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/raw_address.hpp"
#include "support/unity.hpp"
#include "values/address_sets.hpp"

using namespace uvdial;
using fixture::raw_address;

void setUp() {}
void tearDown() {}

namespace {

constexpr address_set all_sets[] = {address_set::private_,  address_set::loopback,    address_set::link_local,
                                    address_set::multicast, address_set::unspecified, address_set::metadata,
                                    address_set::reserved};

struct row {
  const char* rules;      // "-10.0.0.0/8 +10.1.2.3", in the order they are given
  const char* allowed;    // addresses
  const char* forbidden;  // addresses
};

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

address_policy with_rules(address_policy policy, std::vector<std::string> rules) {
  for (const std::string& rule : rules) {
    if (rule.front() == '+')
      policy.allow(rule.substr(1));
    else
      policy.deny(rule.substr(1));
  }
  return policy;
}

void check_policy(const address_policy& policy, const row& what) {
  for (const std::string& each : words_of(what.allowed))
    TEST_ASSERT_TRUE_MESSAGE(policy.allows(raw_address(each)), std::string(what.rules) + " allows " + each);
  for (const std::string& each : words_of(what.forbidden))
    TEST_ASSERT_FALSE_MESSAGE(policy.allows(raw_address(each)), std::string(what.rules) + " denies " + each);
}

// In the order given and in the opposite one.
void check(const address_policy& from, std::vector<row> rows) {
  for (const row& what : rows) {
    std::vector<std::string> rules = words_of(what.rules);
    check_policy(with_rules(from, rules), what);
    std::reverse(rules.begin(), rules.end());
    check_policy(with_rules(from, rules), what);
  }
}

std::string refusal(std::string_view text) {
  std::string denied = "accepted", allowed = "accepted";
  address_policy policy;
  try {
    policy.deny(text);
  } catch (const std::invalid_argument& why) {
    denied = why.what();
  }
  try {
    policy.allow(text);
  } catch (const std::invalid_argument& why) {
    allowed = why.what();
  }
  TEST_ASSERT_EQUAL(denied, allowed);
  TEST_ASSERT_TRUE_MESSAGE(policy == address_policy(), "a refused text changed the policy");
  return denied;
}

}  // namespace

static void test_without_a_rule_everything_is_as_the_policy_began() {
  for (const char* each : {"127.0.0.1", "8.8.8.8", "::1", "::ffff:127.0.0.1", "fe80::1", "2001:db8::1"}) {
    TEST_ASSERT_TRUE(address_policy().allows(raw_address(each)));
    TEST_ASSERT_FALSE(address_policy::nothing().allows(raw_address(each)));
  }
}

static void test_a_network_ends_where_its_prefix_ends() {
  check({},
        {
            {"-10.0.0.0/8", "9.255.255.255 11.0.0.0", "10.0.0.0 10.255.255.255"},
            {"-172.16.0.0/12", "172.15.255.255 172.32.0.0", "172.16.0.0 172.31.255.255"},
            {"-192.0.2.64/27", "192.0.2.63 192.0.2.96", "192.0.2.64 192.0.2.95"},
            {"-192.0.2.7", "192.0.2.6 192.0.2.8", "192.0.2.7"},
            {"-192.0.2.7/32", "192.0.2.6 192.0.2.8", "192.0.2.7"},
            {"-128.0.0.0/1", "127.255.255.255", "128.0.0.0 255.255.255.255"},
            {"-0.0.0.0/0", "2001:db8::1 ::1", "0.0.0.0 192.0.2.1 255.255.255.255 ::ffff:192.0.2.1"},
            {"-fd00::/8", "fcff:ffff:ffff::1 fe00::", "fd00:: fdff:ffff::1"},
            {"-2001:db8:8000::/33", "2001:db8:7fff:ffff::1 2001:db9::", "2001:db8:8000:: 2001:db8:ffff::1"},
            {"-2001:db8::1", "2001:db8::2 2001:db8::", "2001:db8::1"},
            {"-::/0", "192.0.2.1 0.0.0.0", ":: ::1 2001:db8::1 ::ffff:192.0.2.1 2002:c000:0201::1"},
        });
}

static void test_the_longest_prefix_decides_whichever_was_said_first() {
  check({}, {
                {"-10.0.0.0/8 +10.1.0.0/16", "10.1.2.3 11.0.0.1", "10.0.0.1 10.2.0.1"},
                {"-10.0.0.0/8 +10.1.0.0/16 -10.1.2.0/24", "10.1.3.1", "10.1.2.3 10.2.0.1"},
                {"-10.0.0.0/8 +10.1.0.0/16 -10.1.2.0/24 +10.1.2.3", "10.1.2.3 10.1.3.1", "10.1.2.4"},
                {"-private +10.1.2.3", "10.1.2.3", "10.1.2.4 192.168.0.1 fd00::1"},
                {"-private -10.1.2.3 +10.1.0.0/16", "10.1.2.4", "10.1.2.3 10.2.0.1"},
                {"-::/0 +2001:db8::/32 -2001:db8:1::/48", "2001:db8::1", "2001:db8:1::1 2001:db9::1"},
            });
  check(address_policy::nothing(), {
                                       {"+192.0.2.0/24 -192.0.2.7", "192.0.2.6", "192.0.2.7 192.0.3.1 ::1"},
                                       {"+private -10.0.0.0/8", "192.168.1.1 fd00::1", "10.0.0.1 8.8.8.8"},
                                       {"+2001:db8::/32", "2001:db8::1", "2001:db9::1 192.0.2.1"},
                                   });
}

static void test_deny_wins_between_equals() {
  check({}, {
                {"-192.0.2.0/24 +192.0.2.0/24", "192.0.3.1", "192.0.2.1"},
                {"-private +private", "8.8.8.8", "10.0.0.1 fd00::1"},
                {"+metadata -link-local -metadata", "8.8.8.8", "169.254.169.254"},
            });
  check(address_policy::nothing(), {{"-192.0.2.7 +192.0.2.7/32", "", "192.0.2.7"}});
}

// Else nobody could make an exception of an address that is a network of its set.
static void test_an_address_outranks_a_set_of_the_same_length() {
  check({}, {
                {"-loopback +::1", "::1", "127.0.0.1 :: 0.0.0.0"},
                {"-metadata +169.254.169.254", "169.254.169.254 ::ffff:169.254.169.254", "fd00:ec2::254"},
                {"-private +10.0.0.0/8", "10.0.0.1", "192.168.0.1"},
                {"-metadata -169.254.169.254 +169.254.169.254", "", "169.254.169.254"},
            });
  check(address_policy::nothing(), {{"+loopback -127.0.0.0/8 -::1", "::", "127.0.0.1 ::1"}});
}

static void test_a_longer_prefix_of_a_set_outranks_a_shorter_address() {
  check({}, {{"-metadata +169.254.0.0/16", "169.254.1.1", "169.254.169.254"},
             {"-loopback +0.0.0.0/8", "0.0.0.1", "0.0.0.0"}});
}

static void test_both_halves_of_an_address_with_an_address_inside_must_be_allowed() {
  check({}, {
                // A rule for the whole opens nothing that is closed inside.
                {"-10.0.0.0/8 +64:ff9b::/96", "64:ff9b::8.8.8.8", "64:ff9b::10.0.0.1"},
                {"-10.0.0.0/8 +2002:a00:1::/48", "2002:808:808::1", "2002:a00:1::1"},
                // And one for the inside opens nothing that is closed for the whole.
                {"-2002::/16 +8.8.8.8", "8.8.8.8", "2002:808:808::1"},
                {"-2002::/16 +2002:808:808::/48", "2002:808:808::1", "2002:909:909::1"},
                {"-10.0.0.0/8 +10.1.2.3", "::ffff:10.1.2.3 64:ff9b::10.1.2.3", "::ffff:10.1.2.4"},
            });
  check(address_policy::nothing(),
        {
            {"+192.0.2.7",
             "192.0.2.7 ::ffff:192.0.2.7 64:ff9b::192.0.2.7 64:ff9b:1::192.0.2.7 2002:c000:207::1",
             "::ffff:192.0.2.8 2001:db8::1 ::1"},
            {"+192.0.2.7 -64:ff9b::/96", "::ffff:192.0.2.7", "64:ff9b::192.0.2.7"},
            {"+::/0", "2001:db8::1 ::1", "::ffff:192.0.2.7 2002:c000:207::1 64:ff9b::192.0.2.7 192.0.2.7"},
            {"+2002::/16", "", "2002:c000:207::1"},
        });
}

static void test_zone_and_port_do_not_matter() {
  const address_policy policy = address_policy().deny("fe80::/10").deny("192.0.2.7");
  TEST_ASSERT_FALSE(policy.allows(*endpoint::from_literal("fe80::1%lo", 443)));
  TEST_ASSERT_FALSE(policy.allows(raw_address("fe80::1")));
  TEST_ASSERT_FALSE(policy.allows(endpoint::parse("192.0.2.7:1")));
  TEST_ASSERT_FALSE(policy.allows(endpoint::parse("192.0.2.7:65535")));
}

static void test_the_sets_end_where_their_networks_end() {
  const row rows[] = {
      {"-private",
       "9.255.255.255 11.0.0.0 172.15.255.255 172.32.0.0 192.167.255.255 192.169.0.0 100.63.255.255 "
       "100.128.0.0 fbff:ffff::1 fe00:: febf:ffff::1 ff00:: 127.0.0.1 8.8.8.8",
       "10.0.0.0 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.0 192.168.255.255 100.64.0.0 "
       "100.127.255.255 fc00:: fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff fec0:: feff:ffff::1"},
      {"-loopback", "126.255.255.255 128.0.0.0 0.0.0.1 ::2", "127.0.0.0 127.255.255.255 ::1 :: 0.0.0.0"},
      {"-link-local", "169.253.255.255 169.255.0.0 fe7f:ffff::1 fec0::",
       "169.254.0.0 169.254.255.255 fe80:: febf:ffff:ffff::1"},
      {"-multicast", "223.255.255.255 240.0.0.0 255.255.255.254 feff:ffff::1",
       "224.0.0.0 239.255.255.255 255.255.255.255 ff00:: ff02::1 ffff:ffff::1"},
      {"-unspecified", "1.0.0.0 ::1 ::2:0:0", "0.0.0.0 0.255.255.255 ::"},
      {"-metadata",
       "169.254.169.253 169.254.169.255 169.254.170.1 169.254.170.3 169.254.170.22 100.100.100.199 "
       "168.63.129.15 192.0.0.191 fd00:ec2::253 fd00:ec2::24 fd20:ce::253",
       "169.254.169.254 169.254.170.2 169.254.170.23 fd00:ec2::254 fd00:ec2::23 100.100.100.200 "
       "168.63.129.16 "
       "fd20:ce::254 192.0.0.192"},
      {"-reserved",
       "192.0.1.0 192.0.3.0 191.255.255.255 198.51.99.255 198.51.101.0 203.0.112.255 203.0.114.0 "
       "198.17.255.255 "
       "198.20.0.0 239.255.255.255 2001:db7:ffff::1 2001:db9:: 3ffe:ffff::1 3fff:1000:: 100:0:0:1:: "
       "2001:2:1:: 2001:1:ffff::1",
       "192.0.0.0 192.0.0.255 192.0.2.0 192.0.2.255 198.51.100.0 198.51.100.255 203.0.113.0 203.0.113.255 "
       "198.18.0.0 198.19.255.255 240.0.0.0 255.255.255.255 2001:db8:: 2001:db8:ffff::1 3fff:: "
       "3fff:fff:ffff::1 100:: 100::ffff:ffff:ffff:ffff 2001:2:: 2001:2:0:ffff::1"},
  };
  check({}, {std::begin(rows), std::end(rows)});
}

static void test_a_set_is_the_same_by_value_and_by_name() {
  const char* const names[] = {"private",     "loopback", "link-local", "multicast",
                               "unspecified", "metadata", "reserved"};
  for (std::size_t place = 0; place < std::size(all_sets); ++place) {
    TEST_ASSERT_TRUE(address_policy().deny(all_sets[place]) == address_policy().deny(names[place]));
    TEST_ASSERT_TRUE(address_policy::nothing().allow(all_sets[place]) ==
                     address_policy::nothing().allow(names[place]));
    TEST_ASSERT_CONTAINS_STRING(names[place], detail::names_of_sets);
    TEST_ASSERT_FALSE(address_policy().deny(all_sets[place]) == address_policy());
  }
}

static void test_public_only_denies_every_set() {
  address_policy every;
  for (const address_set set : all_sets) every.deny(set);
  TEST_ASSERT_TRUE(every == address_policy::public_only());
  check(address_policy::public_only(),
        {{"",
          "8.8.8.8 1.1.1.1 100.63.255.255 2606:4700:4700::1111 2a00:1450:4001:80b::200e 2001:4860:4860::8888",
          "10.0.0.1 127.0.0.1 ::1 169.254.1.1 fe80::1 224.0.0.1 0.0.0.0 168.63.129.16 192.0.2.1 2001:db8::1"},
         {"+10.1.2.3 +127.0.0.0/8 +::1", "10.1.2.3 127.0.0.1 ::1", "10.1.2.4 0.0.0.0 ::"}});
}

static void test_policies_are_values() {
  const address_policy one = address_policy().deny("10.0.0.0/8").allow("10.1.2.3").deny("fd00::/8");
  const address_policy same = address_policy().deny("fd00::/8").allow("10.1.2.3/32").deny("10.0.0.0/8");
  TEST_ASSERT_TRUE(one == same);
  address_policy copy = one;
  copy.deny("10.0.0.0/8");
  TEST_ASSERT_TRUE_MESSAGE(copy == one, "a rule said twice is one rule");
  copy.deny("192.0.2.0/24");
  TEST_ASSERT_FALSE(copy == one);
  TEST_ASSERT_TRUE(one.allows(raw_address("192.0.2.1")));
  TEST_ASSERT_FALSE(address_policy() == address_policy::nothing());
}

static void test_bad_text_is_refused_with_the_reason() {
  const struct {
    const char* text;
    const char* why;
  } rows[] = {
      {"", "neither an address"},
      {"/", "neither an address"},
      {"/8", "neither an address"},
      {"10", "neither an address"},
      {"10/8", "neither an address"},
      {"10.0.0/8", "neither an address"},
      {"010.0.0.0/8", "neither an address"},
      {"0x0a.0.0.0/8", "neither an address"},
      {"167772160/8", "neither an address"},
      {"10.0.0.256", "neither an address"},
      {" 10.0.0.0/8", "neither an address"},
      {"10.0.0.0-10.0.0.9", "neither an address"},
      {"10.*", "neither an address"},
      {"example.test", "neither an address"},
      {"[::1]", "neither an address"},
      {"fd00:::/8", "neither an address"},
      {"Private",
       "nor one of the sets private, loopback, link-local, multicast, unspecified, metadata, reserved"},
      {"link_local", "nor one of the sets"},
      {"10.0.0.0/", "no plain number"},
      {"10.0.0.0/ 8", "no plain number"},
      {"10.0.0.0/8 ", "no plain number"},
      {"10.0.0.0/+8", "no plain number"},
      {"10.0.0.0/-8", "no plain number"},
      {"10.0.0.0/08", "no plain number"},
      {"10.0.0.0/8/8", "no plain number"},
      {"10.0.0.0/255.0.0.0", "no plain number"},
      {"10.0.0.0/33", "the longest prefix of this family has 32 bits"},
      {"10.0.0.0/99999999999", "the longest prefix of this family has 32 bits"},
      {"fd00::/129", "the longest prefix of this family has 128 bits"},
      {"fd00::/256", "the longest prefix of this family has 128 bits"},
      {"10.0.0.1/8", "the network is 10.0.0.0/8"},
      {"192.0.2.1/31", "the network is 192.0.2.0/31"},
      {"255.255.255.255/0", "the network is 0.0.0.0/0"},
      {"fd00::1/8", "the network is fd00::/8"},
      {"fe80::1%lo", "a zone does not belong there"},
      {"fe80::%lo/10", "a zone does not belong there"},
      {"::ffff:10.0.0.0/104", "write 10.0.0.0/8"},
      {"::ffff:10.1.2.3", "write 10.1.2.3/32"},
      {"::ffff:0:0/96", "write 0.0.0.0/0"},
  };
  for (const auto& row : rows) {
    const std::string message = refusal(row.text);
    TEST_ASSERT_CONTAINS_STRING("bad address rule \"" + std::string(row.text) + "\": ", message);
    TEST_ASSERT_CONTAINS_STRING_MESSAGE(row.why, message, row.text);
  }
  TEST_ASSERT_CONTAINS_STRING("bad address rule \"10.0.0.0\\x00/8\"",
                              refusal(std::string_view("10.0.0.0\0/8", 11)));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_without_a_rule_everything_is_as_the_policy_began);
  RUN_TEST(test_a_network_ends_where_its_prefix_ends);
  RUN_TEST(test_the_longest_prefix_decides_whichever_was_said_first);
  RUN_TEST(test_deny_wins_between_equals);
  RUN_TEST(test_an_address_outranks_a_set_of_the_same_length);
  RUN_TEST(test_a_longer_prefix_of_a_set_outranks_a_shorter_address);
  RUN_TEST(test_both_halves_of_an_address_with_an_address_inside_must_be_allowed);
  RUN_TEST(test_zone_and_port_do_not_matter);
  RUN_TEST(test_the_sets_end_where_their_networks_end);
  RUN_TEST(test_a_set_is_the_same_by_value_and_by_name);
  RUN_TEST(test_public_only_denies_every_set);
  RUN_TEST(test_policies_are_values);
  RUN_TEST(test_bad_text_is_refused_with_the_reason);
  return UNITY_END();
}
