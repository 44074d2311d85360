// --deny, --allow and --bind of `uvdial`: which addresses a dial goes to, and from which it comes.
#include <string>

#include "e2e/contract_lines.hpp"

using namespace contract;
using namespace uvdial;
using demo::listener;
using demo::reserve;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

std::string connected_from(const std::string& address, int port, const std::string& local) {
  return R"({"event":"connected","t_ms":T,)" + place(address, port) + R"(,"local_address":")" + local +
         R"("})";
}

}  // namespace

static void test_a_denied_address_is_never_tried() {
  require_v6();
  world here;
  demo::port_pair ports = demo::reserve_pair();
  const listener v6(fixture::loop(), std::move(ports.v6));
  const listener v4(fixture::loop(), std::move(ports.v4));
  const int port = v4.address().port();
  here.dns.host("dual.test", {.addresses = {"::1", "127.0.0.1"}});
  const child::result ended = here.run({"--deny=::1", "dual.test", std::to_string(port)});
  TEST_ASSERT_EQUAL_MESSAGE(0, ended.status, ended.err);
  check_lines({started("127.0.0.1", port), connected("127.0.0.1", port)}, told(ended.out).dialing);
  TEST_ASSERT_EQUAL(0, v6.accepted());
}

static void test_a_host_with_denied_addresses_alone_is_blocked() {
  world here;
  const listener peer(fixture::loop(), reserve(ip_family::v4));
  const int port = peer.address().port();
  here.dns.host("inside.test", {.addresses = {"127.0.0.1", "10.1.2.3"}});
  const child::result ended =
      here.run({"--deny", "loopback", "--deny", "private", "inside.test", std::to_string(port)});
  TEST_ASSERT_EQUAL(1, ended.status);
  const told all(ended.out);
  TEST_ASSERT_EQUAL(1, all.dialing.size());
  TEST_ASSERT_CONTAINS_STRING(R"("error":"address_blocked")", all.dialing[0]);
  TEST_ASSERT_CONTAINS_STRING(tried("127.0.0.1", port, "BLOCKED"), all.dialing[0]);
  TEST_ASSERT_CONTAINS_STRING(tried("10.1.2.3", port, "BLOCKED"), all.dialing[0]);
  TEST_ASSERT_EQUAL(0, peer.accepted());
}

static void test_a_denied_literal_is_blocked_too() {
  const world here;
  const child::result ended = here.run({"--deny=127.0.0.0/8", "127.0.0.1", "80"});
  TEST_ASSERT_EQUAL(1, ended.status);
  const told all(ended.out);
  TEST_ASSERT_EQUAL(1, all.dialing.size());
  TEST_ASSERT_CONTAINS_STRING(R"("error":"address_blocked")", all.dialing[0]);
  TEST_ASSERT_CONTAINS_STRING(tried("127.0.0.1", 80, "BLOCKED"), all.dialing[0]);
}

static void test_allow_makes_an_exception_and_alone_allows_nothing_else() {
  const world here;
  const listener peer(fixture::loop(), reserve(ip_family::v4));
  const std::string to = peer.address().to_string();
  TEST_ASSERT_EQUAL(0, here.run({"--deny=loopback", "--allow=127.0.0.1", to}).status);
  TEST_ASSERT_EQUAL(0, here.run({"--allow=loopback", to}).status);
  TEST_ASSERT_EQUAL(1, here.run({"--allow=private", to}).status);
}

static void test_a_blocked_address_stands_in_the_trace() {
  world here;
  here.dns.host("inside.test", {.addresses = {"10.1.2.3"}});
  const child::result ended = here.run({"--trace", "--deny=private", "inside.test", "80"});
  TEST_ASSERT_CONTAINS_STRING("10.1.2.3:80", ended.err);
  TEST_ASSERT_CONTAINS_STRING("blocked by the policy\n", ended.err);
}

static void test_bind_is_where_the_connection_comes_from() {
  const world here;
  const listener peer(fixture::loop(), reserve(ip_family::v4));
  const int port = peer.address().port();
  const child::result ended = here.run({"--bind", "127.0.0.3", "127.0.0.1", std::to_string(port)});
  TEST_ASSERT_EQUAL_MESSAGE(0, ended.status, ended.err);
  check_lines({started("127.0.0.1", port), connected_from("127.0.0.1", port, "127.0.0.3")},
              told(ended.out).dialing);
}

static void test_bind_of_one_family_leaves_the_other_free() {
  require_v6();
  const world here;
  const listener peer(fixture::loop(), reserve(ip_family::v6));
  const int port = peer.address().port();
  check_lines({started("::1", port), connected("::1", port)},
              told(here.run({"--bind=127.0.0.3", "::1", std::to_string(port)}).out).dialing);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_denied_address_is_never_tried);
  RUN_TEST(test_a_host_with_denied_addresses_alone_is_blocked);
  RUN_TEST(test_a_denied_literal_is_blocked_too);
  RUN_TEST(test_allow_makes_an_exception_and_alone_allows_nothing_else);
  RUN_TEST(test_a_blocked_address_stands_in_the_trace);
  RUN_TEST(test_bind_is_where_the_connection_comes_from);
  RUN_TEST(test_bind_of_one_family_leaves_the_other_free);
  return UNITY_END();
}
