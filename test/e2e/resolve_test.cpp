// `uvdial --resolve`: what a name stands for, and an address, in plain lines and in JSON.
#include <algorithm>
#include <string>
#include <vector>

#include "e2e/contract_lines.hpp"
#include "support/hostile_server.hpp"

using namespace contract;
using uvdial::demo::response_code;
using words = std::vector<std::string>;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

// The program with a DNS server of the test's own and no hosts file but the one given.
child::result resolve(const world& here, words more) {
  words all{UVDIAL_PROGRAM, "--resolve", "--hosts=/dev/null", "--dns-server", here.dns.address().to_string()};
  all.insert(all.end(), more.begin(), more.end());
  return child::run(all);
}

void check_said(const std::string& expected, const child::result& ended) {
  TEST_ASSERT_EQUAL_MESSAGE(expected, ended.out, ended.err);
  TEST_ASSERT_EQUAL("", ended.err);
  TEST_ASSERT_EQUAL(0, ended.status);
}

// One object on one line, but for its time and its message.
void check_json(int status, const std::string& expected, const child::result& ended) {
  TEST_ASSERT_EQUAL_MESSAGE(status, ended.status, ended.err);
  const lines said = child::lines_of(ended.out);
  TEST_ASSERT_EQUAL_MESSAGE(1, said.size(), ended.out + ended.err);
  TEST_ASSERT_EQUAL('\n', ended.out.back());
  TEST_ASSERT_EQUAL(expected, plain(said[0]));
  TEST_ASSERT_GREATER_OR_EQUAL(0.0, time_of(said[0]));
  TEST_ASSERT_EQUAL("", ended.err);
}

void check_complaint(int status, const std::string& part, const child::result& ended) {
  TEST_ASSERT_EQUAL_MESSAGE(status, ended.status, ended.err);
  TEST_ASSERT_EQUAL("", ended.out);
  const lines said = child::lines_of(ended.err);
  TEST_ASSERT_GREATER_OR_EQUAL_MESSAGE(1, said.size(), ended.err);
  TEST_ASSERT_EQUAL(0, said[0].find("uvdial: "));
  TEST_ASSERT_CONTAINS_STRING(part, said[0]);
  // A wrong command line is one line; a failure may have a hint.
  TEST_ASSERT_LESS_OR_EQUAL_MESSAGE(status == 2 ? 1 : 2, said.size(), ended.err);
  if (said.size() == 2) TEST_ASSERT_EQUAL(0, said[1].find("uvdial: hint: "));
}

}  // namespace

static void test_a_name_with_one_address() {
  world here;
  here.dns.host("demo.test", {.addresses = {"127.0.0.2"}});
  check_said("name     demo.test\naddress  127.0.0.2\n", resolve(here, {"demo.test"}));
}

static void test_the_words_of_a_dial_do_too() {
  world here;
  here.dns.host("demo.test", {.addresses = {"127.0.0.2"}});
  check_said("name     demo.test\naddress  127.0.0.2\n", resolve(here, {"-z", "demo.test", "https"}));
  check_said("name     demo.test\naddress  127.0.0.2\n", resolve(here, {"demo.test:80"}));
}

// In which order the families come depends on the addresses of the machine.
static void test_both_families_are_listed() {
  world here;
  here.dns.host("dual.test", {.addresses = {"::1", "127.0.0.2"}});
  const child::result ended = resolve(here, {"dual.test"});
  lines said = child::lines_of(ended.out);
  std::sort(said.begin(), said.end());
  check_lines({"address  127.0.0.2", "address  ::1", "name     dual.test"}, said);
  TEST_ASSERT_EQUAL(0, ended.status);
}

static void test_one_family_is_the_only_one_listed() {
  world here;
  here.dns.host("dual.test", {.addresses = {"::1", "127.0.0.2"}});
  check_said("name     dual.test\naddress  127.0.0.2\n", resolve(here, {"--family=ipv4", "dual.test"}));
  check_said("name     dual.test\naddress  ::1\n", resolve(here, {"--family=ipv6", "dual.test"}));
}

static void test_the_names_on_the_way_are_aliases() {
  world here;
  here.dns.host("www.test", {.addresses = {"127.0.0.2"}, .aliases = {"edge.test", "machine.test"}});
  check_said(
      "name     machine.test\n"
      "alias    www.test\n"
      "alias    edge.test\n"
      "address  127.0.0.2\n",
      resolve(here, {"www.test"}));
}

static void test_a_name_as_json() {
  world here;
  here.dns.host("www.test", {.addresses = {"127.0.0.2"}, .aliases = {"edge.test"}});
  check_json(0,
             R"({"event":"resolved","t_ms":T,"host":"www.test","canonical_name":"edge.test",)"
             R"("aliases":["www.test"],"addresses":["127.0.0.2"]})",
             resolve(here, {"--json", "www.test"}));
}

static void test_a_hosts_file_comes_before_any_server() {
  const world here;
  const child::temporary_file hosts("127.0.0.9 machine.hosted.test www.hosted.test\n");
  check_said("name     machine.hosted.test\nalias    www.hosted.test\naddress  127.0.0.9\n",
             resolve(here, {"--hosts", hosts.path(), "www.hosted.test"}));
  TEST_ASSERT_TRUE(here.dns.questions().empty());
}

static void test_an_address_is_looked_up_backwards() {
  const world here;
  const child::temporary_file hosts(
      "127.0.0.9 machine.hosted.test www.hosted.test\n2001:db8::9 six.hosted.test\n");
  check_said("address  127.0.0.9\nname     machine.hosted.test\nname     www.hosted.test\n",
             resolve(here, {"--hosts", hosts.path(), "127.0.0.9"}));
  for (const char* spelled : {"2001:db8::9", "[2001:DB8:0::9]", "[2001:db8::9]:80"})
    check_said("address  2001:db8::9\nname     six.hosted.test\n",
               resolve(here, {"--hosts", hosts.path(), spelled}));
  TEST_ASSERT_TRUE(here.dns.questions().empty());
}

static void test_an_address_as_json() {
  const world here;
  const child::temporary_file hosts("127.0.0.9 machine.hosted.test www.hosted.test\n");
  check_json(0,
             R"({"event":"resolved","t_ms":T,"address":"127.0.0.9",)"
             R"("names":["machine.hosted.test","www.hosted.test"]})",
             resolve(here, {"--json", "--hosts", hosts.path(), "127.0.0.9"}));
}

static void test_a_name_that_does_not_exist_is_status_1() {
  const world here;
  check_complaint(1, "nosuch.test", resolve(here, {"nosuch.test"}));
  check_json(1, failed("host_not_found", "NXDOMAIN", ""), resolve(here, {"--json", "nosuch.test"}));
}

static void test_a_name_that_cannot_exist_says_why() {
  const world here;
  check_complaint(1, "an empty label", resolve(here, {"a..b"}));
  check_json(1, failed("host_not_found", "NXDOMAIN", ""), resolve(here, {"--json", "a..b"}));
  TEST_ASSERT_TRUE(here.dns.questions().empty());
}

static void test_a_server_in_trouble_is_status_1() {
  world here;
  here.dns.host("broken.test", {.code = response_code::servfail});
  check_json(1, failed("dns_failure", "SERVFAIL", ""), resolve(here, {"--json", "broken.test"}));
}

static void test_the_timeout_ends_it() {
  world here;
  here.dns.host("slow.test", {.fault = uvdial::demo::reply_fault::silent});
  check_json(1, failed("timeout_error", "ETIMEDOUT", ""),
             resolve(here, {"--json", "--timeout=50", "slow.test"}));
}

static void test_usage_errors_are_status_2() {
  const world here;
  check_complaint(2, "no HOST", resolve(here, {}));
  check_complaint(2, "\"http://demo.test\"", resolve(here, {"http://demo.test"}));
  check_complaint(2, "\"--trace\"", resolve(here, {"--trace", "demo.test"}));
  check_complaint(2, "\"/nonexistent/hosts\"", resolve(here, {"--hosts=/nonexistent/hosts", "demo.test"}));
  check_complaint(2, "\"fe80::1%no-such-if\"", resolve(here, {"fe80::1%no-such-if"}));
}

static void test_output_that_nobody_reads_is_status_1() {
  const child::temporary_file hosts("127.0.0.9 hosted.test\n");
  child::pipe_ends out = child::make_pipe();
  out.reading.close();
  const child::result ended = child::run(
      {UVDIAL_PROGRAM, "--resolve", "--hosts", hosts.path(), "hosted.test"}, {.out = out.writing.number()});
  TEST_ASSERT_EQUAL(1, ended.status);
  TEST_ASSERT_EQUAL("uvdial: standard output: broken pipe\n", ended.err);
}

// Whatever stands in a server's answers or in a hosts file: it moves no cursor and makes no lines of its own.
static void test_what_others_put_into_a_name_does_not_reach_the_terminal_raw() {
  using namespace fixture::wire;
  const std::string evil = "\x1b[2J\a\n\x9b\x7f" + std::string(1, '\0') + ".test";
  const fixture::hostile_server server(fixture::loop(),
                                       [&evil](fixture::hostile_server& s, const fixture::heard& q) {
                                         if (q.type() == ptr)
                                           return s.send(q, q.reply({record(q.name(), ptr, 60, name(evil))}));
                                         s.send(q, q.reply({alias(q.name(), evil), q.address(evil)}));
                                       });
  const child::temporary_file hosts("127.0.0.9 ev\x1b[2Jil.test\x07 hosted.test\n");
  const std::string program = UVDIAL_PROGRAM;
  const std::string asked = server.address().to_string();
  for (const words& more : std::vector<words>{{"--resolve", "www.test"},
                                              {"--resolve", "--json", "www.test"},
                                              {"--resolve", "192.0.2.7"},
                                              {"--resolve", "--json", "192.0.2.7"},
                                              {"--resolve", "hosted.test"},
                                              {"--resolve", "--json", "hosted.test"},
                                              {"--resolve", "127.0.0.9"},
                                              {"--trace", "-z", "www.test", "80"},
                                              {"--json", "www.test", "80"},
                                              {"-z", "www.test", "80"},
                                              {"-z", "\x1b[2J.test", "80"},
                                              {"--trace", "-z", "\x1b[2J.test", "80"},
                                              {"--json", "\x9b.test", "80"},
                                              {"--json", "\xc2\x9b.test", "80"},
                                              {"--trace", "-z", "\xc2\x9b.test", "80"}}) {
    words all{program, "--dns-server", asked, "--hosts", hosts.path(), "--timeout=2000"};
    all.insert(all.end(), more.begin(), more.end());
    const child::result ended = child::run(all);
    const std::string said = ended.out + ended.err;
    TEST_ASSERT_FALSE_MESSAGE(said.empty(), more.back());
    for (std::size_t at = 0; at < said.size(); ++at) {
      const auto octet = static_cast<unsigned char>(said[at]);
      const bool is_second_control = octet >= 0x80 && octet < 0xa0 && said[at - 1] == '\xc2';
      TEST_ASSERT_FALSE_MESSAGE((octet < ' ' && octet != '\n') || octet == 0x7f || is_second_control, said);
    }
    for (const std::string& line : child::lines_of(said))
      TEST_ASSERT_NOT_EQUAL_MESSAGE(0, line.find(".test"), said);
  }
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_name_with_one_address);
  RUN_TEST(test_the_words_of_a_dial_do_too);
  RUN_TEST(test_both_families_are_listed);
  RUN_TEST(test_one_family_is_the_only_one_listed);
  RUN_TEST(test_the_names_on_the_way_are_aliases);
  RUN_TEST(test_a_name_as_json);
  RUN_TEST(test_a_hosts_file_comes_before_any_server);
  RUN_TEST(test_an_address_is_looked_up_backwards);
  RUN_TEST(test_an_address_as_json);
  RUN_TEST(test_a_name_that_does_not_exist_is_status_1);
  RUN_TEST(test_a_name_that_cannot_exist_says_why);
  RUN_TEST(test_a_server_in_trouble_is_status_1);
  RUN_TEST(test_the_timeout_ends_it);
  RUN_TEST(test_usage_errors_are_status_2);
  RUN_TEST(test_output_that_nobody_reads_is_status_1);
  RUN_TEST(test_what_others_put_into_a_name_does_not_reach_the_terminal_raw);
  return UNITY_END();
}
