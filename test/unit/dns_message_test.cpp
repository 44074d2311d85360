// The wire codec of the scripted DNS server: exact bytes, and nothing read past the end.
#include "demo/dns_message.hpp"

#include <stdexcept>
#include <string>

#include "support/unity.hpp"

using namespace uvdial;
using namespace uvdial::demo;

namespace {

constexpr std::size_t question_start = 12;

// "Demo.test" AAAA IN, id 0x1234, RD.
const octets good_question = {0x12, 0x34, 0x01, 0x00, 0,   1,   0,   0,   0, 0, 0,  0, 4, 'D',
                              'e',  'm',  'o',  4,    't', 'e', 's', 't', 0, 0, 28, 0, 1};

// A payload of 1232 bytes, no options.
const octets opt_record = {0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0};

octets with_additional(std::uint8_t count, const octets& records) {
  octets message = good_question;
  message[11] = count;
  message.insert(message.end(), records.begin(), records.end());
  return message;
}

octets good_with(std::size_t at, std::uint8_t value) {
  octets changed = good_question;
  changed.at(at) = value;
  return changed;
}

endpoint address(std::string_view literal) { return endpoint::from_literal(literal, 0).value(); }

octets after_question(const octets& reply) {
  return octets(reply.begin() + static_cast<std::ptrdiff_t>(good_question.size()), reply.end());
}

std::string hex(const octets& bytes) {
  static const char digits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

dns_question asked() { return parse_question(good_question).value(); }

}  // namespace

void setUp() {}
void tearDown() {}

static void test_a_question_is_read() {
  const auto question = parse_question(good_question);
  TEST_ASSERT_TRUE(question.has_value());
  TEST_ASSERT_EQUAL_INT(0x1234, question->id);
  TEST_ASSERT_EQUAL_STRING("Demo.test", question->name);
  TEST_ASSERT_TRUE(question->type == record_type::aaaa);
  TEST_ASSERT_TRUE(question->recursion_desired);
}

static void test_a_built_question_is_read_back() {
  TEST_ASSERT_EQUAL_STRING(hex(good_question), hex(build_question({0x1234, "Demo.test", record_type::aaaa})));
  const auto root = parse_question(build_question({7, "", record_type::ptr}));
  TEST_ASSERT_TRUE(root.has_value());
  TEST_ASSERT_EQUAL_STRING("", root->name);
}

static void test_edns_is_seen() {
  TEST_ASSERT_EQUAL_INT(1232, parse_question(with_additional(1, opt_record)).value().edns.value());
  octets after_another = {0, 0, 16, 0, 1, 0, 0, 0, 0, 0, 2, 1, 'x'};  // a TXT record of the root
  after_another.insert(after_another.end(), opt_record.begin(), opt_record.end());
  TEST_ASSERT_EQUAL_INT(1232, parse_question(with_additional(2, after_another)).value().edns.value());
}

static void test_a_question_without_a_whole_opt_record_has_no_edns() {
  TEST_ASSERT_FALSE(parse_question(good_question).value().edns.has_value());
  TEST_ASSERT_FALSE_MESSAGE(parse_question(with_additional(0, opt_record)).value().edns.has_value(),
                            "not counted");
  TEST_ASSERT_FALSE_MESSAGE(parse_question(with_additional(1, {0xc0, 12, 0, 41})).value().edns.has_value(),
                            "a record of another owner");
  for (std::size_t size = 0; size < opt_record.size(); ++size) {
    const octets part(opt_record.begin(), opt_record.begin() + static_cast<std::ptrdiff_t>(size));
    TEST_ASSERT_FALSE_MESSAGE(parse_question(with_additional(1, part)).value().edns.has_value(),
                              std::to_string(size) + " bytes of the record");
  }
}

static void test_every_shortened_question_is_refused() {
  for (std::size_t size = 0; size < good_question.size(); ++size) {
    const std::span<const std::uint8_t> part(good_question.data(), size);
    TEST_ASSERT_FALSE_MESSAGE(parse_question(part).has_value(), std::to_string(size) + " bytes");
  }
}

static void test_what_is_no_plain_question_is_refused() {
  TEST_ASSERT_FALSE_MESSAGE(parse_question(good_with(2, 0x81)).has_value(), "a reply");
  TEST_ASSERT_FALSE_MESSAGE(parse_question(good_with(2, 0x11)).has_value(), "opcode STATUS");
  TEST_ASSERT_FALSE_MESSAGE(parse_question(good_with(5, 0)).has_value(), "no question");
  TEST_ASSERT_FALSE_MESSAGE(parse_question(good_with(5, 2)).has_value(), "two questions");
  TEST_ASSERT_FALSE_MESSAGE(parse_question(good_with(26, 3)).has_value(), "class CHAOS");
}

static void test_a_bad_name_is_refused() {
  TEST_ASSERT_FALSE_MESSAGE(parse_question(good_with(question_start, 0xc0)).has_value(), "a pointer");
  TEST_ASSERT_FALSE_MESSAGE(parse_question(good_with(question_start, 64)).has_value(), "a label of 64");
  TEST_ASSERT_FALSE_MESSAGE(parse_question(good_with(question_start + 2, '.')).has_value(),
                            "a dot in a label");
}

static void test_a_name_ends_at_255_bytes() {
  const std::string label(62, 'a');
  const std::string longest = label + "." + label + "." + label + "." + label + ".b";  // 4 * 63 + 2 + 1
  octets wire = build_question({1, longest, record_type::a});
  TEST_ASSERT_EQUAL_STRING(longest, parse_question(wire).value().name);
  TEST_ASSERT_THROWS(std::invalid_argument, build_question({1, longest + "c", record_type::a}));

  const octets one_more = {1, 'c'};
  wire.insert(wire.begin() + question_start, one_more.begin(), one_more.end());
  TEST_ASSERT_FALSE(parse_question(wire).has_value());
}

static void test_a_name_without_wire_form_is_not_built() {
  for (const std::string& name :
       {std::string("a..b"), std::string(".a"), std::string("a.."), std::string(64, 'a')}) {
    TEST_ASSERT_THROWS(std::invalid_argument, build_question({1, name, record_type::a}));
    TEST_ASSERT_THROWS(std::invalid_argument, build_reply(asked(), {.aliases = {name}}));
    TEST_ASSERT_THROWS(std::invalid_argument, build_reply(asked(), {.names = {name}}));
  }
}

static void test_noise_is_never_read_past_its_end() {
  std::uint32_t state = 1;
  for (int round = 0; round < 20'000; ++round) {
    octets noise = good_question;
    for (std::size_t count = 0; count < 4; ++count) {
      state = state * 1664525u + 1013904223u;
      noise[(state >> 16) % noise.size()] = static_cast<std::uint8_t>(state >> 8);
    }
    noise.resize((state >> 20) % (noise.size() + 1));
    const auto question = parse_question(noise);
    if (question) TEST_ASSERT_FALSE(build_reply(*question, {}).empty());
  }
}

static void test_a_reply_repeats_the_question_letter_by_letter() {
  const octets reply = build_reply(asked(), {});
  TEST_ASSERT_EQUAL_STRING(
      "1234"  // id
      "8580"  // reply, authoritative, RD, RA, no error
      "0001000000000000"
      "0444656d6f0474657374"
      "00001c0001",
      hex(reply));
}

static void test_the_rcode_and_the_truncation_bit_are_in_the_header() {
  TEST_ASSERT_EQUAL_INT(0x83, build_reply(asked(), {.code = response_code::nxdomain})[3]);
  TEST_ASSERT_EQUAL_INT(0x82, build_reply(asked(), {.code = response_code::servfail})[3]);
  TEST_ASSERT_EQUAL_INT(0x81, build_reply(asked(), {.code = response_code::formerr})[3]);
  TEST_ASSERT_EQUAL_INT(0x84, build_reply(asked(), {.code = response_code::notimp})[3]);
  TEST_ASSERT_EQUAL_INT(0x85, build_reply(asked(), {.code = response_code::refused})[3]);
  TEST_ASSERT_EQUAL_INT(0x87, build_reply(asked(), {.truncated = true})[2]);
}

static void test_addresses_become_records() {
  const octets reply = build_reply(asked(), {.addresses = {address("2001:db8::1"), address("192.0.2.7")},
                                             .ttl = std::chrono::seconds(300)});
  TEST_ASSERT_EQUAL_INT(2, reply[7]);
  TEST_ASSERT_EQUAL_STRING(
      "c00c001c00010000012c001020010db8000000000000000000000001"
      "c00c000100010000012c0004c0000207",
      hex(after_question(reply)));
}

static void test_a_chain_of_aliases_leads_to_the_addresses() {
  const octets reply = build_reply(asked(), {.aliases = {"b.test", "c.test"}, .addresses = {address("::1")}});
  TEST_ASSERT_EQUAL_INT(3, reply[7]);
  TEST_ASSERT_EQUAL_STRING(
      "c00c"
      "000500010000003c0008"
      "0162047465737400"
      "0162047465737400"
      "000500010000003c0008"
      "0163047465737400"
      "0163047465737400"
      "001c00010000003c0010"
      "00000000000000000000000000000001",
      hex(after_question(reply)));
}

static void test_names_become_pointer_records() {
  const octets reply = build_reply(asked(), {.aliases = {"b.test"}, .names = {"c.test"}});
  TEST_ASSERT_EQUAL_INT(2, reply[7]);
  TEST_ASSERT_EQUAL_STRING(
      "c00c"
      "000500010000003c0008"
      "0162047465737400"
      "0162047465737400"
      "000c00010000003c0008"
      "0163047465737400",
      hex(after_question(reply)));
}

// RFC 2308: ttl and minimum are what a cache may keep it for.
static void test_a_negative_reply_may_carry_the_start_of_its_zone() {
  const std::string test_zone =
      "047465737400"
      "0006000100000007002e"
      "026e73047465737400"
      "0a686f73746d6173746572047465737400"
      "0000000100000e10000002580001518000000007";
  const dns_reply no_data{.negative_ttl = std::chrono::seconds(7)};
  TEST_ASSERT_EQUAL_STRING("0001000000010000", hex(build_reply(asked(), no_data)).substr(8, 16));
  TEST_ASSERT_EQUAL_STRING(test_zone, hex(after_question(build_reply(asked(), no_data))));

  dns_question root = asked();
  root.name = "";
  TEST_ASSERT_EQUAL_INT(1, build_reply(root, no_data)[9]);
  dns_reply chain{.aliases = {"other.example."}, .negative_ttl = std::chrono::seconds(7)};
  TEST_ASSERT_CONTAINS_STRING("076578616d706c650000060001", hex(build_reply(asked(), chain)));
  chain.addresses = {address("::1")};
  TEST_ASSERT_EQUAL_INT_MESSAGE(0, build_reply(asked(), chain)[9], "there is an address");
}

static void test_garbage_promises_more_than_it_has() {
  const octets garbage = build_garbage(asked());
  TEST_ASSERT_EQUAL_INT(0x12, garbage[0]);
  TEST_ASSERT_EQUAL_INT(1, garbage[7]);
  TEST_ASSERT_EQUAL_STRING("c00c001c00010000003cffffdead", hex(after_question(garbage)));
}

static void test_names_are_compared_in_lower_case_and_without_a_last_dot() {
  TEST_ASSERT_EQUAL_STRING("demo.test", folded_name("DeMo.TEST."));
  TEST_ASSERT_EQUAL_STRING("", folded_name("."));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_question_is_read);
  RUN_TEST(test_a_built_question_is_read_back);
  RUN_TEST(test_edns_is_seen);
  RUN_TEST(test_a_question_without_a_whole_opt_record_has_no_edns);
  RUN_TEST(test_every_shortened_question_is_refused);
  RUN_TEST(test_what_is_no_plain_question_is_refused);
  RUN_TEST(test_a_bad_name_is_refused);
  RUN_TEST(test_a_name_ends_at_255_bytes);
  RUN_TEST(test_a_name_without_wire_form_is_not_built);
  RUN_TEST(test_noise_is_never_read_past_its_end);
  RUN_TEST(test_a_reply_repeats_the_question_letter_by_letter);
  RUN_TEST(test_the_rcode_and_the_truncation_bit_are_in_the_header);
  RUN_TEST(test_addresses_become_records);
  RUN_TEST(test_a_chain_of_aliases_leads_to_the_addresses);
  RUN_TEST(test_names_become_pointer_records);
  RUN_TEST(test_a_negative_reply_may_carry_the_start_of_its_zone);
  RUN_TEST(test_garbage_promises_more_than_it_has);
  RUN_TEST(test_names_are_compared_in_lower_case_and_without_a_last_dot);
  return UNITY_END();
}
