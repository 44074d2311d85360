// Whoever is dropped, cancelled, closed or destroyed while a confirm step is asked or its answer is open.
#include <functional>

#include "support/confirm_world.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using fixture::ending;
using fixture::reading;

namespace {

std::unique_ptr<fixture::confirm_world> w;

// Where something happens to the dial: inside the step, while its answer is open, or inside a read of the stream.
enum class place { step, open, read };

struct scene {
  std::unique_ptr<reading> of_stream{};
  std::vector<std::byte> into = std::vector<std::byte>(5);
  operation banner{};

  void play(place where, std::function<void()> happens) {
    bool happened = false;
    w->also = [this, where, happens, &happened] {
      tcp_stream& fresh = *w->asked.back().fresh;
      if (where == place::read) {
        banner = fresh.read(into, [happens, &happened](const outcome<std::size_t>&) {
          if (!happened) happens();
          happened = true;
        });
      }
      if (where == place::step) happens();
      if (where == place::step) happened = true;
    };
    w->dial(w->first.address());
    w->run_until_asked();
    if (where == place::open) {
      fixture::run_turn();
      happens();
      happened = true;
    }
    fixture::run_until([&happened] { return happened; });
    fixture::run();
  }
};

const place everywhere[] = {place::step, place::open, place::read};

void each(const std::function<void(scene&, place)>& test) {
  for (const place where : everywhere) {
    w = std::make_unique<fixture::confirm_world>();
    {
      scene one;
      test(one, where);
    }
    w.reset();
    fixture::run();
  }
}

}  // namespace

void setUp() { fixture::open(); }

void tearDown() {
  w.reset();
  fixture::close();
}

void test_a_dropped_dial_is_silent_and_its_answer_is_not_wanted() {
  each([](scene& one, place where) {
    one.play(where, [] { w->running = {}; });
    TEST_ASSERT_EQUAL(0, w->end.calls);
    TEST_ASSERT_FALSE(w->asked.front().answer.wanted());
    w->asked.front().answer.yes();
    fixture::run();
    TEST_ASSERT_EQUAL(0, w->end.calls);
    TEST_ASSERT_EQUAL("", w->report.host);
  });
}

void test_a_cancelled_dial_ends_with_cancelled_error() {
  each([](scene& one, place where) {
    bool called_inside = true;
    one.play(where, [&called_inside] {
      w->running.cancel();
      called_inside = w->end.called();
    });
    TEST_ASSERT_FALSE(called_inside);
    TEST_ASSERT_EQUAL("cancelled_error", ending(w->end));
    TEST_ASSERT_EQUAL(1, w->end.calls);
  });
}

void test_a_cancel_beats_a_yes_before_and_after_it() {
  each([](scene& one, place where) {
    bool wanted = true;
    one.play(where, [&wanted] {
      w->asked.front().answer.yes();
      wanted = w->asked.front().answer.wanted();
      w->running.cancel();
    });
    TEST_ASSERT_FALSE(wanted);
    TEST_ASSERT_EQUAL("cancelled_error", ending(w->end));
    TEST_ASSERT_FALSE(w->report.winner.has_value());
    TEST_ASSERT_TRUE(w->report.why_won == win_reason::none);
    TEST_ASSERT_TRUE(w->report.attempts.front().what == attempt::state::open);
  });
  each([](scene& one, place where) {
    bool wanted = true;
    one.play(where, [&wanted] {
      w->running.cancel();
      wanted = w->asked.front().answer.wanted();
      w->asked.front().answer.yes();
    });
    TEST_ASSERT_FALSE(wanted);
    TEST_ASSERT_EQUAL("cancelled_error", ending(w->end));
  });
}

void test_a_dialer_that_dies_cancels() {
  each([](scene& one, place where) {
    one.play(where, [] { w->dials.reset(); });
    TEST_ASSERT_EQUAL("cancelled_error", ending(w->end));
    w->asked.front().answer.yes();
    TEST_ASSERT_EQUAL(1, w->end.calls);
  });
}

void test_a_dialer_that_is_closed_cancels_and_hears_of_the_last_handle() {
  each([](scene& one, place where) {
    fixture::recorder<done> closed;
    one.play(where, [&closed] { w->dials->close(closed.callback()); });
    TEST_ASSERT_EQUAL("cancelled_error", ending(w->end));
    TEST_ASSERT_EQUAL(1, closed.calls);
  });
}

void test_all_of_it_may_go_at_once() {
  each([](scene& one, place where) {
    one.play(where, [] {
      w->running = {};
      w->dials.reset();
      w->asked.clear();
    });
    TEST_ASSERT_EQUAL(0, w->end.calls);
  });
}

void test_an_answer_may_die_wherever_it_is() {
  each([](scene& one, place where) {
    one.play(where, [] { w->asked.clear(); });
    TEST_ASSERT_TRUE(w->end.failure()->code() == std::errc::connection_aborted);
  });
}

void test_reads_in_flight_end_with_the_dial_once_or_not_at_all() {
  for (const bool dropped : {false, true}) {
    w = std::make_unique<fixture::confirm_world>();
    const demo::listener quiet(fixture::loop(), demo::reserve(ip_family::v4));
    w->dial(quiet.address());
    w->run_until_asked();
    reading open(*w->asked.front().fresh);
    if (dropped) open.running = {};
    w->running.cancel();
    fixture::run();
    TEST_ASSERT_EQUAL("cancelled_error", ending(w->end));
    TEST_ASSERT_EQUAL(dropped ? "not called" : "cancelled_error", ending(open.end));
    TEST_ASSERT_EQUAL(dropped ? 0 : 1, open.end.calls);
    w.reset();
    fixture::run();
  }
}

// The step owns its answer through the read, and the read through the stream: the dial's end unties it.
void test_an_answer_that_a_read_of_the_same_stream_owns_goes_with_the_dial() {
  w = std::make_unique<fixture::confirm_world>();
  const demo::listener quiet(fixture::loop(), demo::reserve(ip_family::v4));
  int ends = 0;
  std::vector<std::byte> into(5);
  confirm_step tied = [&](tcp_stream& fresh, const endpoint&, confirmation answer) {
    fresh
        .read(into,
              [&ends, answer = std::move(answer)](const outcome<std::size_t>& result) mutable {
                ++ends;
                if (result) answer.yes();
              })
        .detach();
  };
  dial_options options = w->options();
  options.confirm = &tied;
  options.attempt_timeout = 20ms;
  w->running = w->dials->connect(quiet.address(), options, w->end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL(1, ends);
  TEST_ASSERT_EQUAL(1, w->end.calls);
  TEST_ASSERT_TRUE(w->end.failure()->code() == std::errc::timed_out);
}

// The callbacks of a dial own the dialer, the step and the answers.
void test_the_callback_may_destroy_everything() {
  w = std::make_unique<fixture::confirm_world>();
  int ends = 0;
  w->also = [] { w->asked.back().answer.yes(); };
  w->dials
      ->connect(w->both, w->options(),
                [&ends](const outcome<tcp_stream>& result) {
                  ends += result ? 1 : 100;
                  w.reset();
                })
      .detach();
  fixture::run();
  TEST_ASSERT_EQUAL(1, ends);
}

// The win is told before the callback runs, and until then a cancel counts.
void test_a_cancel_when_the_win_is_told_is_not_lost() {
  w = std::make_unique<fixture::confirm_world>();
  fixture::recorder<tcp_stream> end;
  operation running;
  dialer dials(fixture::loop(), {.trace = [&running](const trace_event& event) {
                 if (event.what == trace_event::step::win) running.cancel();
               }});
  running = dials.connect(w->first.address(), {.report = &w->report}, end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL("cancelled_error", ending(end));
  TEST_ASSERT_FALSE(w->report.winner.has_value());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_dropped_dial_is_silent_and_its_answer_is_not_wanted);
  RUN_TEST(test_a_cancelled_dial_ends_with_cancelled_error);
  RUN_TEST(test_a_cancel_beats_a_yes_before_and_after_it);
  RUN_TEST(test_a_dialer_that_dies_cancels);
  RUN_TEST(test_a_dialer_that_is_closed_cancels_and_hears_of_the_last_handle);
  RUN_TEST(test_all_of_it_may_go_at_once);
  RUN_TEST(test_an_answer_may_die_wherever_it_is);
  RUN_TEST(test_reads_in_flight_end_with_the_dial_once_or_not_at_all);
  RUN_TEST(test_an_answer_that_a_read_of_the_same_stream_owns_goes_with_the_dial);
  RUN_TEST(test_the_callback_may_destroy_everything);
  RUN_TEST(test_a_cancel_when_the_win_is_told_is_not_lost);
  return UNITY_END();
}
