#include "uvdial/options.hpp"

#include <chrono>
#include <stdexcept>
#include <string>

#include "unity.hpp"

using uvdial::dial_options;
using uvdial::family_policy;
using namespace std::chrono_literals;

void setUp() {}
void tearDown() {}

namespace {

std::string refusal(const dial_options& options) {
  try {
    validate(options);
  } catch (const std::invalid_argument& why) {
    return why.what();
  }
  return "accepted";
}

dial_options with_timeout(std::optional<std::chrono::milliseconds> value) {
  dial_options options;
  options.timeout = value;
  return options;
}

dial_options with_attempt_delay(std::chrono::milliseconds value) {
  dial_options options;
  options.attempt_delay = value;
  return options;
}

dial_options with_resolution_delay(std::chrono::milliseconds value) {
  dial_options options;
  options.resolution_delay = value;
  return options;
}

dial_options with_keep_alive(std::optional<std::chrono::seconds> value) {
  dial_options options;
  options.keep_alive = value;
  return options;
}

dial_options with_families(int value) {
  dial_options options;
  options.families = static_cast<family_policy>(value);
  return options;
}

}  // namespace

void test_the_defaults_are_in_range() { TEST_ASSERT_EQUAL_STRING("accepted", refusal(dial_options())); }

void test_values_at_both_ends_of_a_range_are_accepted() {
  const dial_options rows[] = {
      with_attempt_delay(10ms),      with_attempt_delay(2000ms), with_resolution_delay(0ms),
      with_resolution_delay(2000ms), with_timeout(1ms),          with_timeout(std::nullopt),
      with_timeout(24h * 365),       with_keep_alive(1s),        with_keep_alive(32767s),
      with_keep_alive(std::nullopt), with_families(0),           with_families(3),
  };
  for (const auto& row : rows) TEST_ASSERT_EQUAL_STRING("accepted", refusal(row));
}

void test_a_value_out_of_range_is_refused_by_name_and_value() {
  const auto most = std::chrono::milliseconds::max();
  struct {
    dial_options options;
    const char* message;
  } const rows[] = {
      {with_attempt_delay(9ms), "bad attempt_delay 9 ms: it must be from 10 ms to 2000 ms"},
      {with_attempt_delay(2001ms), "bad attempt_delay 2001 ms"},
      {with_attempt_delay(-250ms), "bad attempt_delay -250 ms"},
      {with_resolution_delay(-1ms), "bad resolution_delay -1 ms: it must be from 0 ms to 2000 ms"},
      {with_resolution_delay(2001ms), "bad resolution_delay 2001 ms"},
      {with_timeout(0ms), "bad timeout 0 ms: it must be from 1 ms to 31536000000 ms"},
      {with_timeout(-1ms), "bad timeout -1 ms"},
      {with_timeout(24h * 365 + 1ms), "bad timeout 31536000001 ms"},
      {with_timeout(most), "bad timeout 9223372036854775807 ms"},
      {with_keep_alive(0s), "bad keep_alive 0 s: it must be from 1 s to 32767 s"},
      {with_keep_alive(32768s), "bad keep_alive 32768 s"},
      {with_families(4), "bad families 4: not a value of family_policy"},
      {with_families(255), "bad families 255"},
  };
  for (const auto& row : rows) TEST_ASSERT_CONTAINS_STRING(row.message, refusal(row.options));
}

void test_a_local_address_belongs_to_its_family() {
  const uvdial::endpoint v4 = uvdial::endpoint::parse("127.0.0.5:7");
  const uvdial::endpoint v6 = uvdial::endpoint::parse("[::1]:7");
  TEST_ASSERT_EQUAL_STRING("accepted", refusal({.bind_v4 = v4, .bind_v6 = v6}));
  TEST_ASSERT_EQUAL_STRING("bad bind_v4 [::1]:7: it is no IPv4 address", refusal({.bind_v4 = v6}));
  TEST_ASSERT_EQUAL_STRING("bad bind_v6 127.0.0.5:7: it is no IPv6 address", refusal({.bind_v6 = v4}));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_the_defaults_are_in_range);
  RUN_TEST(test_values_at_both_ends_of_a_range_are_accepted);
  RUN_TEST(test_a_value_out_of_range_is_refused_by_name_and_value);
  RUN_TEST(test_a_local_address_belongs_to_its_family);
  return UNITY_END();
}
