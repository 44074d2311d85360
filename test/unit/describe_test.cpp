// The exact texts of errors.
#include <ares.h>
#include <uv.h>

#include <chrono>
#include <string>
#include <system_error>

#include "logic/verdict.hpp"
#include "unity.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using namespace uvdial::detail;

void setUp() {}
void tearDown() {}

namespace {

std::error_code ares(int status) { return {status, ares_category()}; }

dial_report report_of(const char* host, std::chrono::microseconds elapsed) {
  dial_report report;
  report.host = host;
  report.port = 443;
  report.elapsed = elapsed;
  return report;
}

attempt failure(const char* to, int code, std::chrono::microseconds from, std::chrono::microseconds until) {
  return {attempt::state::failed, endpoint::parse(to), {code, uv_category()}, from, until};
}

attempt without_code(attempt::state what, const char* to, std::chrono::microseconds from,
                     std::chrono::microseconds until) {
  return {what, endpoint::parse(to), {}, from, until};
}

family_report answer_of(ip_family family, std::error_code why, const char* server = nullptr) {
  family_report report{family, true, {}, why, {}, {}, {}};
  if (server != nullptr) report.server = endpoint::parse(server);
  return report;
}

family_report open_lookup(ip_family family) { return {family, false, {}, {}, {}, {}, {}}; }

std::string failure_text(const dial_report& report) {
  return describe(report, finish{finish::how::failed}, judge(report));
}

std::string timeout_text(const dial_report& report) {
  const verdict why{error_kind::timeout, {UV_ETIMEDOUT, uv_category()}};
  return describe(report, finish{finish::how::timed_out}, why);
}

std::string cancel_text(const dial_report& report) {
  const verdict why{error_kind::cancelled, {UV_ECANCELED, uv_category()}};
  return describe(report, finish{finish::how::stopped}, why);
}

// A category as a user may bring it.
class careless final : public std::error_category {
 public:
  const char* name() const noexcept override { return "careless"; }
  std::string message(int value) const override { return value == 1 ? "" : "it broke.\nSorry.\n"; }
};

}  // namespace

static void test_a_failed_connect_lists_each_attempt() {
  dial_report report = report_of("nosuch.test", 312900us);
  report.attempts.push_back(failure("[2001:db8::1]:443", UV_ECONNREFUSED, 1ms, 1200us));
  report.attempts.push_back(failure("192.0.2.7:443", UV_EHOSTUNREACH, 251ms, 312500us));
  TEST_ASSERT_EQUAL_STRING(
      "connect nosuch.test:443: 2 attempts failed in 312 ms: [2001:db8::1]:443 connection refused (0 ms), "
      "192.0.2.7:443 host is unreachable (61 ms)",
      failure_text(report));
}

static void test_one_attempt_is_one_attempt() {
  dial_report report = report_of("192.0.2.7", 3ms);
  report.attempts.push_back(failure("192.0.2.7:443", UV_ECONNREFUSED, 0ms, 3ms));
  TEST_ASSERT_EQUAL_STRING(
      "connect 192.0.2.7:443: 1 attempt failed in 3 ms: 192.0.2.7:443 connection refused (3 ms)",
      failure_text(report));
}

static void test_a_v6_literal_has_brackets() {
  dial_report report = report_of("2001:db8::1", 3ms);
  report.attempts.push_back(failure("[2001:db8::1]:443", UV_ENETUNREACH, 0ms, 0ms));
  TEST_ASSERT_EQUAL_STRING(
      "connect [2001:db8::1]:443: 1 attempt failed in 3 ms: [2001:db8::1]:443 network is unreachable (0 ms)",
      failure_text(report));
}

static void test_filtered_addresses_are_told_but_not_counted() {
  dial_report report = report_of("inside.test", 3ms);
  report.attempts.push_back(failure("[2001:db8::1]:443", UV_ECONNREFUSED, 0ms, 1ms));
  report.attempts.push_back(without_code(attempt::state::filtered, "192.0.2.7:443", 0ms, 0ms));
  TEST_ASSERT_EQUAL_STRING(
      "connect inside.test:443: 1 attempt failed in 3 ms: [2001:db8::1]:443 connection refused (1 ms), "
      "192.0.2.7:443 blocked by the address policy",
      failure_text(report));
  report.attempts.erase(report.attempts.begin());
  TEST_ASSERT_EQUAL_STRING(
      "connect inside.test:443: no address allowed after 3 ms: 192.0.2.7:443 blocked by the address policy",
      failure_text(report));
}

static void test_a_failed_lookup_of_the_other_family_stands_at_the_end() {
  dial_report report = report_of("half.test", 9ms);
  report.attempts.push_back(failure("192.0.2.7:443", UV_ECONNREFUSED, 5ms, 9ms));
  report.families.push_back(answer_of(ip_family::v6, ares(ARES_ESERVFAIL)));
  report.families.push_back(answer_of(ip_family::v4, {}));
  TEST_ASSERT_EQUAL_STRING(
      "connect half.test:443: 1 attempt failed in 9 ms: 192.0.2.7:443 connection refused (4 ms); IPv6 lookup "
      "failed: "
      "SERVFAIL",
      failure_text(report));
  report.families.front().server = endpoint::parse("127.0.0.53:53");
  TEST_ASSERT_EQUAL_STRING(
      "connect half.test:443: 1 attempt failed in 9 ms: 192.0.2.7:443 connection refused (4 ms); IPv6 lookup "
      "failed: "
      "SERVFAIL from 127.0.0.53",
      failure_text(report));
  // Most names have no IPv6 address, and that is no failure.
  report.families.front().why = ares(ARES_ENODATA);
  TEST_ASSERT_EQUAL_STRING(
      "connect half.test:443: 1 attempt failed in 9 ms: 192.0.2.7:443 connection refused (4 ms)",
      failure_text(report));
}

static void test_a_failed_lookup_names_the_answer_once_when_both_agree() {
  dial_report report = report_of("nosuch.test", 12ms);
  report.families.push_back(answer_of(ip_family::v6, ares(ARES_ENOTFOUND)));
  report.families.push_back(answer_of(ip_family::v4, ares(ARES_ENOTFOUND)));
  TEST_ASSERT_EQUAL_STRING("resolve nosuch.test: host not found (NXDOMAIN) after 12 ms",
                           failure_text(report));
}

static void test_a_failed_lookup_names_both_answers_when_they_differ() {
  dial_report report = report_of("odd.test", 12ms);
  report.families.push_back(answer_of(ip_family::v6, ares(ARES_ENODATA)));
  report.families.push_back(answer_of(ip_family::v4, ares(ARES_ESERVFAIL)));
  TEST_ASSERT_EQUAL_STRING("resolve odd.test: DNS failure (IPv6 NODATA, IPv4 SERVFAIL) after 12 ms",
                           failure_text(report));
}

static void test_a_failed_lookup_names_the_server_that_answered() {
  dial_report report = report_of("nosuch.test", 12ms);
  report.families.push_back(answer_of(ip_family::v6, ares(ARES_ENOTFOUND), "192.0.2.53:53"));
  report.families.push_back(answer_of(ip_family::v4, ares(ARES_ENOTFOUND), "192.0.2.53:53"));
  TEST_ASSERT_EQUAL_STRING("resolve nosuch.test: host not found (NXDOMAIN from 192.0.2.53) after 12 ms",
                           failure_text(report));
  report.families.back().server = endpoint::parse("[2001:db8::53]:5353");
  TEST_ASSERT_EQUAL_STRING(
      "resolve nosuch.test: host not found (IPv6 NXDOMAIN from 192.0.2.53, IPv4 NXDOMAIN from "
      "[2001:db8::53]:5353) "
      "after 12 ms",
      failure_text(report));
}

static void test_a_server_that_did_not_answer_is_named_too() {
  dial_report report = report_of("slow.test", 4s);
  report.families.push_back(answer_of(ip_family::v6, ares(ARES_ETIMEOUT), "127.0.0.1:5353"));
  report.families.push_back(answer_of(ip_family::v4, ares(ARES_ECONNREFUSED), "127.0.0.53:53"));
  TEST_ASSERT_EQUAL_STRING(
      "resolve slow.test: no answer from DNS (IPv6 DNSTIMEOUT at 127.0.0.1:5353, IPv4 DNSUNREACHABLE at "
      "127.0.0.53) after 4000 ms",
      failure_text(report));
}

static void test_a_detail_stands_in_the_place_of_the_code() {
  dial_report report = report_of("a..b", 0ms);
  report.families.push_back(answer_of(ip_family::v6, resolve_errc::host_not_found));
  report.families.push_back(answer_of(ip_family::v4, resolve_errc::host_not_found));
  for (family_report& each : report.families) each.detail = "an empty label";
  TEST_ASSERT_EQUAL_STRING("resolve a..b: host not found (an empty label) after 0 ms", failure_text(report));
  report.families.back().detail = "status\n503";
  report.families.back().server = endpoint::parse("192.0.2.53:443");
  TEST_ASSERT_EQUAL_STRING(
      "resolve a..b: host not found (IPv6 an empty label, IPv4 status 503 from 192.0.2.53:443) after 0 ms",
      failure_text(report));
}

static void test_each_failure_of_a_lookup_has_its_words() {
  const auto text = [](std::error_code why) {
    dial_report report = report_of("some.test", 4s);
    report.families.push_back(answer_of(ip_family::v4, why));
    return failure_text(report);
  };
  TEST_ASSERT_EQUAL_STRING("resolve some.test: no address (NODATA) after 4000 ms", text(ares(ARES_ENODATA)));
  TEST_ASSERT_EQUAL_STRING("resolve some.test: no answer from DNS (DNSTIMEOUT) after 4000 ms",
                           text(ares(ARES_ETIMEOUT)));
  TEST_ASSERT_EQUAL_STRING("resolve some.test: DNS failure (DNSUNREACHABLE) after 4000 ms",
                           text(ares(ARES_ECONNREFUSED)));
  TEST_ASSERT_EQUAL_STRING("resolve some.test: out of resources (ENOMEM) after 4000 ms",
                           text(resolve_errc::out_of_resources));
  TEST_ASSERT_EQUAL_STRING("resolve some.test: no address (NODATA) after 4000 ms", text({}));
}

static void test_addresses_of_the_wrong_family_are_told() {
  TEST_ASSERT_EQUAL_STRING("connect [2001:db8::1]:443: no address of the families asked for",
                           failure_text(report_of("2001:db8::1", 0ms)));
}

static void test_a_deadline_says_what_was_going_on() {
  dial_report report = report_of("slow.test", 5s);
  report.attempts.push_back(without_code(attempt::state::open, "[2001:db8::1]:443", 250ms, 5s));
  report.attempts.push_back(failure("192.0.2.7:443", UV_ECONNREFUSED, 500ms, 561ms));
  TEST_ASSERT_EQUAL_STRING(
      "connect slow.test:443: timed out after 5000 ms while connecting: 2 attempts: [2001:db8::1]:443 still "
      "open "
      "(4750 ms), 192.0.2.7:443 connection refused (61 ms)",
      timeout_text(report));
}

static void test_a_deadline_while_resolving_names_the_open_lookups() {
  dial_report report = report_of("slow.test", 5s);
  report.families.push_back(open_lookup(ip_family::v6));
  report.families.push_back(open_lookup(ip_family::v4));
  TEST_ASSERT_EQUAL_STRING(
      "connect slow.test:443: timed out after 5000 ms while resolving; IPv6 lookup still open; IPv4 lookup "
      "still open",
      timeout_text(report));
  // All that came has failed, and the race waits for the other family.
  report.families.back() = answer_of(ip_family::v4, {});
  report.attempts.push_back(failure("192.0.2.7:443", UV_ECONNREFUSED, 0ms, 1ms));
  TEST_ASSERT_EQUAL_STRING(
      "connect slow.test:443: timed out after 5000 ms while resolving: 1 attempt: 192.0.2.7:443 connection "
      "refused "
      "(1 ms); IPv6 lookup still open",
      timeout_text(report));
}

static void test_a_cancel_says_what_was_going_on() {
  dial_report report = report_of("slow.test", 12ms);
  report.families.push_back(open_lookup(ip_family::v4));
  TEST_ASSERT_EQUAL_STRING(
      "connect slow.test:443: cancelled after 12 ms while resolving; IPv4 lookup still open",
      cancel_text(report));
  report.families.clear();
  report.attempts.push_back(without_code(attempt::state::open, "192.0.2.7:443", 0ms, 12ms));
  TEST_ASSERT_EQUAL_STRING(
      "connect slow.test:443: cancelled after 12 ms while connecting: 1 attempt: 192.0.2.7:443 still open "
      "(12 ms)",
      cancel_text(report));
  report.attempts.front().what = attempt::state::filtered;
  TEST_ASSERT_EQUAL_STRING(
      "connect slow.test:443: cancelled after 12 ms while connecting: 192.0.2.7:443 blocked by the address "
      "policy",
      cancel_text(report));
}

static void test_a_stop_for_another_reason_tells_it() {
  const verdict why{error_kind::out_of_resources, {UV_ENOMEM, uv_category()}};
  TEST_ASSERT_EQUAL_STRING("connect some.test:443: not enough memory after 0 ms while connecting",
                           describe(report_of("some.test", 0ms), finish{finish::how::stopped}, why));
}

static void test_foreign_messages_are_brought_into_one_line() {
  const careless category;
  dial_report report = report_of("some\ntest", 1ms);
  report.attempts.push_back(failure("192.0.2.7:443", 0, 0ms, 1ms));
  report.attempts.front().why = {1, category};
  TEST_ASSERT_EQUAL_STRING(
      "connect some test:443: 1 attempt failed in 1 ms: 192.0.2.7:443 unknown error (1 ms)",
      failure_text(report));
  report.attempts.front().why = {2, category};
  TEST_ASSERT_EQUAL_STRING(
      "connect some test:443: 1 attempt failed in 1 ms: 192.0.2.7:443 it broke. Sorry (1 ms)",
      failure_text(report));
  report.attempts.clear();
  report.families.push_back(answer_of(ip_family::v6, {2, category}));
  TEST_ASSERT_EQUAL_STRING("resolve some test: DNS failure (it broke. Sorry) after 1 ms",
                           failure_text(report));
}

static void test_a_success_has_a_text_too() {
  TEST_ASSERT_EQUAL_STRING("connect some.test:443: connected in 7 ms",
                           describe(report_of("some.test", 7ms), finish{finish::how::won}, {}));
}

static void test_a_question_has_its_verb_and_its_words() {
  dial_report report = report_of("nosuch.test", 12ms);
  report.families.push_back(answer_of(ip_family::v4, ares(ARES_ENOTFOUND), "127.0.0.53:53"));
  const auto text = [&report](question_kind kind) {
    return describe_question(kind, report, finish::how::failed, judge(report));
  };
  TEST_ASSERT_EQUAL_STRING("resolve nosuch.test: host not found (NXDOMAIN from 127.0.0.53) after 12 ms",
                           text(question_kind::resolve));
  report.host = "192.0.2.\n7";
  TEST_ASSERT_EQUAL_STRING("reverse 192.0.2. 7: no name (NXDOMAIN from 127.0.0.53) after 12 ms",
                           text(question_kind::reverse));
  report.families.front() = answer_of(ip_family::v4, ares(ARES_ENODATA));
  TEST_ASSERT_EQUAL_STRING("reverse 192.0.2. 7: no name (NODATA) after 12 ms", text(question_kind::reverse));
  report.families.front() = answer_of(ip_family::v4, ares(ARES_ESERVFAIL));
  TEST_ASSERT_EQUAL_STRING("reverse 192.0.2. 7: DNS failure (SERVFAIL) after 12 ms",
                           text(question_kind::reverse));
  report.families.clear();
  TEST_ASSERT_EQUAL_STRING("resolve 192.0.2. 7: no address of the families asked for",
                           text(question_kind::resolve));
}

static void test_a_question_that_was_cut_off_names_what_was_open_beside_an_answer() {
  dial_report report = report_of("slow.test", 5s);
  report.families.push_back(open_lookup(ip_family::v6));
  report.families.push_back(open_lookup(ip_family::v4));
  const auto text = [&report](finish::how end) {
    return describe_question(question_kind::resolve, report, end, {});
  };
  TEST_ASSERT_EQUAL_STRING("resolve slow.test: timed out after 5000 ms", text(finish::how::timed_out));
  TEST_ASSERT_EQUAL_STRING("resolve slow.test: cancelled after 5000 ms", text(finish::how::stopped));
  report.families.back() = answer_of(ip_family::v4, ares(ARES_ESERVFAIL));
  TEST_ASSERT_EQUAL_STRING(
      "resolve slow.test: timed out after 5000 ms; IPv6 lookup still open; IPv4 lookup failed: SERVFAIL",
      text(finish::how::timed_out));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_failed_connect_lists_each_attempt);
  RUN_TEST(test_one_attempt_is_one_attempt);
  RUN_TEST(test_a_v6_literal_has_brackets);
  RUN_TEST(test_filtered_addresses_are_told_but_not_counted);
  RUN_TEST(test_a_failed_lookup_of_the_other_family_stands_at_the_end);
  RUN_TEST(test_a_failed_lookup_names_the_answer_once_when_both_agree);
  RUN_TEST(test_a_failed_lookup_names_both_answers_when_they_differ);
  RUN_TEST(test_a_failed_lookup_names_the_server_that_answered);
  RUN_TEST(test_a_server_that_did_not_answer_is_named_too);
  RUN_TEST(test_a_detail_stands_in_the_place_of_the_code);
  RUN_TEST(test_each_failure_of_a_lookup_has_its_words);
  RUN_TEST(test_addresses_of_the_wrong_family_are_told);
  RUN_TEST(test_a_deadline_says_what_was_going_on);
  RUN_TEST(test_a_deadline_while_resolving_names_the_open_lookups);
  RUN_TEST(test_a_cancel_says_what_was_going_on);
  RUN_TEST(test_a_stop_for_another_reason_tells_it);
  RUN_TEST(test_foreign_messages_are_brought_into_one_line);
  RUN_TEST(test_a_success_has_a_text_too);
  RUN_TEST(test_a_question_has_its_verb_and_its_words);
  RUN_TEST(test_a_question_that_was_cut_off_names_what_was_open_beside_an_answer);
  return UNITY_END();
}
