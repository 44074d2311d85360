// Datagrams that are kept until they leave together.
#include "glue/datagram_batch.hpp"

#include <string>
#include <vector>

#include "unity.hpp"

using uvdial::detail::datagram_batch;

void setUp() {}
void tearDown() {}

namespace {

bool add(datagram_batch& to, std::vector<std::string> pieces) {
  std::vector<iovec> given;
  for (std::string& each : pieces) given.push_back({each.data(), each.size()});
  return to.add(given);
}

std::vector<std::string> texts_of(std::span<mmsghdr> all) {
  std::vector<std::string> texts;
  for (const mmsghdr& each : all) {
    const iovec& piece = each.msg_hdr.msg_iov[0];
    texts.emplace_back(static_cast<const char*>(piece.iov_base), piece.iov_len);
  }
  return texts;
}

}  // namespace

static void test_datagrams_keep_their_order_and_are_copies() {
  datagram_batch batch;
  TEST_ASSERT_TRUE(batch.empty());
  TEST_ASSERT_TRUE(add(batch, {"first"}));
  TEST_ASSERT_TRUE(add(batch, {"sec", "ond"}));
  TEST_ASSERT_TRUE(texts_of(batch.take()) == (std::vector<std::string>{"first", "second"}));
  TEST_ASSERT_TRUE(batch.empty());
}

static void test_a_full_one_takes_no_more_until_it_was_taken() {
  datagram_batch batch;
  while (!batch.full()) TEST_ASSERT_TRUE(add(batch, {"x"}));
  TEST_ASSERT_FALSE(add(batch, {"y"}));
  TEST_ASSERT_EQUAL(32u, batch.take().size());
  TEST_ASSERT_TRUE(add(batch, {"z"}));
  TEST_ASSERT_TRUE(texts_of(batch.take()) == (std::vector<std::string>{"z"}));
}

static void test_what_is_too_long_is_refused_and_leaves_nothing() {
  datagram_batch batch;
  TEST_ASSERT_TRUE(add(batch, {std::string(512, 'a')}));
  TEST_ASSERT_FALSE(add(batch, {std::string(500, 'b'), std::string(13, 'c')}));
  TEST_ASSERT_TRUE(texts_of(batch.take()) == (std::vector<std::string>{std::string(512, 'a')}));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_datagrams_keep_their_order_and_are_copies);
  RUN_TEST(test_a_full_one_takes_no_more_until_it_was_taken);
  RUN_TEST(test_what_is_too_long_is_refused_and_leaves_nothing);
  return UNITY_END();
}
