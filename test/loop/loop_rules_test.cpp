// Rules 4, 5 and 7: the loop is borrowed, misuse throws at once, and time never beats data that is already there.
#include <unistd.h>

#include <memory>
#include <stdexcept>
#include <vector>

#include "demo/dns_responder.hpp"
#include "demo/peers.hpp"
#include "support/loop_fixture.hpp"
#include "support/scripted_resolver.hpp"
#include "uvdial/uvdial.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::listener;
using demo::reserve;
using demo::silent_listener;
using fixture::recorder;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

int handles_on_loop() {
  int count = 0;
  uv_walk(
      &fixture::loop(), [](uv_handle_t*, void* counter) { ++*static_cast<int*>(counter); }, &count);
  return count;
}

// A foreign callback that keeps the loop busy once, in the prepare phase: after the timers, before the poll.
class held_up_loop {
 public:
  explicit held_up_loop(std::chrono::milliseconds time) : time_(time) {
    (void)uv_prepare_init(&fixture::loop(), &handle_);
    handle_.data = this;
    (void)uv_prepare_start(&handle_, [](uv_prepare_t* handle) {
      const auto* self = static_cast<held_up_loop*>(handle->data);
      (void)uv_prepare_stop(handle);
      (void)usleep(static_cast<useconds_t>(std::chrono::microseconds(self->time_).count()));
    });
  }
  uv_prepare_t* handle() { return &handle_; }

 private:
  std::chrono::milliseconds time_;
  uv_prepare_t handle_{};
};

dial_options quick() { return {.timeout = 1000ms, .attempt_delay = 10ms}; }

}  // namespace

void test_an_idle_dialer_does_not_hold_the_loop() {
  const dialer dials(fixture::loop());
  TEST_ASSERT_EQUAL(0, uv_loop_alive(&fixture::loop()));
  fixture::run();
}

void test_a_running_dial_holds_the_loop_and_a_dropped_one_does_not() {
  dialer dials(fixture::loop(), {std::make_shared<fixture::scripted_resolver>()});
  recorder<tcp_stream> end;
  operation running = dials.connect(target("slow.test", 80), {.timeout = std::nullopt}, end.callback());
  TEST_ASSERT_NOT_EQUAL(0, uv_loop_alive(&fixture::loop()));
  fixture::run_turn();
  TEST_ASSERT_NOT_EQUAL(0, uv_loop_alive(&fixture::loop()));
  running = {};
  TEST_ASSERT_EQUAL(0, uv_loop_alive(&fixture::loop()));
}

void test_the_loop_keeps_its_data() {
  int mine = 0;
  fixture::loop().data = &mine;
  listener peer(fixture::loop(), reserve(ip_family::v4));
  dialer dials(fixture::loop());
  recorder<tcp_stream> end;
  const operation running = dials.connect(peer.address(), {}, end.callback());
  fixture::run();
  TEST_ASSERT_TRUE(end.succeeded());
  TEST_ASSERT_EQUAL_PTR(&mine, fixture::loop().data);
}

void test_close_says_when_the_last_handle_is_closed() {
  const int before = handles_on_loop();
  silent_listener silent(reserve(ip_family::v4));
  auto dials = std::make_unique<dialer>(fixture::loop());
  recorder<tcp_stream> end;
  recorder<done> closed;
  const operation running = dials->connect(silent.address(), {}, end.callback());
  int handles_then = -1;
  dials->close([&](outcome<done>) { handles_then = handles_on_loop(); });
  TEST_ASSERT_EQUAL(0, end.calls);
  fixture::run();
  TEST_ASSERT_EQUAL(error_kind::cancelled, end.failure()->kind());
  TEST_ASSERT_EQUAL(before, handles_then);
  TEST_ASSERT_THROWS(std::logic_error, (void)dials->connect(silent.address(), {}, end.callback()));
  TEST_ASSERT_THROWS(std::logic_error, dials->close(closed.callback()));
}

void test_a_dialer_may_go_while_it_closes() {
  auto dials = std::make_unique<dialer>(fixture::loop());
  recorder<done> closed;
  dials->close(closed.callback());
  dials.reset();
  TEST_ASSERT_EQUAL(0, closed.calls);
  fixture::run();
  TEST_ASSERT_EQUAL(1, closed.calls);
}

void test_a_shared_resolver_survives_the_dialer_that_closes() {
  auto names = std::make_shared<ares_resolver>(fixture::loop());
  auto dials = std::make_unique<dialer>(fixture::loop(), dialer_config{names});
  recorder<done> closed;
  dials->close(closed.callback());
  fixture::run();
  TEST_ASSERT_EQUAL(1, closed.calls);
  recorder<done> names_closed;
  names->close(names_closed.callback());
  fixture::run();
  TEST_ASSERT_EQUAL(1, names_closed.calls);
}

void test_misuse_throws_at_once_and_says_why() {
  dialer dials(fixture::loop());
  const auto nothing = [](outcome<tcp_stream>) {};
  target bad("host.test", 80);
  bad.port = 0;
  TEST_ASSERT_THROWS(std::invalid_argument, (void)dials.connect(bad, {}, nothing));
  bad = target("host.test", 80);
  bad.host.clear();
  TEST_ASSERT_THROWS(std::invalid_argument, (void)dials.connect(bad, {}, nothing));
  const target good("host.test", 80);
  TEST_ASSERT_THROWS(std::invalid_argument, (void)dials.connect(good, {}, nullptr));
  TEST_ASSERT_THROWS(std::invalid_argument, (void)dials.connect(good, {.timeout = 0ms}, nothing));
  TEST_ASSERT_THROWS(std::invalid_argument, (void)dials.connect(good, {.attempt_delay = 9ms}, nothing));
  TEST_ASSERT_THROWS(std::invalid_argument, (void)dials.connect(good, {.resolution_delay = 2001ms}, nothing));
  TEST_ASSERT_THROWS(std::invalid_argument, (void)dials.connect(target("fe80::1", 80), {}, nothing));
  TEST_ASSERT_THROWS(std::invalid_argument,
                     (void)dials.connect(*endpoint::from_literal("192.0.2.1", 0), {}, nothing));
  TEST_ASSERT_THROWS(std::invalid_argument, (void)dials.connect(std::vector<endpoint>{}, {}, nothing));
  const dialer taken(std::move(dials));
  TEST_ASSERT_THROWS(std::logic_error, (void)dials.connect(good, {}, nothing));
}

void test_what_a_resolver_throws_reaches_the_caller_and_leaves_nothing() {
  struct broken final : resolver {
    lookup_handle lookup(const question&, answer_sink&) override { throw std::runtime_error("no table"); }
  };
  dialer dials(fixture::loop(), {std::make_shared<broken>()});
  TEST_ASSERT_THROWS(std::runtime_error,
                     (void)dials.connect(target("a.test", 80), {}, [](outcome<tcp_stream>) {}));
  TEST_ASSERT_EQUAL(0, uv_loop_alive(&fixture::loop()));
}

// Rule 7: the peer accepts while a foreign callback holds the loop for twice the deadline.
void test_a_held_up_loop_does_not_fail_a_dial_that_has_connected() {
  listener peer(fixture::loop(), reserve(ip_family::v4));
  listener other(fixture::loop(), reserve(ip_family::v4));
  dialer dials(fixture::loop());
  recorder<tcp_stream> end;
  dial_report report;
  dial_options options = quick();
  options.report = &report;
  const std::vector<endpoint> both{peer.address(), other.address()};
  const operation running = dials.connect(both, options, end.callback());
  held_up_loop held(2000ms);
  fixture::run_until([&] { return end.called(); });
  uv_close(reinterpret_cast<uv_handle_t*>(held.handle()), nullptr);
  fixture::run();
  TEST_ASSERT_TRUE(end.succeeded());
  TEST_ASSERT_EQUAL(1u, report.attempts.size());
  TEST_ASSERT_GREATER_OR_EQUAL(std::chrono::microseconds(2000ms), report.elapsed);
}

// Between the poll and the dialer's own check phase, in a turn in which the dialer has something else to do.
void test_a_dial_is_not_late_in_the_turn_that_it_was_started_in() {
  struct {
    dialer dials{fixture::loop()};
    listener peer{fixture::loop(), reserve(ip_family::v4)};
    recorder<tcp_stream> end{};
    recorder<tcp_stream> blocked_end{};
    operation running{};
  } w;
  dial_options none = quick();
  none.families = family_policy::v6_only;  // fails at once
  const operation blocked = w.dials.connect(w.peer.address(), none, w.blocked_end.callback());
  uv_check_t check;
  TEST_ASSERT_EQUAL(0, uv_check_init(&fixture::loop(), &check));
  check.data = &w;
  const auto dial_and_work = [](uv_check_t* handle) {
    auto& to = *static_cast<decltype(w)*>(handle->data);
    (void)uv_check_stop(handle);
    to.running = to.dials.connect(to.peer.address(), {.timeout = 20ms}, to.end.callback());
    (void)usleep(60'000);
  };
  TEST_ASSERT_EQUAL(0, uv_check_start(&check, dial_and_work));  // the one that was started last runs first
  fixture::run_until([&w] { return w.end.called() && w.blocked_end.called(); });
  uv_close(reinterpret_cast<uv_handle_t*>(&check), nullptr);
  fixture::run_turn();
  TEST_ASSERT_TRUE(w.end.succeeded());
}

void test_a_held_up_loop_still_ends_a_dial_that_has_not_connected() {
  silent_listener silent(reserve(ip_family::v4));
  dialer dials(fixture::loop());
  recorder<tcp_stream> end;
  const operation running = dials.connect(silent.address(), {.timeout = 20ms}, end.callback());
  held_up_loop held(60ms);
  fixture::run_until([&] { return end.called(); });
  uv_close(reinterpret_cast<uv_handle_t*>(held.handle()), nullptr);
  fixture::run();
  TEST_ASSERT_EQUAL(error_kind::timeout, end.failure()->kind());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_an_idle_dialer_does_not_hold_the_loop);
  RUN_TEST(test_a_running_dial_holds_the_loop_and_a_dropped_one_does_not);
  RUN_TEST(test_the_loop_keeps_its_data);
  RUN_TEST(test_close_says_when_the_last_handle_is_closed);
  RUN_TEST(test_a_dialer_may_go_while_it_closes);
  RUN_TEST(test_a_shared_resolver_survives_the_dialer_that_closes);
  RUN_TEST(test_misuse_throws_at_once_and_says_why);
  RUN_TEST(test_what_a_resolver_throws_reaches_the_caller_and_leaves_nothing);
  RUN_TEST(test_a_held_up_loop_does_not_fail_a_dial_that_has_connected);
  RUN_TEST(test_a_dial_is_not_late_in_the_turn_that_it_was_started_in);
  RUN_TEST(test_a_held_up_loop_still_ends_a_dial_that_has_not_connected);
  return UNITY_END();
}
