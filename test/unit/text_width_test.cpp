// How wide a text is, and where it is broken.
#include "cli/text_width.hpp"

#include "support/unity.hpp"

using namespace uvdial::cli;
using lines = std::vector<std::string>;

void setUp() {}
void tearDown() {}

static void test_columns_are_neither_bytes_nor_characters() {
  TEST_ASSERT_EQUAL(0, columns_of(""));
  TEST_ASSERT_EQUAL(3, columns_of("abc"));
  TEST_ASSERT_EQUAL(4, columns_of("caf\xc3\xa9"));
  TEST_ASSERT_EQUAL(4, columns_of("cafe\xcc\x81"));
  TEST_ASSERT_EQUAL(4, columns_of("日本"));
  TEST_ASSERT_EQUAL(2, columns_of("\xf0\x9f\x98\x80"));
  TEST_ASSERT_EQUAL(3, columns_of("░█╳"));
  TEST_ASSERT_EQUAL(2, columns_of("\xff\xc3"));
}

static void test_what_is_too_long_ends_with_an_ellipsis() {
  TEST_ASSERT_EQUAL("abcdef", shortened("abcdef", 6, "…"));
  TEST_ASSERT_EQUAL("abcd…", shortened("abcdef", 5, "…"));
  TEST_ASSERT_EQUAL("ab...", shortened("abcdef", 5, "..."));
  TEST_ASSERT_EQUAL("日…", shortened("日本語", 4, "…"));
  TEST_ASSERT_EQUAL("ab", shortened("abcdef", 2, "..."));
}

static void test_lines_are_broken_at_spaces_or_else_behind_a_mark_or_else_anywhere() {
  TEST_ASSERT_TRUE(wrapped("", 10).empty());
  TEST_ASSERT_TRUE(wrapped("one two three", 13) == lines{"one two three"});
  TEST_ASSERT_TRUE(wrapped("one two three", 12) == (lines{"one two", "three"}));
  TEST_ASSERT_TRUE(wrapped("one two three", 7) == (lines{"one two", "three"}));
  TEST_ASSERT_TRUE(wrapped("2001:db8::7", 10) == (lines{"2001:db8::", "7"}));
  TEST_ASSERT_TRUE(wrapped("abcdef", 4) == (lines{"abcd", "ef"}));
  TEST_ASSERT_TRUE(wrapped("日本語", 5) == (lines{"日本", "語"}));
}

static void test_ascii_only_keeps_every_byte() {
  TEST_ASSERT_EQUAL("plain", ascii_only("plain"));
  TEST_ASSERT_EQUAL("caf\\xc3\\xa9", ascii_only("caf\xc3\xa9"));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_columns_are_neither_bytes_nor_characters);
  RUN_TEST(test_what_is_too_long_ends_with_an_ellipsis);
  RUN_TEST(test_lines_are_broken_at_spaces_or_else_behind_a_mark_or_else_anywhere);
  RUN_TEST(test_ascii_only_keeps_every_byte);
  return UNITY_END();
}
