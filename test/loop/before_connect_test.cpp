// The hook before a connect: what it sees, what its refusals come to, and what it may do to the dials around it.
#include <netinet/in.h>
#include <netinet/ip.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "demo/peers.hpp"
#include "support/connected.hpp"
#include "support/plain_listener.hpp"
#include "support/scripted_resolver.hpp"
#include "uvdial/dialer.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using fixture::ending;
using fixture::plain_listener;
using fixture::recorder;

namespace {

// As a user's own package would have one.
class house_rules final : public std::error_category {
 public:
  const char* name() const noexcept override { return "house"; }
  std::string message(int) const override { return "not from this house."; }
};
const house_rules house;

int socket_of(const uv_tcp_t& handle) {
  uv_os_fd_t number = -1;
  (void)uv_fileno(reinterpret_cast<const uv_handle_t*>(&handle), &number);
  return number;
}

// What `then` gives is what the hook says. It runs inside libuv's callbacks: nothing is asserted in it.
struct world {
  plain_listener first{};
  plain_listener second{};
  std::shared_ptr<fixture::scripted_resolver> names = std::make_shared<fixture::scripted_resolver>();
  std::vector<endpoint> seen{};
  std::function<std::error_code(uv_tcp_t&)> then = [](uv_tcp_t&) { return std::error_code{}; };
  dialer dials{fixture::loop(),
               {.names = names, .before_connect = [this](uv_tcp_t& handle, const endpoint& to) {
                  seen.push_back(to);
                  return then(handle);
                }}};
  recorder<tcp_stream> end{};
  operation running{};

  std::vector<endpoint> both() const { return {first.address(), second.address()}; }
  void dial(const std::vector<endpoint>& to, const dial_options& options = {}) {
    running = dials.connect(to, options, end.callback());
    TEST_ASSERT_EQUAL(0, end.calls);
    fixture::run();
  }
  // The name's address comes from the loop, so that the hook runs when `running` is there already.
  void dial_by_name() {
    running = dials.connect(target("name.test", first.address().port()), {.families = family_policy::v4_only},
                            end.callback());
    names->answer(ip_family::v4, {first.address()});
    fixture::run();
  }
};

std::unique_ptr<world> w;

}  // namespace

void setUp() {
  fixture::open();
  w = std::make_unique<world>();
}
void tearDown() {
  w.reset();
  fixture::close();
}

static void test_it_sees_an_unbound_socket_and_the_address_it_is_for() {
  endpoint bound = w->first.address();
  w->then = [&bound](uv_tcp_t& handle) {
    sockaddr_storage found{};
    socklen_t size = sizeof found;
    if (::getsockname(socket_of(handle), reinterpret_cast<sockaddr*>(&found), &size) == 0)
      bound = endpoint(reinterpret_cast<const sockaddr&>(found));
    return std::error_code{};
  };
  w->dial({w->first.address()}, {.bind_v4 = endpoint::from_literal("127.0.0.5", 0)});
  TEST_ASSERT_EQUAL_STRING("success", ending(w->end));
  TEST_ASSERT_EQUAL_STRING("0.0.0.0:0", bound.to_string());
  TEST_ASSERT_EQUAL(1u, w->seen.size());
  TEST_ASSERT_EQUAL(w->first.address(), w->seen[0]);
  TEST_ASSERT_EQUAL_STRING("127.0.0.5", w->first.next_peer().address_to_string());
}

static void test_what_it_sets_is_set_on_the_stream() {
  w->then = [](uv_tcp_t& handle) {
    const int low_delay = IPTOS_LOWDELAY;
    const int failed = ::setsockopt(socket_of(handle), IPPROTO_IP, IP_TOS, &low_delay, sizeof low_delay);
    return std::error_code(failed, std::generic_category());
  };
  w->dial({w->first.address()});
  TEST_ASSERT_EQUAL_STRING("success", ending(w->end));
  int value = 0;
  socklen_t size = sizeof value;
  const int number = socket_of(w->end.result->get_if()->native());
  TEST_ASSERT_EQUAL(0, ::getsockopt(number, IPPROTO_IP, IP_TOS, &value, &size));
  TEST_ASSERT_EQUAL(IPTOS_LOWDELAY, value);
}

static void test_it_sees_v6_sockets_too() {
  if (!demo::v6_loopback_available()) TEST_IGNORE_MESSAGE("this machine has no ::1");
  const plain_listener peer(ip_family::v6);
  int number = -1;
  w->then = [&number](uv_tcp_t& handle) {
    number = socket_of(handle);
    return std::error_code{};
  };
  w->dial({peer.address()});
  TEST_ASSERT_EQUAL_STRING("success", ending(w->end));
  TEST_ASSERT_GREATER_OR_EQUAL(0, number);
}

static void test_a_refused_address_is_a_failed_attempt_and_the_race_goes_on() {
  w->then = [](uv_tcp_t&) { return w->seen.size() == 1 ? std::error_code(7, house) : std::error_code{}; };
  dial_report report;
  w->dial(w->both(), {.attempt_delay = 2000ms, .report = &report});
  TEST_ASSERT_EQUAL_STRING("success", ending(w->end));
  TEST_ASSERT_TRUE(w->both() == w->seen);
  TEST_ASSERT_TRUE(attempt::state::failed == report.attempts[0].what);
  TEST_ASSERT_TRUE(report.attempts[0].why == std::error_code(7, house));
  TEST_ASSERT_LESS_THAN(2000ms, report.attempts[1].started);
  TEST_ASSERT_TRUE(w->first.nobody_came());
}

static void test_all_refused_is_a_connect_error_that_keeps_the_code() {
  w->then = [](uv_tcp_t&) { return std::error_code(7, house); };
  w->dial(w->both());
  TEST_ASSERT_EQUAL_STRING("connect_error", ending(w->end));
  TEST_ASSERT_TRUE(w->end.failure()->code() == std::error_code(7, house));
  TEST_ASSERT_CONTAINS_STRING(w->first.address().to_string() + " not from this house (",
                              w->end.failure()->what());
  TEST_ASSERT_EQUAL_STRING("UNKNOWN", code_name(w->end.failure()->code()));
  TEST_ASSERT_FALSE(w->end.failure()->temporary());
  TEST_ASSERT_EQUAL(2u, w->end.failure()->attempts().size());
}

static void test_a_system_code_counts_by_its_meaning() {
  w->then = [](uv_tcp_t&) { return std::make_error_code(std::errc::too_many_files_open); };
  w->dial({w->first.address()});
  TEST_ASSERT_EQUAL_STRING("out_of_resources", ending(w->end));
}

static void test_it_may_drop_its_own_dial() {
  w->then = [](uv_tcp_t&) {
    w->running = {};
    return std::error_code{};
  };
  w->dial_by_name();
  TEST_ASSERT_EQUAL(1u, w->seen.size());
  TEST_ASSERT_EQUAL_STRING("not called", ending(w->end));
  TEST_ASSERT_TRUE(w->first.nobody_came());
}

static void test_it_may_drop_its_own_dial_and_refuse() {
  int told = 0;
  dialer dials(fixture::loop(), {.names = w->names,
                                 .before_connect =
                                     [](uv_tcp_t&, const endpoint&) {
                                       w->running = {};
                                       return std::error_code(7, house);
                                     },
                                 .trace =
                                     [&told](const trace_event& event) {
                                       told += event.what == trace_event::step::fail ? 1 : 0;
                                     }});
  w->running =
      dials.connect(target("name.test", 80), {.families = family_policy::v4_only}, w->end.callback());
  w->names->answer(ip_family::v4, {w->first.address()});
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("not called", ending(w->end));
  TEST_ASSERT_EQUAL_MESSAGE(0, told, "a dropped dial tells nothing more");
}

static void test_it_may_cancel_its_own_dial() {
  w->then = [](uv_tcp_t&) {
    w->running.cancel();
    return std::error_code{};
  };
  w->dial_by_name();
  TEST_ASSERT_EQUAL(1, w->end.calls);
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(w->end));
  TEST_ASSERT_EQUAL(1u, w->end.failure()->attempts().size());
  TEST_ASSERT_TRUE(attempt::state::open == w->end.failure()->attempts()[0].what);
  TEST_ASSERT_TRUE(w->first.nobody_came());
}

static void test_a_dial_that_its_trace_cancels_never_comes_to_the_hook() {
  int hooks = 0;
  dialer dials(fixture::loop(), {.names = w->names,
                                 .before_connect =
                                     [&hooks](uv_tcp_t&, const endpoint&) {
                                       ++hooks;
                                       return std::error_code{};
                                     },
                                 .trace =
                                     [](const trace_event& event) {
                                       if (event.what == trace_event::step::start) w->running.cancel();
                                     }});
  w->running =
      dials.connect(target("name.test", 80), {.families = family_policy::v4_only}, w->end.callback());
  w->names->answer(ip_family::v4, {w->first.address()});
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(w->end));
  TEST_ASSERT_EQUAL(0, hooks);
}

static void test_it_may_drop_a_neighbour_inside_connect() {
  const demo::silent_listener silent(demo::reserve(ip_family::v4));
  recorder<tcp_stream> neighbour;
  operation beside = w->dials.connect(silent.address(), {}, neighbour.callback());
  w->then = [&beside](uv_tcp_t&) {
    beside = {};
    return std::error_code{};
  };
  w->dial({w->first.address()});
  TEST_ASSERT_EQUAL_STRING("success", ending(w->end));
  TEST_ASSERT_EQUAL_STRING("not called", ending(neighbour));
}

static void test_it_may_start_another_dial() {
  recorder<tcp_stream> inner;
  operation inner_running;
  w->then = [&](uv_tcp_t&) {
    if (w->seen.size() == 1) inner_running = w->dials.connect(w->second.address(), {}, inner.callback());
    return std::error_code{};
  };
  w->dial({w->first.address()});
  TEST_ASSERT_EQUAL_STRING("success", ending(w->end));
  TEST_ASSERT_EQUAL_STRING("success", ending(inner));
}

static void test_many_refusals_do_not_recurse() {
  w->then = [](uv_tcp_t&) { return std::error_code(7, house); };
  std::vector<endpoint> many;
  for (int i = 1; i <= 60; ++i)
    many.push_back(*endpoint::from_literal("127.0.0." + std::to_string(i), w->first.address().port()));
  w->dial(many);
  TEST_ASSERT_EQUAL_STRING("connect_error", ending(w->end));
  TEST_ASSERT_EQUAL(60u, w->seen.size());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_it_sees_an_unbound_socket_and_the_address_it_is_for);
  RUN_TEST(test_what_it_sets_is_set_on_the_stream);
  RUN_TEST(test_it_sees_v6_sockets_too);
  RUN_TEST(test_a_refused_address_is_a_failed_attempt_and_the_race_goes_on);
  RUN_TEST(test_all_refused_is_a_connect_error_that_keeps_the_code);
  RUN_TEST(test_a_system_code_counts_by_its_meaning);
  RUN_TEST(test_it_may_drop_its_own_dial);
  RUN_TEST(test_it_may_drop_its_own_dial_and_refuse);
  RUN_TEST(test_it_may_cancel_its_own_dial);
  RUN_TEST(test_a_dial_that_its_trace_cancels_never_comes_to_the_hook);
  RUN_TEST(test_it_may_drop_a_neighbour_inside_connect);
  RUN_TEST(test_it_may_start_another_dial);
  RUN_TEST(test_many_refusals_do_not_recurse);
  return UNITY_END();
}
