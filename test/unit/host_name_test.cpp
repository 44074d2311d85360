#include "logic/host_name.hpp"

#include "support/unity.hpp"

using uvdial::detail::candidate_names;
using uvdial::detail::is_this_machine;
using uvdial::detail::search_rules;
using uvdial::detail::why_impossible;
using names = std::vector<std::string>;

void setUp() {}
void tearDown() {}

namespace {

std::string reason(const std::string& host) {
  const char* why = why_impossible(host);
  return why ? why : "";
}

std::string joined(const names& all) {
  std::string text;
  for (const std::string& name : all) text += (text.empty() ? "" : " ") + name;
  return text;
}

std::string candidates(std::string_view host, search_rules rules) {
  return joined(candidate_names(host, rules));
}

std::string label(std::size_t size) { return std::string(size, 'a'); }

// A name of exactly this many octets.
std::string name_of(std::size_t size) {
  std::string name;
  while (size > 63) {
    const std::size_t piece = std::min<std::size_t>(62, size - 2);
    name += label(piece) + ".";
    size -= piece + 1;
  }
  return name + label(size);
}

}  // namespace

void test_ordinary_names_are_possible() {
  for (const char* host :
       {"a", "demo.test", "demo.test.", "DEMO.Test", "a-b.test", "-a.test", "_sip._tcp.test", "1.2.3.test",
        "192.0.2.1.test", "xn--bcher-kva.test", "3com.test", "0xg.test"})
    TEST_ASSERT_EQUAL_STRING_MESSAGE("", reason(host), host);
}

void test_impossible_names_have_a_reason() {
  const struct {
    const char* host;
    const char* why;
  } rows[] = {
      {"", "an empty name"},
      {".", "an empty name"},
      {"..", "an empty label"},
      {".test", "an empty label"},
      {"a..test", "an empty label"},
      {"a.test..", "an empty label"},
      {"a b.test", "a character that host names cannot have"},
      {"a/b", "a character that host names cannot have"},
      {"b\xc3\xbc.test", "a character that host names cannot have"},
      {"a\\.test", "a character that host names cannot have"},
      {"fe80::1%lo", "a character that host names cannot have"},
      {"127.1", "a number as its last label"},
      {"2130706433", "a number as its last label"},
      {"0x7f000001", "a number as its last label"},
      {"a.0X1F", "a number as its last label"},
      {"a.0x", "a number as its last label"},
      {"10.0.0.256.", "a number as its last label"},
  };
  for (const auto& row : rows) TEST_ASSERT_EQUAL_STRING_MESSAGE(row.why, reason(row.host), row.host);
}

void test_a_zero_octet_does_not_cut_the_name() {
  TEST_ASSERT_EQUAL_STRING("a character that host names cannot have", reason(std::string("a\0.test", 7)));
}

// RFC 1035, 2.3.4: "labels 63 octets or less", "names 255 octets or less" with their length octets.
void test_the_limits_of_length_are_those_of_dns() {
  TEST_ASSERT_EQUAL_STRING("", reason(label(63) + ".test"));
  TEST_ASSERT_EQUAL_STRING("a label of more than 63 octets", reason(label(64) + ".test"));
  TEST_ASSERT_EQUAL(253u, name_of(253).size());
  TEST_ASSERT_EQUAL_STRING("", reason(name_of(253)));
  TEST_ASSERT_EQUAL_STRING("", reason(name_of(253) + "."));
  TEST_ASSERT_EQUAL_STRING("more than 253 octets", reason(name_of(254)));
}

void test_onion_names_are_never_asked() {
  for (const char* host : {"abc.onion", "a.b.ONION", "abc.onion."})
    TEST_ASSERT_CONTAINS_STRING("onion", reason(host));
  for (const char* host : {"onion", "onion.test", "my-onion", "a.myonion"})
    TEST_ASSERT_EQUAL_STRING_MESSAGE("", reason(host), host);
}

void test_localhost_and_the_names_under_it_are_this_machine() {
  for (const char* host : {"localhost", "LOCALhost.", "a.localhost", "a.b.localhost."})
    TEST_ASSERT_TRUE_MESSAGE(is_this_machine(host), host);
  for (const char* host : {"mylocalhost", "localhost.test", "localhos", "", "a.mylocalhost"})
    TEST_ASSERT_FALSE_MESSAGE(is_this_machine(host), host);
}

void test_few_dots_ask_the_suffixes_first() {
  TEST_ASSERT_EQUAL_STRING("db.s1.test db.s2.test db", candidates("db", {{"s1.test", "s2.test"}, 1}));
}

void test_enough_dots_ask_the_name_as_it_is_first() {
  TEST_ASSERT_EQUAL_STRING("a.b a.b.s1.test", candidates("a.b", {{"s1.test"}, 1}));
  TEST_ASSERT_EQUAL_STRING("a.b.s1.test a.b", candidates("a.b", {{"s1.test"}, 2}));
  TEST_ASSERT_EQUAL_STRING("db db.s1.test", candidates("db", {{"s1.test"}, 0}));
}

void test_without_suffixes_there_is_only_the_name() {
  TEST_ASSERT_EQUAL_STRING("db", candidates("db", {}));
  TEST_ASSERT_EQUAL_STRING("db.test", candidates("db.test", {}));
}

void test_a_final_dot_takes_the_name_alone() {
  TEST_ASSERT_EQUAL_STRING("db", candidates("db.", {{"s1.test"}, 1}));
  TEST_ASSERT_EQUAL_STRING("a.b", candidates("a.b.", {{"s1.test"}, 5}));
}

void test_the_root_as_a_suffix_is_the_name_itself() {
  TEST_ASSERT_EQUAL_STRING("db", candidates("db", {{"."}, 1}));
  TEST_ASSERT_EQUAL_STRING("db db.s1.test", candidates("db", {{".", "s1.test"}, 1}));
}

void test_no_candidate_comes_twice() {
  TEST_ASSERT_EQUAL_STRING("db.s1.test db", candidates("db", {{"s1.test", "s1.test.", ".", ""}, 1}));
}

void test_a_candidate_that_would_be_too_long_is_left_out() {
  const std::string name = label(60) + "." + label(60);
  const std::string long_suffix = name_of(253 - name.size());
  const std::string fits = name_of(253 - name.size() - 1);
  TEST_ASSERT_EQUAL_STRING(name, candidates(name, {{long_suffix}, 1}));
  TEST_ASSERT_EQUAL_STRING(name + " " + name + "." + fits, candidates(name, {{long_suffix, fits}, 1}));
}

void test_a_suffix_never_makes_a_name_that_must_not_be_asked() {
  TEST_ASSERT_EQUAL_STRING("db.s1.test db", candidates("db", {{"onion", "a..b", "s1.test"}, 1}));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_ordinary_names_are_possible);
  RUN_TEST(test_impossible_names_have_a_reason);
  RUN_TEST(test_a_zero_octet_does_not_cut_the_name);
  RUN_TEST(test_the_limits_of_length_are_those_of_dns);
  RUN_TEST(test_onion_names_are_never_asked);
  RUN_TEST(test_localhost_and_the_names_under_it_are_this_machine);
  RUN_TEST(test_few_dots_ask_the_suffixes_first);
  RUN_TEST(test_enough_dots_ask_the_name_as_it_is_first);
  RUN_TEST(test_without_suffixes_there_is_only_the_name);
  RUN_TEST(test_a_final_dot_takes_the_name_alone);
  RUN_TEST(test_the_root_as_a_suffix_is_the_name_itself);
  RUN_TEST(test_no_candidate_comes_twice);
  RUN_TEST(test_a_candidate_that_would_be_too_long_is_left_out);
  RUN_TEST(test_a_suffix_never_makes_a_name_that_must_not_be_asked);
  return UNITY_END();
}
