// Every usage error of the program: one row for each way to get a command line wrong.
#include <string>
#include <vector>

#include "cli/nearest_option.hpp"
#include "support/command_words.hpp"
#include "unity.hpp"

using fixture::refusal;
using fixture::words;
using uvdial::cli::nearest_option;

void setUp() {}
void tearDown() {}

namespace {

struct row {
  words given;
  const char* text;
};

void check(const std::vector<row>& rows) {
  for (const row& each : rows) TEST_ASSERT_EQUAL_STRING(each.text, refusal(each.given));
}

}  // namespace

static void test_where_to() {
  check({
      {{}, "no HOST given, as in uvdial example.com 443; see uvdial --help"},
      {{"--resolve"}, "no HOST given, as in uvdial --resolve example.com; see uvdial --help"},
      {{"d"}, R"(bad target "d": the port is missing, as in host:443)"},
      {{"d", "99999"}, R"(bad port "99999" of "d": the highest port is 65535)"},
      {{"d:80", "80"},
       R"(bad host "d:80": a colon stands in an IPv6 address only, and this is none; the port is given apart)"},
      {{"https://d"},
       R"(bad target "https://d": a URL is not taken here, only a host and a port, as in example.com:443)"},
      {{"d", "80", "c"}, R"(unexpected argument "c"; see uvdial --help)"},
      {{"--unix=/x", "d", "80"}, R"(unexpected argument "d": --unix takes the place of HOST and PORT)"},
      {{"d\xff\n", "80"}, R"(bad host "d\xff\x0a": it has a control character in it)"},
  });
}

static void test_which_option() {
  check({
      {{"--trce", "d:80"}, R"(unknown option "--trce"; did you mean --trace? see uvdial --help)"},
      {{"--trce=1", "d:80"}, R"(unknown option "--trce=1"; did you mean --trace? see uvdial --help)"},
      {{"-4", "d:80"}, R"(unknown option "-4"; did you mean --family ipv4? see uvdial --help)"},
      {{"-x", "d:80"}, R"(unknown option "-x"; see uvdial --help)"},
      {{"--frobnicate", "d:80"}, R"(unknown option "--frobnicate"; see uvdial --help)"},
      {{"d:80", "--timeout"}, R"(option "--timeout" needs a value; see uvdial --help)"},
      {{"--json=yes", "d:80"}, R"(option --json takes no value: "--json=yes")"},
      {{"--resolve", "--bind=::1", "d"},
       R"(option "--bind" goes with a connection, and --resolve makes none)"},
      {{"--unix=/x", "--bind=::1"}, R"(option "--bind" goes with a HOST, and --unix takes none)"},
      {{"--repeat=2", "--trace", "d:80"}, R"(option "--trace" shows one dial, and --repeat makes many)"},
  });
}

static void test_which_value() {
  check({
      {{"--timeout=5s", "d:80"},
       R"(option --timeout takes a whole number of milliseconds from 1 to 86400000, not "5s")"},
      {{"--attempt-delay=9", "d:80"},
       R"(option --attempt-delay takes a whole number of milliseconds from 10 to 2000, not "9")"},
      {{"--resolution-delay=2001", "d:80"},
       R"(option --resolution-delay takes a whole number of milliseconds from 0 to 2000, not "2001")"},
      {{"--repeat=0", "d:80"}, R"(option --repeat takes a whole number from 1 to 10000, not "0")"},
      {{"--family=v4", "d:80"}, R"(option --family takes any, ipv4 or ipv6, not "v4")"},
      {{"--dns-server=dns.test", "d:80"},
       R"(option --dns-server takes an IP address, with or without a port, not "dns.test")"},
      {{"--hosts=", "d:80"}, R"(option --hosts takes the name of a file, not "")"},
      {{"--unix="}, R"(option --unix takes the path of a socket, not "")"},
      {{"--bind=d", "d:80"}, R"(option --bind takes an IP address without a port, not "d")"},
      {{"--bind=127.0.0.1", "--bind=127.0.0.2", "d:80"},
       R"(option --bind takes one address of each family, and "127.0.0.2" is the second of IPv4)"},
      {{"--bind=fe80::1%no-such-if", "d:80"},
       R"(option --bind: bad address "fe80::1%no-such-if": no interface "no-such-if" (no such device))"},
      {{"--deny=10.0.0.1/8", "d:80"},
       R"(option --deny: bad address rule "10.0.0.1/8": it has bits beyond its prefix; the network is 10.0.0.0/8)"},
      {{"--allow=fe80::1%lo", "d:80"},
       R"(option --allow: bad address rule "fe80::1%lo": a zone does not belong there: a rule is about an address )"
       "in every zone"},
  });
}

static void test_the_option_that_was_meant() {
  struct {
    const char* given;
    const char* meant;
  } const rows[] = {
      {"--trce", "--trace"},
      {"--tarce", "--trace"},
      {"--JSON", "--json"},
      {"---json", "--json"},
      {"--jso", "--json"},
      {"--jsonl", "--json"},
      {"--resolv", "--resolve"},
      {"--res", "--resolve"},
      {"--resolution", "--resolution-delay"},
      {"--time-out", "--timeout"},
      {"--timeout-ms", "--timeout"},
      {"--dns", "--dns-server"},
      {"--nameserver", ""},
      {"--unix-path", "--unix"},
      {"--familly", "--family"},
      {"-json", "--json"},
      {"-h", "--help"},
      {"-?", "--help"},
      {"-V", "--version"},
      {"-v", "--trace"},
      {"--verbose", "--trace"},
      {"-6", "--family ipv6"},
      {"-w", "--timeout"},
      {"-s", "--bind"},
      {"-U", "--unix"},
      {"--interface", "--bind"},
      {"-x", ""},
      {"-zz", ""},
      {"--block", ""},
      {"--", ""},
      {"-", ""},
      {"", ""},
  };
  for (const auto& row : rows)
    TEST_ASSERT_EQUAL_STRING_MESSAGE(row.meant, nearest_option(row.given), row.given);
  TEST_ASSERT_EQUAL_STRING("", nearest_option("--trace" + std::string(100'000, 'e')));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_where_to);
  RUN_TEST(test_which_option);
  RUN_TEST(test_which_value);
  RUN_TEST(test_the_option_that_was_meant);
  return UNITY_END();
}
