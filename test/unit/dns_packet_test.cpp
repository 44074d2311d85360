// What is read from the packets of DNS answers, also from those that nobody should send.
#include "glue/dns_packet.hpp"

#include <ares.h>

#include <memory>
#include <random>

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

// From a block of just its size, so that reading behind its end is seen.
detail::dns_reply read(const std::string& wire, dns_record type, int status = ARES_SUCCESS,
                       const std::string& asked = "www.test") {
  const std::unique_ptr<unsigned char[]> exact(new unsigned char[wire.size()]);
  std::copy(wire.begin(), wire.end(), exact.get());
  detail::dns_reply reply;
  detail::read_reply(asked, type, status, exact.get(), static_cast<int>(wire.size()), reply);
  (void)detail::is_truncated(exact.get(), static_cast<int>(wire.size()));
  return reply;
}
detail::dns_reply read_a(const parts& answers) {
  return read(packet("www.test", a, answers), dns_record::v4_address);
}

std::string joined(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& each : list) text += (text.empty() ? "" : " ") + each;
  return text;
}
std::string addresses_of(const detail::dns_reply& reply) {
  std::vector<std::string> list;
  for (const endpoint& each : reply.addresses) list.push_back(each.address_to_string());
  return joined(list);
}
std::string code_of(const detail::dns_reply& reply) { return std::string(code_name(reply.why)); }

}  // namespace

void test_addresses_come_in_the_order_of_the_packet_with_the_smallest_ttl() {
  const auto reply =
      read_a({address("www.test", 30, 9), address("www.test", 20, 3), address("www.test", 40, 5)});
  TEST_ASSERT_FALSE(reply.why);
  TEST_ASSERT_EQUAL_STRING("192.0.2.9 192.0.2.3 192.0.2.5", addresses_of(reply));
  TEST_ASSERT_EQUAL(20s, reply.ttl);
  TEST_ASSERT_EQUAL_STRING_MESSAGE("", reply.canonical_name, "the name that was asked");
  TEST_ASSERT_EQUAL(0u, reply.aliases.size());
}

void test_v6_addresses_are_read() {
  const std::string octets = std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + '\x07';
  const auto reply =
      read(packet("www.test", aaaa, {record("www.test", aaaa, 9, octets)}), dns_record::v6_address);
  TEST_ASSERT_EQUAL_STRING("2001:db8::7", addresses_of(reply));
  TEST_ASSERT_EQUAL(9s, reply.ttl);
}

void test_the_ttl_of_an_alias_counts_too() {
  const auto shorter = read_a({alias("www.test", "real.test", 5), address("real.test", 30)});
  TEST_ASSERT_EQUAL(5s, shorter.ttl);
  const auto longer = read_a({alias("www.test", "real.test", 50), address("real.test", 30)});
  TEST_ASSERT_EQUAL(30s, longer.ttl);
}

void test_a_ttl_with_the_highest_bit_is_zero() {
  TEST_ASSERT_EQUAL(0s, read_a({address("www.test", 0x80000000U)}).ttl);
  TEST_ASSERT_EQUAL(0s, read_a({address("www.test", 0xffffffffU)}).ttl);
  TEST_ASSERT_EQUAL(0s, read_a({alias("www.test", "real.test", 0x80000001U), address("real.test", 30)}).ttl);
  TEST_ASSERT_EQUAL(std::chrono::seconds(0x7fffffff), read_a({address("www.test", 0x7fffffffU)}).ttl);
}

void test_a_chain_of_aliases_gives_the_last_name() {
  const auto reply =
      read_a({alias("www.test", "b.test"), alias("B.Test", "real.test"), address("real.test", 60)});
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", addresses_of(reply));
  TEST_ASSERT_EQUAL_STRING("real.test", reply.canonical_name);
  TEST_ASSERT_EQUAL_STRING("www.test b.test", joined(reply.aliases));
}

// With names instead of addresses: 1.18.1 finds no address behind a chain that comes in another order.
void test_a_chain_is_followed_in_whatever_order_it_comes() {
  const std::string one = alias("www.test", "b.test");
  const std::string two = alias("B.Test", "c.test");
  const std::string three = alias("c.test", "real.test");
  const std::string last = record("real.test", ptr, 60, name("host.test"));
  for (const parts& order :
       {parts{one, two, three, last}, parts{last, three, two, one}, parts{two, last, one, three}}) {
    const auto reply = read(packet("www.test", ptr, order), dns_record::pointer);
    TEST_ASSERT_EQUAL_STRING("host.test", joined(reply.names));
    TEST_ASSERT_EQUAL_STRING("real.test", reply.canonical_name);
    TEST_ASSERT_EQUAL_STRING("www.test b.test c.test", joined(reply.aliases));
  }
}

void test_a_chain_in_a_circle_ends() {
  const auto reply =
      read_a({alias("www.test", "b.test"), alias("b.test", "www.test"), address("b.test", 60)});
  TEST_ASSERT_LESS_OR_EQUAL(2u, reply.aliases.size());
  const auto itself = read_a({alias("www.test", "www.test"), address("www.test", 60)});
  TEST_ASSERT_LESS_OR_EQUAL(1u, itself.aliases.size());
}

void test_an_alias_of_another_name_is_none_of_ours() {
  const auto reply =
      read(packet("www.test", ptr,
                  {alias("other.test", "real.test"), record("www.test", ptr, 60, name("host.test"))}),
           dns_record::pointer);
  TEST_ASSERT_EQUAL_STRING_MESSAGE("", reply.canonical_name, "the name that was asked");
  TEST_ASSERT_EQUAL(0u, reply.aliases.size());
}

void test_aliases_alone_are_no_data() {
  TEST_ASSERT_EQUAL_STRING("NODATA", code_of(read_a({alias("www.test", "real.test")})));
}

void test_a_negative_answer_holds_as_long_as_the_smaller_time_of_its_authority() {
  for (const auto [ttl, minimum, expected] :
       {std::array<unsigned, 3>{30, 20, 20}, {20, 30, 20}, {0x80000000U, 30, 0}}) {
    for (const int status : {ARES_ENODATA, ARES_ENOTFOUND}) {
      const auto reply =
          read(packet("www.test", a, {}, {authority(ttl, minimum)}), dns_record::v4_address, status);
      TEST_ASSERT_TRUE(reply.why);
      TEST_ASSERT_EQUAL(std::chrono::seconds(expected), reply.ttl);
    }
  }
}

// "www.test is another name" may be over before "that name does not exist" is.
void test_a_negative_answer_holds_no_longer_than_the_aliases_that_lead_to_it() {
  const std::string wire = packet("www.test", a, {alias("www.test", "real.test", 5)}, {authority(30, 20)});
  TEST_ASSERT_EQUAL(5s, read(wire, dns_record::v4_address, ARES_ENOTFOUND).ttl);
  TEST_ASSERT_EQUAL(5s, read(wire, dns_record::v4_address).ttl);
}

void test_a_negative_answer_without_an_authority_holds_for_nothing() {
  TEST_ASSERT_EQUAL(0s, read(packet("www.test", a, {}), dns_record::v4_address, ARES_ENOTFOUND).ttl);
  const std::string cut = record("test", soa, 60, name("ns.test") + name("mail.test") + u32(1));
  TEST_ASSERT_EQUAL(0s, read(packet("www.test", a, {}, {cut}), dns_record::v4_address, ARES_ENOTFOUND).ttl);
}

void test_a_failure_of_the_server_holds_for_nothing() {
  const auto reply =
      read(packet("www.test", a, {}, {authority(30, 20)}), dns_record::v4_address, ARES_ESERVFAIL);
  TEST_ASSERT_EQUAL_STRING("SERVFAIL", code_of(reply));
  TEST_ASSERT_EQUAL(0s, reply.ttl);
}

void test_no_packet_is_only_its_status() {
  detail::dns_reply reply;
  detail::read_reply("www.test", dns_record::v4_address, ARES_ENODATA, nullptr, 0, reply);
  TEST_ASSERT_EQUAL_STRING("NODATA", code_of(reply));
  TEST_ASSERT_EQUAL(0s, reply.ttl);
  TEST_ASSERT_FALSE(detail::is_truncated(nullptr, 0));
}

void test_the_names_of_a_reverse_question_are_read_behind_their_alias() {
  const std::string asked = "7.2.0.192.in-addr.arpa";
  const std::string target = "7.0-15.2.0.192.in-addr.arpa";
  const auto reply = read(packet(asked, ptr,
                                 {alias(asked, target, 50), record(target, ptr, 40, name("one.test")),
                                  record(target, ptr, 30, name("two.test"))}),
                          dns_record::pointer, ARES_SUCCESS, asked);
  TEST_ASSERT_EQUAL_STRING("one.test two.test", joined(reply.names));
  TEST_ASSERT_EQUAL(30s, reply.ttl);
}

void test_names_that_nobody_could_ask_for_are_left_out() {
  const auto reply =
      read(packet("www.test", ptr, {record("www.test", ptr, 40, name("a b\n.test"))}), dns_record::pointer);
  TEST_ASSERT_EQUAL(0u, reply.names.size());
  TEST_ASSERT_EQUAL_STRING("NODATA", code_of(reply));
}

void test_more_addresses_than_a_race_keeps_are_cut_off() {
  parts answers;
  for (int i = 0; i < 300; ++i) answers.push_back(address("www.test", 60, i % 256));
  const auto reply = read_a(answers);
  TEST_ASSERT_FALSE(reply.why);
  TEST_ASSERT_EQUAL(256u, reply.addresses.size());
}

void test_more_names_than_anybody_has_are_cut_off() {
  parts answers;
  for (int i = 0; i < 200; ++i)
    answers.push_back(record("www.test", ptr, 60, name("n" + std::to_string(i) + ".test")));
  const auto reply = read(packet("www.test", ptr, answers), dns_record::pointer);
  TEST_ASSERT_FALSE(reply.why);
  TEST_ASSERT_EQUAL(64u, reply.names.size());
}

void test_names_of_the_authority_section_are_no_answer() {
  const auto reply = read(packet("www.test", ptr, {record("www.test", ptr, 40, name("one.test"))},
                                 {record("www.test", ptr, 40, name("two.test"))}),
                          dns_record::pointer);
  TEST_ASSERT_EQUAL_STRING("one.test", joined(reply.names));
}

void test_a_packet_is_about_the_question_that_it_repeats() {
  const std::string wire = packet("www.test", a, {});
  const auto is_about = [&wire](std::size_t size, const char* asked, dns_record record) {
    return detail::is_about({reinterpret_cast<const unsigned char*>(wire.data()), size}, asked, record);
  };
  TEST_ASSERT_TRUE(is_about(wire.size(), "WWW.test", dns_record::v4_address));
  TEST_ASSERT_FALSE(is_about(wire.size(), "www.test", dns_record::v6_address));
  TEST_ASSERT_FALSE(is_about(wire.size(), "ww.test", dns_record::v4_address));
  TEST_ASSERT_FALSE(is_about(wire.size() - 3, "www.test", dns_record::v4_address));
  TEST_ASSERT_FALSE(is_about(0, "www.test", dns_record::v4_address));
}

void test_truncation_is_one_bit() {
  std::string wire = packet("www.test", a, {});
  const auto truncated = [&wire] {
    return detail::is_truncated(reinterpret_cast<const unsigned char*>(wire.data()),
                                static_cast<int>(wire.size()));
  };
  TEST_ASSERT_FALSE(truncated());
  wire[2] = '\x83';
  TEST_ASSERT_TRUE(truncated());
  wire.resize(2);
  TEST_ASSERT_FALSE(truncated());
}

namespace {

struct sample {
  std::string wire;
  dns_record type;
};

std::vector<sample> samples() {
  const std::string pointing =
      std::string("\xc0\x0c", 2) + u16(a) + u16(1) + u32(60) + u16(4) + "\xc0" + '\0' + "\x02\x01";
  return {
      {packet("www.test", a, {alias("www.test", "b.test"), alias("b.test", "c.test"), address("c.test", 60)}),
       dns_record::v4_address},
      {packet("www.test", a, {pointing, pointing}), dns_record::v4_address},
      {packet("www.test", aaaa, {record("www.test", aaaa, 9, std::string(16, '\x20'))}),
       dns_record::v6_address},
      {packet("www.test", a, {alias("www.test", "b.test")}, {authority(30, 20)}), dns_record::v4_address},
      {packet("www.test", ptr, {record("www.test", ptr, 40, name("one.test"))}), dns_record::pointer}};
}

// Whatever it is: it is read as it says, or it is an error; never both.
void expect_sane(const detail::dns_reply& reply) {
  TEST_ASSERT_LESS_OR_EQUAL(256u, reply.addresses.size());
  TEST_ASSERT_GREATER_OR_EQUAL(0s, reply.ttl);
  if (reply.why) TEST_ASSERT_EQUAL(0u, reply.addresses.size() + reply.names.size());
}

void read_as_anything(const std::string& wire, dns_record type) {
  for (const int status : {ARES_SUCCESS, ARES_ENODATA, ARES_ENOTFOUND, ARES_ESERVFAIL})
    expect_sane(read(wire, type, status));
}

}  // namespace

void test_packets_that_break_off_anywhere_do_no_harm() {
  for (const sample& each : samples()) {
    for (std::size_t size = 0; size < each.wire.size(); ++size)
      read_as_anything(each.wire.substr(0, size), each.type);
    TEST_ASSERT_TRUE(read(each.wire.substr(0, 11), each.type).why);
  }
}

void test_packets_with_one_wrong_octet_do_no_harm() {
  std::mt19937 random(2024);
  for (const sample& each : samples()) {
    for (std::size_t at = 0; at < each.wire.size(); ++at) {
      for (const unsigned value : {0U, 0x3fU, 0x40U, 0xc0U, 0xffU, static_cast<unsigned>(random())}) {
        std::string wrong = each.wire;
        wrong[at] = static_cast<char>(value);
        read_as_anything(wrong, each.type);
      }
    }
  }
}

void test_packets_with_many_wrong_octets_do_no_harm() {
  std::mt19937 random(2025);
  for (const sample& each : samples()) {
    for (int round = 0; round < 2'000; ++round) {
      std::string wrong = each.wire;
      for (unsigned i = 0; i <= random() % 8; ++i)
        wrong[random() % wrong.size()] = static_cast<char>(random());
      read_as_anything(wrong, each.type);
    }
  }
}

void test_pointers_in_a_circle_end() {
  const std::string to_itself = std::string("\xc0\x1a", 2);  // 12 + 10 + 4: where the first record begins
  const std::string wire =
      packet("www.test", a, {to_itself + u16(cname) + u16(1) + u32(60) + u16(2) + to_itself});
  read_as_anything(wire, dns_record::v4_address);
  read_as_anything(wire, dns_record::pointer);
}

void test_counts_that_promise_more_than_there_is_do_no_harm() {
  for (std::size_t at = 4; at < 12; ++at) {
    std::string wire = packet("www.test", a, {address("www.test", 60)}, {authority(30, 20)});
    wire[at] = '\xff';
    read_as_anything(wire, dns_record::v4_address);
  }
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_addresses_come_in_the_order_of_the_packet_with_the_smallest_ttl);
  RUN_TEST(test_v6_addresses_are_read);
  RUN_TEST(test_the_ttl_of_an_alias_counts_too);
  RUN_TEST(test_a_ttl_with_the_highest_bit_is_zero);
  RUN_TEST(test_a_chain_of_aliases_gives_the_last_name);
  RUN_TEST(test_a_chain_is_followed_in_whatever_order_it_comes);
  RUN_TEST(test_a_chain_in_a_circle_ends);
  RUN_TEST(test_an_alias_of_another_name_is_none_of_ours);
  RUN_TEST(test_aliases_alone_are_no_data);
  RUN_TEST(test_a_negative_answer_holds_as_long_as_the_smaller_time_of_its_authority);
  RUN_TEST(test_a_negative_answer_holds_no_longer_than_the_aliases_that_lead_to_it);
  RUN_TEST(test_a_negative_answer_without_an_authority_holds_for_nothing);
  RUN_TEST(test_a_failure_of_the_server_holds_for_nothing);
  RUN_TEST(test_no_packet_is_only_its_status);
  RUN_TEST(test_the_names_of_a_reverse_question_are_read_behind_their_alias);
  RUN_TEST(test_names_that_nobody_could_ask_for_are_left_out);
  RUN_TEST(test_more_addresses_than_a_race_keeps_are_cut_off);
  RUN_TEST(test_more_names_than_anybody_has_are_cut_off);
  RUN_TEST(test_names_of_the_authority_section_are_no_answer);
  RUN_TEST(test_a_packet_is_about_the_question_that_it_repeats);
  RUN_TEST(test_truncation_is_one_bit);
  RUN_TEST(test_packets_that_break_off_anywhere_do_no_harm);
  RUN_TEST(test_packets_with_one_wrong_octet_do_no_harm);
  RUN_TEST(test_packets_with_many_wrong_octets_do_no_harm);
  RUN_TEST(test_pointers_in_a_circle_end);
  RUN_TEST(test_counts_that_promise_more_than_there_is_do_no_harm);
  return UNITY_END();
}
