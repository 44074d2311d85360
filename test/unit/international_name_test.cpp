// Built with libidn2 or without it: each build is held to what it promises.
#include "values/international_name.hpp"

#include <clocale>

#include "support/unity.hpp"

using uvdial::detail::ascii_name;
using uvdial::detail::knows_international_names;
using uvdial::detail::to_ascii_name;

void setUp() {}
void tearDown() { (void)std::setlocale(LC_ALL, "C"); }  // always there

namespace {

// The name, or "problem: ...".
std::string converted(std::string_view host) {
  const ascii_name result = to_ascii_name(host);
  TEST_ASSERT_TRUE_MESSAGE(result.name.empty() || result.problem.empty(), host);
  return result.problem.empty() ? result.name : "problem: " + result.problem;
}

std::string many(int count, std::string_view piece) {
  std::string text;
  for (int i = 0; i < count; ++i) text += piece;
  return text;
}

// Spelt as it is written where libidn2 is there, else refused.
void check_converted(std::string_view expected, std::string_view host) {
  if (!knows_international_names()) expected = "problem: a non-ASCII name, and this build has no libidn2";
  TEST_ASSERT_EQUAL_STRING_MESSAGE(expected, converted(host), host);
}

void check_refused(std::string_view host) {
  if (!knows_international_names()) return check_converted("", host);
  TEST_ASSERT_TRUE_MESSAGE(converted(host).starts_with("problem: not a valid international name ("), host);
  TEST_ASSERT_TRUE_MESSAGE(converted(host).ends_with(")"), host);
}

}  // namespace

void test_ascii_comes_back_as_it_is() {
  for (const char* host : {"demo.test", "DEMO.Test.", "xn--bcher-kva.test", "xn--no-such-label.test", "", ".",
                           "..", "-a_b.test", "a b/c", "192.0.2.1", "2001:db8::1"})
    TEST_ASSERT_EQUAL_STRING(host, converted(host));
  const std::string with_zero("a\0b", 3);
  TEST_ASSERT_EQUAL_STRING(with_zero, converted(with_zero));
  TEST_ASSERT_EQUAL_STRING(many(9999, "a"), converted(many(9999, "a")));
}

void test_letters_beyond_ascii_become_a_labels() {
  check_converted("xn--bcher-kva.test", "bücher.test");
  check_converted("xn--bcher-kva.test.", "bücher.test.");
  check_converted("xn--r8jz45g.test", "例え.test");
}

// UTS 46, not transitional: sharp s and final sigma are letters of their own.
void test_the_sharp_s_is_kept() { check_converted("xn--fa-hia.test", "faß.test"); }

void test_capitals_and_decomposed_letters_are_the_same_name() {
  check_converted("xn--bcher-kva.test", "BÜCHER.Test");
  check_converted("xn--bcher-kva.test",
                  "bu\xcc\x88"
                  "cher.test");
}

void test_full_width_letters_and_dots_are_plain_ones() {
  check_converted("xn--bcher-kva.test", "bücher。ｔｅｓｔ");
  check_converted("www.test", "ｗｗｗ．test");
}

void test_what_comes_of_it_may_be_an_address() { check_converted("127.0.0.1", "１２７.0.0.1"); }

void test_only_the_labels_that_need_it_are_changed() {
  check_converted("www.xn--bcher-kva.xn--fa-hia.test", "www.bücher.faß.test");
  check_converted("xn--fa-hia.xn--bcher-kva.test", "xn--fa-hia.bücher.test");
  check_converted("_sip._tcp.xn--bcher-kva.test", "_sip._tcp.bücher.test");
}

void test_labels_that_become_too_long_are_refused() {
  check_converted("xn--tda" + many(54, "a") + ".test", many(55, "ü") + ".test");  // 61 octets
  check_refused(many(60, "ü") + ".test");
  check_refused(many(64, "a") + ".bücher.test");
}

void test_text_that_is_not_utf_8_is_refused() {
  for (const char* host : {"b\xfc"
                           "cher.test",
                           "\xff.test", "b\xc3.test", "\xed\xa0\x80.test", "\xc0\xaf.test"})
    check_refused(host);
}

void test_labels_that_idna_forbids_are_refused() {
  for (const char* host : {"☃.test", "-bücher.test", "bücher-.test", "ab--ü.test", "xn--zz.ü.test"})
    check_refused(host);
}

void test_a_zero_octet_does_not_cut_the_name() {
  const std::string host("b\xc3\xbc\0.test", 9);
  check_converted("problem: an international name with a zero octet", host);
}

void test_very_long_texts_are_refused_at_once() {
  check_converted("problem: an international name of more than 4096 octets", many(1'000'000, "ü"));
}

// Programs run in the "C" locale until they say otherwise, and in any other after that.
void test_the_locale_does_not_matter() {
  for (const char* locale : {"C", "C.UTF-8", "en_US.ISO-8859-1", "POSIX"}) {
    if (!std::setlocale(LC_ALL, locale)) continue;  // not installed here
    check_converted("xn--bcher-kva.test", "bücher.test");
  }
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_ascii_comes_back_as_it_is);
  RUN_TEST(test_letters_beyond_ascii_become_a_labels);
  RUN_TEST(test_the_sharp_s_is_kept);
  RUN_TEST(test_capitals_and_decomposed_letters_are_the_same_name);
  RUN_TEST(test_full_width_letters_and_dots_are_plain_ones);
  RUN_TEST(test_what_comes_of_it_may_be_an_address);
  RUN_TEST(test_only_the_labels_that_need_it_are_changed);
  RUN_TEST(test_labels_that_become_too_long_are_refused);
  RUN_TEST(test_text_that_is_not_utf_8_is_refused);
  RUN_TEST(test_labels_that_idna_forbids_are_refused);
  RUN_TEST(test_a_zero_octet_does_not_cut_the_name);
  RUN_TEST(test_very_long_texts_are_refused_at_once);
  RUN_TEST(test_the_locale_does_not_matter);
  return UNITY_END();
}
