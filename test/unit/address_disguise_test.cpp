// Blocked addresses in disguise: an IPv6 address leads to the IPv4 address inside it.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/raw_address.hpp"
#include "support/unity.hpp"
#include "uvdial/address_policy.hpp"

using namespace uvdial;
using fixture::raw_address;

void setUp() {}
void tearDown() {}

namespace {

// Without `reserved`, so that documentation addresses can stand for public ones.
address_policy guard() {
  return address_policy()
      .deny(address_set::private_)
      .deny(address_set::loopback)
      .deny(address_set::link_local)
      .deny(address_set::multicast)
      .deny(address_set::unspecified)
      .deny(address_set::metadata);
}

using v4_bytes = std::array<std::uint8_t, 4>;
using v6_bytes = std::array<std::uint8_t, 16>;

endpoint endpoint_of(const v6_bytes& bytes) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  std::memcpy(&address.sin6_addr, bytes.data(), bytes.size());
  return endpoint(reinterpret_cast<const sockaddr&>(address));
}

endpoint endpoint_of(const v4_bytes& bytes) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  std::memcpy(&address.sin_addr, bytes.data(), bytes.size());
  return endpoint(reinterpret_cast<const sockaddr&>(address));
}

// A way to put an IPv4 address into an IPv6 one: what it begins with, and where the four bytes go.
struct disguise {
  std::string_view name;
  v6_bytes pattern;
  std::array<std::size_t, 4> places;
  bool inverted = false;
};

const std::vector<disguise> disguises{
    {"compatible", {}, {12, 13, 14, 15}},
    {"mapped", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, {12, 13, 14, 15}},
    {"translated", {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, {12, 13, 14, 15}},
    {"NAT64", {0, 0x64, 0xff, 0x9b}, {12, 13, 14, 15}},
    {"local NAT64 /48", {0, 0x64, 0xff, 0x9b, 0, 1}, {6, 7, 9, 10}},
    {"local NAT64 /48, bits set behind",
     {0, 0x64, 0xff, 0x9b, 0, 1, 0, 0, 0, 0, 0, 8, 8, 8, 8, 8},
     {6, 7, 9, 10}},
    {"local NAT64 /56", {0, 0x64, 0xff, 0x9b, 0, 1, 8}, {7, 9, 10, 11}},
    {"local NAT64 /64", {0, 0x64, 0xff, 0x9b, 0, 1, 8, 8, 0}, {9, 10, 11, 12}},
    {"local NAT64 /96", {0, 0x64, 0xff, 0x9b, 0, 1, 8, 8, 0, 8, 8, 8}, {12, 13, 14, 15}},
    {"6to4", {0x20, 0x02}, {2, 3, 4, 5}},
    {"6to4 with a subnet and an interface",
     {0x20, 0x02, 0, 0, 0, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7, 8},
     {2, 3, 4, 5}},
    {"Teredo server",
     {0x20, 0x01, 0, 0, 0, 0, 0, 0, 0x80, 0, 0x63, 0xbf, 0xf7, 0xf7, 0xf7, 0xf7},
     {4, 5, 6, 7}},
    {"Teredo client", {0x20, 0x01, 0, 0, 8, 8, 8, 8, 0x80, 0, 0x63, 0xbf}, {12, 13, 14, 15}, true},
    {"Teredo client that looks like ISATAP",
     {0x20, 0x01, 0, 0, 8, 8, 8, 8, 0, 0, 0x5e, 0xfe},
     {12, 13, 14, 15},
     true},
    {"ISATAP", {0x26, 0x06, 0x47, 0, 0, 0, 0, 1, 0, 0, 0x5e, 0xfe}, {12, 13, 14, 15}},
    {"ISATAP, unique", {0x26, 0x06, 0x47, 0, 0, 0, 0, 1, 2, 0, 0x5e, 0xfe}, {12, 13, 14, 15}},
    {"ISATAP in 6to4", {0x20, 0x02, 8, 8, 8, 8, 0, 0, 2, 0, 0x5e, 0xfe}, {12, 13, 14, 15}},
    {"6to4 around ISATAP", {0x20, 0x02, 0, 0, 0, 0, 0, 0, 2, 0, 0x5e, 0xfe, 8, 8, 8, 8}, {2, 3, 4, 5}},
};

endpoint in_disguise(const v4_bytes& address, const disguise& how) {
  v6_bytes bytes = how.pattern;
  for (std::size_t at = 0; at < 4; ++at)
    bytes[how.places[at]] = static_cast<std::uint8_t>(how.inverted ? ~address[at] : address[at]);
  return endpoint_of(bytes);
}

}  // namespace

static void test_no_disguise_of_a_blocked_address_gets_through() {
  const char* const table[] = {
      // plain
      "10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.1", "100.64.0.1", "127.0.0.1", "127.1.2.3",
      "127.255.255.255", "0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.170.2", "169.254.170.23",
      "169.254.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "224.0.0.1", "239.255.255.250",
      "255.255.255.255", "::", "::1", "0:0:0:0:0:0:0:1", "fc00::1", "fd12:3456:789a::1", "fec0::1", "fe80::1",
      "febf::1", "ff02::1", "ff05::2", "fd00:ec2::254", "fd00:ec2::23", "FD00:EC2:0:0::254", "fd20:ce::254",
      // IPv4-mapped
      "::ffff:127.0.0.1", "::FFFF:127.0.0.1", "::ffff:7f00:1", "::FFFF:7F00:0001", "0:0:0:0:0:ffff:7f00:1",
      "0000:0000:0000:0000:0000:ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a00:1", "::ffff:172.16.5.4",
      "::ffff:192.168.0.1", "::ffff:c0a8:1", "::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "::ffff:0.0.0.0",
      "::ffff:0:0", "::ffff:100.64.1.1", "::ffff:168.63.129.16", "::ffff:224.0.0.1", "::ffff:255.255.255.255",
      // IPv4-compatible
      "::127.0.0.1", "::7f00:1", "::10.0.0.1", "::a00:1", "::192.168.0.1", "::169.254.169.254", "::a9fe:a9fe",
      "::0.0.0.2", "::2", "::0.1.0.0", "::172.20.0.1", "::100.100.100.200",
      // IPv4-translated
      "::ffff:0:127.0.0.1", "::ffff:0:7f00:1", "::ffff:0:10.1.1.1", "::ffff:0:169.254.169.254",
      "::ffff:0:0.0.0.0", "::ffff:0:192.168.7.7",
      // 6to4
      "2002:7f00:1::", "2002:7f00:1::1", "2002:7f00:1:ffff:ffff:ffff:ffff:ffff", "2002:a00:1::1",
      "2002:a9fe:a9fe::1", "2002:c0a8:101::1", "2002:ac10:1::1", "2002::1", "2002:6440:1::1",
      "2002:a83f:8110::1", "2002:e000:1::1",
      // NAT64
      "64:ff9b::127.0.0.1", "64:ff9b::7f00:1", "64:FF9B::7F00:1", "0064:ff9b:0:0:0:0:10.0.0.1",
      "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b::192.168.0.1", "64:ff9b::0.0.0.0",
      "64:ff9b::", "64:ff9b::172.16.0.1",
      // NAT64 with the local prefix: /96, /64, /56, /48
      "64:ff9b:1::127.0.0.1", "64:ff9b:1::10.0.0.1", "64:ff9b:1:808:8:800:169.254.169.254",
      "64:ff9b:1::", "64:ff9b:1:808:7f:0:100:0", "64:ff9b:1:808:a:0:100:0",
      "64:ff9b:1:87f:0:1::", "64:ff9b:1:80a:0:1::", "64:ff9b:1:7f00:0:100::", "64:ff9b:1:a00:0:100::",
      "64:ff9b:1:a9fe:a9:fe00::", "64:ff9b:1:a9fe:a9:feff:808:808",
      // Teredo: the server, then the client
      "2001:0:7f00:1:8000:63bf:f7f7:f7f7", "2001::7f00:1:8000:63bf:f7f7:f7f7", "2001:0:a00:1::f7f7:f7f7",
      "2001:0:a9fe:a9fe:8000:63bf:f7f7:f7f7", "2001:0:808:808:8000:63bf:80ff:fffe",
      "2001:0:808:808::80ff:fffe", "2001:0:808:808:8000:63bf:f5ff:fffe", "2001:0:808:808:8000:63bf:5601:5601",
      "2001:0:808:808:0:5efe:80ff:fffe", "2001:0:808:808:8000:63bf:3f57:fffe", "2001::",
      // ISATAP, under public, 6to4 and link-local prefixes
      "2606:4700::5efe:127.0.0.1", "2606:4700::200:5efe:127.0.0.1", "2606:4700::5efe:10.0.0.1",
      "2606:4700::200:5efe:a9fe:a9fe", "2606:4700:1:2:0:5efe:192.168.0.1", "2002:808:808::200:5efe:10.0.0.1",
      "2002:a00:1::200:5efe:8.8.8.8", "fe80::5efe:8.8.8.8", "fe80::200:5efe:10.0.0.1", "fd00::5efe:8.8.8.8"};
  TEST_ASSERT_GREATER_OR_EQUAL(100u, std::size(table));
  const address_policy policy = guard();
  for (const char* each : table) {
    const endpoint address = raw_address(each);
    TEST_ASSERT_FALSE_MESSAGE(policy.allows(address), each);
    TEST_ASSERT_FALSE_MESSAGE(address_policy::public_only().allows(address), each);
  }
}

static void test_public_addresses_pass_in_every_form() {
  const char* const table[] = {
      "8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.1", "172.32.0.1", "192.169.0.1", "100.128.0.1",
      "128.0.0.1", "126.255.255.255", "169.253.0.1", "223.255.255.255", "168.63.129.17",
      "2606:4700:4700::1111", "2001:4860:4860::8888", "2a00:1450:4001:80b::200e", "2001:200::1", "2003::1",
      "2001:1::1", "64:ff9c::1", "64:ff9b:2::1", "fe00::1", "::ffff:8.8.8.8", "::8.8.8.8", "::ffff:0:8.8.8.8",
      "2002:808:808::1", "2002:808:808:7::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b::808:808",
      "64:ff9b:1::8.8.8.8", "64:ff9b:1:808:8:800::", "64:ff9b:1:8:8:808::", "64:ff9b:1:0:8:808:800:0",
      "2001:0:808:808:8000:63bf:f7f7:f7f7", "2001:0:808:808:0:5efe:f7f7:f7f7", "2606:4700::5efe:8.8.8.8",
      "2606:4700::200:5efe:8.8.8.8",
      // no ISATAP: another interface identifier, and not at its place
      "2606:4700::100:5eff:10.0.0.1", "2606:4700::5efe:0:10.0.0.1",
      // no Teredo, no NAT64: one bit beside the prefix
      "2001:10:a00:1::1", "65:ff9b::10.0.0.1", "64:ff9b:0:0:0:1:10.0.0.1"};
  for (const char* each : table) {
    const endpoint address = raw_address(each);
    TEST_ASSERT_TRUE_MESSAGE(guard().allows(address), each);
    TEST_ASSERT_TRUE_MESSAGE(address_policy::public_only().allows(address), each);
  }
}

// Whatever the rules are: an IPv4 address that they deny is denied in every disguise, and one that they
// allow passes.
static void test_random_addresses_are_judged_alike_in_every_disguise() {
  std::mt19937 random(20'26);
  const auto byte = [&random] { return static_cast<std::uint8_t>(random() & 0xff); };
  std::size_t denied = 0, allowed = 0;
  for (int round = 0; round < 2000; ++round) {
    address_policy policy = round % 2 == 0 ? address_policy() : address_policy::nothing().allow("8.0.0.0/8");
    if (round % 4 == 0) policy = guard();
    for (int count = 0; count < 3; ++count) {
      const std::string top = std::to_string(byte()) + "." + std::to_string(byte() & 0xf0) + ".0.0/12";
      if ((random() & 1) == 0)
        policy.deny(top);
      else
        policy.allow(top);
    }
    policy.allow("8.8.0.0/16");  // what the patterns have beside the address
    // 0/8 is a case of its own, below.
    const v4_bytes address{std::max<std::uint8_t>(byte(), 1), byte(), byte(), byte()};
    const bool plain = policy.allows(endpoint_of(address));
    (plain ? allowed : denied) += 1;
    for (const disguise& how : disguises) {
      // Which other readings such an address has is left to chance, and each may forbid it.
      if (plain && how.name.starts_with("local")) continue;
      const endpoint hidden = in_disguise(address, how);
      const std::string shown = std::string(how.name) + ": " + hidden.address_to_string();
      TEST_ASSERT_EQUAL_MESSAGE(plain, policy.allows(hidden), shown);
    }
  }
  TEST_ASSERT_GREATER_THAN(50u, denied);
  TEST_ASSERT_GREATER_THAN(50u, allowed);
}

// No packet gets there, and with the usual prefix of 96 bits all readings but the right one are such.
static void test_a_reading_of_local_nat64_in_zero_slash_eight_does_not_count_beside_another() {
  for (const char* each : {"64:ff9b:1::8.8.8.8", "64:ff9b:1:808:8:800::", "64:ff9b:1:8:8:808::"})
    TEST_ASSERT_TRUE_MESSAGE(guard().allows(raw_address(each)), each);
  for (const char* each : {"64:ff9b:1::", "64:ff9b:1::0.0.0.1", "64:ff9b:1::0.8.8.8", "64:ff9b:1::10.0.0.1"})
    TEST_ASSERT_FALSE_MESSAGE(guard().allows(raw_address(each)), each);
}

static void test_each_end_of_each_set_is_denied_in_every_disguise() {
  const char* const ends[] = {"10.0.0.0",        "10.255.255.255",  "172.16.0.0",     "172.31.255.255",
                              "192.168.0.0",     "127.0.0.0",       "100.64.0.0",     "100.127.255.255",
                              "192.168.255.255", "169.254.169.254", "168.63.129.16",  "169.254.0.0",
                              "224.0.0.0",       "255.255.255.255", "127.255.255.255"};
  for (const char* end : ends) {
    v4_bytes bytes{};
    TEST_ASSERT_EQUAL(1, inet_pton(AF_INET, end, bytes.data()));
    for (const disguise& how : disguises)
      TEST_ASSERT_FALSE_MESSAGE(guard().allows(in_disguise(bytes, how)),
                                std::string(how.name) + " of " + end);
  }
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_no_disguise_of_a_blocked_address_gets_through);
  RUN_TEST(test_public_addresses_pass_in_every_form);
  RUN_TEST(test_random_addresses_are_judged_alike_in_every_disguise);
  RUN_TEST(test_a_reading_of_local_nat64_in_zero_slash_eight_does_not_count_beside_another);
  RUN_TEST(test_each_end_of_each_set_is_denied_in_every_disguise);
  return UNITY_END();
}
