// When the callback of resolve() runs, what an operation can do to it, and what it may destroy.
#include <vector>

#include "support/resolve_world.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using fixture::cancelled;
using fixture::recorder;
using fixture::resolve_world;
using fixture::text_of;
using fixture::without_times;

namespace {

constexpr std::size_t handles_of_a_turn = 4;

std::unique_ptr<resolve_world> w;

endpoint at(const char* address) { return *endpoint::from_literal(address, 0); }

}  // namespace

void setUp() {
  fixture::open();
  w = std::make_unique<resolve_world>();
}

void tearDown() {
  w.reset();
  fixture::close();
}

void test_a_deadline_ends_the_call_and_its_lookup() {
  const operation running = w->resolve("slow.test", {.timeout = 5ms});
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("resolve slow.test: timed out after N ms", without_times(text_of(w->end)));
  TEST_ASSERT_EQUAL(error_kind::timeout, w->end.failure()->kind());
  TEST_ASSERT_TRUE(w->end.failure()->code() == std::errc::timed_out);
  TEST_ASSERT_TRUE(w->end.failure()->report().elapsed >= 5ms);
  TEST_ASSERT_EQUAL(0u, w->names->running.size());
}

void test_a_deadline_names_the_family_that_was_open() {
  const operation running = w->resolve("slow.test", {.timeout = 1ms});
  w->answer({ip_family::v4, {at("127.0.0.1")}});
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("resolve slow.test: timed out after N ms; IPv6 lookup still open",
                           without_times(text_of(w->end)));
}

void test_each_call_has_its_own_deadline() {
  std::string order;
  std::vector<operation> running;
  for (const int timeout : {30, 10, 20}) {
    running.push_back(
        w->resolve("slow.test", {.timeout = std::chrono::milliseconds(timeout)},
                   [&order, timeout](outcome<host_entry>) { order += std::to_string(timeout) + " "; }));
  }
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("10 20 30 ", order);
}

// The loop is held up in a timer beyond the deadline, and what brings the answer is read in the same turn.
void test_a_deadline_does_not_beat_an_answer_that_is_there() {
  uv_timer_t busy;
  uv_async_t socket;
  TEST_ASSERT_EQUAL(0, uv_timer_init(&fixture::loop(), &busy));
  TEST_ASSERT_EQUAL(0, uv_async_init(&fixture::loop(), &socket, [](uv_async_t* handle) {
                      w->answer({ip_family::v6, {at("::1")}});
                      w->answer({ip_family::v4, {at("127.0.0.1")}});
                      uv_close(reinterpret_cast<uv_handle_t*>(handle), nullptr);
                    }));
  busy.data = &socket;
  const operation running = w->resolve("a.test", {.timeout = 20ms});
  fixture::run_turn();  // the deadline's timer is set
  const auto hold_up = [](uv_timer_t* handle) {
    const detail::instant begin = detail::now();
    while (detail::now() - begin < 40ms) {}
    (void)uv_async_send(static_cast<uv_async_t*>(handle->data));
    uv_close(reinterpret_cast<uv_handle_t*>(handle), nullptr);
  };
  TEST_ASSERT_EQUAL(0, uv_timer_start(&busy, hold_up, 0, 0));
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("a.test: ::1 127.0.0.1", text_of(w->end));
}

void test_a_cancelled_call_calls_back_from_the_loop() {
  operation running = w->resolve("slow.test");
  fixture::run_turn();
  running.cancel();
  running.cancel();
  TEST_ASSERT_EQUAL(0, w->end.calls);
  TEST_ASSERT_TRUE(running.running());
  fixture::run();
  TEST_ASSERT_EQUAL(1, w->end.calls);
  TEST_ASSERT_TRUE(cancelled(w->end));
  TEST_ASSERT_TRUE(w->end.failure()->code() == std::errc::operation_canceled);
  TEST_ASSERT_EQUAL_STRING("resolve slow.test: cancelled after N ms", without_times(text_of(w->end)));
  TEST_ASSERT_EQUAL(0u, w->names->running.size());
  running.cancel();
  fixture::run();
  TEST_ASSERT_EQUAL(1, w->end.calls);
}

void test_cancel_beats_an_entry_that_waits() {
  w->answer_both();
  operation running = w->resolve("a.test");
  running.cancel();
  fixture::run();
  TEST_ASSERT_TRUE(cancelled(w->end));
}

void test_an_answer_after_cancel_is_not_heard() {
  operation running = w->resolve("a.test", {.families = family_policy::v4_only});
  running.cancel();
  w->answer({ip_family::v4, {at("127.0.0.1")}});
  fixture::run();
  TEST_ASSERT_EQUAL(1, w->end.calls);
  TEST_ASSERT_TRUE(cancelled(w->end));
}

void test_a_dropped_call_is_silent_and_stops_its_lookup() {
  auto captured = std::make_shared<int>(1);
  operation running = w->resolve("a.test", {}, [captured](outcome<host_entry>) {});
  TEST_ASSERT_EQUAL(1u, w->names->running.size());
  running = {};
  TEST_ASSERT_EQUAL(0u, w->names->running.size());
  TEST_ASSERT_EQUAL(1, captured.use_count());
}

void test_a_call_that_is_dropped_when_it_has_ended_is_silent() {
  w->answer_both();
  { const operation dropped = w->resolve("a.test"); }
  {
    operation dropped = w->resolve("a.test");
    dropped.cancel();
  }
  fixture::run();
  TEST_ASSERT_EQUAL(0, w->end.calls);
}

void test_a_detached_call_runs_on() {
  w->resolve("a.test").detach();
  fixture::run_turn();
  w->answer({ip_family::v4, {at("127.0.0.1")}});
  w->answer({ip_family::v6, {}, resolve_errc::no_address});
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("a.test: 127.0.0.1", text_of(w->end));
}

void test_calls_chain_by_assigning_to_the_operation_inside_its_callback() {
  w->answer_both();
  int ended = 0;
  bool running_inside = false;
  operation running;
  unique_function<void()> again = [&] {
    running = w->resolve("a.test", {}, [&](outcome<host_entry>) {
      running_inside = running_inside || running.running();
      if (++ended < 5) again();
    });
  };
  again();
  for (int turn = 1; turn <= 5; ++turn) {
    fixture::run_turn();
    TEST_ASSERT_EQUAL_MESSAGE(turn, ended, "one a turn: the loop has other work");
  }
  fixture::run();
  TEST_ASSERT_EQUAL(5, ended);
  TEST_ASSERT_FALSE(running_inside);
}

void test_a_callback_may_destroy_everything() {
  w->answer_both();
  recorder<host_entry> neighbour;
  operation beside;
  operation running;
  int calls = 0;
  running = w->resolve("a.test", {}, [&](outcome<host_entry>) {
    ++calls;
    running = {};
    beside = {};
    w.reset();
  });
  beside = w->resolve("a.test", {}, neighbour.callback());
  fixture::run();
  TEST_ASSERT_EQUAL(1, calls);
  TEST_ASSERT_EQUAL(0, neighbour.calls);
}

void test_callbacks_may_hold_what_cannot_be_copied() {
  w->answer_both();
  auto owned = std::make_unique<int>(7);
  int seen = 0;
  const operation running =
      w->resolve("a.test", {}, [owned = std::move(owned), &seen](outcome<host_entry>) { seen = *owned; });
  fixture::run();
  TEST_ASSERT_EQUAL(7, seen);
}

void test_any_number_of_calls_share_one_turn() {
  TEST_ASSERT_EQUAL(0u, w->count->open());
  std::vector<operation> running;
  for (int call = 0; call < 100; ++call) running.push_back(w->resolve("a.test"));
  TEST_ASSERT_EQUAL(handles_of_a_turn, w->count->open());
  while (!w->names->running.empty()) {
    const std::size_t before = w->names->running.size();
    w->answer({ip_family::v6, {}, resolve_errc::no_address});
    w->answer({ip_family::v4, {at("127.0.0.1")}});
    fixture::run_until([&] { return w->names->running.size() < before; });
  }
  fixture::run();  // which ends although the handles are open
  TEST_ASSERT_EQUAL(100, w->end.calls);
  TEST_ASSERT_EQUAL(handles_of_a_turn, w->count->open());
}

// As a resolver does that is destroyed.
void test_calls_that_run_when_their_owner_goes_away_go_on_to_their_end() {
  const operation running = w->resolve("a.test");
  const auto count = w->count;
  w->calls.reset();
  fixture::run_turn();
  w->answer({ip_family::v6, {}, resolve_errc::no_address});
  w->answer({ip_family::v4, {at("127.0.0.1")}});
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("a.test: 127.0.0.1", text_of(w->end));
  TEST_ASSERT_EQUAL(0u, count->open());
}

void test_close_cancels_what_runs_and_then_closes_the_handles() {
  recorder<host_entry> ended;
  w->answer_both();
  const operation waiting = w->resolve("b.test", {}, ended.callback());
  w->names->at_once.clear();
  const operation running = w->resolve("a.test");
  std::string order;
  w->count->when_none([&] { order += w->end.called() && ended.called() ? "closed" : "too early"; });
  w->calls->close();
  TEST_ASSERT_EQUAL(0, w->end.calls + ended.calls);
  fixture::run();
  TEST_ASSERT_TRUE(cancelled(w->end));
  TEST_ASSERT_TRUE(cancelled(ended));
  TEST_ASSERT_EQUAL_STRING("closed", order);
  TEST_ASSERT_THROWS(std::logic_error, (void)w->resolve("a.test"));
  TEST_ASSERT_EQUAL(0u, w->count->open());
}

void test_close_of_one_that_is_idle_closes_the_handles() {
  w->calls->open();
  w->calls->open();
  TEST_ASSERT_EQUAL(handles_of_a_turn, w->count->open());
  w->calls->close();
  fixture::run();
  TEST_ASSERT_EQUAL(0u, w->count->open());
}

void test_a_callback_may_close_and_drop_what_is_left() {
  operation left = w->resolve("slow.test");
  w->answer_both();
  int calls = 0;
  const operation running = w->resolve("a.test", {}, [&](outcome<host_entry>) {
    ++calls;
    w->calls->close();
    left = {};
  });
  fixture::run();
  TEST_ASSERT_EQUAL(1, calls);
  TEST_ASSERT_EQUAL(0, w->end.calls);
  TEST_ASSERT_EQUAL(0u, w->count->open());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_deadline_ends_the_call_and_its_lookup);
  RUN_TEST(test_a_deadline_names_the_family_that_was_open);
  RUN_TEST(test_each_call_has_its_own_deadline);
  RUN_TEST(test_a_deadline_does_not_beat_an_answer_that_is_there);
  RUN_TEST(test_a_cancelled_call_calls_back_from_the_loop);
  RUN_TEST(test_cancel_beats_an_entry_that_waits);
  RUN_TEST(test_an_answer_after_cancel_is_not_heard);
  RUN_TEST(test_a_dropped_call_is_silent_and_stops_its_lookup);
  RUN_TEST(test_a_call_that_is_dropped_when_it_has_ended_is_silent);
  RUN_TEST(test_a_detached_call_runs_on);
  RUN_TEST(test_calls_chain_by_assigning_to_the_operation_inside_its_callback);
  RUN_TEST(test_a_callback_may_destroy_everything);
  RUN_TEST(test_callbacks_may_hold_what_cannot_be_copied);
  RUN_TEST(test_any_number_of_calls_share_one_turn);
  RUN_TEST(test_calls_that_run_when_their_owner_goes_away_go_on_to_their_end);
  RUN_TEST(test_close_cancels_what_runs_and_then_closes_the_handles);
  RUN_TEST(test_close_of_one_that_is_idle_closes_the_handles);
  RUN_TEST(test_a_callback_may_close_and_drop_what_is_left);
  return UNITY_END();
}
