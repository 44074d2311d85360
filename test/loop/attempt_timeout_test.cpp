// dial_options::attempt_timeout with real sockets. The race's tables have the times.
#include "support/confirm_world.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::silent_listener;
using fixture::ending;
using fixture::reading;

namespace {

std::unique_ptr<fixture::confirm_world> w;

dial_options limited(std::chrono::milliseconds limit) {
  dial_options made;
  made.timeout = 20'000ms;
  made.attempt_delay = 2000ms;
  made.attempt_timeout = limit;
  made.report = &w->report;
  return made;
}

}  // namespace

void setUp() {
  fixture::open();
  w = std::make_unique<fixture::confirm_world>();
}

void tearDown() {
  w.reset();
  fixture::close();
}

void test_a_silent_address_ends_at_its_limit_and_the_next_one_starts_at_once() {
  const silent_listener silent(demo::reserve(ip_family::v4));
  const std::vector<endpoint> to{silent.address(), w->first.address()};
  w->running = w->dials->connect(to, limited(20ms), w->end.callback());
  fixture::run_until([] { return w->end.called(); });
  TEST_ASSERT_EQUAL("success", ending(w->end));
  const attempt& ended = w->report.attempts.at(0);
  TEST_ASSERT_TRUE(ended.what == attempt::state::failed);
  TEST_ASSERT_TRUE(ended.why == std::errc::timed_out);
  TEST_ASSERT_GREATER_OR_EQUAL(std::chrono::microseconds(20ms), ended.ended - ended.started);
  TEST_ASSERT_LESS_THAN(std::chrono::microseconds(2000ms), w->report.attempts.at(1).started);
  using step = trace_event::step;
  TEST_ASSERT_TRUE(w->steps ==
                   std::vector<step>({step::start, step::fail, step::start, step::win, step::end}));
}

void test_all_silent_is_a_connect_error_that_says_so() {
  const silent_listener one(demo::reserve(ip_family::v4));
  const silent_listener other(demo::reserve(ip_family::v4));
  const std::vector<endpoint> to{one.address(), other.address()};
  w->running = w->dials->connect(to, limited(20ms), w->end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL("connect_error", ending(w->end));
  TEST_ASSERT_TRUE(w->end.failure()->code() == std::errc::timed_out);
  TEST_ASSERT_CONTAINS_STRING("2 attempts failed in ", w->end.failure()->what());
}

void test_without_the_option_there_is_no_limit() {
  TEST_ASSERT_FALSE(dial_options().attempt_timeout.has_value());
  const silent_listener silent(demo::reserve(ip_family::v4));
  w->running = w->dials->connect(silent.address(), {.timeout = 40ms}, w->end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL("timeout_error", ending(w->end));
  TEST_ASSERT_TRUE(w->end.failure()->attempts()[0].what == attempt::state::open);
}

void test_a_step_that_gives_no_answer_ends_at_the_limit() {
  const demo::listener quiet(fixture::loop(), demo::reserve(ip_family::v4));
  std::unique_ptr<reading> open;
  w->also = [&open] {
    if (w->times_asked == 1) open = std::make_unique<reading>(*w->asked.back().fresh);
    if (w->times_asked == 2) w->asked.back().answer.yes();
  };
  const std::vector<endpoint> to{quiet.address(), w->first.address()};
  dial_options options = limited(20ms);
  options.confirm = &w->step;
  w->running = w->dials->connect(to, options, w->end.callback());
  fixture::run_until([] { return w->end.called(); });
  TEST_ASSERT_EQUAL(w->first.address(), w->end.result->get_if()->peer());
  TEST_ASSERT_TRUE(w->report.attempts.at(0).why == std::errc::timed_out);
  TEST_ASSERT_FALSE(w->asked.front().answer.wanted());
  w->asked.front().answer.yes();
  fixture::run_until([&open] { return open->end.called(); });
  TEST_ASSERT_EQUAL("cancelled_error", ending(open->end));
}

void test_a_limit_out_of_range_is_refused() {
  for (const auto limit : {0ms, -1ms, std::chrono::milliseconds::max()})
    TEST_ASSERT_THROWS(std::invalid_argument,
                       (void)w->dials->connect(w->first.address(), limited(limit), w->end.callback()));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_silent_address_ends_at_its_limit_and_the_next_one_starts_at_once);
  RUN_TEST(test_all_silent_is_a_connect_error_that_says_so);
  RUN_TEST(test_without_the_option_there_is_no_limit);
  RUN_TEST(test_a_step_that_gives_no_answer_ends_at_the_limit);
  RUN_TEST(test_a_limit_out_of_range_is_refused);
  return UNITY_END();
}
