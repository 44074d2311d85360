// Which datagrams are answers to what one socket has asked, and how questions look on the way.
#include "logic/question_log.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "support/dns_wire.hpp"
#include "support/unity.hpp"

using namespace fixture::wire;
using uvdial::detail::question_log;
using finding = question_log::finding;

void setUp() {}
void tearDown() {}

namespace {

constexpr std::uint16_t secret_id = 0xbeef;

std::span<unsigned char> octets(std::string& text) {
  return {reinterpret_cast<unsigned char*>(text.data()), text.size()};
}

// As c-ares makes it; packet() has the id 7.
std::string question(const std::string& name = "www.Test", unsigned type = a) {
  std::string made = packet(name, type, {});
  made[2] = '\x01';
  made[3] = '\0';
  return made;
}

struct asked_log {
  std::unique_ptr<question_log> log = std::make_unique<question_log>();
  std::string sent = question();

  explicit asked_log(std::uint64_t spelling = 0) {
    TEST_ASSERT_TRUE(log->disguise(octets(sent), {secret_id, spelling}));
  }
  // An answer to what was sent; may be spoiled.
  std::string answer() const {
    std::string made = sent + address("www.test", 60);
    made[2] = '\x81';
    made[7] = '\x01';
    return made;
  }
  finding recognise(std::string packet) const {
    const std::string before = packet;
    const finding found = log->recognise(octets(packet));
    if (found != finding::answer) TEST_ASSERT_EQUAL(before, packet);
    return found;
  }
};

}  // namespace

void test_a_question_has_another_id_on_the_way_and_its_answer_the_old_one() {
  asked_log w;
  TEST_ASSERT_EQUAL(u16(secret_id) + question().substr(2), w.sent);
  std::string answer = w.answer();
  TEST_ASSERT_TRUE(w.log->recognise(octets(answer)) == finding::answer);
  TEST_ASSERT_EQUAL(u16(7) + w.answer().substr(2), answer);
}

void test_an_answer_counts_each_time_it_comes() {
  const asked_log w;
  for (int i = 0; i < 3; ++i) TEST_ASSERT_TRUE(w.recognise(w.answer()) == finding::answer);
}

void test_one_wrong_bit_of_the_id_is_a_stranger() {
  const asked_log w;
  for (int bit = 0; bit < 16; ++bit) {
    std::string forged = w.answer();
    forged[static_cast<std::size_t>(1 - bit / 8)] ^= static_cast<char>(1 << bit % 8);
    TEST_ASSERT_TRUE(w.recognise(forged) == finding::stranger);
  }
  for (const std::size_t size : {0u, 1u, 11u})
    TEST_ASSERT_TRUE(w.recognise(w.answer().substr(0, size)) == finding::stranger);
}

void test_what_does_not_repeat_the_question_is_unrelated() {
  const asked_log w;
  const std::string id = u16(secret_id);
  for (const std::string& other : {packet("wwx.test", a, {}), packet("www.test", aaaa, {}),
                                   packet("www.test.a", a, {}), packet("ww", a, {})})
    TEST_ASSERT_TRUE(w.recognise(id + other.substr(2)) == finding::unrelated);
  const auto spoiled = [&w](std::size_t at, int value) {
    std::string answer = w.answer();
    answer[at] = static_cast<char>(value);
    return w.recognise(answer);
  };
  TEST_ASSERT_TRUE(spoiled(2, 0x01) == finding::unrelated);         // it is a question itself
  TEST_ASSERT_TRUE(spoiled(2, 0xa9) == finding::unrelated);         // another operation
  TEST_ASSERT_TRUE(spoiled(5, 0) == finding::unrelated);            // no question
  TEST_ASSERT_TRUE(spoiled(5, 2) == finding::unrelated);            // two
  TEST_ASSERT_TRUE(spoiled(12, 0xc0) == finding::unrelated);        // a pointer
  TEST_ASSERT_TRUE(spoiled(12, 63) == finding::unrelated);          // a label that runs over the end
  TEST_ASSERT_TRUE(spoiled(12 + 10 + 3, 3) == finding::unrelated);  // another class
  for (std::size_t size = 12; size < question().size(); ++size)
    TEST_ASSERT_TRUE(w.recognise(w.answer().substr(0, size)) == finding::unrelated);
}

void test_the_spelling_of_an_answer_does_not_matter_where_it_was_not_secret() {
  const asked_log w;
  std::string answer = w.answer();
  answer[13] = 'W';
  TEST_ASSERT_TRUE(w.log->recognise(octets(answer)) == finding::answer);
}

void test_a_secret_spelling_is_put_on_and_taken_off() {
  asked_log w(0b1010101);
  TEST_ASSERT_EQUAL("\3WwW\4TEsT", w.sent.substr(12, 9));  // of "www.Test"
  std::string answer = w.answer();
  TEST_ASSERT_TRUE(w.log->recognise(octets(answer)) == finding::answer);
  TEST_ASSERT_EQUAL("\3www\4Test", answer.substr(12, 9));
}

void test_each_letter_of_a_secret_spelling_counts() {
  const asked_log w(0b1010101);
  for (const std::size_t at : {13u, 14u, 15u, 17u, 18u, 19u, 20u}) {
    std::string forged = w.answer();
    forged[at] ^= 0x20;
    TEST_ASSERT_TRUE(w.recognise(forged) == finding::respelled);
  }
}

void test_only_letters_are_spelled_otherwise() {
  question_log log;
  std::string sent = question("a-1_[.@`{");
  const std::string before = sent;
  TEST_ASSERT_TRUE(log.disguise(octets(sent), {7, ~std::uint64_t{0}}));
  for (std::size_t at = 0; at < sent.size(); ++at)
    TEST_ASSERT_EQUAL(before[at] == 'a' ? 'A' : before[at], sent[at]);
}

void test_names_of_any_length_are_spelled_otherwise() {
  const std::string label(63, 'a');
  for (const std::string& name :
       {std::string("a"), label + "." + label + "." + label + "." + std::string(61, 'b')}) {
    question_log log;
    std::string sent = question(name);
    TEST_ASSERT_TRUE(log.disguise(octets(sent), {secret_id, ~std::uint64_t{0}}));
    sent[2] = '\x81';
    TEST_ASSERT_TRUE(log.recognise(octets(sent)) == finding::answer);
    TEST_ASSERT_EQUAL(question(name).substr(12), sent.substr(12));
  }
}

void test_an_id_that_is_in_use_is_refused() {
  asked_log w;
  std::string second = question("other.test");
  const std::string before = second;
  TEST_ASSERT_FALSE(w.log->disguise(octets(second), {secret_id, 1}));
  TEST_ASSERT_EQUAL(before, second);
  TEST_ASSERT_TRUE(w.log->disguise(octets(second), {secret_id + 1, 1}));
  TEST_ASSERT_TRUE(w.recognise(w.answer()) == finding::answer);
}

void test_what_is_no_question_is_refused() {
  question_log log;
  for (const std::string& odd : {std::string(), std::string("abc"), question().substr(0, 20)}) {
    std::string sent = odd;
    TEST_ASSERT_FALSE(log.disguise(octets(sent), {1, 1}));
    TEST_ASSERT_EQUAL(odd, sent);
  }
}

void test_the_oldest_question_is_forgotten_for_one_too_many() {
  asked_log w;
  for (std::size_t i = 1; i < question_log::most; ++i) {
    std::string other = question();
    TEST_ASSERT_TRUE(w.log->disguise(octets(other), {static_cast<std::uint16_t>(i), 0}));
  }
  TEST_ASSERT_TRUE(w.recognise(w.answer()) == finding::answer);
  std::string last = question();
  TEST_ASSERT_TRUE(w.log->disguise(octets(last), {0x8000, 0}));
  TEST_ASSERT_TRUE(w.recognise(w.answer()) == finding::stranger);
  last[2] = '\x81';
  TEST_ASSERT_TRUE(w.recognise(last) == finding::answer);
}

void test_of_thousands_of_questions_the_last_ones_are_known() {
  question_log log;
  std::mt19937 random(3);
  std::deque<std::pair<std::uint16_t, std::string>> known;
  for (int i = 0; i < 5'000; ++i) {
    const auto id = static_cast<std::uint16_t>(random() % 2'000);  // so that buckets are long
    std::string sent = question("n" + std::to_string(i) + ".test");
    const bool is_free =
        std::none_of(known.begin(), known.end(), [id](const auto& each) { return each.first == id; });
    TEST_ASSERT_EQUAL(is_free, log.disguise(octets(sent), {id, 0}));
    if (!is_free) continue;
    sent[2] = '\x81';
    known.emplace_back(id, sent);
    if (known.size() > question_log::most) {
      TEST_ASSERT_TRUE(log.recognise(octets(known.front().second)) == finding::stranger);
      known.pop_front();
    }
  }
  for (auto& each : known) TEST_ASSERT_TRUE(log.recognise(octets(each.second)) == finding::answer);
}

void test_after_clear_there_is_no_answer() {
  const asked_log w;
  w.log->clear();
  TEST_ASSERT_TRUE(w.recognise(w.answer()) == finding::stranger);
  std::string next = question();
  TEST_ASSERT_TRUE(w.log->disguise(octets(next), {1, 0}));
  TEST_ASSERT_TRUE(w.recognise(w.answer()) == finding::stranger);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_question_has_another_id_on_the_way_and_its_answer_the_old_one);
  RUN_TEST(test_an_answer_counts_each_time_it_comes);
  RUN_TEST(test_one_wrong_bit_of_the_id_is_a_stranger);
  RUN_TEST(test_what_does_not_repeat_the_question_is_unrelated);
  RUN_TEST(test_the_spelling_of_an_answer_does_not_matter_where_it_was_not_secret);
  RUN_TEST(test_a_secret_spelling_is_put_on_and_taken_off);
  RUN_TEST(test_each_letter_of_a_secret_spelling_counts);
  RUN_TEST(test_only_letters_are_spelled_otherwise);
  RUN_TEST(test_names_of_any_length_are_spelled_otherwise);
  RUN_TEST(test_an_id_that_is_in_use_is_refused);
  RUN_TEST(test_what_is_no_question_is_refused);
  RUN_TEST(test_the_oldest_question_is_forgotten_for_one_too_many);
  RUN_TEST(test_of_thousands_of_questions_the_last_ones_are_known);
  RUN_TEST(test_after_clear_there_is_no_answer);
  return UNITY_END();
}
