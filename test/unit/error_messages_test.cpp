// The words of failures: of each kind of error, of each code that a lookup can end with and those that a connect meets,
// of calls of a stream, and the whole lines of what() for each kind with its usual codes.
#include <ares.h>
#include <uv.h>

#include <string>
#include <system_error>
#include <vector>

#include "logic/host_name.hpp"
#include "logic/verdict.hpp"
#include "service/call_failure.hpp"
#include "unity.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using namespace uvdial::detail;

void setUp() {}
void tearDown() {}

namespace {

std::error_code ares(int status) { return {status, ares_category()}; }
std::error_code uv(int status) { return {status, uv_category()}; }

// A name without an address, and a host with one that cannot be connected to.
dial_report lookup(std::error_code why, const char* server = "192.0.2.53:53") {
  dial_report report{.host = "host.test", .port = 443, .elapsed = 12ms};
  for (const ip_family family : {ip_family::v6, ip_family::v4})
    report.families.push_back({family, true, {}, why, endpoint::parse(server), {}, {}});
  return report;
}

dial_report connect(std::vector<int> codes) {
  dial_report report{.host = "host.test", .port = 443, .elapsed = 312ms};
  const char* const places[] = {"[2001:db8::1]:443", "192.0.2.7:443"};
  for (std::size_t at = 0; at < codes.size(); ++at)
    report.attempts.push_back(
        {attempt::state::failed, endpoint::parse(places[at]), uv(codes[at]), 0us, 61ms});
  return report;
}

dial_report only(attempt::state what) {
  dial_report report{.host = "host.test", .port = 443, .elapsed = 5s};
  report.attempts.push_back({what, endpoint::parse("192.0.2.7:443"), {}, 0us, 5s});
  return report;
}

struct line_row {
  error_kind kind;
  dial_report report;
  const char* text;
};

void check_failed(const std::vector<line_row>& rows) {
  for (const line_row& row : rows) {
    const verdict why = judge(row.report);
    TEST_ASSERT_EQUAL_MESSAGE(kind_name(row.kind), kind_name(why.kind), row.text);
    TEST_ASSERT_EQUAL_STRING(row.text, describe(row.report, finish{finish::how::failed}, why));
  }
}

std::string what_of(const std::shared_ptr<const error>& made) { return made->what(); }

}  // namespace

static void test_an_error_without_a_text_of_its_own() {
  struct {
    error_kind kind;
    const char* text;
  } const rows[] = {
      {error_kind::resolve, "the name gave no address"},
      {error_kind::host_not_found, "host not found"},
      {error_kind::no_address, "the host has no address of the families asked for"},
      {error_kind::dns_failure, "the name servers failed"},
      {error_kind::dns_timeout, "no name server answered in time"},
      {error_kind::connect, "no address could be connected to"},
      {error_kind::connection_refused, "connection refused"},
      {error_kind::unreachable, "no route to the host"},
      {error_kind::address_blocked, "the address policy forbids every address"},
      {error_kind::out_of_resources, "out of descriptors, buffers, memory or local ports"},
      {error_kind::timeout, "the deadline passed"},
      {error_kind::cancelled, "cancelled"},
      {error_kind::stream, "the stream failed"},
      {error_kind::connection_reset, "the peer reset the connection"},
  };
  for (const auto& row : rows)
    TEST_ASSERT_EQUAL_STRING(row.text, what_of(make_error(row.kind, uv(UV_EIO), {})));
}

static void test_the_codes_of_a_lookup() {
  struct {
    std::error_code code;
    const char* text;
  } const rows[] = {
      {resolve_errc::host_not_found, "the name does not exist"},
      {resolve_errc::no_address, "the name has no address of this family"},
      {resolve_errc::dns_failure, "the name servers failed"},
      {resolve_errc::dns_timeout, "no name server answered in time"},
      {resolve_errc::out_of_resources, "out of descriptors, buffers or memory"},
      {{99, resolve_category()}, "unknown resolve_errc 99"},
      {ares(ARES_SUCCESS), "success"},
      {ares(ARES_ENODATA), "the name has no such record"},
      {ares(ARES_EFORMERR), "the name server could not read the question"},
      {ares(ARES_ESERVFAIL), "the name server failed"},
      {ares(ARES_ENOTFOUND), "the name does not exist"},
      {ares(ARES_ENOTIMP), "the name server does not answer such questions"},
      {ares(ARES_EREFUSED), "the name server refused to answer"},
      {ares(ARES_EBADQUERY), "the question is malformed"},
      {ares(ARES_EBADNAME), "such a name cannot exist"},
      {ares(ARES_EBADFAMILY), "address family not supported"},
      {ares(ARES_EBADRESP), "the name server's answer is malformed"},
      {ares(ARES_ECONNREFUSED), "no name server could be reached"},
      {ares(ARES_ETIMEOUT), "no name server answered in time"},
      {ares(ARES_EOF), "the answer ended too early"},
      {ares(ARES_EFILE), "a file could not be read"},
      {ares(ARES_ENOMEM), "out of memory"},
      {ares(ARES_EDESTRUCTION), "the resolver was closed"},
      {ares(ARES_EBADSTR), "malformed text"},
      {ares(ARES_EBADFLAGS), "bad flags"},
      {ares(ARES_ENONAME), "the name is not an address"},
      {ares(ARES_EBADHINTS), "bad hints"},
      {ares(ARES_ENOTINITIALIZED), "c-ares is not initialized"},
      {ares(ARES_ELOADIPHLPAPI), "iphlpapi could not be loaded"},
      {ares(ARES_EADDRGETNETWORKPARAMS), "the system's network settings could not be read"},
      {ares(ARES_ECANCELLED), "the lookup was cancelled"},
      {ares(25), "bad service"},
      {ares(26), "no name server is configured"},
      {ares(99), "unknown c-ares status 99"},
  };
  for (const auto& row : rows) TEST_ASSERT_EQUAL_STRING(row.text, row.code.message());
}

// They are libuv's; a newer one that changed them would change our lines.
static void test_the_codes_that_a_connect_meets() {
  struct {
    int code;
    const char* name;
    const char* text;
  } const rows[] = {
      {0, "UNKNOWN", "success"},
      {UV_EACCES, "EACCES", "permission denied"},
      {UV_EADDRINUSE, "EADDRINUSE", "address already in use"},
      {UV_EADDRNOTAVAIL, "EADDRNOTAVAIL", "address not available"},
      {UV_EAFNOSUPPORT, "EAFNOSUPPORT", "address family not supported"},
      {UV_EAGAIN, "EAGAIN", "resource temporarily unavailable"},
      {UV_ECANCELED, "ECANCELED", "operation canceled"},
      {UV_ECONNABORTED, "ECONNABORTED", "software caused connection abort"},
      {UV_ECONNREFUSED, "ECONNREFUSED", "connection refused"},
      {UV_ECONNRESET, "ECONNRESET", "connection reset by peer"},
      {UV_EHOSTUNREACH, "EHOSTUNREACH", "host is unreachable"},
      {UV_EMFILE, "EMFILE", "too many open files"},
      {UV_ENETUNREACH, "ENETUNREACH", "network is unreachable"},
      {UV_ENFILE, "ENFILE", "file table overflow"},
      {UV_ENOBUFS, "ENOBUFS", "no buffer space available"},
      {UV_ENOENT, "ENOENT", "no such file or directory"},
      {UV_ENOMEM, "ENOMEM", "not enough memory"},
      {UV_EPERM, "EPERM", "operation not permitted"},
      {UV_EPIPE, "EPIPE", "broken pipe"},
      {UV_ETIMEDOUT, "ETIMEDOUT", "connection timed out"},
  };
  for (const auto& row : rows) {
    TEST_ASSERT_EQUAL_STRING(row.text, uv(row.code).message());
    TEST_ASSERT_EQUAL_STRING(row.name, code_name(uv(row.code)));
  }
}

static void test_a_name_that_cannot_be() {
  struct {
    std::string host;
    const char* text;
  } const rows[] = {
      {"", "an empty name"},
      {"a..test", "an empty label"},
      {std::string(64, 'a') + ".test", "a label of more than 63 octets"},
      {std::string(254, 'a'), "more than 253 octets"},
      {"a b.test", "a character that host names cannot have"},
      {"127.1", "a number as its last label"},
      {"x.onion", "an onion service, which DNS does not know"},
  };
  for (const auto& row : rows) TEST_ASSERT_EQUAL_STRING(row.text, why_impossible(row.host));
}

static void test_a_name_without_an_address() {
  check_failed({
      {error_kind::host_not_found, lookup(ares(ARES_ENOTFOUND)),
       "resolve host.test: host not found (NXDOMAIN from 192.0.2.53) after 12 ms"},
      {error_kind::no_address, lookup(ares(ARES_ENODATA)),
       "resolve host.test: no address (NODATA from 192.0.2.53) after 12 ms"},
      {error_kind::dns_failure, lookup(ares(ARES_ESERVFAIL)),
       "resolve host.test: DNS failure (SERVFAIL from 192.0.2.53) after 12 ms"},
      {error_kind::dns_failure, lookup(ares(ARES_EREFUSED)),
       "resolve host.test: DNS failure (REFUSED from 192.0.2.53) after 12 ms"},
      {error_kind::dns_failure, lookup(ares(ARES_EFORMERR)),
       "resolve host.test: DNS failure (FORMERR from 192.0.2.53) after 12 ms"},
      {error_kind::dns_failure, lookup(ares(ARES_ENOTIMP)),
       "resolve host.test: DNS failure (NOTIMP from 192.0.2.53) after 12 ms"},
      {error_kind::dns_failure, lookup(ares(ARES_EBADRESP)),
       "resolve host.test: DNS failure (BADRESP from 192.0.2.53) after 12 ms"},
      {error_kind::dns_failure, lookup(ares(ARES_ECONNREFUSED)),
       "resolve host.test: DNS failure (DNSUNREACHABLE at 192.0.2.53) after 12 ms"},
      {error_kind::dns_timeout, lookup(ares(ARES_ETIMEOUT), "[2001:db8::53]:5353"),
       "resolve host.test: no answer from DNS (DNSTIMEOUT at [2001:db8::53]:5353) after 12 ms"},
      {error_kind::out_of_resources, lookup(uv(UV_EMFILE)),
       "resolve host.test: out of resources (EMFILE from 192.0.2.53) after 12 ms"},
  });
}

static void test_a_host_that_cannot_be_connected_to() {
  check_failed({
      {error_kind::connection_refused, connect({UV_ECONNREFUSED}),
       "connect host.test:443: 1 attempt failed in 312 ms: [2001:db8::1]:443 connection refused (61 ms)"},
      {error_kind::connection_refused, connect({UV_ENETUNREACH, UV_ECONNREFUSED}),
       "connect host.test:443: 2 attempts failed in 312 ms: [2001:db8::1]:443 network is unreachable (61 "
       "ms), "
       "192.0.2.7:443 connection refused (61 ms)"},
      {error_kind::unreachable, connect({UV_ENETUNREACH, UV_EHOSTUNREACH}),
       "connect host.test:443: 2 attempts failed in 312 ms: [2001:db8::1]:443 network is unreachable (61 "
       "ms), "
       "192.0.2.7:443 host is unreachable (61 ms)"},
      {error_kind::unreachable, connect({UV_EADDRNOTAVAIL}),
       "connect host.test:443: 1 attempt failed in 312 ms: [2001:db8::1]:443 address not available (61 ms)"},
      {error_kind::connect, connect({UV_ETIMEDOUT, UV_ECONNRESET}),
       "connect host.test:443: 2 attempts failed in 312 ms: [2001:db8::1]:443 connection timed out (61 ms), "
       "192.0.2.7:443 connection reset by peer (61 ms)"},
      {error_kind::connect, connect({UV_EACCES}),
       "connect host.test:443: 1 attempt failed in 312 ms: [2001:db8::1]:443 permission denied (61 ms)"},
      {error_kind::out_of_resources, connect({UV_EMFILE}),
       "connect host.test:443: 1 attempt failed in 312 ms: [2001:db8::1]:443 too many open files (61 ms)"},
      {error_kind::out_of_resources, connect({UV_EAGAIN}),
       "connect host.test:443: 1 attempt failed in 312 ms: [2001:db8::1]:443 resource temporarily "
       "unavailable "
       "(61 ms)"},
      {error_kind::address_blocked, only(attempt::state::filtered),
       "connect host.test:443: no address allowed after 5000 ms: 192.0.2.7:443 blocked by the address "
       "policy"},
  });
}

static void test_a_dial_that_was_ended() {
  const dial_report open = only(attempt::state::open);
  TEST_ASSERT_EQUAL_STRING(
      "connect host.test:443: timed out after 5000 ms while connecting: 1 attempt: 192.0.2.7:443 still open "
      "(5000 ms)",
      describe(open, finish{finish::how::timed_out}, {error_kind::timeout, uv(UV_ETIMEDOUT)}));
  TEST_ASSERT_EQUAL_STRING(
      "connect host.test:443: cancelled after 5000 ms while connecting: 1 attempt: 192.0.2.7:443 still open "
      "(5000 ms)",
      describe(open, finish{finish::how::stopped}, {error_kind::cancelled, uv(UV_ECANCELED)}));
  TEST_ASSERT_EQUAL_STRING(
      "connect host.test:443: too many open files after 5000 ms while connecting: 1 attempt: 192.0.2.7:443 "
      "still "
      "open (5000 ms)",
      describe(open, finish{finish::how::stopped}, {error_kind::out_of_resources, uv(UV_EMFILE)}));
}

// A log has room for the line, and a terminal bears it.
static void test_a_line_is_short_and_can_be_printed_whatever_the_host_is() {
  dial_report report = lookup(resolve_errc::host_not_found);
  for (family_report& each : report.families) each.server.reset();
  report.host = std::string(255, 'a');
  const auto text = [&report] { return describe(report, finish{finish::how::failed}, judge(report)); };
  TEST_ASSERT_EQUAL_STRING("resolve " + report.host + ": host not found (NXDOMAIN) after 12 ms", text());
  report.host = std::string(5000, 'a');
  TEST_ASSERT_EQUAL_STRING("resolve " + std::string(200, 'a') + "...: host not found (NXDOMAIN) after 12 ms",
                           text());
  TEST_ASSERT_EQUAL_STRING("resolve " + std::string(200, 'a') + "...: timed out after 12 ms",
                           describe_question(question_kind::resolve, {.host = report.host, .elapsed = 12ms},
                                             finish::how::timed_out, {}));
  report.host =
      "b\xfc"
      "cher\x1b[2J\xc2\x9b"
      "x\xc3\xbc";
  TEST_ASSERT_EQUAL_STRING(
      "resolve b\\xfc"
      "cher [2J\\xc2\\x9b"
      "x\xc3\xbc: host not found (NXDOMAIN) after 12 ms",
      text());
}

static void test_the_calls_of_a_stream() {
  TEST_ASSERT_EQUAL_STRING("write: broken pipe", what_of(call_failure("write", UV_EPIPE)));
  TEST_ASSERT_EQUAL_STRING("read: connection reset by peer", what_of(call_failure("read", UV_ECONNRESET)));
  TEST_ASSERT_EQUAL_STRING("sleep: operation canceled", what_of(call_failure("sleep", UV_ECANCELED)));
  TEST_ASSERT_EQUAL_STRING("read: nothing came for 5000 ms", what_of(read_timeout("read", 5s)));
  TEST_ASSERT_EQUAL_STRING("write: nothing could be sent for 5000 ms", what_of(write_timeout("write", 5s)));
  TEST_ASSERT_EQUAL_STRING("read_exactly: the stream ended after 3 of 10 bytes", what_of(ended_early(3, 10)));
  TEST_ASSERT_EQUAL_STRING("read_until: the stream ended after 3 bytes without the delimiter",
                           what_of(ended_undelimited(3)));
  TEST_ASSERT_EQUAL_STRING("read_until: no delimiter in the first 10 bytes", what_of(no_delimiter(10)));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_an_error_without_a_text_of_its_own);
  RUN_TEST(test_the_codes_of_a_lookup);
  RUN_TEST(test_the_codes_that_a_connect_meets);
  RUN_TEST(test_a_name_that_cannot_be);
  RUN_TEST(test_a_name_without_an_address);
  RUN_TEST(test_a_host_that_cannot_be_connected_to);
  RUN_TEST(test_a_dial_that_was_ended);
  RUN_TEST(test_a_line_is_short_and_can_be_printed_whatever_the_host_is);
  RUN_TEST(test_the_calls_of_a_stream);
  return UNITY_END();
}
