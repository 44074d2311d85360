#include "uvdial/endpoint.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <set>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "unity.hpp"

using uvdial::endpoint;
using uvdial::ip_family;

void setUp() {}
void tearDown() {}

namespace {

// The first interface of this machine, as a zone; empty: it has none.
std::string any_interface(unsigned& index) {
  char name[IF_NAMESIZE] = {};
  for (index = 1; index < 64; ++index)
    if (if_indextoname(index, name)) return name;
  return {};
}

std::string require_interface(unsigned& index) {
  auto name = any_interface(index);
  if (name.empty()) TEST_IGNORE_MESSAGE("this machine has no network interface");
  return name;
}

template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const std::invalid_argument& why) {
    return why.what();
  }
  return "accepted";
}

std::string literal_refusal(const std::string& text) {
  return refusal([&] { (void)endpoint::from_literal(text, 80); });
}

sockaddr_in6 v6_address(const char* text, std::uint32_t scope) {
  sockaddr_in6 address;
  std::memset(&address, 0xee, sizeof address);
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(443);
  address.sin6_scope_id = scope;
  inet_pton(AF_INET6, text, &address.sin6_addr);
  return address;
}

endpoint from(const sockaddr_in6& address) { return endpoint(reinterpret_cast<const sockaddr&>(address)); }

}  // namespace

void test_literals_are_read_and_printed_in_their_shortest_form() {
  struct {
    const char* text;
    ip_family family;
    const char* printed;
  } const rows[] = {
      {"192.0.2.1", ip_family::v4, "192.0.2.1:80"},
      {"0.0.0.0", ip_family::v4, "0.0.0.0:80"},
      {"255.255.255.255", ip_family::v4, "255.255.255.255:80"},
      {"::1", ip_family::v6, "[::1]:80"},
      {"::", ip_family::v6, "[::]:80"},
      {"2001:db8::1", ip_family::v6, "[2001:db8::1]:80"},
      {"2001:DB8:0:0:0:0:0:1", ip_family::v6, "[2001:db8::1]:80"},
      {"::ffff:192.0.2.1", ip_family::v6, "[::ffff:192.0.2.1]:80"},
      {"2001:0db8:1111:2222:3333:4444:192.0.2.255", ip_family::v6,
       "[2001:db8:1111:2222:3333:4444:c000:2ff]:80"},
  };
  for (const auto& row : rows) {
    const auto read = endpoint::from_literal(row.text, 80);
    TEST_ASSERT_TRUE_MESSAGE(read.has_value(), row.text);
    TEST_ASSERT_TRUE_MESSAGE(read->family() == row.family, row.text);
    TEST_ASSERT_EQUAL_STRING(row.printed, read->to_string());
    TEST_ASSERT_TRUE_MESSAGE(endpoint::parse(read->to_string()) == *read, row.text);
  }
}

void test_what_is_no_literal_may_be_a_name() {
  const std::string rows[] = {"",
                              "127.1",
                              "2130706433",
                              "010.0.0.1",
                              "192.0.2.01",
                              "0x7f.0.0.1",
                              "192.0.2.256",
                              "192.0.2.1.5",
                              "192.0.2.",
                              " 192.0.2.1",
                              "192.0.2.1 ",
                              "192.0.2.1%lo",
                              "192.0.2.1:80",
                              "[::1]",
                              ":::",
                              "1:2:3:4:5:6:7",
                              "1:2:3:4:5:6:7:8:9",
                              "12345::",
                              "::g",
                              "host.test",
                              "host.test%lo",
                              "%lo",
                              std::string("::1\0junk", 8),
                              std::string("192.0.2.1\0", 10),
                              std::string(1000, '1')};
  for (const auto& row : rows) TEST_ASSERT_FALSE_MESSAGE(endpoint::from_literal(row, 80).has_value(), row);
}

void test_a_zone_is_an_interface_by_name_or_by_number() {
  unsigned index = 0;
  const auto name = require_interface(index);
  const auto by_name = endpoint::from_literal("fe80::1%" + name, 80);
  const auto by_number = endpoint::from_literal("fe80::1%" + std::to_string(index), 80);
  TEST_ASSERT_TRUE(by_name.has_value());
  TEST_ASSERT_TRUE(by_number.has_value());
  TEST_ASSERT_EQUAL_UINT(index, by_name->scope());
  TEST_ASSERT_TRUE(*by_name == *by_number);
  TEST_ASSERT_EQUAL_STRING("fe80::1%" + name, by_number->address_to_string());
  TEST_ASSERT_EQUAL_STRING("[fe80::1%" + name + "]:80", by_number->to_string());
}

void test_an_address_that_needs_no_zone_may_have_one() {
  unsigned index = 0;
  const auto name = require_interface(index);
  const auto with_zone = endpoint::from_literal("2001:db8::1%" + name, 80);
  TEST_ASSERT_TRUE(with_zone.has_value());
  TEST_ASSERT_EQUAL_UINT(index, with_zone->scope());
  TEST_ASSERT_TRUE(*with_zone != *endpoint::from_literal("2001:db8::1", 80));
}

void test_a_zone_that_is_no_interface_is_refused_with_the_text() {
  const std::string zones[] = {"",
                               "no-such-zone",
                               "0",
                               "01",
                               "4000000000",
                               "99999999999",
                               "1x",
                               std::string(IF_NAMESIZE, 'a'),
                               std::string("lo\0", 3)};
  for (const auto& zone : zones) {
    const auto why = literal_refusal("fe80::1%" + zone);
    TEST_ASSERT_CONTAINS_STRING_MESSAGE("no interface", why, zone);
    TEST_ASSERT_CONTAINS_STRING_MESSAGE("\"fe80::1%", why, zone);
  }
  TEST_ASSERT_CONTAINS_STRING("\"fe80::1%no-such-zone\"", literal_refusal("fe80::1%no-such-zone"));
}

// A name that old C libraries would cut to that of an interface which exists.
void test_a_zone_that_only_starts_like_an_interface_is_refused() {
  unsigned index = 0;
  auto longer = require_interface(index);
  longer.resize(IF_NAMESIZE + 4, 'x');
  TEST_ASSERT_CONTAINS_STRING("no interface", literal_refusal("fe80::1%" + longer));
}

void test_a_link_local_address_without_a_zone_is_refused_with_advice() {
  for (const auto* text : {"fe80::1", "febf::1", "FE80::"})
    TEST_ASSERT_CONTAINS_STRING("needs a zone, as in fe80::1%eth0", literal_refusal(text));
  TEST_ASSERT_EQUAL_STRING("accepted", literal_refusal("fec0::1"));
  TEST_ASSERT_EQUAL_STRING("accepted", literal_refusal("169.254.0.1"));
}

void test_padding_and_flow_label_do_not_count() {
  auto dirty = v6_address("2001:db8::1", 0);
  TEST_ASSERT_TRUE(from(dirty) == *endpoint::from_literal("2001:db8::1", 443));

  sockaddr_in v4;
  std::memset(&v4, 0xee, sizeof v4);
  v4.sin_family = AF_INET;
  v4.sin_port = htons(443);
  inet_pton(AF_INET, "192.0.2.1", &v4.sin_addr);
  const endpoint read(reinterpret_cast<const sockaddr&>(v4));
  TEST_ASSERT_TRUE(read == *endpoint::from_literal("192.0.2.1", 443));
}

void test_other_socket_families_are_refused() {
  sockaddr_storage local{};
  local.ss_family = AF_UNIX;
  const auto why = refusal([&] { (void)endpoint(reinterpret_cast<const sockaddr&>(local)); });
  TEST_ASSERT_CONTAINS_STRING("bad address family " + std::to_string(AF_UNIX), why);
}

void test_native_is_what_the_system_calls_take() {
  const auto v4 = endpoint::parse("192.0.2.7:8080");
  TEST_ASSERT_EQUAL_UINT(sizeof(sockaddr_in), v4.native_size());
  TEST_ASSERT_EQUAL_INT(AF_INET, v4.native().sa_family);
  const auto v6 = endpoint::parse("[2001:db8::7]:8080");
  TEST_ASSERT_EQUAL_UINT(sizeof(sockaddr_in6), v6.native_size());
  TEST_ASSERT_EQUAL_INT(AF_INET6, v6.native().sa_family);
  TEST_ASSERT_TRUE(endpoint(v6.native()) == v6);
  TEST_ASSERT_TRUE(endpoint(v4.native()) == v4);
}

void test_with_port_changes_the_port_alone() {
  const auto dirty = v6_address("fe80::1", 7);
  const auto changed = from(dirty).with_port(81);
  TEST_ASSERT_EQUAL_UINT(81, changed.port());
  TEST_ASSERT_EQUAL_UINT(7, changed.scope());
  TEST_ASSERT_TRUE(changed.with_port(443) == from(dirty));
  TEST_ASSERT_EQUAL_STRING("192.0.2.1:65535", endpoint::parse("192.0.2.1:80").with_port(65535).to_string());
}

void test_a_zone_without_a_name_is_printed_as_its_number() {
  TEST_ASSERT_EQUAL_STRING("[fe80::1%987654321]:443", from(v6_address("fe80::1", 987654321)).to_string());
}

void test_kinds_of_addresses() {
  struct {
    const char* text;
    bool link_local;
    bool loopback;
  } const rows[] = {
      {"192.0.2.1:1", false, false},
      {"169.254.0.1:1", true, false},
      {"169.253.255.255:1", false, false},
      {"127.0.0.1:1", false, true},
      {"127.255.0.1:1", false, true},
      {"128.0.0.1:1", false, false},
      {"[::1]:1", false, true},
      {"[::2]:1", false, false},
      {"[2001:db8::1]:1", false, false},
      {"[::ffff:127.0.0.1]:1", false, false},
  };
  for (const auto& row : rows) {
    const auto read = endpoint::parse(row.text);
    TEST_ASSERT_EQUAL_MESSAGE(row.link_local, read.link_local(), row.text);
    TEST_ASSERT_EQUAL_MESSAGE(row.loopback, read.loopback(), row.text);
  }
  TEST_ASSERT_TRUE(from(v6_address("fe80::1", 1)).link_local());
  TEST_ASSERT_TRUE(from(v6_address("febf::1", 1)).link_local());
  TEST_ASSERT_FALSE(from(v6_address("fec0::1", 1)).link_local());
}

void test_bad_text_is_refused_with_the_text_and_the_reason() {
  struct {
    const char* text;
    const char* reason;
  } const rows[] = {
      {"", "empty"},
      {"192.0.2.1", "the port is missing"},
      {"192.0.2.1:", "the port is missing"},
      {"192.0.2.1:0", "port 0"},
      {"192.0.2.1:080", "leading zero"},
      {"192.0.2.1:65536", "65535"},
      {"192.0.2.1:80x", "neither a number"},
      {":80", "the host is missing"},
      {"::1:80", "goes in brackets"},
      {"[192.0.2.1]:80", "only an IPv6 address goes in brackets"},
      {"[::1]", "the port is missing"},
      {"[::1]80", "a colon and the port must follow"},
      {"[::1:80", "the closing bracket is missing"},
      {"host.test:80", "an endpoint needs an IP address"},
      {"127.1:80", "an endpoint needs an IP address"},
      {"http://192.0.2.1:80", "a URL is not taken"},
  };
  for (const auto& row : rows) {
    const auto why = refusal([&] { (void)endpoint::parse(row.text); });
    TEST_ASSERT_CONTAINS_STRING_MESSAGE("bad endpoint \"" + std::string(row.text) + "\"", why, row.text);
    TEST_ASSERT_CONTAINS_STRING_MESSAGE(row.reason, why, row.text);
  }
}

void test_a_service_name_is_a_port_too() {
  TEST_ASSERT_EQUAL_UINT(443, endpoint::parse("192.0.2.1:https").port());
}

void test_endpoints_are_plain_values() {
  static_assert(sizeof(endpoint) == 28);
  static_assert(std::is_trivially_copyable_v<endpoint>);
  static_assert(std::is_nothrow_copy_constructible_v<endpoint>);
  const auto first = endpoint::parse("192.0.2.1:80");
  const std::set<endpoint> all{first, endpoint::parse("[2001:db8::1]:80"), first.with_port(81), first};
  TEST_ASSERT_EQUAL_UINT(3, all.size());
  TEST_ASSERT_TRUE(all.contains(endpoint::parse("192.0.2.1:80")));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_literals_are_read_and_printed_in_their_shortest_form);
  RUN_TEST(test_what_is_no_literal_may_be_a_name);
  RUN_TEST(test_a_zone_is_an_interface_by_name_or_by_number);
  RUN_TEST(test_an_address_that_needs_no_zone_may_have_one);
  RUN_TEST(test_a_zone_that_is_no_interface_is_refused_with_the_text);
  RUN_TEST(test_a_zone_that_only_starts_like_an_interface_is_refused);
  RUN_TEST(test_a_link_local_address_without_a_zone_is_refused_with_advice);
  RUN_TEST(test_padding_and_flow_label_do_not_count);
  RUN_TEST(test_other_socket_families_are_refused);
  RUN_TEST(test_native_is_what_the_system_calls_take);
  RUN_TEST(test_with_port_changes_the_port_alone);
  RUN_TEST(test_a_zone_without_a_name_is_printed_as_its_number);
  RUN_TEST(test_kinds_of_addresses);
  RUN_TEST(test_bad_text_is_refused_with_the_text_and_the_reason);
  RUN_TEST(test_a_service_name_is_a_port_too);
  RUN_TEST(test_endpoints_are_plain_values);
  return UNITY_END();
}
