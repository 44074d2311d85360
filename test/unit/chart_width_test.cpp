// No line of a chart is wider than it may be, whatever the dial was; and every address can still be read.
#include <netinet/in.h>

#include <string>
#include <vector>

#include "cli/chart.hpp"
#include "cli/text_width.hpp"
#include "support/traced_dial.hpp"
#include "support/unity.hpp"

using namespace uvdial;
using namespace std::chrono_literals;
using cli::chart_style;
using fixture::dial;
using fixture::uv_code;
using step = trace_event::step;

void setUp() {}
void tearDown() {}

namespace {

constexpr const char* long_v6 = "[2001:db8:85a3:18d3:1319:8a2e:1370:7348]:65535";

// No text of an endpoint is longer, but for the name of an interface in the place of this number, which no interface
// has.
endpoint zoned() {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = 0xffff;
  address.sin6_addr.s6_addr[0] = 0xfe;
  address.sin6_addr.s6_addr[1] = 0x80;
  for (int each = 2; each < 16; ++each) address.sin6_addr.s6_addr[each] = 0xee;
  address.sin6_scope_id = 0xffffffff;
  return endpoint(reinterpret_cast<const sockaddr&>(address));
}

dial plain() {
  return dial()
      .asks(ip_family::v6, 0us)
      .asks(ip_family::v4, 0us)
      .hears(ip_family::v6, 20ms, 1)
      .hears(ip_family::v4, 21ms, 3)
      .does(step::start, 21ms, "[2001:db8::7]:443")
      .does(step::start, 271ms, "192.0.2.7:443")
      .does(step::win, 300ms, "192.0.2.7:443")
      .does(step::abort, 300ms, "[2001:db8::7]:443")
      .ends(300ms);
}

dial long_addresses() {
  return dial()
      .hears(ip_family::v6, 20ms, resolve_errc::dns_timeout, long_v6)
      .does(step::start, 20ms, long_v6)
      .does(step::confirm, 30ms, long_v6)
      .does(step::fail, 40ms, long_v6, uv_code(std::errc::connection_reset))
      .does(step::start, 41ms, zoned())
      .does(step::fail, 86'400'000ms, zoned(), uv_code(std::errc::network_unreachable))
      .does(step::filter, 86'400'000ms, "[2001:db8::7]:65535")
      .ends(86'400'000ms, uv_code(std::errc::timed_out));
}

dial many() {
  dial all;
  for (int each = 0; each < 64; ++each) {
    const std::string to = "192.0.2." + std::to_string(each) + ":443";
    all.does(step::start, each * 250ms, to)
        .does(step::fail, each * 251ms + 1ms, to, uv_code(std::errc::timed_out));
  }
  return all.ends(17s, uv_code(std::errc::timed_out));
}

std::vector<dial> all_kinds() {
  return {
      plain(),
      long_addresses(),
      many(),
      dial().does(step::filter, 0us, "10.0.0.7:443").ends(0us),
      dial()
          .does(step::start, 0us, "[::1]:80")
          .does(step::fail, 0us, "[::1]:80", uv_code(std::errc::network_unreachable))
          .ends(0us),
      dial().asks(ip_family::v6, 0us),
      dial().asks(ip_family::v6, 0us).asks(ip_family::v4, 1us).ends(5'000ms, uv_code(std::errc::timed_out)),
      dial()
          .asks(ip_family::v4, 0us)
          .does(step::start, 1us, "127.0.0.1:1")
          .does(step::win, 300us, "127.0.0.1:1")
          .ends(300us),
      dial()
          .asks(ip_family::v6, 0us)
          .hears(ip_family::v6, 9'999us, resolve_errc::host_not_found)
          .ends(9'999us)};
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::string without_spaces(std::string text) {
  std::erase_if(text, [](char each) { return each == ' ' || each == '\n'; });
  return text;
}

std::string where(std::size_t width, const std::string& drawn) {
  return "at a width of " + std::to_string(width) + ":\n" + drawn;
}

}  // namespace

static void test_no_line_is_wider_than_the_width() {
  for (const dial& one : all_kinds()) {
    for (std::size_t width = 40; width <= 160; ++width) {
      for (const bool ascii : {false, true}) {
        const auto lines = draw_chart(one.steps, {.width = width, .ascii = ascii});
        for (const std::string& line : lines)
          TEST_ASSERT_LESS_OR_EQUAL_MESSAGE(width, cli::columns_of(line), where(width, joined(lines)));
      }
    }
  }
}

static void test_every_address_and_every_time_is_there_at_every_width() {
  for (std::size_t width = 40; width <= 160; ++width) {
    const std::string drawn = joined(draw_chart(long_addresses().steps, {.width = width}));
    for (const std::string& address : {std::string(long_v6), zoned().to_string()})
      TEST_ASSERT_TRUE_MESSAGE(without_spaces(drawn).find(address) != std::string::npos, where(width, drawn));
    for (const char* times : {"20..40", "41..86400000"})
      TEST_ASSERT_CONTAINS_STRING_MESSAGE(times, drawn, where(width, drawn));
  }
}

static void test_long_numbers_of_the_axis_do_not_run_into_each_other() {
  const auto day =
      dial().does(step::start, 0us, "[::1]:80").does(step::win, 86'400s, "[::1]:80").ends(86'400s);
  TEST_ASSERT_CONTAINS_STRING("ms  0            20000000      40000000      60000000\n",
                              day.drawn({.width = 96}));
}

static void test_bars_are_never_shorter_than_they_can_be_read() {
  for (const dial& one : all_kinds()) {
    for (std::size_t width = 40; width <= 160; ++width) {
      const auto lines = draw_chart(one.steps, {.width = width});
      TEST_ASSERT_GREATER_OR_EQUAL_MESSAGE(width == 40 ? 18 : 16, cli::columns_of(lines.back()),
                                           where(width, joined(lines)));
    }
  }
}

static void test_a_width_below_the_least_is_the_least() {
  TEST_ASSERT_EQUAL_STRING(plain().drawn({.width = 40}), plain().drawn({.width = 0}));
}

static void test_in_forty_columns_the_words_stand_above_the_bars() {
  TEST_ASSERT_EQUAL_STRING(R"(
  0        100      200 ms
  DNS AAAA  1 address
  ░░                               0..20
  DNS A  3 addresses
  ░░                               0..21
  [2001:db8::7]:443  closed
   ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒   21..300
  192.0.2.7:443  connected
                           ███  271..300
)",
                           plain().drawn({.width = 40}));
}

static void test_between_the_two_the_notes_become_brief() {
  TEST_ASSERT_EQUAL_STRING(R"(
                 ms  0      100    200
  DNS AAAA           ░░                         0..20  1 address
  DNS A              ░░                         0..21  3 addresses
  [2001:db8::7]:443   ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒   21..300  closed
  192.0.2.7:443                         ███  271..300  connected
)",
                           plain().drawn({.width = 66}));
}

static void test_an_address_that_is_wider_than_the_line_is_broken_and_not_cut() {
  TEST_ASSERT_EQUAL_STRING(R"(
  0            50000000 ms
  DNS AAAA  DNSTIMEOUT
  ╳                               20..20
  [2001:db8:85a3:18d3:1319:8a2e:1370:
  7348]:65535  ECONNRESET
  ╳                               20..40
  [fe80:eeee:eeee:eeee:eeee:eeee:eeee:
  eeee%4294967295]:65535  ENETUNREACH
  ───────────────────────╳  41..86400000
  [2001:db8::7]:65535  blocked
)",
                           long_addresses().drawn({.width = 40}));
}

static void test_plain_ascii_has_a_glyph_for_each_kind_of_bar() {
  const auto race = dial()
                        .asks(ip_family::v6, 0us)
                        .hears(ip_family::v6, 12ms, resolve_errc::dns_failure)
                        .does(step::start, 10ms, "192.0.2.1:443")
                        .does(step::fail, 30ms, "192.0.2.1:443", uv_code(std::errc::connection_refused))
                        .does(step::start, 30ms, "192.0.2.2:443")
                        .does(step::start, 30ms, "192.0.2.3:443")
                        .does(step::win, 40ms, "192.0.2.3:443")
                        .does(step::abort, 40ms, "192.0.2.2:443")
                        .ends(40ms);
  TEST_ASSERT_EQUAL_STRING(R"(
             ms  0      10      20     30      40
  DNS AAAA       .........x                       0..12  SERVFAIL
  192.0.2.1:443         ---------------x         10..30  refused (ECONNREFUSED)
  192.0.2.2:443                        ========  30..40  closed: another one won
  192.0.2.3:443                        ########  30..40  connected
)",
                           race.drawn({.ascii = true}));
  TEST_ASSERT_EQUAL_STRING(R"(
             ms  0      10      20     30      40
  DNS AAAA       ░░░░░░░░░╳                       0..12  SERVFAIL
  192.0.2.1:443         ───────────────╳         10..30  refused (ECONNREFUSED)
  192.0.2.2:443                        ▒▒▒▒▒▒▒▒  30..40  closed: another one won
  192.0.2.3:443                        ████████  30..40  connected
)",
                           race.drawn());
}

static void test_lines_beside_a_chart_are_broken_as_it_is() {
  const std::vector<std::string> lines = {"  asked: one.two.three.test, four.five.six.test", "  caf\xc3\xa9"};
  TEST_ASSERT_EQUAL_STRING("  asked: one.two.three.test,\n    four.five.six.test\n  caf\xc3\xa9\n",
                           joined(cli::fit_lines(lines, {.width = 40})));
  TEST_ASSERT_EQUAL_STRING("  caf\\xc3\\xa9\n", joined(cli::fit_lines({&lines[1], 1}, {.ascii = true})));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_no_line_is_wider_than_the_width);
  RUN_TEST(test_every_address_and_every_time_is_there_at_every_width);
  RUN_TEST(test_long_numbers_of_the_axis_do_not_run_into_each_other);
  RUN_TEST(test_bars_are_never_shorter_than_they_can_be_read);
  RUN_TEST(test_a_width_below_the_least_is_the_least);
  RUN_TEST(test_in_forty_columns_the_words_stand_above_the_bars);
  RUN_TEST(test_between_the_two_the_notes_become_brief);
  RUN_TEST(test_an_address_that_is_wider_than_the_line_is_broken_and_not_cut);
  RUN_TEST(test_plain_ascii_has_a_glyph_for_each_kind_of_bar);
  RUN_TEST(test_lines_beside_a_chart_are_broken_as_it_is);
  return UNITY_END();
}
