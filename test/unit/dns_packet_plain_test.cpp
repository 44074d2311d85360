// Whose records of an answer count, in whatever form they come, and what is no answer at all.
#include <ares.h>

#include <chrono>
#include <string>

#include "glue/dns_packet.hpp"
#include "support/dns_wire.hpp"
#include "support/unity.hpp"
#include "uvdial/error.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using detail::dns_record;
using namespace fixture::wire;

void setUp() {}
void tearDown() {}

namespace {

detail::dns_reply read(const std::string& wire) {
  detail::dns_reply reply;
  detail::read_reply("www.test", dns_record::v4_address, ARES_SUCCESS,
                     reinterpret_cast<const unsigned char*>(wire.data()), static_cast<int>(wire.size()),
                     reply);
  return reply;
}
detail::dns_reply read_a(const parts& answers) { return read(packet("www.test", a, answers)); }

std::string text_of(const detail::dns_reply& reply) {
  if (reply.why) return std::string(code_name(reply.why));
  std::string text;
  for (const endpoint& each : reply.addresses) text += (text.empty() ? "" : " ") + each.address_to_string();
  return text;
}

parts chain_of(int length) {
  parts all;
  std::string last = "www.test";
  for (int i = 0; i < length; ++i) {
    const std::string next = "n" + std::to_string(i) + ".test";
    all.push_back(alias(last, next));
    last = next;
  }
  all.push_back(address(last, 60));
  return all;
}

}  // namespace

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

void test_records_of_other_names_are_not_taken() {
  TEST_ASSERT_EQUAL("192.0.2.1", text_of(read_a({address("evil.test", 60, 66), address("www.test", 60)})));
  TEST_ASSERT_EQUAL("NODATA", text_of(read_a({address("evil.test", 60, 66)})));
  TEST_ASSERT_EQUAL("192.0.2.1", text_of(read_a({address("www.test", 60, 66), alias("www.test", "b.test"),
                                                 address("evil.test", 60, 67), address("b.test", 60),
                                                 address("w.www.test", 60, 68), address("test", 60, 69)})));
  // A dot inside a label is none between two.
  const std::string odd = std::string("\x08www.test", 9) + '\0' + u16(a) + u16(1) + u32(60) + u16(4) + "abcd";
  TEST_ASSERT_EQUAL("NODATA", text_of(read_a({odd})));
}

void test_what_stands_in_the_other_sections_is_not_taken() {
  TEST_ASSERT_EQUAL(
      "NODATA",
      text_of(read(packet("www.test", a, {alias("www.test", "b.test")}, {address("b.test", 60, 66)}))));
}

void test_a_chain_of_up_to_32_aliases_is_followed() {
  for (const int length : {1, 20, 32}) {
    const auto reply = read_a(chain_of(length));
    TEST_ASSERT_EQUAL("192.0.2.1", text_of(reply));
    TEST_ASSERT_EQUAL(length, reply.aliases.size());
  }
  TEST_ASSERT_EQUAL("BADRESP", text_of(read_a(chain_of(33))));
}

void test_a_chain_without_an_end_is_no_answer() {
  TEST_ASSERT_EQUAL("BADRESP", text_of(read_a({alias("www.test", "www.test"), address("www.test", 60)})));
  TEST_ASSERT_EQUAL("BADRESP", text_of(read_a({alias("www.test", "b.test"), alias("b.test", "c.test"),
                                               alias("c.test", "b.test"), address("c.test", 60)})));
}

void test_of_a_DNAME_the_alias_that_comes_with_it_counts() {
  const std::string dname = record("test", 39, 60, name("example"));
  TEST_ASSERT_EQUAL("192.0.2.1",
                    text_of(read_a({dname, alias("www.test", "www.example"), address("www.example", 60)})));
  TEST_ASSERT_EQUAL("NODATA", text_of(read_a({dname, address("www.example", 60)})));
}

void test_an_alias_that_nobody_could_ask_for_is_no_answer() {
  for (const std::string& target :
       {std::string("\x1b[31m.test"), std::string("a\0b.test", 8), std::string("a b.test")})
    TEST_ASSERT_EQUAL("BADRESP", text_of(read_a({alias("www.test", target), address(target, 60)})));
}

void test_names_longer_than_names_are_cannot_be_read() {
  const std::string label(63, 'a');
  const std::string longest =
      label + "." + label + "." + label + "." + std::string(61, 'a');  // 255 on the wire
  TEST_ASSERT_EQUAL("192.0.2.1", text_of(read_a({alias("www.test", longest), address(longest, 60)})));
  TEST_ASSERT_EQUAL("BADRESP", text_of(read_a({alias("www.test", longest + "a"), address("www.test", 60)})));
  const std::string label_of_64 = record("www.test", cname, 60, "\x40" + std::string(64, 'a') + '\0');
  TEST_ASSERT_EQUAL("BADRESP", text_of(read_a({label_of_64, address("www.test", 60)})));
}

void test_addresses_of_another_class_are_none() {
  const std::string chaos = name("www.test") + u16(a) + u16(3) + u32(60) + u16(4) + "abcd";
  TEST_ASSERT_EQUAL("NODATA", text_of(read_a({chaos})));
  TEST_ASSERT_EQUAL("192.0.2.1", text_of(read_a({chaos, address("www.test", 60)})));
}

void test_an_answer_that_has_less_than_it_promises_is_none() {
  std::string wire = packet("www.test", a, {address("www.test", 60)});
  wire[7] = '\x02';
  TEST_ASSERT_EQUAL("BADRESP", text_of(read(wire)));
  wire[6] = '\xff';
  TEST_ASSERT_EQUAL("BADRESP", text_of(read(wire)));
}

void test_a_question_that_comes_back_is_no_answer() {
  std::string wire = packet("www.test", a, {address("www.test", 60)});
  wire[2] = '\x01';
  TEST_ASSERT_EQUAL("BADRESP", text_of(read(wire)));
}

void test_what_is_over_is_counted() {
  for (const bool is_plain : {true, false}) {
    parts answers{is_plain ? address("www.test", 60) : alias("www.test", "b.test")};
    while (answers.size() < 4'000)
      answers.push_back(std::string(is_plain ? "\xc0\x0c" : "\xc0\x2e", 2) + u16(a) + u16(1) + u32(60) +
                        u16(4) + u32(static_cast<unsigned>(answers.size())));
    const auto reply = read_a(answers);
    TEST_ASSERT_EQUAL(256u, reply.addresses.size());
    TEST_ASSERT_EQUAL(is_plain ? 4'000u - 256u : 3'999u - 256u, reply.left_out);
  }
}

// Every name goes through every pointer: without a bound that is a hundred million steps.
void test_names_behind_thousands_of_pointers_cost_no_time() {
  constexpr unsigned begin = 12 + 10 + 4 + 12;  // of the data of the first record
  std::string pointers(2, '\0');
  while (pointers.size() < 14'000) {
    const auto last = static_cast<unsigned>(begin + pointers.size() - 2);
    pointers += u16(0xc000U | last);
  }
  const std::string to_last = u16(0xc000U | static_cast<unsigned>(begin + pointers.size() - 2));
  parts answers{std::string("\xc0\x0c", 2) + u16(16) + u16(1) + u32(60) +
                u16(static_cast<unsigned>(pointers.size())) + pointers};
  while (answers.size() < 3'000) answers.push_back(to_last + u16(a) + u16(1) + u32(60) + u16(4) + "abcd");
  const auto before = std::chrono::steady_clock::now();
  TEST_ASSERT_EQUAL("NODATA", text_of(read_a(answers)));
  TEST_ASSERT_LESS_THAN(50ms, std::chrono::steady_clock::now() - before);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_name_written_out_is_the_same_as_one_that_is_pointed_to);
  RUN_TEST(test_what_is_no_address_of_the_internet_is_none);
  RUN_TEST(test_names_beside_addresses_are_not_taken);
  RUN_TEST(test_records_of_other_names_are_not_taken);
  RUN_TEST(test_what_stands_in_the_other_sections_is_not_taken);
  RUN_TEST(test_a_chain_of_up_to_32_aliases_is_followed);
  RUN_TEST(test_a_chain_without_an_end_is_no_answer);
  RUN_TEST(test_of_a_DNAME_the_alias_that_comes_with_it_counts);
  RUN_TEST(test_an_alias_that_nobody_could_ask_for_is_no_answer);
  RUN_TEST(test_names_longer_than_names_are_cannot_be_read);
  RUN_TEST(test_addresses_of_another_class_are_none);
  RUN_TEST(test_an_answer_that_has_less_than_it_promises_is_none);
  RUN_TEST(test_a_question_that_comes_back_is_no_answer);
  RUN_TEST(test_what_is_over_is_counted);
  RUN_TEST(test_names_behind_thousands_of_pointers_cost_no_time);
  return UNITY_END();
}
