// Under which name DNS keeps the names of an address.
#include "logic/reverse_name.hpp"

#include "support/unity.hpp"

using uvdial::endpoint;

void setUp() {}
void tearDown() {}

namespace {

std::string of(const char* address, std::uint16_t port = 0) {
  return uvdial::detail::reverse_name(endpoint::from_literal(address, port).value());
}

}  // namespace

// RFC 1035, 3.5.
void test_the_octets_of_a_v4_address_stand_backwards() {
  TEST_ASSERT_EQUAL_STRING("7.2.0.192.in-addr.arpa", of("192.0.2.7"));
  TEST_ASSERT_EQUAL_STRING("0.0.0.0.in-addr.arpa", of("0.0.0.0"));
  TEST_ASSERT_EQUAL_STRING("255.254.128.1.in-addr.arpa", of("1.128.254.255"));
}

// RFC 3596, 2.5, with its own example of such a name.
void test_the_digits_of_a_v6_address_stand_backwards() {
  TEST_ASSERT_EQUAL_STRING("b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa",
                           of("4321:0:1:2:3:4:567:89ab"));
  TEST_ASSERT_EQUAL_STRING("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa",
                           of("::1"));
  TEST_ASSERT_EQUAL_STRING("f.e.d.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
                           of("2001:db8::cdef"));
}

// RFC 4291, 2.5.5.2.
void test_a_mapped_address_is_the_v4_address_in_it() {
  TEST_ASSERT_EQUAL_STRING("7.2.0.192.in-addr.arpa", of("::ffff:192.0.2.7"));
}

// Compatible (RFC 4291, 2.5.5.1) and translated addresses (RFC 6052) are IPv6 addresses of their own.
void test_what_only_looks_like_a_mapped_address_is_none() {
  TEST_ASSERT_EQUAL_STRING("7.0.2.0.0.0.0.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa",
                           of("::192.0.2.7"));
  TEST_ASSERT_EQUAL_STRING("7.0.2.0.0.0.0.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.b.9.f.f.4.6.0.0.ip6.arpa",
                           of("64:ff9b::192.0.2.7"));
  TEST_ASSERT_EQUAL_STRING("7.0.2.0.0.0.0.c.f.f.f.f.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa",
                           of("::1:ffff:192.0.2.7"));
}

void test_a_mapped_endpoint_keeps_its_port_and_others_stay_as_they_are() {
  const auto without = [](const char* address) {
    return uvdial::detail::without_mapping(endpoint::from_literal(address, 443).value()).to_string();
  };
  TEST_ASSERT_EQUAL_STRING("192.0.2.7:443", without("::ffff:192.0.2.7"));
  TEST_ASSERT_EQUAL_STRING("192.0.2.7:443", without("192.0.2.7"));
  TEST_ASSERT_EQUAL_STRING("[::1]:443", without("::1"));
}

void test_neither_port_nor_zone_matter() {
  TEST_ASSERT_EQUAL_STRING(of("192.0.2.7"), of("192.0.2.7", 443));
  TEST_ASSERT_EQUAL_STRING("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.e.f.ip6.arpa",
                           of("fe80::1%lo"));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_the_octets_of_a_v4_address_stand_backwards);
  RUN_TEST(test_the_digits_of_a_v6_address_stand_backwards);
  RUN_TEST(test_a_mapped_address_is_the_v4_address_in_it);
  RUN_TEST(test_what_only_looks_like_a_mapped_address_is_none);
  RUN_TEST(test_a_mapped_endpoint_keeps_its_port_and_others_stay_as_they_are);
  RUN_TEST(test_neither_port_nor_zone_matter);
  return UNITY_END();
}
