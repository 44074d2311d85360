// How times are put into bins, and how these are drawn in a terminal and for a browser.
#include "cli/distribution.hpp"

#include <string>

#include "cli/histogram.hpp"
#include "cli/svg_distribution.hpp"
#include "cli/text_width.hpp"
#include "support/unity.hpp"
#include "support/xml.hpp"

using namespace uvdial;
using namespace std::chrono_literals;
using cli::distribution;
using cli::spread;
using fixture::xml;
using std::chrono::microseconds;
using dials = std::vector<cli::timed_dial>;

void setUp() {}
void tearDown() {}

namespace {

dials all_v4(const std::vector<microseconds>& times) {
  dials made;
  for (const microseconds each : times) made.push_back({ip_family::v4, each});
  return made;
}

// Most take 10 to 20 ms over IPv6, some 260 ms over IPv4.
dials two_heaps() {
  dials made;
  for (int each = 0; each < 40; ++each) made.push_back({ip_family::v6, 10ms + each * 250us});
  for (int each = 0; each < 10; ++each) made.push_back({ip_family::v4, 260ms + each * 1ms});
  return made;
}

dials one_very_late() {
  dials made = all_v4({900us, 1ms, 1100us, 1200us, 1300us, 2ms, 2100us, 3ms, 9ms});
  made.push_back({ip_family::v6, 5s});
  return made;
}

std::string edges_of(const distribution& of) {
  std::string text;
  for (const cli::time_bin& one : of.bins) text += cli::edge_text(of, one.from) + " ";
  return of.bins.empty() ? text : text + cli::edge_text(of, of.bins.back().until);
}

std::string drawn(const dials& of, const cli::chart_style& style = {}) {
  std::string text = "\n";
  for (const std::string& line : draw_histogram(spread(of), style)) text += line + "\n";
  return text;
}

const std::vector<dials> all_kinds = {all_v4({1ms, 2ms}),
                                      all_v4({5us, 5us}),
                                      all_v4({0us, 1us, 400us}),
                                      all_v4({86'399'999ms, 86'400'000ms}),
                                      all_v4({1us, 86'400'000ms, 2us, 2us}),
                                      two_heaps(),
                                      one_very_late(),
                                      all_v4(std::vector<microseconds>(10'000, 7ms))};

}  // namespace

static void test_every_dial_is_in_the_bin_of_its_time() {
  for (const dials& each : all_kinds) {
    const distribution of = spread(each);
    std::size_t count = 0;
    for (std::size_t index = 0; index < of.bins.size(); ++index) {
      const cli::time_bin& bin = of.bins[index];
      if (index > 0) TEST_ASSERT_TRUE(of.bins[index - 1].until == bin.from);
      std::size_t its = 0;
      for (const cli::timed_dial& one : each) its += of.in_bin(bin, one.took) ? 1 : 0;
      TEST_ASSERT_EQUAL(its, bin.total());
      count += its;
    }
    TEST_ASSERT_EQUAL(each.size(), count);
    TEST_ASSERT_GREATER_THAN(0, of.bins.front().total());
    TEST_ASSERT_GREATER_THAN(0, of.bins.back().total());
    TEST_ASSERT_LESS_OR_EQUAL(40, of.bins.size());
  }
}

static void test_of_nothing_there_are_no_bins() {
  TEST_ASSERT_TRUE(spread({}).bins.empty());
  TEST_ASSERT_TRUE(draw_histogram(spread({}), {}).empty());
}

static void test_bins_are_round_and_even() {
  TEST_ASSERT_EQUAL_STRING("0 20 40 60 80 100 120 140 160 180 200 220 240 260 280",
                           edges_of(spread(two_heaps())));
  TEST_ASSERT_EQUAL_STRING("1.0 1.2 1.4 1.6 1.8 2.0 2.2", edges_of(spread(all_v4({1ms, 2ms}))));
  TEST_ASSERT_EQUAL_STRING("0.005 0.006", edges_of(spread(all_v4({5us, 5us}))));
}

static void test_a_very_late_one_makes_the_scale_logarithmic() {
  TEST_ASSERT_FALSE(spread(two_heaps()).logarithmic);
  const distribution late = spread(one_very_late());
  TEST_ASSERT_TRUE(late.logarithmic);
  TEST_ASSERT_EQUAL_STRING("0.5 1 2 5 10 20 50 100 200 500 1000 2000 5000 10000", edges_of(late));
  TEST_ASSERT_EQUAL_STRING("1 1.5 2 3 5 7 10 15 20 30 50", edges_of(spread(all_v4({1ms, 1ms, 1ms, 30ms}))));
}

static void test_the_histogram_shows_both_families_and_where_the_percentiles_are() {
  TEST_ASSERT_EQUAL_STRING(R"(
        ms  dials  █ IPv6  ▒ IPv4
     0..20     40  ████████████████████████████  median
    20..40      0
    40..60      0
    60..80      0
   80..100      0
  100..120      0
  120..140      0
  140..160      0
  160..180      0
  180..200      0
  200..220      0
  220..240      0
  240..260      0
  260..280     10  ▒▒▒▒▒▒▒  p99
)",
                           drawn(two_heaps(), {.width = 60}));
}

static void test_the_histogram_in_ascii() {
  TEST_ASSERT_EQUAL_STRING(R"(
        ms  dials  # IPv6  = IPv4
     0..20     40  ############################  median
    20..40      0
    40..60      0
    60..80      0
   80..100      0
  100..120      0
  120..140      0
  140..160      0
  160..180      0
  180..200      0
  200..220      0
  220..240      0
  240..260      0
  260..280     10  =======  p99
)",
                           drawn(two_heaps(), {.width = 60, .ascii = true}));
}

static void test_one_family_needs_no_names() {
  TEST_ASSERT_EQUAL_STRING(R"(
        ms  dials
  1.0..1.2      1  ██████████████████
  1.2..1.4      0
  1.4..1.6      1  ██████████████████  median
  1.6..1.8      0
  1.8..2.0      0
  2.0..2.2      1  ██████████████████  p99
)",
                           drawn(all_v4({1ms, 1500us, 2ms}), {.width = 50}));
}

static void test_a_single_dial_has_no_histogram() { TEST_ASSERT_EQUAL_STRING("\n", drawn(all_v4({1ms}))); }

static void test_no_line_of_a_histogram_is_wider_than_the_width() {
  for (const dials& each : all_kinds) {
    for (std::size_t width = 40; width <= 160; ++width) {
      for (const std::string& line : draw_histogram(spread(each), {.width = width}))
        TEST_ASSERT_LESS_OR_EQUAL_MESSAGE(width, cli::columns_of(line), line);
    }
  }
}

static void test_the_picture_has_a_bar_for_each_bin_and_marks_the_percentiles() {
  const distribution of = spread(two_heaps());
  const xml drawing(draw_svg(of, {"demo.test:443", {"50 dials, 0 failed"}}, {}));
  const std::string words = "\n" + drawing.words();
  for (const char* word : {"demo.test:443", "50 dials, 0 failed", "median 16.0 ms", "p99 269.0 ms", "IPv6",
                           "IPv4", "0", "280", "40", "10", "dials by milliseconds"})
    TEST_ASSERT_CONTAINS_STRING("\n" + std::string(word) + "\n", words);
  std::string tooltips;
  for (const xml::element& one : drawing.of("title")) tooltips += one.text + "\n";
  TEST_ASSERT_EQUAL_STRING("Dials of demo.test:443\n0 to 20 ms: 40 dials\n260 to 280 ms: 10 dials\n",
                           tooltips);
}

static void test_bars_are_as_high_as_their_counts() {
  const xml drawing(draw_svg(spread(two_heaps()), {"d:1"}, {}));
  for (const xml::element& one : drawing.of("rect")) {
    if (one.get("data-count").empty()) continue;
    TEST_ASSERT_EQUAL(std::stod(one.get("data-count")) * 5, std::stod(one.get("height")));
  }
}

static void test_failures_are_told_and_cannot_break_the_picture() {
  const xml drawing(draw_svg(spread({}), {"<d>:1", {"2 dials, 2 failed"}},
                             {"2  timeout_error (ETIMEDOUT): \x1b & <" + std::string(200, 'x')}));
  TEST_ASSERT_CONTAINS_STRING("<d>:1\n2 dials, 2 failed\n2  timeout_error (ETIMEDOUT): \\x1b & <xxx",
                              drawing.words());
  TEST_ASSERT_CONTAINS_STRING("…\n", drawing.words());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_every_dial_is_in_the_bin_of_its_time);
  RUN_TEST(test_of_nothing_there_are_no_bins);
  RUN_TEST(test_bins_are_round_and_even);
  RUN_TEST(test_a_very_late_one_makes_the_scale_logarithmic);
  RUN_TEST(test_the_histogram_shows_both_families_and_where_the_percentiles_are);
  RUN_TEST(test_the_histogram_in_ascii);
  RUN_TEST(test_one_family_needs_no_names);
  RUN_TEST(test_a_single_dial_has_no_histogram);
  RUN_TEST(test_no_line_of_a_histogram_is_wider_than_the_width);
  RUN_TEST(test_the_picture_has_a_bar_for_each_bin_and_marks_the_percentiles);
  RUN_TEST(test_bars_are_as_high_as_their_counts);
  RUN_TEST(test_failures_are_told_and_cannot_break_the_picture);
  return UNITY_END();
}
