// Which address is next: RFC 8305, section 4, on top of RFC 6724. The rows' notation: race_table.hpp.
#include <string>

#include "race_table.hpp"
#include "unity.hpp"

using race_table::check;

void setUp() {}
void tearDown() {}

// RFC 8305, 4: "Whichever address family is first in the list should be followed by an address of the other
// address family"; the First Address Family Count is 1.
static void test_families_take_turns() {
  check({
      {"as long as both have addresses", "known=6a,6b,4a,4b delay=10", "",
       "0 start 6a; 0 wake 10; 10 start 4a; 10 wake 20; 20 start 6b; 20 wake 30; 30 start 4b; 30 wake -"},
      {"then the rest of one", "known=6a,6b,6c,4a delay=10", "",
       "0 start 6a; 0 wake 10; 10 start 4a; 10 wake 20; 20 start 6b; 20 wake 30; 30 start 6c; 30 wake -"},
      {"the order of the answer is not the order of the race", "known=4a,4b,6a delay=10", "",
       "0 start 6a; 0 wake 10; 10 start 4a; 10 wake 20; 20 start 4b; 20 wake -"},
      {"failures do not change the turns", "known=6a,6b,4a 6a=refuse@5 4a=refuse@5", "",
       "0 start 6a; 0 wake 250; 5 start 4a; 5 wake 255; 10 start 6b; 10 wake -"},
  });
}

// RFC 6724, 6, rule 1: "Avoid unusable destinations." They are tried all the same, last.
static void test_an_address_without_a_source_goes_last() {
  check({
      {"in its family", "known=6a,6b sourceless=6a delay=10", "",
       "0 start 6b; 0 wake 10; 10 start 6a; 10 wake -"},
      {"and behind the other family", "known=6a,4a sourceless=6a delay=10", "",
       "0 start 4a; 0 wake 10; 10 start 6a; 10 wake -"},
      {"all without: as they came", "known=4a,6a sourceless=4a sourceless=6a delay=10", "",
       "0 start 4a; 0 wake 10; 10 start 6a; 10 wake -"},
      {"a lone one is tried", "known=6a sourceless=6a", "", "0 start 6a"},
  });
}

static void test_v4_first_puts_v4_before_v6() {
  check({
      {"the first, and then by turns", "v4_first known=6a,6b,4a,4b delay=10", "",
       "0 start 4a; 0 wake 10; 10 start 6a; 10 wake 20; 20 start 4b; 20 wake 30; 30 start 6b; 30 wake -"},
      {"also one without a source", "v4_first known=6a,4a sourceless=4a delay=10", "",
       "0 start 4a; 0 wake 10; 10 start 6a; 10 wake -"},
      {"answers of a name", "v4_first", "0 AAAA 6a; 10 A 4a",
       "0 lookup; 0 wake 50; 10 start 4a; 10 wake 260; 260 start 6a; 260 wake -"},
  });
}

// RFC 8305, 3: "the newly received IPv6 addresses are incorporated into the list of available candidate
// addresses [...] and the process of connection attempts will continue with the IPv6 addresses added".
static void test_a_late_family_goes_next() {
  check({
      {"a late A, ahead of the rest of the AAAA", "", "0 AAAA 6a,6b,6c; 300 A 4a",
       "0 lookup; 0 start 6a; 0 wake 250; 250 start 6b; 250 wake 500; 500 start 4a; 500 wake 750; 750 start "
       "6c; "
       "750 wake -"},
      {"a late AAAA, ahead of the rest of the A", "", "0 A 4a,4b; 100 AAAA 6a",
       "0 lookup; 0 wake 50; 50 start 4a; 50 wake 300; 300 start 6a; 300 wake 550; 550 start 4b; 550 wake -"},
      {"a late answer moves no start", "", "0 AAAA 6a,6b; 200 A 4a",
       "0 lookup; 0 start 6a; 0 wake 250; 250 start 4a; 250 wake 500; 500 start 6b; 500 wake -"},
      {"late ones are sorted among the old", "sourceless=6b delay=10", "0 AAAA 6a,6b; 5 A 4a,4b",
       "0 lookup; 0 start 6a; 0 wake 10; 10 start 4a; 10 wake 20; 20 start 6b; 20 wake 30; 30 start 4b; 30 "
       "wake -"},
  });
}

static void test_duplicates_are_dropped() {
  check({
      {"within one answer", "delay=10", "0 AAAA 6a,6a,6b",
       "0 lookup; 0 start 6a; 0 wake 10; 10 start 6b; 10 wake -"},
      {"of one that is pending", "", "0 AAAA 6a; 10 A 6a", "0 lookup; 0 start 6a"},
      {"of one that failed", "6a=refuse@5", "0 AAAA 6a; 10 A 6a", "0 lookup; 0 start 6a; 10 failed"},
      {"of a filtered one, whatever is said the second time", "", "0 AAAA !6a,6a; 10 A none",
       "0 lookup; 10 failed"},
      {"of known addresses", "known=6a,6a 6a=refuse@5", "", "0 start 6a; 5 failed"},
  });
}

// The address policy forbids them: nothing may be sent there.
static void test_filtered_addresses_are_never_started() {
  check({
      {"the others are", "delay=10", "0 AAAA 6a,!6b,6c; 0 A !4a",
       "0 lookup; 0 start 6a; 0 wake 10; 10 start 6c; 10 wake -"},
      {"none is left", "", "0 AAAA !6a; 10 A !4a", "0 lookup; 10 failed"},
      {"known addresses", "known=!6a,4a", "", "0 start 4a"},
      {"all known addresses", "known=!6a,!4a", "", "0 failed"},
  });
}

static void test_known_addresses_of_an_unwanted_family_are_ignored() {
  check({
      {"v4 only", "v4_only known=6a,4a", "", "0 start 4a"},
      {"v6 only", "v6_only known=6a,4a", "", "0 start 6a"},
      {"none is left", "v4_only known=6a", "", "0 failed"},
  });
}

static void test_a_source_is_asked_for_once_and_only_to_order() {
  TEST_ASSERT_EQUAL_STRING("", race_table::run({"", "", "0 AAAA 6a; 10 A 4a", ""}).asked);
  TEST_ASSERT_EQUAL_STRING("", race_table::run({"", "known=6a", "", ""}).asked);
  TEST_ASSERT_EQUAL_STRING("source 6a, source 4a", race_table::run({"", "known=6a,4a", "", ""}).asked);
  TEST_ASSERT_EQUAL_STRING("source 6a, source 6b, source 6c, source 4a",
                           race_table::run({"", "", "0 AAAA 6a,6b,6c; 10 A 4a", ""}).asked);
  TEST_ASSERT_EQUAL_STRING("", race_table::run({"", "", "0 AAAA 6a,!6b,6a", ""}).asked);
}

// How many attempts to each family, in a race in which all of them fail at once.
static std::string families_tried(const char* setup, const char* script) {
  const std::string attempts = race_table::run({"", setup, script, ""}).attempts;
  int v4 = 0;
  int v6 = 0;
  for (std::size_t at = 0; at < attempts.size(); ++at) {
    const bool begins = at == 0 || attempts[at - 1] == ' ';
    if (begins && attempts.compare(at, 1, "6") == 0 && attempts.find("failed", at) != std::string::npos) ++v6;
    if (begins && attempts.compare(at, 1, "4") == 0 && attempts.find("failed", at) != std::string::npos) ++v4;
  }
  return std::to_string(v6) + " v6, " + std::to_string(v4) + " v4";
}

static void test_at_most_64_addresses_are_kept() {
  const char* const all_fail = "6a:99=unreachable@now 4a:99=unreachable@now";
  TEST_ASSERT_EQUAL_STRING("64 v6, 0 v4", families_tried(all_fail, "0 AAAA 6a:99; 10 A 4a:9"));
  const char* const v4_waits = "v4_first 6a:99=unreachable@now 4a:99=unreachable@now";
  // The family that has most untried ones loses its last, so the late one is not locked out.
  TEST_ASSERT_EQUAL_STRING("32 v6, 32 v4", families_tried(v4_waits, "0 AAAA 6a:99; 10 A 4a:99"));
  TEST_ASSERT_EQUAL_STRING("63 v6, 1 v4", families_tried(v4_waits, "0 AAAA 6a:99; 10 A 4a"));
  TEST_ASSERT_EQUAL_STRING("54 v6, 10 v4", families_tried(v4_waits, "0 AAAA 6a:64; 10 A 4a:10"));
  TEST_ASSERT_EQUAL_STRING("20 v6, 30 v4", families_tried(v4_waits, "0 AAAA 6a:20; 10 A 4a:30"));
}

static void test_the_first_of_too_many_are_kept() {
  const auto result = race_table::run({"", "6a:99=unreachable@now", "0 AAAA 6a:99; 10 A none", ""});
  TEST_ASSERT_CONTAINS_STRING("6#63 failed", result.attempts);
  TEST_ASSERT_EQUAL(std::string::npos, result.attempts.find("6#64"));
}

static void test_filtered_addresses_take_no_place_of_others() {
  const auto result = race_table::run({"", "4a=accept@5", "0 AAAA !6a:99; 10 A 4a", ""});
  TEST_ASSERT_CONTAINS_STRING("4a won 10-15, 6a filtered 0-0", result.attempts);
  TEST_ASSERT_EQUAL(std::string::npos, result.attempts.find("6#64"));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_families_take_turns);
  RUN_TEST(test_an_address_without_a_source_goes_last);
  RUN_TEST(test_v4_first_puts_v4_before_v6);
  RUN_TEST(test_a_late_family_goes_next);
  RUN_TEST(test_duplicates_are_dropped);
  RUN_TEST(test_filtered_addresses_are_never_started);
  RUN_TEST(test_known_addresses_of_an_unwanted_family_are_ignored);
  RUN_TEST(test_a_source_is_asked_for_once_and_only_to_order);
  RUN_TEST(test_at_most_64_addresses_are_kept);
  RUN_TEST(test_the_first_of_too_many_are_kept);
  RUN_TEST(test_filtered_addresses_take_no_place_of_others);
  return UNITY_END();
}
