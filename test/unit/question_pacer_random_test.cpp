// What must hold whatever happens: random inputs in random order, with rules of all kinds. A failure names the seed.
#include <algorithm>
#include <array>
#include <list>
#include <random>
#include <string>

#include "logic/question_pacer.hpp"
#include "support/unity.hpp"

using uvdial::detail::paced_question;
using uvdial::detail::paced_try;
using uvdial::detail::pacing_rules;
using uvdial::detail::question_end;
using uvdial::detail::question_pacer;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

void setUp() {}
void tearDown() {}

namespace {

constexpr unsigned most_sends = 16;

class random_run {
 public:
  explicit random_run(unsigned seed) : seed_("seed " + std::to_string(seed)), random_(seed) {}

  void run(int steps) {
    for (; steps > 0; --steps) {
      act();
      pull();
      // A first answer may shorten waits so that they are over: there is something to do at once, and only once.
      const auto wake = pacer_.wake_at(now_);
      if (wake && *wake <= now_) {
        pass(0ns);
        pull();
      }
      check();
    }
    finish();
  }

 private:
  struct question : paced_question {
    bool runs = false;
    unsigned life = 0;
    std::size_t asked = 0;  // the how manieth
    unsigned sends = 0;
    bool was_failed = false;
    bool was_refused = false;
    nanoseconds first_sent{0};
  };
  struct datagram : paced_try {
    question* of = nullptr;
    unsigned life = 0;
  };
  using datagrams = std::list<datagram>;

  unsigned up_to(std::size_t limit) { return static_cast<unsigned>(random_() % limit); }

  pacing_rules make_rules() {
    return {.servers = 1 + up_to(4),
            .rotates = up_to(2) == 0,
            .patience = 1ms * (5 + up_to(2000)),
            .time_limit = 1ms * (50 + up_to(6000)),
            .most_on_the_way = 1 + up_to(200)};
  }

  void act() {
    const unsigned what = up_to(100);
    if (what < 40) return ask(questions_[up_to(questions_.size())]);
    if (what < 45) return forget(questions_[up_to(questions_.size())]);
    if (what < 60) return pass(nanoseconds(up_to(30'000'000)));
    if (what < 70) return pass_to_wake();
    if (what < 71) return refuse(up_to(rules_.servers));
    if (!made_.empty()) end_try(what, std::next(made_.begin(), up_to(made_.size())));
  }

  void ask(question& which) {
    if (which.runs) return;
    ++which.life;
    which.runs = true;
    which.asked = ++asked_;
    which.sends = 0;
    which.was_failed = which.was_refused = false;
    pacer_.ask(which, now_);
  }

  void forget(question& which) {
    which.runs = false;
    pacer_.forget(which);  // allowed for one that does not run, too
  }

  void pass(nanoseconds time) {
    now_ += time;
    pacer_.tick(now_, now_);
  }

  void pass_to_wake() {
    if (const auto wake = pacer_.wake_at(now_)) pass(*wake - now_);
  }

  void refuse(std::size_t server) {
    pacer_.refused(server, now_);
    for (question& each : questions_)
      each.was_refused |= each.sends > 0;  // if it was there, or was to go there
    if (up_to(2) == 0) return;             // its tries are told later
    for (auto each = made_.begin(); each != made_.end();) {
      if (each->server() == server) pacer_.withdrawn(*each);
      each = each->server() == server ? made_.erase(each) : std::next(each);
    }
  }

  void end_try(unsigned how, datagrams::iterator which) {
    question* const of = which->of->runs && which->of->life == which->life ? which->of : nullptr;
    if (how < 85) {
      TEST_ASSERT_EQUAL_PTR_MESSAGE(of, static_cast<question*>(pacer_.answered(*which, now_)), seed_);
      if (of) of->runs = false;
    } else if (how < 90) {
      if (of) of->was_failed = true;
      pacer_.failed(*which, now_);
    } else if (how < 95) {
      pacer_.given_up(*which, now_);
    } else {
      pacer_.withdrawn(*which);
    }
    made_.erase(which);
  }

  void pull() {
    while (const auto command = pacer_.next(now_)) {
      if (const auto* wanted = std::get_if<question_pacer::send>(&*command))
        send(static_cast<question&>(*wanted->what), wanted->server);
      else
        end(std::get<question_pacer::end>(*command));
    }
  }

  void send(question& which, std::size_t server) {
    TEST_ASSERT_TRUE_MESSAGE(which.runs, seed_);
    TEST_ASSERT_LESS_THAN_MESSAGE(rules_.servers, server, seed_);
    if (which.sends++ == 0) {
      which.first_sent = now_;
      TEST_ASSERT_EQUAL_MESSAGE(++first_sends_before(which), which.asked, seed_);
    }
    TEST_ASSERT_LESS_OR_EQUAL_MESSAGE(most_sends + rules_.servers, which.sends, seed_);  // and some probes
    datagram& made = made_.emplace_back();
    made.of = &which;
    made.life = which.life;
    pacer_.sent(which, made, server, now_);
  }

  // The number of the last question before this one that was sent, or was forgotten before it could be.
  std::size_t& first_sends_before(const question& which) {
    const auto waits = [&](const question& each) {
      return each.runs && each.sends == 0 && each.asked < which.asked;
    };
    if (std::none_of(questions_.begin(), questions_.end(), waits)) last_first_ = which.asked - 1;
    return last_first_;
  }

  void end(const question_pacer::end& over) {
    auto& ended = static_cast<question&>(*over.what);
    TEST_ASSERT_TRUE_MESSAGE(ended.runs, seed_);
    ended.runs = false;
    const bool in_time = now_ < ended.first_sent + rules_.time_limit;
    if (over.why == question_end::silent) TEST_ASSERT_FALSE_MESSAGE(in_time || ended.was_failed, seed_);
    if (over.why == question_end::failed) TEST_ASSERT_TRUE_MESSAGE(ended.was_failed, seed_);
    if (over.why == question_end::refused)
      TEST_ASSERT_TRUE_MESSAGE(ended.was_refused && !ended.was_failed, seed_);
  }

  // After all commands were pulled: there is something to wait for, and nothing was forgotten.
  void check() {
    const auto wake = pacer_.wake_at(now_);
    if (wake) TEST_ASSERT_GREATER_THAN_MESSAGE(now_, *wake, seed_);
    std::size_t waiting = 0;
    for (const question& each : questions_) {
      if (!each.runs) continue;
      TEST_ASSERT_TRUE_MESSAGE(wake.has_value(), seed_);
      waiting += each.sends == 0;
      if (each.sends == 0) continue;
      TEST_ASSERT_LESS_THAN_MESSAGE(each.first_sent + rules_.time_limit, now_, seed_);
      TEST_ASSERT_LESS_OR_EQUAL_MESSAGE(each.first_sent + rules_.time_limit, *wake, seed_);
    }
    TEST_ASSERT_EQUAL_MESSAGE(waiting, pacer_.waiting(), seed_);
  }

  // Nobody answers any more.
  void finish() {
    for (int wakes = 0; pacer_.wake_at(now_); ++wakes) {
      TEST_ASSERT_LESS_THAN_MESSAGE(10'000, wakes, seed_);
      pass_to_wake();
      pull();
      check();
    }
    for (const question& each : questions_) TEST_ASSERT_FALSE_MESSAGE(each.runs, seed_);
    for (std::size_t server = 0; server < rules_.servers; ++server)
      TEST_ASSERT_EQUAL_MESSAGE(0, pacer_.window(server).on_the_way(), seed_);
  }

  std::string seed_;
  std::mt19937 random_;
  pacing_rules rules_ = make_rules();
  question_pacer pacer_{rules_};
  std::array<question, 40> questions_{};
  datagrams made_{};
  std::size_t asked_ = 0;
  std::size_t last_first_ = 0;
  nanoseconds now_{10s};
};

}  // namespace

void test_each_question_ends_exactly_once_in_time_and_nothing_hangs() {
  for (unsigned seed = 1; seed <= 200; ++seed) random_run(seed).run(2000);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_each_question_ends_exactly_once_in_time_and_nothing_hangs);
  return UNITY_END();
}
