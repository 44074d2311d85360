#include "logic/dns_cache.hpp"

#include <ares.h>
#include <uv.h>

#include <string>

#include "support/cache_model.hpp"
#include "support/unity.hpp"
#include "uvdial/error.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using detail::dns_cache;
using detail::dns_reply;
using detail::known_reply;
using detail::shared_reply;
using std::chrono::nanoseconds;
using std::chrono::seconds;

void setUp() {}
void tearDown() {}

namespace {

constexpr ip_family v4 = ip_family::v4;
constexpr ip_family v6 = ip_family::v6;
constexpr nanoseconds start = 1000s;

shared_reply address(const char* text, seconds ttl) {
  dns_reply reply;
  reply.addresses.push_back(*endpoint::from_literal(text, 0));
  reply.ttl = ttl;
  return std::make_shared<dns_reply>(reply);
}

shared_reply failure(std::error_code why, seconds ttl) {
  dns_reply reply;
  reply.why = why;
  reply.ttl = ttl;
  return std::make_shared<dns_reply>(reply);
}

shared_reply nothing_there(seconds ttl) { return failure({ARES_ENOTFOUND, ares_category()}, ttl); }

// "192.0.2.1 for 7 s", "NXDOMAIN for 7 s", "nothing"
std::string text_of(const known_reply* known) {
  if (!known) return "nothing";
  const dns_reply& reply = *known->what;
  const std::string what =
      reply.why ? std::string(code_name(reply.why)) : reply.addresses.at(0).address_to_string();
  return what + " for " + std::to_string(known->ttl.count()) + " s";
}

std::string found(dns_cache& cache, std::string_view name, nanoseconds now, ip_family family = v4) {
  return text_of(cache.find(name, family, now));
}

}  // namespace

void test_an_empty_cache_has_nothing() {
  dns_cache cache(10);
  TEST_ASSERT_NULL(cache.find("a.test", v4, start));
  TEST_ASSERT_EQUAL(0u, cache.size());
}

void test_a_reply_holds_for_its_ttl() {
  dns_cache cache(10);
  cache.keep("a.test", v4, address("192.0.2.1", 7s), start);
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 for 7 s", found(cache, "a.test", start));
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 for 7 s", found(cache, "a.test", start + 1ns));
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 for 6 s", found(cache, "a.test", start + 1s));
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 for 1 s", found(cache, "a.test", start + 7s - 1ns));
  TEST_ASSERT_EQUAL_STRING("nothing", found(cache, "a.test", start + 7s));
}

void test_what_is_kept_is_the_reply_itself() {
  dns_cache cache(10);
  const shared_reply reply = address("192.0.2.1", 7s);
  cache.keep("a.test", v4, reply, start);
  const known_reply* kept = cache.find("a.test", v4, start);
  TEST_ASSERT_NOT_NULL(kept);
  TEST_ASSERT_TRUE(kept->what == reply);
}

void test_an_expired_reply_that_is_found_is_gone() {
  dns_cache cache(10);
  cache.keep("a.test", v4, address("192.0.2.1", 7s), start);
  TEST_ASSERT_EQUAL(1u, cache.size());
  TEST_ASSERT_NULL(cache.find("a.test", v4, start + 7s));
  TEST_ASSERT_EQUAL(0u, cache.size());
}

void test_the_families_are_apart() {
  dns_cache cache(10);
  cache.keep("a.test", v6, address("2001:db8::1", 7s), start);
  TEST_ASSERT_EQUAL_STRING("nothing", found(cache, "a.test", start, v4));
  cache.keep("a.test", v4, nothing_there(7s), start);
  TEST_ASSERT_EQUAL_STRING("NXDOMAIN for 7 s", found(cache, "a.test", start, v4));
  TEST_ASSERT_EQUAL_STRING("2001:db8::1 for 7 s", found(cache, "a.test", start, v6));
}

void test_case_and_a_final_dot_do_not_matter() {
  dns_cache cache(10);
  cache.keep("Long-Name.Example.TEST.", v4, address("192.0.2.1", 7s), start);
  for (const char* name : {"long-name.example.test", "LONG-NAME.EXAMPLE.TEST.", "Long-Name.Example.TEST"})
    TEST_ASSERT_EQUAL_STRING_MESSAGE("192.0.2.1 for 7 s", found(cache, name, start), name);
  for (const char* name : {"long-name.example.tes", "long-name.example.test..", "long-name.example.tess",
                           "Long-Name@Example.TEST", "", "."})
    TEST_ASSERT_EQUAL_STRING_MESSAGE("nothing", found(cache, name, start), name);
}

// These octets differ in the same bit as letters of both cases do.
void test_only_letters_have_a_case() {
  dns_cache cache(10);
  const char* const pairs[][2] = {
      {"@.test", "`.test"}, {"[.test", "{.test"}, {"\x01.test", "!.test"}, {"\xc4.test", "\xe4.test"}};
  for (const auto& pair : pairs) {
    cache.keep(pair[0], v4, address("192.0.2.1", 7s), start);
    TEST_ASSERT_EQUAL_STRING_MESSAGE("192.0.2.1 for 7 s", found(cache, pair[0], start), pair[0]);
    TEST_ASSERT_EQUAL_STRING_MESSAGE("nothing", found(cache, pair[1], start), pair[1]);
  }
}

void test_a_name_that_ends_in_two_dots_expires_like_others() {
  dns_cache cache(10);
  cache.keep("a.test..", v4, address("192.0.2.1", 7s), start);
  cache.keep("b.test", v4, address("192.0.2.1", 7s), start + 7s);
  TEST_ASSERT_EQUAL(1u, cache.size());
}

void test_addresses_are_kept_for_one_day_at_most() {
  dns_cache cache(10);
  cache.keep("a.test", v4, address("192.0.2.1", seconds::max()), start);
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 for 86400 s", found(cache, "a.test", start));
  TEST_ASSERT_EQUAL_STRING("nothing", found(cache, "a.test", start + 24h));
}

void test_what_does_not_exist_is_kept_for_30_s_at_most() {
  const std::error_code absent[] = {{ARES_ENOTFOUND, ares_category()},
                                    {ARES_ENODATA, ares_category()},
                                    resolve_errc::host_not_found,
                                    resolve_errc::no_address};
  for (const std::error_code& why : absent) {
    dns_cache cache(10);
    cache.keep("a.test", v4, failure(why, 7s), start);
    cache.keep("b.test", v4, failure(why, 3600s), start);
    const std::string code(code_name(why));
    TEST_ASSERT_EQUAL_STRING(code + " for 7 s", found(cache, "a.test", start));
    TEST_ASSERT_EQUAL_STRING(code + " for 30 s", found(cache, "b.test", start));
    TEST_ASSERT_EQUAL_STRING("nothing", found(cache, "a.test", start + 7s));
    TEST_ASSERT_EQUAL_STRING("nothing", found(cache, "b.test", start + 30s));
  }
}

void test_a_failure_is_not_kept_and_displaces_nothing() {
  const std::error_code failures[] = {{ARES_ESERVFAIL, ares_category()},
                                      {ARES_ETIMEOUT, ares_category()},
                                      {UV_EMFILE, uv_category()},
                                      resolve_errc::dns_failure,
                                      resolve_errc::dns_timeout,
                                      resolve_errc::out_of_resources,
                                      std::make_error_code(std::errc::operation_canceled)};
  for (const std::error_code& why : failures) {
    dns_cache cache(10);
    cache.keep("a.test", v4, address("192.0.2.1", 7s), start);
    cache.keep("a.test", v4, failure(why, 60s), start + 1s);
    cache.keep("b.test", v4, failure(why, 60s), start + 1s);
    TEST_ASSERT_EQUAL_STRING("192.0.2.1 for 6 s", found(cache, "a.test", start + 1s));
    TEST_ASSERT_EQUAL_STRING("nothing", found(cache, "b.test", start + 1s));
  }
}

void test_a_reply_that_says_nothing_is_not_kept() {
  dns_cache cache(10);
  const shared_reply empty = failure({}, 60s);
  cache.keep("a.test", v4, address("192.0.2.1", 7s), start);
  cache.keep("a.test", v4, empty, start);
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 for 7 s", found(cache, "a.test", start));
}

void test_a_ttl_of_0_is_not_kept_but_displaces() {
  for (const seconds none : {0s, -1s}) {
    dns_cache cache(10);
    cache.keep("a.test", v4, address("192.0.2.1", none), start);
    TEST_ASSERT_EQUAL(0u, cache.size());
    cache.keep("a.test", v4, address("192.0.2.1", 7s), start);
    cache.keep("b.test", v4, address("192.0.2.1", 7s), start);
    cache.keep("a.test", v4, address("192.0.2.2", none), start);
    cache.keep("b.test", v4, nothing_there(none), start);
    TEST_ASSERT_EQUAL(0u, cache.size());
  }
}

void test_a_fresh_reply_takes_the_place_of_the_older_one() {
  dns_cache cache(10);
  cache.keep("a.test", v4, address("192.0.2.1", 60s), start);
  cache.keep("A.TEST", v4, address("192.0.2.2", 7s), start + 1s);
  TEST_ASSERT_EQUAL(1u, cache.size());
  TEST_ASSERT_EQUAL_STRING("192.0.2.2 for 7 s", found(cache, "a.test", start + 1s));
  TEST_ASSERT_EQUAL_STRING("nothing", found(cache, "a.test", start + 8s));
}

void test_the_least_recently_used_entry_goes_first() {
  dns_cache cache(3);
  for (const char* name : {"a.test", "b.test", "c.test"})
    cache.keep(name, v4, address("192.0.2.1", 60s), start);
  TEST_ASSERT_NOT_NULL(cache.find("a.test", v4, start));
  cache.keep("b.test", v4, address("192.0.2.1", 60s), start);
  cache.keep("d.test", v4, address("192.0.2.1", 60s), start);
  TEST_ASSERT_EQUAL(3u, cache.size());
  TEST_ASSERT_EQUAL_STRING("nothing", found(cache, "c.test", start));
  for (const char* name : {"a.test", "b.test", "d.test"})
    TEST_ASSERT_NOT_NULL_MESSAGE(cache.find(name, v4, start), name);
}

void test_an_expired_entry_goes_before_one_that_holds() {
  dns_cache cache(2);
  cache.keep("a.test", v4, address("192.0.2.1", 60s), start);
  cache.keep("b.test", v4, address("192.0.2.1", 7s), start);
  cache.keep("c.test", v4, address("192.0.2.1", 60s), start + 7s);
  TEST_ASSERT_EQUAL(2u, cache.size());
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 for 53 s", found(cache, "a.test", start + 7s));
  TEST_ASSERT_EQUAL_STRING("192.0.2.1 for 60 s", found(cache, "c.test", start + 7s));
}

void test_a_cache_of_no_entries_keeps_nothing() {
  dns_cache cache(0);
  cache.keep("a.test", v4, address("192.0.2.1", 60s), start);
  TEST_ASSERT_EQUAL(0u, cache.size());
  TEST_ASSERT_NULL(cache.find("a.test", v4, start));
}

void test_a_cleared_cache_can_be_filled_again() {
  dns_cache cache(2);
  cache.keep("a.test", v4, address("192.0.2.1", 7s), start);
  cache.keep("b.test", v4, address("192.0.2.1", 60s), start);
  cache.clear();
  TEST_ASSERT_EQUAL(0u, cache.size());
  TEST_ASSERT_NULL(cache.find("b.test", v4, start));
  cache.keep("b.test", v4, address("192.0.2.2", 60s), start + 10s);
  TEST_ASSERT_EQUAL_STRING("192.0.2.2 for 60 s", found(cache, "b.test", start + 10s));
}

void test_random_operations_agree_with_a_plain_list() {
  fixture::run_with_seeds(40, [](fixture::choices& from) { fixture::check_cache(from, 1000); });
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_an_empty_cache_has_nothing);
  RUN_TEST(test_a_reply_holds_for_its_ttl);
  RUN_TEST(test_what_is_kept_is_the_reply_itself);
  RUN_TEST(test_an_expired_reply_that_is_found_is_gone);
  RUN_TEST(test_the_families_are_apart);
  RUN_TEST(test_case_and_a_final_dot_do_not_matter);
  RUN_TEST(test_only_letters_have_a_case);
  RUN_TEST(test_a_name_that_ends_in_two_dots_expires_like_others);
  RUN_TEST(test_addresses_are_kept_for_one_day_at_most);
  RUN_TEST(test_what_does_not_exist_is_kept_for_30_s_at_most);
  RUN_TEST(test_a_failure_is_not_kept_and_displaces_nothing);
  RUN_TEST(test_a_reply_that_says_nothing_is_not_kept);
  RUN_TEST(test_a_ttl_of_0_is_not_kept_but_displaces);
  RUN_TEST(test_a_fresh_reply_takes_the_place_of_the_older_one);
  RUN_TEST(test_the_least_recently_used_entry_goes_first);
  RUN_TEST(test_an_expired_entry_goes_before_one_that_holds);
  RUN_TEST(test_a_cache_of_no_entries_keeps_nothing);
  RUN_TEST(test_a_cleared_cache_can_be_filled_again);
  RUN_TEST(test_random_operations_agree_with_a_plain_list);
  return UNITY_END();
}
