// Rules 1 to 3: when a callback runs, what an operation can do to it, and what it may destroy.
#include <memory>
#include <vector>

#include "demo/peers.hpp"
#include "support/loop_fixture.hpp"
#include "support/scripted_resolver.hpp"
#include "uvdial/dialer.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::listener;
using demo::reserve;
using demo::silent_listener;
using fixture::recorder;

namespace {

struct world {
  std::shared_ptr<fixture::scripted_resolver> names = std::make_shared<fixture::scripted_resolver>();
  std::unique_ptr<dialer> dials = std::make_unique<dialer>(fixture::loop(), dialer_config{names});
  listener alive{fixture::loop(), reserve(ip_family::v4)};
  demo::reserved_port refusing = reserve(ip_family::v4);
  silent_listener silent{reserve(ip_family::v4)};
  recorder<tcp_stream> end;
};

std::unique_ptr<world> w;

bool cancelled(const recorder<tcp_stream>& end) {
  return end.failure() && end.failure()->kind() == error_kind::cancelled;
}

}  // namespace

void setUp() {
  fixture::open();
  w = std::make_unique<world>();
}

void tearDown() {
  w.reset();
  fixture::close();
}

void test_a_failure_that_is_known_at_once_still_comes_from_the_loop() {
  w->names->fails_at_once = {{ip_family::v6, resolve_errc::host_not_found},
                             {ip_family::v4, resolve_errc::host_not_found}};
  const operation running = w->dials->connect(target("nosuch.test", 80), {}, w->end.callback());
  TEST_ASSERT_EQUAL(0, w->end.calls);
  TEST_ASSERT_TRUE(running.running());
  fixture::run();
  TEST_ASSERT_EQUAL(1, w->end.calls);
  TEST_ASSERT_EQUAL(error_kind::host_not_found, w->end.failure()->kind());
}

void test_a_failure_that_is_known_at_once_costs_one_turn() {
  w->names->fails_at_once = {{ip_family::v6, resolve_errc::no_address},
                             {ip_family::v4, resolve_errc::no_address}};
  const operation running = w->dials->connect(target("empty.test", 80), {}, w->end.callback());
  fixture::run_turn();
  TEST_ASSERT_EQUAL(1, w->end.calls);
}

void test_a_dropped_operation_never_calls_back() {
  { const operation dropped = w->dials->connect(w->alive.address(), {}, w->end.callback()); }
  fixture::run();
  TEST_ASSERT_EQUAL(0, w->end.calls);
}

void test_dropping_destroys_what_the_callback_captured() {
  auto captured = std::make_shared<int>(1);
  operation running = w->dials->connect(w->silent.address(), {}, [captured](outcome<tcp_stream>) {});
  TEST_ASSERT_EQUAL(2, captured.use_count());
  running = {};
  TEST_ASSERT_EQUAL(1, captured.use_count());
}

void test_a_cancelled_operation_calls_back_from_the_loop() {
  operation running = w->dials->connect(w->silent.address(), {}, w->end.callback());
  fixture::run_turn();
  running.cancel();
  TEST_ASSERT_EQUAL(0, w->end.calls);
  TEST_ASSERT_TRUE(running.running());
  fixture::run();
  TEST_ASSERT_EQUAL(1, w->end.calls);
  TEST_ASSERT_TRUE(cancelled(w->end));
  TEST_ASSERT_TRUE(w->end.failure()->code() == std::errc::operation_canceled);
  TEST_ASSERT_EQUAL(1u, w->end.failure()->attempts().size());
}

void test_cancel_before_the_first_turn_is_cancelled_error() {
  operation running = w->dials->connect(w->alive.address(), {}, w->end.callback());
  running.cancel();
  running.cancel();
  fixture::run();
  TEST_ASSERT_EQUAL(1, w->end.calls);
  TEST_ASSERT_TRUE(cancelled(w->end));
}

// The connect is ready and even read, but its callback has not run: the user's own poll phase comes first.
void test_cancel_beats_a_success_that_waits() {
  w->names->fails_at_once = {{ip_family::v6, resolve_errc::no_address},
                             {ip_family::v4, resolve_errc::no_address}};
  operation failed = w->dials->connect(target("empty.test", 80), {}, w->end.callback());
  failed.cancel();  // its failure was decided inside connect()
  fixture::run();
  TEST_ASSERT_TRUE(cancelled(w->end));
}

void test_cancel_on_an_ended_operation_does_nothing() {
  operation running = w->dials->connect(w->refusing.address(), {}, w->end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL(1, w->end.calls);
  TEST_ASSERT_FALSE(running.running());
  running.cancel();
  fixture::run();
  TEST_ASSERT_EQUAL(1, w->end.calls);
}

void test_drop_after_cancel_stays_silent() {
  {
    operation running = w->dials->connect(w->silent.address(), {}, w->end.callback());
    running.cancel();
  }
  fixture::run();
  TEST_ASSERT_EQUAL(0, w->end.calls);
}

void test_a_detached_operation_runs_on() {
  w->dials->connect(w->alive.address(), {}, w->end.callback()).detach();
  fixture::run();
  TEST_ASSERT_EQUAL(1, w->end.calls);
  TEST_ASSERT_TRUE(w->end.succeeded());
}

void test_an_operation_has_ended_when_its_callback_is_entered() {
  bool running_inside = true;
  operation running;
  running = w->dials->connect(w->alive.address(), {},
                              [&](outcome<tcp_stream>) { running_inside = running.running(); });
  fixture::run();
  TEST_ASSERT_FALSE(running_inside);
}

void test_dials_chain_by_assigning_to_the_operation_inside_its_callback() {
  int dials = 0;
  operation running;
  unique_function<void()> again = [&] {
    running = w->dials->connect(w->refusing.address(), {}, [&](outcome<tcp_stream>) {
      if (++dials < 5) again();
    });
  };
  again();
  fixture::run();
  TEST_ASSERT_EQUAL(5, dials);
}

void test_destroying_the_dialer_cancels_its_dials_from_the_loop() {
  operation held = w->dials->connect(w->silent.address(), {}, w->end.callback());
  recorder<tcp_stream> detached;
  w->dials->connect(w->silent.address(), {}, detached.callback()).detach();
  recorder<tcp_stream> dropped;
  { const operation gone = w->dials->connect(w->silent.address(), {}, dropped.callback()); }
  fixture::run_turn();
  w->dials.reset();
  TEST_ASSERT_EQUAL(0, w->end.calls + detached.calls);
  fixture::run();
  TEST_ASSERT_TRUE(cancelled(w->end));
  TEST_ASSERT_TRUE(cancelled(detached));
  TEST_ASSERT_EQUAL(0, dropped.calls);
}

void test_the_operation_may_outlive_the_dialer() {
  operation running = w->dials->connect(w->silent.address(), {}, w->end.callback());
  w->dials.reset();
  fixture::run();
  TEST_ASSERT_FALSE(running.running());
  running.cancel();
}

void test_a_callback_may_destroy_the_dialer() {
  recorder<tcp_stream> neighbour;
  const operation beside = w->dials->connect(w->silent.address(), {}, neighbour.callback());
  int calls = 0;
  const operation running = w->dials->connect(w->alive.address(), {}, [&](outcome<tcp_stream>) {
    ++calls;
    w->dials.reset();
  });
  fixture::run();
  TEST_ASSERT_EQUAL(1, calls);
  TEST_ASSERT_TRUE(cancelled(neighbour));
}

void test_a_callback_may_destroy_its_own_operation_and_its_neighbours() {
  recorder<tcp_stream> neighbour;
  operation beside = w->dials->connect(w->alive.address(), {}, neighbour.callback());
  int calls = 0;
  operation running;
  running = w->dials->connect(w->alive.address(), {}, [&](outcome<tcp_stream>) {
    ++calls;
    running = {};
    beside = {};
  });
  fixture::run();
  TEST_ASSERT_EQUAL(1, calls);
  TEST_ASSERT_TRUE(neighbour.calls <= 1);
}

void test_callbacks_may_hold_what_cannot_be_copied() {
  auto owned = std::make_unique<int>(7);
  int seen = 0;
  const operation running = w->dials->connect(
      w->alive.address(), {}, [owned = std::move(owned), &seen](outcome<tcp_stream>) { seen = *owned; });
  fixture::run();
  TEST_ASSERT_EQUAL(7, seen);
}

void test_cancelling_one_dial_leaves_its_neighbours_alone() {
  recorder<tcp_stream> others[3];
  std::vector<operation> running;
  for (auto& other : others) {
    running.push_back(
        w->dials->connect(target("shared.test", w->alive.address().port()), {}, other.callback()));
  }
  operation one = w->dials->connect(target("shared.test", w->alive.address().port()), {}, w->end.callback());
  one.cancel();
  fixture::run_turn();
  TEST_ASSERT_TRUE(cancelled(w->end));
  while (!w->names->running.empty()) {
    w->names->fail(ip_family::v6, resolve_errc::no_address);
    w->names->answer(ip_family::v4, {w->alive.address()});
    const std::size_t left = w->names->running.size();
    fixture::run_until([&] { return w->names->running.size() < left; });
  }
  fixture::run();
  for (const auto& other : others) TEST_ASSERT_TRUE(other.succeeded());
}

// Between the end of a dial and its callback: the check phase of that turn, before the dialer's own.
void test_close_waits_for_the_socket_of_a_success_that_was_dropped() {
  struct {
    bool decided = false;
    operation running{};
    std::unique_ptr<dialer> dials{};
    int closed = 0;
    int still_closing = 0;
  } seen;
  seen.dials = std::make_unique<dialer>(
      fixture::loop(), dialer_config{.names = w->names, .trace = [&seen](const trace_event& told) {
                                       seen.decided |= told.what == trace_event::step::end;
                                     }});
  seen.running = seen.dials->connect(w->alive.address(), {}, w->end.callback());
  uv_check_t check;
  TEST_ASSERT_EQUAL(0, uv_check_init(&fixture::loop(), &check));
  check.data = &seen;
  const auto drop_and_close = [](uv_check_t* handle) {
    auto& to = *static_cast<decltype(seen)*>(handle->data);
    if (!to.decided) return;
    (void)uv_check_stop(handle);
    to.running = {};
    to.dials->close([&to](const outcome<done>&) {
      ++to.closed;
      const auto count = [](uv_handle_t* each, void* into) {
        *static_cast<int*>(into) += uv_is_closing(each) != 0 ? 1 : 0;
      };
      uv_walk(&fixture::loop(), count, &to.still_closing);
    });
  };
  TEST_ASSERT_EQUAL(0, uv_check_start(&check, drop_and_close));  // the one that was started last runs first
  fixture::run();
  uv_close(reinterpret_cast<uv_handle_t*>(&check), nullptr);
  fixture::run();
  TEST_ASSERT_EQUAL(1, seen.closed);
  TEST_ASSERT_EQUAL(0, w->end.calls);
  TEST_ASSERT_EQUAL(0, seen.still_closing);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_failure_that_is_known_at_once_still_comes_from_the_loop);
  RUN_TEST(test_a_failure_that_is_known_at_once_costs_one_turn);
  RUN_TEST(test_a_dropped_operation_never_calls_back);
  RUN_TEST(test_dropping_destroys_what_the_callback_captured);
  RUN_TEST(test_a_cancelled_operation_calls_back_from_the_loop);
  RUN_TEST(test_cancel_before_the_first_turn_is_cancelled_error);
  RUN_TEST(test_cancel_beats_a_success_that_waits);
  RUN_TEST(test_cancel_on_an_ended_operation_does_nothing);
  RUN_TEST(test_close_waits_for_the_socket_of_a_success_that_was_dropped);
  RUN_TEST(test_drop_after_cancel_stays_silent);
  RUN_TEST(test_a_detached_operation_runs_on);
  RUN_TEST(test_an_operation_has_ended_when_its_callback_is_entered);
  RUN_TEST(test_dials_chain_by_assigning_to_the_operation_inside_its_callback);
  RUN_TEST(test_destroying_the_dialer_cancels_its_dials_from_the_loop);
  RUN_TEST(test_the_operation_may_outlive_the_dialer);
  RUN_TEST(test_a_callback_may_destroy_the_dialer);
  RUN_TEST(test_a_callback_may_destroy_its_own_operation_and_its_neighbours);
  RUN_TEST(test_callbacks_may_hold_what_cannot_be_copied);
  RUN_TEST(test_cancelling_one_dial_leaves_its_neighbours_alone);
  return UNITY_END();
}
