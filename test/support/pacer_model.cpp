#include "support/pacer_model.hpp"

#include <algorithm>
#include <array>
#include <list>
#include <utility>

#include "logic/question_pacer.hpp"

namespace fixture {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using uvdial::detail::paced_question;
using uvdial::detail::paced_try;
using uvdial::detail::pacing_rules;
using uvdial::detail::question_end;
using uvdial::detail::question_pacer;

namespace {

constexpr unsigned most_sends = 16;

class pacer_run {
 public:
  explicit pacer_run(choices& from) : from_(from) {}

  void run(int steps) {
    for (; steps > 0 && !from_.spent(); --steps) {
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
    bool is_announced = false;
  };
  using datagrams = std::list<datagram>;

  pacing_rules make_rules() {
    return {.servers = 1 + from_.up_to(4),
            .rotates = from_.up_to(2) == 0,
            .patience = 1ms * (5 + from_.up_to(2000)),
            .time_limit = 1ms * (50 + from_.up_to(6000)),
            .most_on_the_way = 1 + from_.up_to(200)};
  }

  void act() {
    const unsigned what = from_.up_to(100);
    if (what < 40) return ask(questions_[from_.up_to(questions_.size())]);
    if (what < 45) return forget(questions_[from_.up_to(questions_.size())]);
    if (what < 60) return pass(nanoseconds(from_.up_to(30'000'000)));
    if (what < 70) return pass_to_wake();
    if (what < 71) return refuse(from_.up_to(rules_.servers));
    if (what < 72) return put_off(nanoseconds(from_.up_to(30'000'000)));
    if (!made_.empty()) end_try(what, std::next(made_.begin(), from_.up_to(made_.size())));
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

  void put_off(nanoseconds time) {
    pacer_.put_off(time, now_);
    for (question& each : questions_) {
      if (each.sends > 0) each.first_sent = std::min(each.first_sent + time, now_);
    }
  }

  void refuse(std::size_t server) {
    pacer_.refused(server, now_);
    for (question& each : questions_)
      each.was_refused |= each.sends > 0;  // if it was there, or was to go there
    if (from_.up_to(2) == 0) return;       // its tries are told later
    for (auto each = made_.begin(); each != made_.end();) {
      if (each->server() == server) pacer_.withdrawn(*each);
      each = each->server() == server ? made_.erase(each) : std::next(each);
    }
  }

  void end_try(unsigned how, datagrams::iterator which) {
    question* const of = which->of->runs && which->of->life == which->life ? which->of : nullptr;
    if (how < 85) {
      require(static_cast<question*>(pacer_.answered(*which, now_)) == of,
              "an answer ends the question that it is for, where that still waits");
      if (of) of->runs = false;
    } else if (how < 90) {
      if (of) of->was_failed = true;
      pacer_.failed(*which, now_);
    } else if (how < 94) {
      pacer_.given_up(*which, now_);
    } else if (how < 97) {
      if (!std::exchange(which->is_announced, true)) pacer_.announced(*which, now_);
      return;
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
    require(which.runs, "only what runs is sent");
    require(server < rules_.servers, "questions go to servers that there are");
    if (which.sends++ == 0) {
      which.first_sent = now_;
      require(++first_sends_before(which) == which.asked, "questions are first sent as they were asked");
    }
    require(which.sends <= most_sends + rules_.servers,
            "no question is sent without end");  // and some probes
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
    require(ended.runs, "a question ends once");
    ended.runs = false;
    const bool in_time = now_ < ended.first_sent + rules_.time_limit;
    require(over.why != question_end::silent || (!in_time && !ended.was_failed),
            "silence is what nobody broke until the time was over");
    require(over.why != question_end::failed || ended.was_failed, "it failed where a server said so");
    require(over.why != question_end::refused || (ended.was_refused && !ended.was_failed),
            "it was refused where no server is there");
  }

  // After all commands were pulled: there is something to wait for, and nothing was forgotten.
  void check() {
    const auto wake = pacer_.wake_at(now_);
    require(!wake || *wake > now_, "what is due was done");
    std::size_t waiting = 0;
    for (const question& each : questions_) {
      if (!each.runs) continue;
      require(wake.has_value(), "with a question that runs there is a wake");
      waiting += each.sends == 0;
      if (each.sends == 0) continue;
      require(now_ < each.first_sent + rules_.time_limit, "no question outlives its time");
      require(*wake <= each.first_sent + rules_.time_limit, "the wake is not behind the end of a question");
    }
    require(waiting == pacer_.waiting(), "those that were never sent are counted");
  }

  // Nobody answers any more.
  void finish() {
    for (int wakes = 0; pacer_.wake_at(now_); ++wakes) {
      require(wakes < 10'000, "all questions end");
      pass_to_wake();
      pull();
      check();
    }
    for (const question& each : questions_) require(!each.runs, "each question has ended");
    for (std::size_t server = 0; server < rules_.servers; ++server)
      require(pacer_.window(server).on_the_way() == 0, "nothing is on the way at the end");
  }

  choices& from_;
  pacing_rules rules_ = make_rules();
  question_pacer pacer_{rules_};
  std::array<question, 40> questions_{};
  datagrams made_{};
  std::size_t asked_ = 0;
  std::size_t last_first_ = 0;
  nanoseconds now_{10s};
};

}  // namespace

void check_pacer(choices& from, int steps) { pacer_run(from).run(steps); }

}  // namespace fixture
