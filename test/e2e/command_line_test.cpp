// What `uvdial` says to people: usage errors, help, one line for a failure and one for what may help, nothing for a
// success.
#include <fcntl.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "demo/dns_responder.hpp"
#include "demo/peers.hpp"
#include "support/child.hpp"
#include "support/loop_fixture.hpp"
#include "support/program.hpp"
#include "support/unity.hpp"

using namespace uvdial;
using demo::listener;
using demo::reserve;
using program::check_usage_error;
using program::run;
using program::words;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

static void test_usage_errors_are_one_line_and_status_2() {
  check_usage_error({}, "no HOST");
  check_usage_error({"demo.test"}, "\"demo.test\"");
  check_usage_error({"--json", "demo.test", "0"}, "\"0\"");
  check_usage_error({"--frobnicate", "demo.test", "80"}, "\"--frobnicate\"");
  check_usage_error({"--deny", "10.0.0.1/8", "demo.test", "80"}, "\"10.0.0.1/8\"");
  check_usage_error({"--allow", "home", "demo.test", "80"}, "\"home\"");
  check_usage_error({"--bind", "localhost", "demo.test", "80"}, "\"localhost\"");
  check_usage_error({"--repeat", "0", "demo.test", "80"}, "\"0\"");
  check_usage_error({"--repeat", "2", "--trace", "demo.test", "80"}, "\"--trace\"");
  check_usage_error({"--unix", "/run/x.sock", "demo.test"}, "\"demo.test\"");
  check_usage_error({"--unix", "/run/x.sock", "--family=ipv4"}, "\"--family\"");
  check_usage_error({"--unix", std::string(200, 'x')}, "xxxx");
  check_usage_error({"--timeout", "0", "demo.test", "80"}, "\"0\"");
  check_usage_error({"--attempt-delay", "9", "demo.test", "80"}, "\"9\"");
  check_usage_error({"--resolution-delay", "2001", "demo.test", "80"}, "\"2001\"");
  check_usage_error({"--family", "ipv5", "demo.test", "80"}, "\"ipv5\"");
  check_usage_error({"--dns-server", "localhost", "demo.test", "80"}, "\"localhost\"");
  check_usage_error({"demo\n.test", "80"}, "\"demo\\x0a.test\"");
}

static void test_a_hosts_file_that_cannot_be_read_is_a_usage_error() {
  check_usage_error(
      {"--json", "--hosts", "/nonexistent/hosts", "127.0.0.1", "80"},
      "uvdial: option --hosts: cannot read \"/nonexistent/hosts\": no such file or directory\n");
  check_usage_error({"--json", "--hosts", "/", "127.0.0.1", "80"}, "\"/\"");
}

static void test_a_zone_that_does_not_exist_is_a_usage_error() {
  check_usage_error({"--json", "fe80::1%no-such-if", "80"}, "\"fe80::1%no-such-if\"");
}

static void test_help_and_version_go_to_standard_output() {
  const child::result help = run({"--help"});
  TEST_ASSERT_EQUAL(0, help.status);
  TEST_ASSERT_EQUAL("", help.err);
  TEST_ASSERT_CONTAINS_STRING("Usage: uvdial ", help.out);
  const child::result version = run({"--version"});
  TEST_ASSERT_EQUAL(0, version.status);
  TEST_ASSERT_EQUAL(0, version.out.find("uvdial "));
  TEST_ASSERT_EQUAL(1, child::lines_of(version.out).size());
}

static void test_a_silent_success() {
  const listener peer(fixture::loop(), reserve(ip_family::v4));
  const child::result ended = run({"-z", peer.address().to_string()});
  TEST_ASSERT_EQUAL(0, ended.status);
  TEST_ASSERT_EQUAL("", ended.out + ended.err);
}

static void test_a_failure_is_one_line_and_a_hint_on_standard_error() {
  const demo::reserved_port closed = reserve(ip_family::v4);
  for (const char* option : {"-z", "--"}) {
    const child::result ended = run({option, closed.address().to_string()});
    TEST_ASSERT_EQUAL(1, ended.status);
    TEST_ASSERT_EQUAL("", ended.out);
    const std::vector<std::string> said = child::lines_of(ended.err);
    TEST_ASSERT_EQUAL(2, said.size());
    TEST_ASSERT_EQUAL(0, said[0].find("uvdial: connect " + closed.address().to_string() + ": "));
    TEST_ASSERT_EQUAL(0, said[1].find("uvdial: hint: the host answers, but nothing listens on port "));
  }
}

static void test_a_hint_is_for_people_and_not_for_programs() {
  const demo::reserved_port closed = demo::reserve(ip_family::v4);
  const child::result ended = run({"--json", closed.address().to_string()});
  TEST_ASSERT_EQUAL(1, ended.status);
  TEST_ASSERT_EQUAL("", ended.err);
}

static void test_trace_is_for_standard_error_and_without_colour_in_a_file() {
  const listener peer(fixture::loop(), reserve(ip_family::v4));
  const child::result ended = run({"-z", "--trace", peer.address().to_string()});
  TEST_ASSERT_EQUAL(0, ended.status);
  TEST_ASSERT_EQUAL("", ended.out);
  TEST_ASSERT_CONTAINS_STRING(peer.address().to_string(), ended.err);
  TEST_ASSERT_CONTAINS_STRING("connected", ended.err);
  TEST_ASSERT_CONTAINS_STRING("\n  connected to " + peer.address().to_string() + " (IPv4) in ", ended.err);
  TEST_ASSERT_CONTAINS_STRING(": the first choice\n", ended.err);
  TEST_ASSERT_EQUAL(std::string::npos, ended.err.find('\x1b'));
}

// resolv.conf(5): LOCALDOMAIN holds the suffixes for names with few dots.
static void test_trace_tells_the_names_that_a_short_host_was_asked_as() {
  demo::dns_responder dns(fixture::loop());
  dns.host("db.b.test", {.addresses = {"127.0.0.1"}});
  const demo::reserved_port closed = reserve(ip_family::v4);
  const std::string port = std::to_string(closed.address().port());
  TEST_ASSERT_EQUAL(0, setenv("LOCALDOMAIN", "a.test b.test", 1));
  const child::result ended =
      run({"-z", "--trace", "--hosts=/dev/null", "--dns-server", dns.address().to_string(), "db", port});
  TEST_ASSERT_EQUAL(0, unsetenv("LOCALDOMAIN"));
  TEST_ASSERT_CONTAINS_STRING("\n  asked: db.a.test, db.b.test\n", ended.err);
}

static void test_json_into_a_pipe_that_nobody_reads_ends_with_one_line() {
  const demo::silent_listener silent(reserve(ip_family::v4));
  child::pipe_ends out = child::make_pipe();
  out.reading.close();
  const child::result ended = run({"--json", silent.address().to_string()}, {.out = out.writing.number()});
  TEST_ASSERT_EQUAL(1, ended.status);
  TEST_ASSERT_EQUAL("uvdial: standard output: broken pipe\n", ended.err);
}

static void test_json_into_a_closed_descriptor_ends_with_one_line() {
  const demo::silent_listener silent(reserve(ip_family::v4));
  const child::result ended = run({"--json", silent.address().to_string()}, {.out = -1});
  TEST_ASSERT_EQUAL(1, ended.status);
  TEST_ASSERT_EQUAL("uvdial: standard output: bad file descriptor\n", ended.err);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_usage_errors_are_one_line_and_status_2);
  RUN_TEST(test_a_hosts_file_that_cannot_be_read_is_a_usage_error);
  RUN_TEST(test_a_zone_that_does_not_exist_is_a_usage_error);
  RUN_TEST(test_help_and_version_go_to_standard_output);
  RUN_TEST(test_a_silent_success);
  RUN_TEST(test_a_failure_is_one_line_and_a_hint_on_standard_error);
  RUN_TEST(test_a_hint_is_for_people_and_not_for_programs);
  RUN_TEST(test_trace_is_for_standard_error_and_without_colour_in_a_file);
  RUN_TEST(test_trace_tells_the_names_that_a_short_host_was_asked_as);
  RUN_TEST(test_json_into_a_pipe_that_nobody_reads_ends_with_one_line);
  RUN_TEST(test_json_into_a_closed_descriptor_ends_with_one_line);
  return UNITY_END();
}
