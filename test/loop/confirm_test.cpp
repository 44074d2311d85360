// The confirm step on a real loop: what its answers do, and which stream the dial's callback gets.
#include "uvdial/confirm.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include "support/confirm_world.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using fixture::ending;
using fixture::reading;
using step = trace_event::step;

namespace {

std::unique_ptr<fixture::confirm_world> w;

const std::error_code refusal = std::make_error_code(std::errc::protocol_error);

}  // namespace

void setUp() {
  fixture::open();
  w = std::make_unique<fixture::confirm_world>();
}

void tearDown() {
  w.reset();
  fixture::close();
}

void test_the_step_reads_a_banner_and_the_callback_gets_what_comes_after_it() {
  std::unique_ptr<reading> banner;
  w->also = [&] { banner = std::make_unique<reading>(*w->asked.front().fresh, 5); };
  w->dial(w->first.address());
  fixture::run_until([&] { return banner && banner->end.called(); });
  TEST_ASSERT_EQUAL("hello", banner->text());
  TEST_ASSERT_FALSE(w->end.called());
  w->asked.front().answer.yes();
  TEST_ASSERT_FALSE(w->end.called());
  fixture::run_until([] { return w->end.called(); });
  tcp_stream stream = std::move(*w->end.result).value();
  TEST_ASSERT_EQUAL(w->first.address(), stream.peer());
  reading rest(stream);
  fixture::run_until([&rest] { return rest.end.called(); });
  TEST_ASSERT_EQUAL(", later", rest.text());
}

void test_a_yes_inside_the_step_is_enough() {
  w->also = [] { w->asked.back().answer.yes(); };
  w->dial(w->both);
  fixture::run_until([] { return w->end.called(); });
  TEST_ASSERT_TRUE(w->end.succeeded());
  TEST_ASSERT_EQUAL(1u, w->asked.size());
  TEST_ASSERT_TRUE(w->steps == std::vector<step>({step::start, step::confirm, step::win, step::end}));
}

void test_a_yes_inside_a_read_of_the_stream_keeps_the_calls_that_are_in_flight() {
  std::vector<std::byte> into(5);
  fixture::recorder<std::size_t> later;
  operation first_read;
  operation second_read;
  w->also = [&] {
    first_read = w->asked.front().fresh->read(into, [&](outcome<std::size_t>) {
      second_read = w->asked.front().fresh->read(into, later.callback());
      w->asked.front().answer.yes();
    });
  };
  w->dial(w->first.address());
  fixture::run_until([&] { return later.called(); });
  TEST_ASSERT_EQUAL("success", ending(later));
  TEST_ASSERT_EQUAL(5u, *later.result->get_if());
  fixture::run_until([] { return w->end.called(); });
  TEST_ASSERT_TRUE(w->end.succeeded());
}

void test_a_no_goes_on_with_the_next_address() {
  w->dial(w->both);
  w->also = [] {
    if (w->asked.size() == 1) w->asked[0].answer.no(refusal);
    if (w->asked.size() == 2) w->asked[1].answer.yes();
  };
  fixture::run_until([] { return w->end.called(); });
  TEST_ASSERT_EQUAL(w->second.address(), w->end.result->get_if()->peer());
  TEST_ASSERT_EQUAL(2u, w->report.attempts.size());
  TEST_ASSERT_TRUE(w->report.attempts[0].what == attempt::state::failed);
  TEST_ASSERT_EQUAL(refusal, w->report.attempts[0].why);
  TEST_ASSERT_EQUAL(1u, w->report.winner.value());
  TEST_ASSERT_TRUE(w->report.why_won == win_reason::others_failed);
}

void test_a_no_to_all_fails_with_its_codes() {
  w->also = [] { w->asked.back().answer.no(refusal); };
  w->dial(w->both);
  fixture::run_until([] { return w->end.called(); });
  TEST_ASSERT_EQUAL("connect_error", ending(w->end));
  TEST_ASSERT_EQUAL(refusal, w->end.failure()->code());
  TEST_ASSERT_EQUAL(2u, w->end.failure()->attempts().size());
  TEST_ASSERT_CONTAINS_STRING("2 attempts failed", w->end.failure()->what());
}

void test_no_answer_is_a_no() {
  w->also = [] { w->asked.clear(); };
  w->dial(w->first.address());
  fixture::run_until([] { return w->end.called(); });
  TEST_ASSERT_TRUE(w->end.failure()->code() == std::errc::connection_aborted);
}

void test_a_no_without_a_code_has_one() {
  w->also = [] { w->asked.back().answer.no({}); };
  w->dial(w->first.address());
  fixture::run_until([] { return w->end.called(); });
  TEST_ASSERT_TRUE(w->end.failure()->code() == std::errc::connection_aborted);
}

void test_an_answer_that_is_overwritten_is_a_no() {
  w->dial(w->both);
  w->run_until_asked(2);
  TEST_ASSERT_TRUE(w->asked[0].answer.wanted());
  w->asked[0].answer = std::move(w->asked[1].answer);
  w->asked[0].answer.yes();
  fixture::run_until([] { return w->end.called(); });
  TEST_ASSERT_EQUAL(w->second.address(), w->end.result->get_if()->peer());
  TEST_ASSERT_TRUE(w->report.attempts[0].why == std::errc::connection_aborted);
}

void test_losers_stay_open_until_the_yes_and_their_reads_are_cancelled() {
  w->dial(w->both);
  w->run_until_asked(2);
  reading of_loser(*w->asked[0].fresh);
  fixture::run_until([&of_loser] { return of_loser.end.called(); });
  TEST_ASSERT_EQUAL("hello, later", of_loser.text());
  of_loser.again(*w->asked[0].fresh);
  reading dropped(*w->asked[1].fresh);
  dropped.running = {};
  w->asked[1].answer.yes();
  fixture::run_until([] { return w->end.called(); });
  TEST_ASSERT_EQUAL(w->second.address(), w->end.result->get_if()->peer());
  fixture::run_until([&of_loser] { return of_loser.end.called(); });
  TEST_ASSERT_EQUAL("cancelled_error", ending(of_loser.end));
  w->end.result.reset();
  fixture::run();
  TEST_ASSERT_EQUAL(1, of_loser.end.calls);
  TEST_ASSERT_EQUAL(0, dropped.end.calls);
  TEST_ASSERT_TRUE(w->report.attempts[0].what == attempt::state::open);
  TEST_ASSERT_TRUE(w->report.why_won == win_reason::others_slower);
  TEST_ASSERT_FALSE(w->asked[0].answer.wanted());
}

void test_the_first_answer_counts() {
  w->dial(w->first.address());
  w->run_until_asked();
  confirmation& answer = w->asked.front().answer;
  answer.yes();
  TEST_ASSERT_FALSE(answer.wanted());
  answer.no(refusal);
  answer.yes();
  fixture::run_until([] { return w->end.called(); });
  w->end.result.reset();
  fixture::run();
  TEST_ASSERT_EQUAL(1, w->end.calls);
  TEST_ASSERT_TRUE(w->report.winner.has_value());
}

void test_an_answer_after_the_end_does_nothing() {
  dial_options options = w->options();
  options.timeout = 20ms;
  w->running = w->dials->connect(w->both, options, w->end.callback());
  fixture::run_until([] { return w->end.called(); });
  TEST_ASSERT_EQUAL("timeout_error", ending(w->end));
  TEST_ASSERT_GREATER_THAN(0u, w->asked.size());
  for (auto& each : w->asked) {
    TEST_ASSERT_FALSE(each.answer.wanted());
    each.answer.yes();
    each.answer.no(refusal);
  }
  fixture::run();
  TEST_ASSERT_EQUAL(1, w->end.calls);
}

void test_the_deadline_cancels_the_reads_of_the_step() {
  std::unique_ptr<reading> open;
  w->also = [&] { open = std::make_unique<reading>(*w->asked.front().fresh); };
  demo::listener quiet(fixture::loop(), demo::reserve(ip_family::v4));
  dial_options options = w->options();
  options.timeout = 20ms;
  w->running = w->dials->connect(quiet.address(), options, w->end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL("timeout_error", ending(w->end));
  TEST_ASSERT_EQUAL("cancelled_error", ending(open->end));
  TEST_ASSERT_TRUE(w->report.attempts[0].what == attempt::state::open);
}

// Rule 7: the deadline is over, the connection stands, and the banner is there. All three are found in one turn.
void test_time_does_not_beat_a_banner_that_is_already_there() {
  uv_prepare_t holding{};
  TEST_ASSERT_EQUAL(0, uv_prepare_init(&fixture::loop(), &holding));
  TEST_ASSERT_EQUAL(0, uv_prepare_start(&holding, [](uv_prepare_t* handle) {
                      (void)uv_prepare_stop(handle);
                      (void)usleep(60'000);
                    }));
  const demo::descriptor listening =
      demo::bound_socket(demo::socket_kind::tcp, demo::loopback(ip_family::v4));
  TEST_ASSERT_EQUAL(0, ::listen(listening.get(), 1));
  std::unique_ptr<reading> banner;
  w->also = [&] { banner = std::make_unique<reading>(*w->asked.front().fresh); };
  dial_options options = w->options();
  options.timeout = 30ms;
  w->running = w->dials->connect(demo::bound_address(listening), options, w->end.callback());
  const demo::descriptor peer(::accept(listening.get(), nullptr, nullptr));
  TEST_ASSERT_EQUAL(2, ::send(peer.get(), "hi", 2, MSG_NOSIGNAL));
  fixture::run_until([&] {
    if (banner && banner->end.called() && !w->asked.empty()) w->asked.front().answer.yes();
    return w->end.called();
  });
  uv_close(reinterpret_cast<uv_handle_t*>(&holding), nullptr);
  fixture::run_turn();
  TEST_ASSERT_EQUAL("hi", banner->text());
  TEST_ASSERT_EQUAL("success", ending(w->end));
}

void test_the_blocking_form_confirms_too() {
  w->also = [] { w->asked.back().answer.yes(); };
  const tcp_stream stream =
      w->dials->connect_blocking(target("127.0.0.1", w->first.address().port()), w->options());
  TEST_ASSERT_EQUAL(w->first.address(), stream.peer());
  TEST_ASSERT_EQUAL(1u, w->asked.size());
}

void test_a_step_that_is_no_function_is_refused() {
  confirm_step empty;
  TEST_ASSERT_THROWS(std::invalid_argument,
                     (void)w->dials->connect(w->first.address(), {.confirm = &empty}, w->end.callback()));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_the_step_reads_a_banner_and_the_callback_gets_what_comes_after_it);
  RUN_TEST(test_a_yes_inside_the_step_is_enough);
  RUN_TEST(test_a_yes_inside_a_read_of_the_stream_keeps_the_calls_that_are_in_flight);
  RUN_TEST(test_a_no_goes_on_with_the_next_address);
  RUN_TEST(test_a_no_to_all_fails_with_its_codes);
  RUN_TEST(test_no_answer_is_a_no);
  RUN_TEST(test_a_no_without_a_code_has_one);
  RUN_TEST(test_an_answer_that_is_overwritten_is_a_no);
  RUN_TEST(test_losers_stay_open_until_the_yes_and_their_reads_are_cancelled);
  RUN_TEST(test_the_first_answer_counts);
  RUN_TEST(test_an_answer_after_the_end_does_nothing);
  RUN_TEST(test_the_deadline_cancels_the_reads_of_the_step);
  RUN_TEST(test_time_does_not_beat_a_banner_that_is_already_there);
  RUN_TEST(test_the_blocking_form_confirms_too);
  RUN_TEST(test_a_step_that_is_no_function_is_refused);
  return UNITY_END();
}
