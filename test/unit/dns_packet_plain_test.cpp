// Answers that are read in the packet as it lies: they say what c-ares reads of the same records in another form; and
// what is left unread in them.
#include <ares.h>

#include <string>

#include "glue/dns_packet.hpp"
#include "support/dns_wire.hpp"
#include "support/unity.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using detail::dns_record;
using namespace fixture::wire;

void setUp() {}
void tearDown() {}

namespace {

detail::dns_reply read(const parts& answers, dns_record of) {
  const std::string wire = packet("www.test", static_cast<unsigned>(of), answers);
  detail::dns_reply reply;
  detail::read_reply("www.test", of, ARES_SUCCESS, reinterpret_cast<const unsigned char*>(wire.data()),
                     static_cast<int>(wire.size()), reply);
  return reply;
}

detail::dns_reply read_a(const parts& answers) { return read(answers, dns_record::v4_address); }

}  // namespace

// What is read in the packet as it lies is what c-ares reads of the same records in another form.
void test_a_name_written_out_is_the_same_as_one_that_is_pointed_to() {
  const std::string data = u16(a) + u16(1) + u32(60) + u16(4) + std::string("\xc0\x00\x02\x01", 4);
  const std::string pointing = std::string("\xc0\x0c", 2) + data;
  const std::string written = name("www.test") + data;
  for (const parts& answers : {parts{pointing}, parts{written}, parts{pointing, written}}) {
    const auto reply = read_a(answers);
    TEST_ASSERT_FALSE(reply.why);
    TEST_ASSERT_EQUAL(answers.size(), reply.addresses.size());
    TEST_ASSERT_EQUAL_STRING("192.0.2.1", reply.addresses.at(0).address_to_string());
    TEST_ASSERT_EQUAL(60s, reply.ttl);
    TEST_ASSERT_EQUAL_STRING("", reply.canonical_name);
  }
}

void test_what_is_no_address_of_the_internet_is_none() {
  const auto pointing = [](unsigned type, unsigned of_class, const std::string& data) {
    return std::string("\xc0\x0c", 2) + u16(type) + u16(of_class) + u32(60) +
           u16(static_cast<unsigned>(data.size())) + data;
  };
  const std::string octets("\xc0\x00\x02\x01", 4);
  for (const std::string& odd : {pointing(a, 3, octets), pointing(aaaa, 1, std::string(16, '\x20')),
                                 pointing(16, 1, octets), pointing(a, 1, octets.substr(1))}) {
    TEST_ASSERT_TRUE(read_a({odd}).why);
    const auto beside = read_a({odd, pointing(a, 1, octets)});
    TEST_ASSERT_LESS_OR_EQUAL(1u, beside.addresses.size());
  }
}

void test_names_beside_addresses_are_not_taken() {
  const auto reply = read_a({address("www.test", 60), record("www.test", ptr, 5, name("host.test"))});
  TEST_ASSERT_EQUAL(1u, reply.addresses.size());
  TEST_ASSERT_EQUAL(0u, reply.names.size());
  TEST_ASSERT_EQUAL(60s, reply.ttl);
}

// A name may be thousands of pointers, and there may be thousands of such names.
void test_names_that_cannot_be_read_are_not_looked_at_without_end() {
  const std::string endless =
      name("www.test") + u16(ptr) + u16(1) + u32(60) + u16(2) + "\xc0\x21";  // to itself
  parts answers(64, endless);
  answers.push_back(record("www.test", ptr, 60, name("host.test")));
  TEST_ASSERT_EQUAL(0u, read(answers, dns_record::pointer).names.size());
  answers.erase(answers.begin());
  TEST_ASSERT_EQUAL(1u, read(answers, dns_record::pointer).names.size());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_name_written_out_is_the_same_as_one_that_is_pointed_to);
  RUN_TEST(test_what_is_no_address_of_the_internet_is_none);
  RUN_TEST(test_names_beside_addresses_are_not_taken);
  RUN_TEST(test_names_that_cannot_be_read_are_not_looked_at_without_end);
  return UNITY_END();
}
