// Which leaf of the error hierarchy and which code a report comes to, in tables.
#include "logic/verdict.hpp"

#include <ares.h>
#include <uv.h>

#include <string>
#include <vector>

#include "unity.hpp"

using namespace uvdial;
using namespace uvdial::detail;

void setUp() {}
void tearDown() {}

namespace {

constexpr int filtered = 1;  // libuv's codes are negative, so this is none of them

struct connect_row {
  const char* rule;
  std::vector<int> attempts;  // libuv's codes, in start order; or `filtered`
  error_kind kind;
  std::errc code;
};

struct resolve_row {
  const char* rule;
  std::vector<std::error_code> answers;  // AAAA and A
  error_kind kind;
  std::error_code code;
};

std::error_code ares(int status) { return {status, ares_category()}; }
std::error_code uv(int status) { return {status, uv_category()}; }

dial_report report_of(const std::vector<int>& codes) {
  dial_report report;
  for (const int code : codes) {
    attempt one{attempt::state::failed, endpoint::parse("192.0.2.1:443"), uv(code), {}, {}};
    if (code == filtered) one = {attempt::state::filtered, one.to, {}, {}, {}};
    report.attempts.push_back(one);
  }
  return report;
}

dial_report report_of(const std::vector<std::error_code>& answers) {
  dial_report report;
  for (const std::error_code& why : answers) {
    const auto family = report.families.empty() ? ip_family::v6 : ip_family::v4;
    report.families.push_back({family, true, {}, why, {}, {}, {}});
  }
  return report;
}

void check(const std::vector<connect_row>& table) {
  for (const connect_row& row : table) {
    const verdict was = judge(report_of(row.attempts));
    TEST_ASSERT_EQUAL_STRING_MESSAGE(kind_name(row.kind), kind_name(was.kind), row.rule);
    TEST_ASSERT_TRUE_MESSAGE(was.code == row.code, row.rule + (": " + was.code.message()));
  }
}

void check(const std::vector<resolve_row>& table) {
  for (const resolve_row& row : table) {
    const verdict was = judge(report_of(row.answers));
    TEST_ASSERT_EQUAL_STRING_MESSAGE(kind_name(row.kind), kind_name(was.kind), row.rule);
    TEST_ASSERT_EQUAL_MESSAGE(row.code, was.code, row.rule);
  }
}

}  // namespace

static void test_all_refused_is_connection_refused() {
  check({
      {"one", {UV_ECONNREFUSED}, error_kind::connection_refused, std::errc::connection_refused},
      {"all",
       {UV_ECONNREFUSED, UV_ECONNREFUSED},
       error_kind::connection_refused,
       std::errc::connection_refused},
      {"a dual-stack name on a host without IPv6",
       {UV_ENETUNREACH, UV_ECONNREFUSED},
       error_kind::connection_refused,
       std::errc::connection_refused},
      {"filtered ones are set aside",
       {UV_ECONNREFUSED, filtered},
       error_kind::connection_refused,
       std::errc::connection_refused},
      {"all that says there is no way is set aside",
       {UV_EHOSTUNREACH, UV_EAFNOSUPPORT, UV_EADDRNOTAVAIL, UV_ECONNREFUSED, UV_ENETUNREACH},
       error_kind::connection_refused,
       std::errc::connection_refused},
  });
}

static void test_different_reasons_are_a_connect_error() {
  check({
      {"refused and reset",
       {UV_ECONNRESET, UV_ECONNREFUSED},
       error_kind::connect,
       std::errc::connection_refused},
      {"refused and timed out",
       {UV_ETIMEDOUT, UV_ECONNREFUSED},
       error_kind::connect,
       std::errc::connection_refused},
      {"a time-out alone is no refusal", {UV_ETIMEDOUT}, error_kind::connect, std::errc::timed_out},
      {"reset before timed out",
       {UV_ETIMEDOUT, UV_ECONNRESET},
       error_kind::connect,
       std::errc::connection_reset},
      {"timed out before others", {UV_EACCES, UV_ETIMEDOUT}, error_kind::connect, std::errc::timed_out},
      {"others: the first started",
       {UV_EACCES, UV_EINVAL},
       error_kind::connect,
       std::errc::permission_denied},
      {"only those that decide give the code",
       {UV_EHOSTUNREACH, UV_EINVAL},
       error_kind::connect,
       std::errc::invalid_argument},
  });
}

static void test_no_way_to_any_is_unreachable() {
  check({
      {"no network", {UV_ENETUNREACH}, error_kind::unreachable, std::errc::network_unreachable},
      {"host before network",
       {UV_ENETUNREACH, UV_EHOSTUNREACH},
       error_kind::unreachable,
       std::errc::host_unreachable},
      {"network before family",
       {UV_EAFNOSUPPORT, UV_ENETUNREACH},
       error_kind::unreachable,
       std::errc::network_unreachable},
      {"family alone", {UV_EAFNOSUPPORT}, error_kind::unreachable, std::errc::address_family_not_supported},
      {"others before them",
       {UV_EHOSTUNREACH, UV_EADDRNOTAVAIL},
       error_kind::unreachable,
       std::errc::address_not_available},
      {"not all were filtered",
       {UV_ENETUNREACH, filtered},
       error_kind::unreachable,
       std::errc::network_unreachable},
  });
}

static void test_nothing_but_filtered_is_address_blocked() {
  check({
      {"one", {filtered}, error_kind::address_blocked, std::errc::permission_denied},
      {"all", {filtered, filtered}, error_kind::address_blocked, std::errc::permission_denied},
  });
  TEST_ASSERT_EQUAL_STRING("EACCES", code_name(judge(report_of(std::vector{filtered})).code));
}

static void test_any_shortage_is_out_of_resources() {
  check({
      {"descriptors of the process",
       {UV_EMFILE},
       error_kind::out_of_resources,
       std::errc::too_many_files_open},
      {"of the system", {UV_ENFILE}, error_kind::out_of_resources, std::errc::too_many_files_open_in_system},
      {"buffers", {UV_ENOBUFS}, error_kind::out_of_resources, std::errc::no_buffer_space},
      {"local ports", {UV_EAGAIN}, error_kind::out_of_resources, std::errc::resource_unavailable_try_again},
      {"memory", {UV_ENOMEM}, error_kind::out_of_resources, std::errc::not_enough_memory},
      {"beside refusals",
       {UV_ECONNREFUSED, UV_EMFILE, UV_ECONNREFUSED},
       error_kind::out_of_resources,
       std::errc::too_many_files_open},
      {"the first started decides",
       {UV_ENOMEM, UV_EMFILE},
       error_kind::out_of_resources,
       std::errc::not_enough_memory},
  });
}

static void test_a_name_that_does_not_exist_for_one_family_does_not_exist() {
  check({
      {"both",
       {ares(ARES_ENOTFOUND), ares(ARES_ENOTFOUND)},
       error_kind::host_not_found,
       ares(ARES_ENOTFOUND)},
      {"AAAA only",
       {ares(ARES_ENOTFOUND), ares(ARES_ETIMEOUT)},
       error_kind::host_not_found,
       ares(ARES_ENOTFOUND)},
      {"A only", {ares(ARES_ENOMEM), ares(ARES_ENOTFOUND)}, error_kind::host_not_found, ares(ARES_ENOTFOUND)},
      {"of a user's resolver",
       {resolve_errc::no_address, resolve_errc::host_not_found},
       error_kind::host_not_found,
       resolve_errc::host_not_found},
  });
}

static void test_the_worst_answer_names_the_failure_of_a_lookup() {
  check({
      {"resources before time-out",
       {ares(ARES_ETIMEOUT), ares(ARES_ENOMEM)},
       error_kind::out_of_resources,
       ares(ARES_ENOMEM)},
      {"time-out before failure",
       {ares(ARES_ESERVFAIL), ares(ARES_ETIMEOUT)},
       error_kind::dns_timeout,
       ares(ARES_ETIMEOUT)},
      {"failure before no address",
       {ares(ARES_ENODATA), ares(ARES_EREFUSED)},
       error_kind::dns_failure,
       ares(ARES_EREFUSED)},
      {"no address", {ares(ARES_ENODATA), ares(ARES_ENODATA)}, error_kind::no_address, ares(ARES_ENODATA)},
      {"the first of equal ones",
       {ares(ARES_ESERVFAIL), ares(ARES_EREFUSED)},
       error_kind::dns_failure,
       ares(ARES_ESERVFAIL)},
      {"one family alone", {ares(ARES_ESERVFAIL)}, error_kind::dns_failure, ares(ARES_ESERVFAIL)},
      {"a foreign code is a failure", {uv(UV_EPIPE)}, error_kind::dns_failure, uv(UV_EPIPE)},
      {"no address and no reason", {std::error_code{}}, error_kind::no_address, resolve_errc::no_address},
  });
}

static void test_addresses_that_were_never_asked_for_are_no_address() {
  const verdict was = judge(dial_report{});
  TEST_ASSERT_EQUAL_STRING("no_address", kind_name(was.kind));
  TEST_ASSERT_EQUAL(make_error_code(resolve_errc::no_address), was.code);
}

// If addresses came and failed, it is a connect error, whatever the other family's lookup said.
static void test_an_attempt_makes_it_a_connect_error() {
  dial_report report = report_of(std::vector<int>{UV_ECONNREFUSED});
  report.families = report_of(std::vector{ares(ARES_ENOTFOUND)}).families;
  TEST_ASSERT_EQUAL_STRING("connection_refused", kind_name(judge(report).kind));
  report.attempts = report_of(std::vector{filtered}).attempts;
  TEST_ASSERT_EQUAL_STRING("address_blocked", kind_name(judge(report).kind));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_all_refused_is_connection_refused);
  RUN_TEST(test_different_reasons_are_a_connect_error);
  RUN_TEST(test_no_way_to_any_is_unreachable);
  RUN_TEST(test_nothing_but_filtered_is_address_blocked);
  RUN_TEST(test_any_shortage_is_out_of_resources);
  RUN_TEST(test_a_name_that_does_not_exist_for_one_family_does_not_exist);
  RUN_TEST(test_the_worst_answer_names_the_failure_of_a_lookup);
  RUN_TEST(test_addresses_that_were_never_asked_for_are_no_address);
  RUN_TEST(test_an_attempt_makes_it_a_connect_error);
  return UNITY_END();
}
