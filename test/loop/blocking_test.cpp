// The blocking form, with the three catch clauses that its users bring along.
#include <stdexcept>
#include <string>

#include "demo/peers.hpp"
#include "support/loop_fixture.hpp"
#include "support/scripted_resolver.hpp"
#include "uvdial/dialer.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::listener;
using demo::reserve;
using demo::silent_listener;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

// Which clause a dial ends in.
std::string clause_of(dialer& dials, const std::string& to) {
  try {
    const tcp_stream stream = dials.connect_blocking(target::parse(to), {.timeout = 30ms});
    return "connected";
  } catch (const std::invalid_argument&) {
    return "invalid_argument";
  } catch (const connection_refused&) {
    return "connection_refused";
  } catch (const error& why) {
    return std::string(kind_name(why.kind()));
  } catch (const std::exception&) {
    return "exception";
  }
}

}  // namespace

void test_each_end_of_a_blocking_dial_has_its_clause() {
  auto names = std::make_shared<fixture::scripted_resolver>();
  names->fails_at_once = {{ip_family::v6, resolve_errc::host_not_found},
                          {ip_family::v4, resolve_errc::host_not_found}};
  dialer dials(fixture::loop(), {names});
  listener alive(fixture::loop(), reserve(ip_family::v4));
  const auto refusing = reserve(ip_family::v4);
  silent_listener silent(reserve(ip_family::v4));
  TEST_ASSERT_EQUAL("connected", clause_of(dials, alive.address().to_string()));
  TEST_ASSERT_EQUAL("connection_refused", clause_of(dials, refusing.address().to_string()));
  TEST_ASSERT_EQUAL("timeout_error", clause_of(dials, silent.address().to_string()));
  TEST_ASSERT_EQUAL("host_not_found", clause_of(dials, "nosuch.test:80"));
  TEST_ASSERT_EQUAL("invalid_argument", clause_of(dials, "nosuch.test:80x"));
}

void test_a_blocking_dial_of_an_endpoint_connects() {
  dialer dials(fixture::loop());
  listener alive(fixture::loop(), reserve(ip_family::v4));
  const tcp_stream stream = dials.connect_blocking(alive.address());
  TEST_ASSERT_EQUAL(alive.address(), stream.peer());
}

void test_a_blocking_dial_inside_a_callback_is_refused() {
  dialer dials(fixture::loop());
  listener alive(fixture::loop(), reserve(ip_family::v4));
  bool refused = false;
  const operation running = dials.connect(alive.address(), {}, [&](outcome<tcp_stream>) {
    try {
      (void)dials.connect_blocking(alive.address());
    } catch (const std::logic_error&) {
      refused = true;
    }
  });
  fixture::run();
  TEST_ASSERT_TRUE(refused);
}

void test_other_dials_go_on_while_one_blocks() {
  dialer dials(fixture::loop());
  listener alive(fixture::loop(), reserve(ip_family::v4));
  silent_listener silent(reserve(ip_family::v4));
  fixture::recorder<tcp_stream> beside;
  const operation running = dials.connect(alive.address(), {}, beside.callback());
  TEST_ASSERT_THROWS(timeout_error, dials.connect_blocking(silent.address(), {.timeout = 30ms}));
  TEST_ASSERT_TRUE(beside.succeeded());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_each_end_of_a_blocking_dial_has_its_clause);
  RUN_TEST(test_a_blocking_dial_of_an_endpoint_connects);
  RUN_TEST(test_a_blocking_dial_inside_a_callback_is_refused);
  RUN_TEST(test_other_dials_go_on_while_one_blocks);
  return UNITY_END();
}
