// The picture of a dial for a browser: what it says, where its bars are, and that nothing can break it.
#include "cli/svg_dial.hpp"

#include <cmath>
#include <string>

#include "support/traced_dial.hpp"
#include "support/unity.hpp"
#include "support/xml.hpp"

using namespace uvdial;
using namespace std::chrono_literals;
using cli::draw_svg;
using fixture::dial;
using fixture::uv_code;
using fixture::xml;
using step = trace_event::step;

void setUp() {}
void tearDown() {}

namespace {

dial race() {
  return dial()
      .asks(ip_family::v6, 0us)
      .asks(ip_family::v4, 0us)
      .hears(ip_family::v6, 20ms, 1)
      .hears(ip_family::v4, 21ms, resolve_errc::dns_failure, "192.0.2.53:53")
      .does(step::start, 21ms, "[2001:db8::7]:443")
      .does(step::fail, 100ms, "[2001:db8::7]:443", uv_code(std::errc::connection_refused))
      .does(step::filter, 100ms, "10.0.0.1:443")
      .does(step::start, 100ms, "192.0.2.8:443")
      .does(step::start, 200ms, "192.0.2.7:443")
      .does(step::win, 300ms, "192.0.2.7:443")
      .does(step::abort, 300ms, "192.0.2.8:443")
      .ends(300ms);
}

std::vector<xml::element> of_class(const xml& drawing, std::string_view wanted) {
  std::vector<xml::element> found;
  for (const xml::element& one : drawing.elements())
    if (one.get("class") == wanted) found.push_back(one);
  return found;
}

double number(const xml::element& of, std::string_view name) { return std::stod(of.get(name)); }

}  // namespace

static void test_it_says_what_the_chart_says() {
  const xml drawing(
      draw_svg(race().steps, {"demo.test:443", {"connected to 192.0.2.7:443", "asked: demo.test"}}));
  const std::string words = "\n" + drawing.words();
  for (const char* word : {"demo.test:443",
                           "connected to 192.0.2.7:443",
                           "asked: demo.test",
                           "ms",
                           "0",
                           "100",
                           "200",
                           "300",
                           "DNS AAAA",
                           "DNS A",
                           "[2001:db8::7]:443",
                           "192.0.2.7:443",
                           "10.0.0.1:443",
                           "0..20",
                           "200..300",
                           "1 address",
                           "SERVFAIL from 192.0.2.53",
                           "refused (ECONNREFUSED)",
                           "closed: another one won",
                           "connected",
                           "blocked by the policy",
                           "question to DNS",
                           "attempt",
                           "failed attempt",
                           "winner"})
    TEST_ASSERT_CONTAINS_STRING("\n" + std::string(word) + "\n", words);
}

static void test_who_does_not_see_is_told_all_of_it() {
  const xml drawing(draw_svg(race().steps, {"demo.test:443", {"connected to 192.0.2.7:443"}}));
  TEST_ASSERT_EQUAL("img", drawing.elements()[0].get("role"));
  TEST_ASSERT_EQUAL("title", drawing.elements()[1].name);
  TEST_ASSERT_EQUAL("Dial of demo.test:443", drawing.elements()[1].text);
  TEST_ASSERT_EQUAL("desc", drawing.elements()[2].name);
  for (const char* fact : {"connected to 192.0.2.7:443. ", "DNS AAAA: 0.000 to 20.000 ms, 1 address. ",
                           "10.0.0.1:443, blocked by the policy. "})
    TEST_ASSERT_CONTAINS_STRING(fact, drawing.elements()[2].text);
}

static void test_every_row_has_a_tooltip() {
  const xml drawing(draw_svg(race().steps, {"demo.test:443"}));
  const auto titles = drawing.of("title");
  TEST_ASSERT_EQUAL(7, titles.size());
  TEST_ASSERT_EQUAL("192.0.2.7:443: 200.000 to 300.000 ms, connected", titles.back().text);
}

static void test_bars_are_where_their_times_are() {
  const xml drawing(draw_svg(race().steps, {"demo.test:443"}));
  const auto axis = of_class(drawing, "axis");
  const auto grid = of_class(drawing, "grid");
  const double zero = number(axis.front(), "x1");
  const double per_ms = (number(grid.back(), "x1") - zero) / 300;
  int bars = 0;
  for (const xml::element& one : drawing.of("rect")) {
    if (one.get("data-from").empty()) continue;
    ++bars;
    const double begin = number(one, "x");
    const double end = begin + number(one, "width");
    TEST_ASSERT_TRUE(std::abs(begin - zero - per_ms * number(one, "data-from")) <= 0.3);
    TEST_ASSERT_TRUE(std::abs(end - zero - per_ms * number(one, "data-until")) <= 0.3);
  }
  TEST_ASSERT_EQUAL(5, bars);
}

static void test_a_bar_is_seen_however_short_it_was_and_stays_inside() {
  const auto sudden = dial()
                          .asks(ip_family::v4, 0us)
                          .hears(ip_family::v4, 300ms, 1)
                          .does(step::start, 300ms, "[::1]:80")
                          .does(step::win, 300ms, "[::1]:80")
                          .ends(300ms);
  const xml drawing(draw_svg(sudden.steps, {"demo.test:80"}));
  const auto won = of_class(drawing, "won").at(0);
  const auto question = of_class(drawing, "question").at(0);
  TEST_ASSERT_EQUAL("3", won.get("width"));
  TEST_ASSERT_TRUE(number(won, "x") + 3 <= number(question, "x") + number(question, "width") + 0.2);
}

static void test_what_failed_has_a_cross_and_what_has_no_such_record_has_none() {
  TEST_ASSERT_EQUAL(6, of_class(xml(draw_svg(race().steps, {"d:1"})), "cross").size());  // one in the legend
  const auto none =
      dial().asks(ip_family::v6, 0us).hears(ip_family::v6, 1ms, resolve_errc::no_address).ends(1ms);
  TEST_ASSERT_EQUAL(0, of_class(xml(draw_svg(none.steps, {"d:1"})), "cross").size());
}

static void test_no_text_can_break_it() {
  const std::string hostile =
      "a<b>&\"'\x01\x1b[31m\xff\xc0\x80]]>\xef\xbf\xbf\xed\xa0\x80 \xe6\x97\xa5.test:1";
  const xml drawing(draw_svg(race().steps, {hostile, {hostile}}));
  TEST_ASSERT_CONTAINS_STRING("a<b>&\"'\\x01\\x1b[31m\\xff\\xc0\\x80]]>\\xef\\xbf\\xbf\\xed\\xa0\\x80",
                              drawing.elements()[2].text);
}

static void test_nothing_comes_from_elsewhere() {
  const std::string drawing = draw_svg(race().steps, {"demo.test:443"});
  for (const char* what : {"<script", "href", "url(", "@import", "@font-face", "<image", "<foreignObject",
                           " onload", " onclick"})
    TEST_ASSERT_EQUAL_MESSAGE(std::string::npos, drawing.find(what), what);
  TEST_ASSERT_EQUAL(drawing.find("http"), drawing.rfind("http"));  // the name of the format alone
}

static void test_a_dial_without_any_step_has_words_alone() {
  const xml drawing(draw_svg({}, {"demo.test:443", {"no such name"}}));
  TEST_ASSERT_EQUAL_STRING("demo.test:443\nno such name\n", drawing.words());
}

static void test_long_words_widen_the_page_or_are_broken() {
  const std::string name = std::string(250, 'x') + ":65535";
  auto slow = dial().does(step::start, 0us, "[2001:db8:85a3:18d3:1319:8a2e:1370:7348]:65535");
  slow.does(step::confirm, 86'400'000ms, "[2001:db8:85a3:18d3:1319:8a2e:1370:7348]:65535")
      .does(step::fail, 86'400'000ms, "[2001:db8:85a3:18d3:1319:8a2e:1370:7348]:65535",
            uv_code(std::errc::network_unreachable))
      .ends(86'400'000ms, uv_code(std::errc::network_unreachable));
  const xml drawing(draw_svg(slow.steps, {name, {std::string(3000, 'y')}}));
  std::string joined;
  for (const xml::element& one : of_class(drawing, "head")) {
    TEST_ASSERT_LESS_OR_EQUAL(80, one.text.size());
    joined += one.text;
  }
  TEST_ASSERT_EQUAL(name, joined);
  TEST_ASSERT_EQUAL(6 + 1, of_class(drawing, "faint").size());  // most lines of a caption, and the legend
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_it_says_what_the_chart_says);
  RUN_TEST(test_who_does_not_see_is_told_all_of_it);
  RUN_TEST(test_every_row_has_a_tooltip);
  RUN_TEST(test_bars_are_where_their_times_are);
  RUN_TEST(test_a_bar_is_seen_however_short_it_was_and_stays_inside);
  RUN_TEST(test_what_failed_has_a_cross_and_what_has_no_such_record_has_none);
  RUN_TEST(test_no_text_can_break_it);
  RUN_TEST(test_nothing_comes_from_elsewhere);
  RUN_TEST(test_a_dial_without_any_step_has_words_alone);
  RUN_TEST(test_long_words_widen_the_page_or_are_broken);
  return UNITY_END();
}
