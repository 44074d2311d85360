// The address policy of a dialer: what its dials end with, and what they report.
#include "uvdial/address_policy.hpp"

#include <array>
#include <string>

#include "support/guarded_world.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::record_type;
using fixture::guard;
using fixture::public_address;
using world = fixture::guarded_world;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

constexpr const char* blocked = "address_blocked";

}  // namespace

// Whoever looks a name up, checks what came and then dials the name asks twice, and gets two answers.
void test_a_name_that_changes_its_mind_is_judged_by_what_it_says_last() {
  world w;
  const demo::dns_script harmless{.addresses = {public_address}, .ttl = 0s};
  w.dns.answer_in_turn("rebind.test", record_type::a, {harmless, {.addresses = {"127.0.0.1"}, .ttl = 0s}});
  TEST_ASSERT_EQUAL("connected 127.0.0.9", w.guarded("rebind.test"));
  for (int again = 0; again < 3; ++again) TEST_ASSERT_EQUAL(blocked, w.guarded("rebind.test"));

  w.dns.answer_in_turn("checked.test", record_type::a, {harmless, {.addresses = {"127.0.0.1"}, .ttl = 0s}});
  fixture::recorder<host_entry> looked_up;
  const operation running = w.names->resolve("checked.test", {}, looked_up.callback());
  fixture::run_until([&] { return looked_up.called(); });
  TEST_ASSERT_EQUAL("127.0.0.9", looked_up.result->get_if()->endpoints.at(0).address_to_string());
  TEST_ASSERT_EQUAL(blocked, w.guarded("checked.test"));
  TEST_ASSERT_EQUAL("connected 127.0.0.1", w.dial("checked.test", {}));
  for (int turn = 0; turn < 5; ++turn) fixture::run_turn();
  TEST_ASSERT_EQUAL(1u, w.at.arrived());
}

void test_the_error_lists_what_was_blocked() {
  world w;
  w.dns.host("inside.test", {.addresses = {"::1", "127.0.0.1", "127.0.0.2"}});
  TEST_ASSERT_EQUAL(blocked, w.guarded("inside.test"));
  const error& why = *w.end.failure();
  TEST_ASSERT_TRUE(why.code() == std::errc::permission_denied);
  TEST_ASSERT_FALSE(why.temporary());
  TEST_ASSERT_EQUAL(3u, why.attempts().size());
  for (const attempt& each : why.attempts()) TEST_ASSERT_TRUE(each.what == attempt::state::filtered);
  const std::string port = std::to_string(w.at.port());
  TEST_ASSERT_CONTAINS_STRING("connect inside.test:" + port + ": no address allowed after ", why.what());
  TEST_ASSERT_CONTAINS_STRING("127.0.0.2:" + port + " blocked by the address policy", why.what());
}

void test_a_blocked_address_keeps_no_allowed_one_from_winning() {
  world w;
  w.dns.host("mixed.test", {.addresses = {"::1", "127.0.0.1", public_address, "127.0.0.2"}});
  TEST_ASSERT_EQUAL("connected 127.0.0.9", w.guarded("mixed.test"));
  TEST_ASSERT_EQUAL(4u, w.report.attempts.size());
  TEST_ASSERT_TRUE(w.report.attempts[0].what == attempt::state::won);
  for (std::size_t place = 1; place < 4; ++place)
    TEST_ASSERT_TRUE(w.report.attempts[place].what == attempt::state::filtered);
  for (int turn = 0; turn < 5; ++turn) fixture::run_turn();
  TEST_ASSERT_EQUAL(0u, w.at.arrived());
  TEST_ASSERT_EQUAL(1u, w.at.public_one.accepted());
}

void test_known_endpoints_are_judged_as_those_of_names() {
  world w;
  dialer dials(fixture::loop(), {.policy = guard()});
  const auto inside = w.at.inside.address();
  TEST_ASSERT_THROWS(address_blocked, dials.connect_blocking(inside));
  TEST_ASSERT_THROWS(address_blocked, dials.connect_blocking(target("127.0.0.1", w.at.port())));
  TEST_ASSERT_THROWS(address_blocked, dials.connect_blocking(endpoint::parse("[::ffff:127.0.0.1]:80")));
  const std::array both{inside, w.at.public_one.address()};
  const operation running = dials.connect(both, {}, w.end.callback());
  fixture::run_until([&] { return w.end.called(); });
  TEST_ASSERT_TRUE(w.end.succeeded());
  TEST_ASSERT_EQUAL(w.at.public_one.address(), w.end.result->get_if()->peer());
  TEST_ASSERT_EQUAL(0u, w.at.arrived());
}

void test_nothing_is_allowed_but_what_is_named() {
  world w;
  w.dns.host("db.test", {.addresses = {public_address}});
  const address_policy only_there = address_policy::nothing().allow(public_address);
  TEST_ASSERT_EQUAL("connected 127.0.0.9", w.dial("db.test", only_there));
  TEST_ASSERT_EQUAL(blocked, w.dial("127.0.0.1", only_there));
  TEST_ASSERT_EQUAL(blocked, w.dial("127.0.0.9", address_policy::nothing()));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_name_that_changes_its_mind_is_judged_by_what_it_says_last);
  RUN_TEST(test_the_error_lists_what_was_blocked);
  RUN_TEST(test_a_blocked_address_keeps_no_allowed_one_from_winning);
  RUN_TEST(test_known_endpoints_are_judged_as_those_of_names);
  RUN_TEST(test_nothing_is_allowed_but_what_is_named);
  return UNITY_END();
}
