// Blocked addresses in disguise, through a real dialer: whatever a host is called and whatever its name
// stands for, no connection arrives.
#include <arpa/inet.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/guarded_world.hpp"
#include "uvdial/address_policy.hpp"
#include "uvdial/system_resolver.hpp"
#include "values/international_name.hpp"

using namespace uvdial;
using world = fixture::guarded_world;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

// What a dial comes to where there is no policy: this machine, this machine if it has IPv6, or not dialed at
// all.
enum class reach : std::uint8_t { here, with_v6, nobody };
using enum reach;

struct disguise {
  const char* host;
  const char* result;  // of a dial under the policy
  reach without_policy;
};

constexpr const char* blocked = "address_blocked";
constexpr const char* no_name = "host_not_found";
constexpr const char* refused = "bad argument";

// All hosts under the policy, and then those that lead to this machine without one: exactly these arrive.
void check(world& w, const std::vector<disguise>& rows) {
  for (const disguise& row : rows) TEST_ASSERT_EQUAL_MESSAGE(row.result, w.guarded(row.host), row.host);
  std::size_t expected = 0;
  for (const disguise& row : rows) {
    if (row.without_policy == nobody || (row.without_policy == with_v6 && !w.at.inside_v6)) continue;
    ++expected;
    TEST_ASSERT_CONTAINS_STRING_MESSAGE("connected ", w.dial(row.host, {}), row.host);
    w.end = {};
  }
  for (int turn = 0; turn < 5; ++turn) fixture::run_turn();
  TEST_ASSERT_GREATER_THAN(0u, expected);
  TEST_ASSERT_EQUAL(expected, w.at.arrived());
}

// Reads hosts as old programs do: octal, hexadecimal, with parts left out.
struct gullible_resolver final : resolver {
  lookup_handle lookup(const question& asked, answer_sink& sink) override {
    in_addr read{};
    sink.answered({ip_family::v6, {}, resolve_errc::no_address});
    if (inet_aton(asked.host.c_str(), &read) == 0) {
      sink.answered({ip_family::v4, {}, resolve_errc::host_not_found});
      return {};
    }
    char text[INET_ADDRSTRLEN] = {};
    sink.answered(
        {ip_family::v4, {*endpoint::from_literal(inet_ntop(AF_INET, &read, text, sizeof text), asked.port)}});
    return {};
  }
};

}  // namespace

void test_no_way_of_writing_an_address_gets_through() {
  world w;
  check(w, {{"127.0.0.1", blocked, here},
            {"127.255.255.254", blocked, nobody},
            {"0.0.0.0", blocked, here},
            {"::1", blocked, with_v6},
            {"0:0:0:0:0:0:0:1", blocked, with_v6},
            {"0000:0000::0001", blocked, with_v6},
            {"::0.0.0.1", blocked, with_v6},
            {"::", blocked, with_v6},
            {"::1%lo", blocked, nobody},
            {"::ffff:127.0.0.1", blocked, with_v6},
            {"::FFFF:7F00:1", blocked, with_v6},
            {"0:0:0:0:0:FFFF:7f00:0001", blocked, with_v6},
            {"::ffff:0.0.0.0", blocked, with_v6},
            {"::127.0.0.1", blocked, nobody},
            {"::ffff:0:127.0.0.1", blocked, nobody},
            {"64:ff9b::127.0.0.1", blocked, nobody},
            {"2002:7f00:1::1", blocked, nobody},
            {"fe80::1%lo", blocked, nobody},
            {"2130706433", no_name, nobody},
            {"2130706433.", no_name, nobody},
            {"0x7f000001", no_name, nobody},
            {"0X7F000001", no_name, nobody},
            {"017700000001", no_name, nobody},
            {"0177.0.0.1", no_name, nobody},
            {"0177.0.0.01", no_name, nobody},
            {"0x7f.0.0.1", no_name, nobody},
            {"0x7f.0x0.0x0.0x1", no_name, nobody},
            {"127.1", no_name, nobody},
            {"127.0.1", no_name, nobody},
            {"127.0.0.1.", no_name, nobody},
            {"127.0.0.01", no_name, nobody},
            {"127.0.0.001", no_name, nobody},
            {"127.0.0.257", no_name, nobody},
            {"0127.0.0.1", no_name, nobody},
            {"383.0.0.1", no_name, nobody},
            {"4294967296", no_name, nobody},
            {"0", no_name, nobody},
            {"0x0", no_name, nobody},
            {"0.", no_name, nobody},
            {"[::1]", refused, nobody},
            {"[::ffff:127.0.0.1]", refused, nobody},
            {"%31%32%37.0.0.1", refused, nobody},
            {"127.0.0.1%00", refused, nobody},
            {"127.0.0.1%lo", refused, nobody},
            {"127.0.0.1 ", refused, nobody},
            {"127.0.0.1:80", refused, nobody},
            {"user@127.0.0.1", refused, nobody},
            {"http://127.0.0.1", refused, nobody},
            {"127.0.0.1#.example.test", refused, nobody},
            {"127.0.0.1\t", refused, nobody},
            {"fe80::1", refused, nobody}});
}

void test_no_name_that_points_inside_gets_through() {
  world w;
  w.dns.host("a4.test", {.addresses = {"127.0.0.1"}});
  w.dns.host("aaaa6.test", {.addresses = {"::1"}});
  w.dns.host("both.test", {.addresses = {"::1", "127.0.0.1"}});
  w.dns.host("alias.test", {.addresses = {"127.0.0.1"}, .aliases = {"www.innocent.test", "inner.test"}});
  w.dns.host("mapped.test", {.addresses = {"::ffff:127.0.0.1"}});
  w.dns.host("zero.test", {.addresses = {"0.0.0.0"}});
  w.dns.host("zero6.test", {.addresses = {"::"}});
  w.dns.host("compatible.test", {.addresses = {"::127.0.0.1"}});
  w.dns.host("nat64.test", {.addresses = {"64:ff9b::7f00:1"}});
  w.dns.host("6to4.test", {.addresses = {"2002:7f00:1::1"}});
  w.dns.host("teredo.test", {.addresses = {"2001:0:808:808::80ff:fffe"}});
  w.dns.host("isatap.test", {.addresses = {"2606:4700::5efe:127.0.0.1"}});
  w.dns.host("127.0.0.1.nip.test", {.addresses = {"127.0.0.1"}});
  w.dns.host("db.inside.test", {.addresses = {"127.0.0.1"}});
  check(w, {{"a4.test", blocked, here},
            {"A4.TEST.", blocked, here},
            {"aaaa6.test", blocked, with_v6},
            {"both.test", blocked, here},
            {"alias.test", blocked, here},
            {"mapped.test", blocked, with_v6},
            {"zero.test", blocked, here},
            {"zero6.test", blocked, with_v6},
            {"compatible.test", blocked, nobody},
            {"nat64.test", blocked, nobody},
            {"6to4.test", blocked, nobody},
            {"teredo.test", blocked, nobody},
            {"isatap.test", blocked, nobody},
            {"127.0.0.1.nip.test", blocked, here},
            {"db", blocked, here},
            {"localhost", blocked, here},
            {"LOCALHOST.", blocked, here},
            {"foo.localhost", blocked, here},
            {"hosts4.test", blocked, here},
            {"hosts6.test", blocked, with_v6},
            {"hosts-mapped.test", blocked, with_v6},
            {"www.example.test", blocked, here},
            {"HOSTS4.test.", blocked, here}});
}

void test_no_international_spelling_gets_through() {
  world w;
  // Where libidn2 is there these become "localhost" and numbers.
  const char* const local = detail::knows_international_names() ? blocked : no_name;
  const bool known = detail::knows_international_names();
  check(w, {{"\uff4c\uff4f\uff43\uff41\uff4c\uff48\uff4f\uff53\uff54", local, known ? here : nobody},
            {"\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3", local, known ? here : nobody},
            {"foo\u3002localhost", local, known ? here : nobody},
            {"localho\u017ft", local, known ? here : nobody},
            {"\uff11\uff12\uff17.0.0.1", no_name, nobody},
            {"127\u30020\uff0e0\uff611", no_name, nobody},
            {"\u2460\u2461\u2466.\u24ea.\u24ea.\u2460", no_name, nobody},
            {"\u00b9\u00b2\u2077.0.0.1", no_name, nobody},
            {"0x7\uff46000001", no_name, nobody},
            {"\U0001d7cf\U0001d7d0\U0001d7d5.0.0.1", no_name, nobody},
            {"localhost", blocked, here}});
}

// Names can be read in many ways. The policy does not ask how.
void test_a_resolver_that_reads_numbers_as_addresses_opens_nothing() {
  world w;
  w.names = std::make_shared<gullible_resolver>();
  std::vector<disguise> rows;
  for (const char* host :
       {"127.1", "127.0.1", "2130706433", "0x7f000001", "0X7F.1", "0x7f.0x0.0x0.0x1", "0177.0.0.1",
        "017700000001", "0177.1", "00000177.0.0.01", "127.0.0.01", "0", "0x0", "0.0", "00000"})
    rows.push_back({host, blocked, here});
  check(w, rows);
}

void test_the_system_resolver_opens_nothing() {
  world w;
  w.names = std::make_shared<system_resolver>(fixture::loop());
  check(w, {{"localhost", blocked, here},
            {"127.0.0.1", blocked, here},
            {"::1", blocked, with_v6},
            {"127.1", no_name, nobody},
            {"0x7f.1", no_name, nobody},
            {"0x7f000001", no_name, nobody},
            {"2130706433", no_name, nobody},
            {"0177.0.0.1", no_name, nobody},
            {"127.0.0.1.", no_name, nobody},
            {"0", no_name, nobody}});
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_no_way_of_writing_an_address_gets_through);
  RUN_TEST(test_no_name_that_points_inside_gets_through);
  RUN_TEST(test_no_international_spelling_gets_through);
  RUN_TEST(test_a_resolver_that_reads_numbers_as_addresses_opens_nothing);
  RUN_TEST(test_the_system_resolver_opens_nothing);
  return UNITY_END();
}
