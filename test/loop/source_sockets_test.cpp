#include "glue/source_sockets.hpp"

#include <sys/socket.h>

#include "demo/ports.hpp"
#include "support/unity.hpp"

using namespace uvdial;
using detail::source_sockets;

void setUp() {}
void tearDown() {}

namespace {

endpoint address(const char* text) { return endpoint::from_literal(text, 0).value(); }

std::string source_of(source_sockets& sources, const endpoint& to) {
  const auto found = sources.source_for(to);
  return found ? found->to_string() : "none";
}

}  // namespace

void test_the_source_of_a_loopback_address_is_itself() {
  source_sockets sources;
  TEST_ASSERT_EQUAL_STRING("127.0.0.1:0", source_of(sources, address("127.0.0.1")));
  TEST_ASSERT_EQUAL_STRING("127.0.0.1:0", source_of(sources, address("127.0.0.1").with_port(443)));
}

void test_the_source_of_the_v6_loopback_is_itself() {
  if (!demo::v6_loopback_available()) TEST_IGNORE_MESSAGE("this machine has no ::1");
  source_sockets sources;
  TEST_ASSERT_EQUAL_STRING("[::1]:0", source_of(sources, address("::1")));
}

void test_an_address_that_cannot_be_connected_to_has_no_source() {
  source_sockets sources;
  TEST_ASSERT_EQUAL_STRING("none", source_of(sources, address("255.255.255.255")));
}

void test_at_least_one_family_is_usable() {
  source_sockets sources;
  TEST_ASSERT_TRUE(sources.usable(ip_family::v4) || sources.usable(ip_family::v6));
}

void test_a_peer_hears_nothing() {
  const auto peer = demo::bound_socket(demo::socket_kind::udp, demo::loopback(ip_family::v4));
  source_sockets sources;
  TEST_ASSERT_EQUAL_STRING("127.0.0.1:0", source_of(sources, demo::bound_address(peer)));
  char octet = 0;
  TEST_ASSERT_EQUAL(-1, ::recv(peer.get(), &octet, 1, MSG_DONTWAIT));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_the_source_of_a_loopback_address_is_itself);
  RUN_TEST(test_the_source_of_the_v6_loopback_is_itself);
  RUN_TEST(test_an_address_that_cannot_be_connected_to_has_no_source);
  RUN_TEST(test_at_least_one_family_is_usable);
  RUN_TEST(test_a_peer_hears_nothing);
  return UNITY_END();
}
