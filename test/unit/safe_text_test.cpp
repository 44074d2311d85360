// Text from outside: what a terminal and a JSON reader get to see of it.
#include "cli/safe_text.hpp"

#include <string>

#include "unity.hpp"

using namespace std::string_literals;
using uvdial::cli::append_json_string;
using uvdial::cli::one_line;
using uvdial::cli::utf8_front;

void setUp() {}
void tearDown() {}

namespace {

std::string json(std::string_view text) {
  std::string result;
  append_json_string(result, text);
  return result;
}

struct form {
  const char* bytes;
  std::size_t expected;
};
constexpr form forms[] = {
    {"a", 1},
    {"\x7f", 1},
    {"\xc3\xa9", 2},          // U+00E9
    {"\xe2\x82\xac", 3},      // U+20AC
    {"\xf0\x9f\x98\x80", 4},  // U+1F600
    {"\xf4\x8f\xbf\xbf", 4},  // U+10FFFF, the last one
    {"", 0},
    {"\x80", 0},      // a middle byte in front
    {"\xc0\xaf", 0},  // overlong forms
    {"\xc1\xbf", 0},
    {"\xe0\x9f\xbf", 0},
    {"\xf0\x8f\xbf\xbf", 0},
    {"\xed\xa0\x80", 0},      // U+D800, a surrogate
    {"\xf4\x90\x80\x80", 0},  // over U+10FFFF
    {"\xf5\x80\x80\x80", 0},
    {"\xff", 0},
    {"\xe2\x82", 0},  // cut off
    {"\xe2\x82x", 0},
    {"\xf0\x9f\x98", 0},
};

}  // namespace

static void test_a_utf8_character_is_as_rfc_3629_says() {
  for (const form& row : forms)
    TEST_ASSERT_EQUAL_MESSAGE(row.expected, utf8_front(row.bytes), one_line(row.bytes));
  TEST_ASSERT_EQUAL(1, utf8_front(std::string_view("\0", 1)));
}

static void test_one_line_keeps_what_can_be_read() {
  TEST_ASSERT_EQUAL("connect d\xc3\xa9mo.test: 10 \xe2\x82\xac",
                    one_line("connect d\xc3\xa9mo.test: 10 \xe2\x82\xac"));
}

static void test_one_line_shows_what_would_move_the_cursor() {
  TEST_ASSERT_EQUAL("a\\x0ab\\x0d\\x1b[31m\\x00\\x7f", one_line("a\nb\r\x1b[31m\0\x7f"s));
  TEST_ASSERT_EQUAL("\\xc2\\x9b31m", one_line("\xc2\x9b"
                                              "31m"));
}

static void test_one_line_shows_bytes_that_are_no_text() {
  TEST_ASSERT_EQUAL("a\\xff\\xe2\\x82", one_line("a\xff\xe2\x82"));
}

static void test_json_strings_have_quotation_marks() {
  TEST_ASSERT_EQUAL("\"\"", json(""));
  TEST_ASSERT_EQUAL("\"abc\"", json("abc"));
}

static void test_json_escapes_what_rfc_8259_says() {
  TEST_ASSERT_EQUAL(R"("a\"b\\c/")", json("a\"b\\c/"));
  TEST_ASSERT_EQUAL(R"("\b\f\n\r\t")", json("\b\f\n\r\t"));
  TEST_ASSERT_EQUAL(R"("\u0000\u0001\u001b\u001f\u007f")", json("\0\x01\x1b\x1f\x7f"s));
  TEST_ASSERT_EQUAL("\"\\u0080\\u009b31m\xc2\xa0\"", json("\xc2\x80\xc2\x9b"
                                                          "31m\xc2\xa0"));
}

static void test_json_keeps_utf8_and_replaces_all_else() {
  TEST_ASSERT_EQUAL("\"d\xc3\xa9j\xc3\xa0 \xf0\x9f\x98\x80\"", json("d\xc3\xa9j\xc3\xa0 \xf0\x9f\x98\x80"));
  TEST_ASSERT_EQUAL(
      "\"a\xef\xbf\xbd"
      "b\"",
      json("a\xff"
           "b"));
  TEST_ASSERT_EQUAL("\"\xef\xbf\xbd\xef\xbf\xbd\"", json("\xe2\x82"));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_utf8_character_is_as_rfc_3629_says);
  RUN_TEST(test_one_line_keeps_what_can_be_read);
  RUN_TEST(test_one_line_shows_what_would_move_the_cursor);
  RUN_TEST(test_one_line_shows_bytes_that_are_no_text);
  RUN_TEST(test_json_strings_have_quotation_marks);
  RUN_TEST(test_json_escapes_what_rfc_8259_says);
  RUN_TEST(test_json_keeps_utf8_and_replaces_all_else);
  return UNITY_END();
}
