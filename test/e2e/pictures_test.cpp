// What `uvdial` draws: --svg beside everything else it tells, --repeat with its distribution, --trace in plain ASCII.
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "demo/dns_responder.hpp"
#include "demo/peers.hpp"
#include "support/child.hpp"
#include "support/loop_fixture.hpp"
#include "support/program.hpp"
#include "support/unity.hpp"
#include "support/xml.hpp"

using namespace uvdial;
using demo::listener;
using demo::reserve;
using fixture::xml;
using program::check_usage_error;
using program::run;
using program::words;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

// A variable of this process, and so of its children, until the end of a test.
class variable {
 public:
  variable(const char* name, const char* value) : name_(name) { (void)setenv(name, value, 1); }
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;
  ~variable() { (void)unsetenv(name_); }

 private:
  const char* name_;
};

bool is_ascii(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](char each) { return static_cast<unsigned char>(each) < 0x80; });
}

}  // namespace

static void test_a_success_is_drawn_with_the_winner_and_why() {
  const listener peer(fixture::loop(), reserve(ip_family::v4));
  const std::string to = peer.address().to_string();
  const child::temporary_file file;
  const child::result ended = run({"-z", "--svg", file.path(), to});
  TEST_ASSERT_EQUAL_MESSAGE(0, ended.status, ended.err);
  TEST_ASSERT_EQUAL("", ended.out + ended.err);
  const xml drawing(file.contents());
  TEST_ASSERT_CONTAINS_STRING(to + "\nconnected to " + to + " (IPv4) in ", drawing.words());
  TEST_ASSERT_CONTAINS_STRING(": the first choice\n", drawing.words());
}

static void test_a_failure_is_drawn_with_its_error_and_keeps_its_status() {
  const demo::reserved_port closed = reserve(ip_family::v4);
  const child::temporary_file file;
  const child::result ended = run({"-z", "--svg=" + file.path(), closed.address().to_string()});
  TEST_ASSERT_EQUAL(1, ended.status);
  TEST_ASSERT_EQUAL(2, child::lines_of(ended.err).size());  // what failed, and what may help
  const xml drawing(file.contents());
  TEST_ASSERT_CONTAINS_STRING("\nconnect " + closed.address().to_string() + ": 1 attempt failed in ",
                              drawing.words());
  TEST_ASSERT_CONTAINS_STRING("\nrefused (ECONNREFUSED)\n", drawing.words());
}

static void test_the_picture_goes_with_the_trace_and_with_json() {
  const listener peer(fixture::loop(), reserve(ip_family::v4));
  const child::temporary_file file;
  const child::result ended = run({"--json", "--trace", "--svg", file.path(), peer.address().to_string()});
  TEST_ASSERT_EQUAL_MESSAGE(0, ended.status, ended.err);
  TEST_ASSERT_EQUAL(2, child::lines_of(ended.out).size());
  TEST_ASSERT_CONTAINS_STRING(": the first choice\n", ended.err);
  TEST_ASSERT_CONTAINS_STRING(": the first choice\n", xml(file.contents()).words());
}

static void test_the_picture_goes_with_a_relay() {
  const listener peer(fixture::loop(), reserve(ip_family::v4),
                      {.then = demo::behaviour::finish, .greeting = "hello\n"});
  const child::temporary_file file;
  const child::result ended = run({"--svg", file.path(), peer.address().to_string()});
  TEST_ASSERT_EQUAL_MESSAGE(0, ended.status, ended.err);
  TEST_ASSERT_EQUAL("hello\n", ended.out);
  TEST_ASSERT_FALSE(xml(file.contents()).words().empty());
}

static void test_a_name_full_of_markup_cannot_break_the_picture() {
  const child::temporary_file file;
  const child::result ended =
      run({"-z", "--hosts=/dev/null", "--svg", file.path(), "a&b;\xff\xc3.test", "80"});
  TEST_ASSERT_EQUAL_MESSAGE(1, ended.status, ended.err);
  TEST_ASSERT_EQUAL(0, xml(file.contents()).words().find("a&b;\\xff\\xc3.test:80\n"));
}

static void test_a_picture_may_go_to_standard_output() {
  const listener peer(fixture::loop(), reserve(ip_family::v4));
  const child::result piped = run({"-z", "--svg=/dev/stdout", peer.address().to_string()});
  TEST_ASSERT_EQUAL_MESSAGE(0, piped.status, piped.err);
  TEST_ASSERT_FALSE(xml(piped.out).words().empty());

  const child::temporary_file file;
  const child::descriptor out = child::open_file(file.path(), O_WRONLY | O_APPEND);
  const child::result filed =
      run({"--json", "--svg=/dev/stdout", peer.address().to_string()}, {.out = out.number()});
  TEST_ASSERT_EQUAL_MESSAGE(0, filed.status, filed.err);
  const std::string all = file.contents();
  TEST_ASSERT_CONTAINS_STRING("\"event\":\"attempt_start\"", all);
  TEST_ASSERT_CONTAINS_STRING("</svg>\n{\"event\":\"connected\"", all);
}

static void test_a_file_that_cannot_be_written_is_refused_before_anything_is_dialed() {
  const listener peer(fixture::loop(), reserve(ip_family::v4));
  const std::string to = peer.address().to_string();
  check_usage_error({"--json", "--svg=/nonexistent/x.svg", to},
                    "option --svg: cannot write \"/nonexistent/x.svg\": no such");
  check_usage_error({"--json", "--svg=/", to}, "\"/\"");
  check_usage_error({"--repeat=3", "--svg=/nonexistent/x.svg", to}, "\"/nonexistent/x.svg\"");
  TEST_ASSERT_EQUAL(0, peer.accepted());
}

static void test_misfits_are_refused() {
  check_usage_error({"--resolve", "--svg=x.svg", "demo.test"}, "option \"--svg\" goes with a connection");
  check_usage_error({"--unix=/run/x.sock", "--svg=x.svg"}, "option \"--svg\" goes with a HOST");
  check_usage_error({"--svg=", "demo.test:80"}, "option --svg takes the name of a file");
}

static void test_a_write_that_fails_is_one_line_and_status_1() {
  if (access("/dev/full", W_OK) != 0) TEST_IGNORE_MESSAGE("there is no /dev/full");
  const listener peer(fixture::loop(), reserve(ip_family::v4));
  for (const words& more : {words{"-z"}, words{"--repeat=2", "--json"}}) {
    words all{"--svg=/dev/full", peer.address().to_string()};
    all.insert(all.end(), more.begin(), more.end());
    const child::result ended = run(all);
    TEST_ASSERT_EQUAL(1, ended.status);
    TEST_ASSERT_EQUAL("uvdial: --svg: \"/dev/full\" was not written: no space left on device\n", ended.err);
  }
}

static void test_many_dials_are_drawn_as_a_distribution() {
  const listener peer(fixture::loop(), reserve(ip_family::v4));
  const child::temporary_file file;
  const child::result ended = run({"--repeat=20", "--svg", file.path(), peer.address().to_string()});
  TEST_ASSERT_EQUAL_MESSAGE(0, ended.status, ended.err);
  TEST_ASSERT_CONTAINS_STRING("  dials\n", ended.out);
  TEST_ASSERT_CONTAINS_STRING("median", ended.out);
  const xml drawing(file.contents());
  TEST_ASSERT_CONTAINS_STRING("\n20 dials, 0 failed\nmin ", drawing.words());
  TEST_ASSERT_CONTAINS_STRING("\ndials by milliseconds", drawing.words());
  int dials = 0;
  for (const xml::element& one : drawing.of("rect"))
    if (const std::string count = one.get("data-count"); !count.empty()) dials += std::stoi(count);
  TEST_ASSERT_EQUAL(20, dials);
}

static void test_failures_of_many_dials_are_in_the_picture() {
  const demo::reserved_port closed = reserve(ip_family::v4);
  const child::temporary_file file;
  const child::result ended =
      run({"--repeat=3", "--json", "--svg", file.path(), closed.address().to_string()});
  TEST_ASSERT_EQUAL(1, ended.status);
  TEST_ASSERT_EQUAL(1, child::lines_of(ended.out).size());
  const std::string drawn = xml(file.contents()).words();
  TEST_ASSERT_CONTAINS_STRING("\n3 dials, 3 failed\n", drawn);
  TEST_ASSERT_CONTAINS_STRING("\n3  connection_refused (ECONNREFUSED), the first: ", drawn);
}

static void test_where_the_locale_is_not_utf8_charts_are_ascii() {
  const listener peer(fixture::loop(), reserve(ip_family::v4));
  const words trace{"-z", "--trace", peer.address().to_string()};
  {
    const variable plain("LC_ALL", "C");
    TEST_ASSERT_TRUE(is_ascii(run(trace).err));
    TEST_ASSERT_TRUE(is_ascii(run({"--repeat=9", peer.address().to_string()}).out));
  }
  for (const char* name : {"en_US.UTF-8", "C.utf8"}) {
    const variable wide("LC_ALL", name);
    TEST_ASSERT_CONTAINS_STRING("█", run(trace).err);
  }
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_success_is_drawn_with_the_winner_and_why);
  RUN_TEST(test_a_failure_is_drawn_with_its_error_and_keeps_its_status);
  RUN_TEST(test_the_picture_goes_with_the_trace_and_with_json);
  RUN_TEST(test_the_picture_goes_with_a_relay);
  RUN_TEST(test_a_name_full_of_markup_cannot_break_the_picture);
  RUN_TEST(test_a_picture_may_go_to_standard_output);
  RUN_TEST(test_a_file_that_cannot_be_written_is_refused_before_anything_is_dialed);
  RUN_TEST(test_misfits_are_refused);
  RUN_TEST(test_a_write_that_fails_is_one_line_and_status_1);
  RUN_TEST(test_many_dials_are_drawn_as_a_distribution);
  RUN_TEST(test_failures_of_many_dials_are_in_the_picture);
  RUN_TEST(test_where_the_locale_is_not_utf8_charts_are_ascii);
  return UNITY_END();
}
