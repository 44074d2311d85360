// What many dials add up to: percentiles by nearest rank, the table, and the JSON line.
#include "cli/summary.hpp"

#include <array>
#include <string>
#include <vector>

#include "support/unity.hpp"

using namespace uvdial;
using namespace std::chrono_literals;
using cli::percentile;
using cli::summary;
using std::chrono::microseconds;

void setUp() {}
void tearDown() {}

namespace {

std::vector<microseconds> up_to(int count) {
  std::vector<microseconds> times;
  for (int each = 1; each <= count; ++each) times.emplace_back(each);
  return times;
}

struct rank_row {
  int count;
  std::size_t percent;
  int expected;
};
// The n-th of 1, 2, ... is n, so that each value tells its rank.
constexpr rank_row ranks[] = {
    {1, 1, 1},     {1, 50, 1},      {1, 99, 1},     {1, 100, 1},    {2, 50, 1},       {2, 51, 2},
    {2, 99, 2},    {3, 50, 2},      {4, 50, 2},     {5, 50, 3},     {99, 99, 99},     {100, 50, 50},
    {100, 99, 99}, {100, 100, 100}, {101, 99, 100}, {200, 99, 198}, {10000, 99, 9900}};

error failure(error_kind kind, int code, const char* text) {
  return *make_error(kind, std::error_code(code, uv_category()), text);
}

const std::string unmeasured = R"({"dials":0,"min_ms":null,"median_ms":null,"p99_ms":null,"max_ms":null})";

}  // namespace

static void test_a_percentile_is_the_nearest_rank() {
  for (const rank_row& row : ranks)
    TEST_ASSERT_EQUAL_MESSAGE(row.expected, percentile(up_to(row.count), row.percent).count(),
                              std::to_string(row.percent) + " % of " + std::to_string(row.count));
}

static void test_the_table_has_a_row_for_all_and_for_each_family_that_won() {
  summary sum;
  sum.connected(ip_family::v6, 31'049us);
  sum.connected(ip_family::v4, 12'100us);
  sum.connected(ip_family::v6, 13'499us);
  TEST_ASSERT_EQUAL_STRING(
      "demo.test:443: 3 dials, 0 failed\n"
      "         dials     min  median     p99     max\n"
      "  all        3    12.1    13.4    31.0    31.0  ms\n"
      "  IPv4       1    12.1    12.1    12.1    12.1  ms\n"
      "  IPv6       2    13.4    13.4    31.0    31.0  ms\n",
      sum.text("demo.test:443", 3));
  TEST_ASSERT_FALSE(sum.any_failed());
}

static void test_a_family_that_never_won_has_no_row() {
  summary sum;
  sum.connected(ip_family::v4, 1ms);
  TEST_ASSERT_EQUAL(std::string::npos, sum.text("d:1", 1).find("IPv6"));
}

static void test_a_socket_without_a_family_counts_only_among_all() {
  summary sum;
  sum.connected(std::nullopt, 90us);
  TEST_ASSERT_EQUAL_STRING(
      "unix:/run/x.sock: 1 dial, 0 failed\n"
      "         dials     min  median     p99     max\n"
      "  all        1     0.0     0.0     0.0     0.0  ms\n",
      sum.text("unix:/run/x.sock", 1));
}

static void test_long_times_widen_the_columns() {
  summary sum;
  sum.connected(ip_family::v4, 1ms);
  sum.connected(ip_family::v4, 123'456'789us);
  TEST_ASSERT_CONTAINS_STRING("  all        2       1.0       1.0  123456.7  123456.7  ms\n",
                              sum.text("d:1", 2));
}

static void test_failures_are_counted_by_class_and_code_and_keep_their_first_text() {
  summary sum;
  sum.failed(failure(error_kind::connection_refused, -111, "connect d:1: refused (0 ms)"));
  sum.connected(ip_family::v4, 1ms);
  sum.failed(failure(error_kind::timeout, -110, "connect d:1: timed\nout"));
  sum.failed(failure(error_kind::connection_refused, -111, "connect d:1: refused (7 ms)"));
  TEST_ASSERT_TRUE(sum.any_failed());
  TEST_ASSERT_EQUAL(4, sum.dials());
  const std::string text = sum.text("d:1", 4);
  TEST_ASSERT_CONTAINS_STRING("d:1: 4 dials, 3 failed\n", text);
  TEST_ASSERT_CONTAINS_STRING("  all        1 ", text);
  TEST_ASSERT_CONTAINS_STRING(
      "  failed:\n"
      "       2  connection_refused (ECONNREFUSED), the first: connect d:1: refused (0 ms)\n"
      "       1  timeout_error (ETIMEDOUT): connect d:1: timed\\x0aout\n",
      text);
  TEST_ASSERT_EQUAL(std::string::npos, text.find("7 ms"));
}

static void test_a_table_without_times_is_left_out() {
  summary sum;
  sum.failed(failure(error_kind::connection_refused, -111, "no"));
  TEST_ASSERT_EQUAL_STRING(
      "d:1: 1 dial, 1 failed\n"
      "  failed:\n"
      "       1  connection_refused (ECONNREFUSED): no\n",
      sum.text("d:1", 1));
}

static void test_what_was_interrupted_says_how_far_it_came() {
  summary sum;
  TEST_ASSERT_EQUAL_STRING("d:1: 0 of 9 dials, 0 failed\n", sum.text("d:1", 9));
  sum.connected(ip_family::v4, 1ms);
  TEST_ASSERT_CONTAINS_STRING("d:1: 1 of 9 dials, 0 failed\n", sum.text("d:1", 9));
}

static void test_the_line_has_all_of_it() {
  summary sum;
  sum.connected(ip_family::v6, 31'049us);
  sum.connected(ip_family::v6, 13'499us);
  sum.failed(failure(error_kind::connection_refused, -111, "no"));
  sum.failed(failure(error_kind::connection_refused, -111, "no"));
  sum.failed(failure(error_kind::timeout, -110, "late"));
  const std::string times =
      R"({"dials":2,"min_ms":13.499,"median_ms":13.499,"p99_ms":31.049,"max_ms":31.049})";
  TEST_ASSERT_EQUAL_STRING(R"({"event":"summary","t_ms":60.007,"dials":5,"failed":3,"all":)" + times +
                               R"(,"ipv4":)" + unmeasured + R"(,"ipv6":)" + times +
                               R"(,"errors":[{"error":"connection_refused","code":"ECONNREFUSED","count":2},)"
                               R"({"error":"timeout_error","code":"ETIMEDOUT","count":1}]})"
                               "\n",
                           sum.line(60'007us));
}

static void test_the_line_of_nothing() {
  TEST_ASSERT_EQUAL_STRING(R"({"event":"summary","t_ms":0.000,"dials":0,"failed":0,"all":)" + unmeasured +
                               R"(,"ipv4":)" + unmeasured + R"(,"ipv6":)" + unmeasured + ",\"errors\":[]}\n",
                           summary().line(0us));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_percentile_is_the_nearest_rank);
  RUN_TEST(test_the_table_has_a_row_for_all_and_for_each_family_that_won);
  RUN_TEST(test_a_family_that_never_won_has_no_row);
  RUN_TEST(test_a_socket_without_a_family_counts_only_among_all);
  RUN_TEST(test_long_times_widen_the_columns);
  RUN_TEST(test_failures_are_counted_by_class_and_code_and_keep_their_first_text);
  RUN_TEST(test_a_table_without_times_is_left_out);
  RUN_TEST(test_what_was_interrupted_says_how_far_it_came);
  RUN_TEST(test_the_line_has_all_of_it);
  RUN_TEST(test_the_line_of_nothing);
  return UNITY_END();
}
