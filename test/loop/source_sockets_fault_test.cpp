// How often the kernel is asked for a source, and what its failures come to.
#include "glue/source_sockets.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "demo/ports.hpp"
#include "support/faults.hpp"
#include "support/unity.hpp"

using namespace uvdial;
using detail::source_sockets;

void setUp() { faults::clear(); }
void tearDown() { faults::clear(); }

extern "C" {
int __real_socket(int family, int type, int protocol);
int __wrap_socket(int family, int type, int protocol) {
  if (const auto scripted = faults::next("socket")) {
    errno = static_cast<int>(*scripted);
    return -1;
  }
  return __real_socket(family, type, protocol);
}
int __real_connect(int descriptor, const sockaddr* to, socklen_t size);
int __wrap_connect(int descriptor, const sockaddr* to, socklen_t size) {
  if (const auto scripted = faults::next("connect")) {
    errno = static_cast<int>(*scripted);
    return -1;
  }
  return __real_connect(descriptor, to, size);
}
ssize_t __real_sendto(int descriptor, const void* data, size_t size, int flags, const sockaddr* to,
                      socklen_t length);
ssize_t __wrap_sendto(int descriptor, const void* data, size_t size, int flags, const sockaddr* to,
                      socklen_t length) {
  (void)faults::next("sendto");  // counted only
  return __real_sendto(descriptor, data, size, flags, to, length);
}
}

namespace {

endpoint address(const char* text) { return endpoint::from_literal(text, 0).value(); }

}  // namespace

void test_an_answer_is_remembered() {
  source_sockets sources;
  for (int i = 0; i < 5; ++i) TEST_ASSERT_TRUE(sources.source_for(address("127.0.0.1")).has_value());
  TEST_ASSERT_TRUE(sources.source_for(address("127.0.0.1").with_port(80)).has_value());
  TEST_ASSERT_EQUAL(1u, faults::calls("socket"));
  TEST_ASSERT_EQUAL(0u, faults::calls("sendto"));
}

void test_each_address_is_asked_for_itself() {
  source_sockets sources;
  (void)sources.source_for(address("127.0.0.1"));
  (void)sources.source_for(address("127.0.0.2"));
  TEST_ASSERT_EQUAL(2u, faults::calls("socket"));
}

void test_many_addresses_do_not_pile_up() {
  source_sockets sources;
  for (int i = 0; i < 1000; ++i) {
    const std::string text = "127.0." + std::to_string(i / 250) + "." + std::to_string(1 + i % 250);
    TEST_ASSERT_TRUE(sources.source_for(address(text.c_str())).has_value());
  }
}

void test_without_descriptors_there_is_no_source() {
  faults::fail_from("socket", 1, EMFILE);
  source_sockets sources;
  TEST_ASSERT_FALSE(sources.source_for(address("127.0.0.1")).has_value());
}

void test_a_shortage_is_over_as_soon_as_it_is_over() {
  source_sockets sources;
  for (const int shortage : {EMFILE, ENFILE, ENOBUFS, ENOMEM}) {
    faults::clear();
    faults::fail("socket", 1, shortage);
    TEST_ASSERT_FALSE(sources.source_for(address("127.0.0.1")).has_value());
  }
  faults::clear();
  faults::fail("connect", 1, EAGAIN);  // every port for datagrams is taken
  TEST_ASSERT_FALSE(sources.source_for(address("127.0.0.1")).has_value());
  TEST_ASSERT_TRUE(sources.source_for(address("127.0.0.1")).has_value());
}

// Else what is remembered of all hosts would be forgotten whenever there are no descriptors.
void test_a_shortage_is_no_other_network() {
  source_sockets sources;
  const std::uint64_t network = sources.network();
  if (network == 1) TEST_IGNORE_MESSAGE("no way out of this machine");
  for (int i = 1; i <= 250; ++i) (void)sources.source_for(address(("127.0.0." + std::to_string(i)).c_str()));
  for (int i = 1; i <= 10; ++i) (void)sources.source_for(address(("127.0.1." + std::to_string(i)).c_str()));
  faults::clear();
  faults::fail_from("socket", 1, EMFILE);
  TEST_ASSERT_EQUAL(network, sources.network());
  TEST_ASSERT_GREATER_THAN(0u, faults::calls("socket"));
}

void test_no_way_there_is_no_source() {
  faults::fail("connect", 1, ENETUNREACH);
  source_sockets sources;
  TEST_ASSERT_FALSE(sources.source_for(address("192.0.2.7")).has_value());
}

// The first connect is that of the family asked for, the second one the other's, if it comes to that.
void test_a_family_without_a_way_out_is_unusable_while_the_other_has_one() {
  if (!demo::v6_loopback_available()) TEST_IGNORE_MESSAGE("this machine has no IPv6");
  const bool v4_has_one =
      source_sockets{}.source_for(address("192.0.2.1")).has_value();  // depends on the machine
  faults::clear();
  faults::fail("connect", 1, ENETUNREACH);
  source_sockets sources;
  TEST_ASSERT_EQUAL(!v4_has_one, sources.usable(ip_family::v6));
}

void test_where_no_family_has_a_way_out_both_are_usable() {
  faults::fail_from("connect", 1, ENETUNREACH);
  source_sockets sources;
  TEST_ASSERT_TRUE(sources.usable(ip_family::v4));
  TEST_ASSERT_TRUE(sources.usable(ip_family::v6));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_an_answer_is_remembered);
  RUN_TEST(test_each_address_is_asked_for_itself);
  RUN_TEST(test_many_addresses_do_not_pile_up);
  RUN_TEST(test_without_descriptors_there_is_no_source);
  RUN_TEST(test_a_shortage_is_over_as_soon_as_it_is_over);
  RUN_TEST(test_a_shortage_is_no_other_network);
  RUN_TEST(test_no_way_there_is_no_source);
  RUN_TEST(test_a_family_without_a_way_out_is_unusable_while_the_other_has_one);
  RUN_TEST(test_where_no_family_has_a_way_out_both_are_usable);
  return UNITY_END();
}
