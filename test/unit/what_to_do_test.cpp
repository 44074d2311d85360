// The hint that the program prints after a failed dial or lookup: one row for each thing that may help.
#include "cli/what_to_do.hpp"

#include <ares.h>
#include <uv.h>

#include <string>
#include <vector>

#include "logic/verdict.hpp"
#include "support/command_words.hpp"
#include "unity.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using cli::what_to_do;
using fixture::words;

void setUp() {}
void tearDown() {}

namespace {

std::error_code ares(int status) { return {status, ares_category()}; }
std::error_code uv(int status) { return {status, uv_category()}; }

dial_report lookup(std::error_code why, std::vector<std::string> names = {}, std::string detail = {}) {
  dial_report report{.host = "host.test", .port = 443, .names = std::move(names)};
  report.families.push_back({ip_family::v4, true, {}, why, {}, {}, {}, std::move(detail)});
  return report;
}

struct tried {
  const char* to;
  int code;
};

dial_report connect(const std::vector<tried>& attempts) {
  dial_report report{.host = "host.test", .port = 443};
  for (const tried& each : attempts)
    report.attempts.push_back({attempt::state::failed, endpoint::parse(each.to), uv(each.code), {}, {}});
  return report;
}

dial_report only(attempt::state what, const char* to) {
  dial_report report{.host = "host.test", .port = 443};
  report.attempts.push_back({what, endpoint::parse(to), {}, {}, {}});
  return report;
}

struct row {
  words given;
  dial_report report;
  const char* text;
};

// Each report comes to the error that the library would make of it.
void check(const std::vector<row>& rows) {
  for (const row& each : rows) {
    const detail::verdict why = detail::judge(each.report);
    const auto made = make_error(why.kind, why.code, {}, each.report);
    TEST_ASSERT_EQUAL_STRING(each.text, what_to_do(*made, fixture::read(each.given)));
  }
}

void check_kind(error_kind kind, int code, const words& given, const dial_report& report, const char* text) {
  TEST_ASSERT_EQUAL_STRING(text, what_to_do(*make_error(kind, uv(code), {}, report), fixture::read(given)));
}

const words dial = {"host.test:443"};
constexpr const char* v6 = "[2001:db8::1]:443";
constexpr const char* v4 = "192.0.2.7:443";

}  // namespace

static void test_a_name_that_is_not_found() {
  const std::error_code unknown = ares(ARES_ENOTFOUND);
  check({
      {dial, lookup(unknown), "check the spelling of the name; --dns-server IP asks another server"},
      {dial, lookup(unknown, {"host.test"}),
       "check the spelling of the name; --dns-server IP asks another server"},
      {dial, lookup(unknown, {"host.a.test", "host.b.test", "host"}),
       "asked as host.a.test, host.b.test, host: check the spelling, and the search list (/etc/resolv.conf, "
       "LOCALDOMAIN); "
       "--dns-server IP asks another server"},
      {dial, lookup(unknown, {"h.1", "h.2", "h.3", "h.4", "h.5", "h.6", "h.7"}),
       "asked as h.1, h.2, h.3, h.4, h.5, h.6, ...: check the spelling, and the search list "
       "(/etc/resolv.conf, "
       "LOCALDOMAIN); --dns-server IP asks another server"},
      {dial, lookup(unknown, {}, "an empty label"),
       "no host can have such a name: check its spelling; no server was asked"},
      {dial, lookup(unknown, {}, "a number as its last label"),
       "no host has such a name, and an IPv4 address is written in full, as 127.0.0.1; no server was asked"},
      {dial, lookup(unknown, {}, "a non-ASCII name, and this build has no libidn2"),
       "write it in its ASCII form, which begins with xn--; no server was asked"},
      {{"--resolve", "192.0.2.7"},
       lookup(unknown),
       "many addresses have no name: only whoever owns them can give them one"},
  });
}

static void test_a_name_without_an_address() {
  const std::error_code none = ares(ARES_ENODATA);
  check({
      {dial, lookup(none), "the name exists, but is it that of a host? A domain need not have an address"},
      {{"--family=ipv4", "host.test:443"},
       lookup(none),
       "only IPv4 was asked for: without --family, IPv6 is tried too"},
      {{"--family=ipv6", "host.test:443"},
       lookup(none),
       "only IPv6 was asked for: without --family, IPv4 is tried too"},
      {{"--family=ipv4", "[::1]:443"},
       {},
       "this is an IPv6 address: leave --family out, or give one of IPv4"},
      {{"--family=ipv6", "127.0.0.1:443"},
       {},
       "this is an IPv4 address: leave --family out, or give one of IPv6"},
      {{"--resolve", "::1"},
       lookup(none),
       "many addresses have no name: only whoever owns them can give them one"},
  });
}

static void test_a_name_server_that_fails() {
  const words other = {"--dns-server=192.0.2.53", "host.test:443"};
  check({
      {dial, lookup(ares(ARES_ECONNREFUSED)),
       "no name server can be reached: check the network of this machine, and the nameserver lines of "
       "/etc/resolv.conf"},
      {other, lookup(ares(ARES_ECONNREFUSED)),
       "no name server can be reached: check the network of this machine, and what --dns-server was given"},
      {dial, lookup(ares(ARES_ESERVFAIL)),
       "the server got no answer for this name itself: try again later; --dns-server IP asks another server"},
      {dial, lookup(ares(ARES_EREFUSED)),
       "the server does not serve this machine; --dns-server IP asks another server"},
      {dial, lookup(ares(ARES_EBADRESP)), "--dns-server IP asks another server"},
      {dial, lookup(ares(ARES_ETIMEOUT)),
       "is that a name server, and can it be reached from here? Check the nameserver lines of "
       "/etc/resolv.conf; "
       "--dns-server IP asks another server"},
      {other, lookup(ares(ARES_ETIMEOUT)),
       "is that a name server, and can it be reached from here? Check what --dns-server was given; "
       "--dns-server IP asks "
       "another server"},
  });
}

static void test_a_host_that_refuses_or_is_not_there() {
  check({
      {dial, connect({{v4, UV_ECONNREFUSED}}),
       "the host answers, but nothing listens on port 443 there, or a firewall refuses: is the server "
       "running, and is it "
       "that port?"},
      {dial, connect({{v6, UV_ETIMEDOUT}, {v4, UV_ECONNREFUSED}}),
       "the host answers, but nothing listens on port 443 there, or a firewall refuses: is the server "
       "running, and is it "
       "that port?"},
      {dial, connect({{v4, UV_EHOSTUNREACH}}),
       "nothing was found at that address, or a firewall says so: is the host up, and is the address right?"},
      {dial, connect({{v6, UV_ENETUNREACH}}),
       "this machine has no way to IPv6 addresses, and no IPv4 address of the host is known"},
      {{"--family=ipv6", "host.test:443"},
       connect({{v6, UV_ENETUNREACH}}),
       "this machine has no way to IPv6 addresses: without --family, IPv4 is tried too"},
      {dial, connect({{v6, UV_ENETUNREACH}, {v4, UV_ENETUNREACH}}),
       "this machine has no way there: check its network; \"ip route\" lists the ways"},
      {{"--bind=192.0.2.9", "host.test:443"},
       connect({{v4, UV_EADDRNOTAVAIL}}),
       "is the address given to --bind one of this machine? \"ip address\" lists them"},
      {dial, connect({{v4, UV_EADDRNOTAVAIL}}),
       "this machine has no way there: check its network; \"ip route\" lists the ways"},
      {dial, connect({{v4, UV_ETIMEDOUT}}),
       "no answer came: the host is down, or a firewall drops what is sent to it"},
      {dial, connect({{v4, UV_ECONNRESET}}),
       "something there breaks connections at once: a firewall, or a proxy whose server is down"},
      {dial, connect({{v4, UV_EACCES}}), "this machine forbids it: look at its firewall"},
      {dial, connect({{v4, UV_EPERM}}), "this machine forbids it: look at its firewall"},
      {dial, connect({{v4, UV_ECONNABORTED}}), ""},
  });
}

static void test_an_address_that_is_not_allowed() {
  const auto blocked = [](const char* to) { return only(attempt::state::filtered, to); };
  check({
      {{"--deny=private", "--deny=loopback", "host.test:443"},
       blocked("127.0.0.1:443"),
       "--deny loopback forbids it; --allow 127.0.0.1 lets it in"},
      {{"--deny=192.0.2.0/24", "host.test:443"},
       blocked(v4),
       "--deny 192.0.2.0/24 forbids it; --allow 192.0.2.7 lets it in"},
      {{"--deny=link-local", "host.test:443"},
       blocked("[fe80::1%1]:443"),
       "--deny link-local forbids it; --allow fe80::1 lets it in"},
      {{"--allow=10.0.0.0/8", "host.test:443"},
       blocked(v4),
       "only what --allow names is connected to; --allow 192.0.2.7 lets it in"},
      // An exception for it would not help: the address inside it is judged.
      {{"--deny=private", "host.test:443"}, blocked("[::ffff:10.0.0.1]:443"), "--deny private forbids it"},
      {{"--deny=private", "host.test:443"}, blocked("[64:ff9b::a00:1]:443"), "--deny private forbids it"},
  });
}

static void test_a_deadline() {
  check_kind(
      error_kind::timeout, UV_ETIMEDOUT, dial, only(attempt::state::open, v4),
      "no answer came: the host is down, or a firewall drops what is sent to it; --timeout MS waits longer");
  check_kind(error_kind::timeout, UV_ETIMEDOUT, dial, lookup({}),
             "the name servers did not answer in time: check the nameserver lines of /etc/resolv.conf; "
             "--dns-server IP "
             "asks another server, --timeout MS waits longer");
  check_kind(error_kind::timeout, UV_ETIMEDOUT, {"--unix=/x"}, {},
             "its server takes no connections: is it hung or overloaded? --timeout MS waits longer");
}

static void test_a_socket_with_a_path() {
  const words given = {"--unix=/x"};
  check_kind(error_kind::connect, UV_ENOENT, given, {},
             "nothing has that path: is its server running, and is the path right?");
  check_kind(error_kind::connect, UV_EACCES, given, {},
             "this user may not connect to it: look at the rights of the socket and of the folders above it");
  check_kind(error_kind::connect, UV_EPROTOTYPE, given, {},
             "that socket is of another kind, and takes no streams");
  check_kind(error_kind::connection_refused, UV_ECONNREFUSED, given, {},
             "nobody listens on that socket: is its server running?");
}

static void test_what_ran_out() {
  struct {
    int code;
    const char* text;
  } const rows[] = {
      {UV_EMFILE, "this program may open no more files: raise the limit with ulimit -n"},
      {UV_ENFILE, "all programs together may open no more files: raise fs.file-max, or end what holds them"},
      {UV_EAGAIN, "no local port is free: wait a minute, or widen net.ipv4.ip_local_port_range"},
      {UV_ENOBUFS, "the kernel has no memory left for sockets: try again later"},
      {UV_ENOMEM, "this machine has no memory left: end what holds it"},
      {UV_EIO, ""},
  };
  for (const auto& row : rows) {
    TEST_ASSERT_EQUAL_STRING(row.text, what_to_do(uv(row.code)));
    check_kind(error_kind::out_of_resources, row.code, dial, {}, row.text);
  }
}

static void test_who_ended_it_or_saw_it_end_needs_no_hint() {
  for (const error_kind kind :
       {error_kind::cancelled, error_kind::resolve, error_kind::stream, error_kind::connection_reset})
    check_kind(kind, UV_ECANCELED, dial, {}, "");
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_name_that_is_not_found);
  RUN_TEST(test_a_name_without_an_address);
  RUN_TEST(test_a_name_server_that_fails);
  RUN_TEST(test_a_host_that_refuses_or_is_not_there);
  RUN_TEST(test_an_address_that_is_not_allowed);
  RUN_TEST(test_a_deadline);
  RUN_TEST(test_a_socket_with_a_path);
  RUN_TEST(test_what_ran_out);
  RUN_TEST(test_who_ended_it_or_saw_it_end_needs_no_hint);
  return UNITY_END();
}
