#include "logic/hosts_table.hpp"

#include "support/unity.hpp"

using uvdial::detail::hosts_entry;
using uvdial::detail::hosts_table;

void setUp() {}
void tearDown() {}

namespace {

// "canonical | addresses | aliases", or "none".
std::string entry(const hosts_table& table, std::string_view name) {
  const std::optional<hosts_entry> found = table.find(name);
  if (!found) return "none";
  std::string text = found->canonical_name + " |";
  for (const auto& address : found->addresses) text += " " + address.address_to_string();
  text += " |";
  for (const std::string& alias : found->aliases) text += " " + alias;
  return text;
}

std::string entry(std::string_view file, std::string_view name) {
  return entry(hosts_table::parse(file), name);
}

}  // namespace

void test_a_line_gives_one_address_to_all_its_names() {
  const auto table = hosts_table::parse("192.0.2.1 demo.test demo d\n");
  TEST_ASSERT_EQUAL(3u, table.size());
  for (const char* name : {"demo.test", "demo", "d"})
    TEST_ASSERT_EQUAL_STRING_MESSAGE("demo.test | 192.0.2.1 | demo d", entry(table, name), name);
  TEST_ASSERT_EQUAL_STRING("none", entry(table, "other"));
}

void test_addresses_have_port_zero() {
  TEST_ASSERT_EQUAL(0, hosts_table::parse("192.0.2.1 demo\n").find("demo")->addresses.front().port());
}

void test_tabs_and_leading_blanks_separate_too() {
  TEST_ASSERT_EQUAL_STRING("demo | 192.0.2.1 | d", entry("\t 192.0.2.1\t\tdemo \t d\t\n", "d"));
}

void test_lines_may_end_as_on_windows() {
  const auto table = hosts_table::parse("192.0.2.1 demo\r\n192.0.2.2 other\r\n");
  TEST_ASSERT_EQUAL(2u, table.size());
  TEST_ASSERT_EQUAL_STRING("demo | 192.0.2.1 |", entry(table, "demo"));
  TEST_ASSERT_EQUAL_STRING("other | 192.0.2.2 |", entry(table, "other"));
}

void test_comments_are_passed_over() {
  const auto table =
      hosts_table::parse("# 192.0.2.9 not\n192.0.2.1 demo#no d\n192.0.2.2#no\n192.0.2.3 # no\n#\n");
  TEST_ASSERT_EQUAL(1u, table.size());
  TEST_ASSERT_EQUAL_STRING("demo | 192.0.2.1 |", entry(table, "demo"));
}

void test_the_last_line_needs_no_newline() {
  TEST_ASSERT_EQUAL_STRING("b | 192.0.2.2 |", entry("192.0.2.1 a\n192.0.2.2 b", "b"));
  TEST_ASSERT_EQUAL_STRING("a | 192.0.2.1 |", entry("192.0.2.1 a", "a"));
}

void test_an_empty_file_is_an_empty_table() {
  for (const char* text : {"", "\n", "\n\n\r\n", " ", "#"})
    TEST_ASSERT_EQUAL_MESSAGE(0u, hosts_table::parse(text).size(), text);
}

void test_all_lines_of_a_name_are_merged_in_their_order() {
  const char* file = "192.0.2.2 demo first\n2001:db8::1 second demo\n192.0.2.1 demo\n192.0.2.2 demo\n";
  TEST_ASSERT_EQUAL_STRING("demo | 192.0.2.2 2001:db8::1 192.0.2.1 | first second", entry(file, "demo"));
}

void test_names_that_share_a_line_are_not_merged_with_each_others_lines() {
  const char* file = "::1 localhost six\n127.0.0.1 localhost four\n";
  TEST_ASSERT_EQUAL_STRING("localhost | ::1 127.0.0.1 | six four", entry(file, "localhost"));
  TEST_ASSERT_EQUAL_STRING("localhost | ::1 | six", entry(file, "six"));
  TEST_ASSERT_EQUAL_STRING("localhost | 127.0.0.1 | four", entry(file, "four"));
}

void test_case_does_not_matter_and_is_kept() {
  TEST_ASSERT_EQUAL_STRING("Demo.Test | 192.0.2.1 |", entry("192.0.2.1 Demo.Test\n", "dEMO.tEST"));
}

void test_a_final_dot_does_not_matter_on_either_side() {
  TEST_ASSERT_EQUAL_STRING("demo | 192.0.2.1 |", entry("192.0.2.1 demo\n", "demo."));
  TEST_ASSERT_EQUAL_STRING("demo. | 192.0.2.1 |", entry("192.0.2.1 demo.\n", "demo"));
}

void test_one_name_twice_on_a_line_counts_once() {
  const auto table = hosts_table::parse("192.0.2.1 demo demo DEMO\n");
  TEST_ASSERT_EQUAL(1u, table.size());
  TEST_ASSERT_EQUAL_STRING("demo | 192.0.2.1 | DEMO", entry(table, "demo"));
}

void test_lines_that_cannot_be_read_are_passed_over() {
  const char* file =
      "demo 192.0.2.9\n"
      "192.0.2.256 demo\n"
      "192.0.2 demo\n"
      "010.0.0.1 demo\n"
      "2001:db8::g demo\n"
      "[2001:db8::9] demo\n"
      "192.0.2.9:80 demo\n"
      "192.0.2.9\n"
      "192.0.2.1 demo\n";
  TEST_ASSERT_EQUAL_STRING("demo | 192.0.2.1 |", entry(file, "demo"));
  TEST_ASSERT_EQUAL(1u, hosts_table::parse(file).size());
}

void test_zones_are_kept_where_the_interface_is_here() {
  const char* file = "fe80::1%lo near\nfe80::1%no-such-interface gone\nfe80::1 unsaid\n";
  const auto table = hosts_table::parse(file);
  TEST_ASSERT_EQUAL_STRING("near | fe80::1%lo |", entry(table, "near"));
  TEST_ASSERT_EQUAL_STRING("none", entry(table, "gone"));
  TEST_ASSERT_EQUAL_STRING("none", entry(table, "unsaid"));
}

// Each of them has all others as its aliases; that must not be kept for each.
void test_a_line_of_many_names_costs_what_it_is_long() {
  constexpr int count = 20'000;
  std::string file = "192.0.2.1";
  for (int i = 0; i < count; ++i) file += " h" + std::to_string(i) + ".test";
  const auto table = hosts_table::parse(file);
  TEST_ASSERT_EQUAL(static_cast<std::size_t>(count), table.size());
  TEST_ASSERT_EQUAL(static_cast<std::size_t>(count - 1), table.find("h7.test")->aliases.size());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_line_gives_one_address_to_all_its_names);
  RUN_TEST(test_addresses_have_port_zero);
  RUN_TEST(test_tabs_and_leading_blanks_separate_too);
  RUN_TEST(test_lines_may_end_as_on_windows);
  RUN_TEST(test_comments_are_passed_over);
  RUN_TEST(test_the_last_line_needs_no_newline);
  RUN_TEST(test_an_empty_file_is_an_empty_table);
  RUN_TEST(test_all_lines_of_a_name_are_merged_in_their_order);
  RUN_TEST(test_names_that_share_a_line_are_not_merged_with_each_others_lines);
  RUN_TEST(test_case_does_not_matter_and_is_kept);
  RUN_TEST(test_a_final_dot_does_not_matter_on_either_side);
  RUN_TEST(test_one_name_twice_on_a_line_counts_once);
  RUN_TEST(test_lines_that_cannot_be_read_are_passed_over);
  RUN_TEST(test_zones_are_kept_where_the_interface_is_here);
  RUN_TEST(test_a_line_of_many_names_costs_what_it_is_long);
  return UNITY_END();
}
