// What must hold whatever happens to a race: random answers, outcomes, times and cancels, in random order, with
// options of all kinds. A failure names the seed.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "logic/race.hpp"
#include "support/unity.hpp"
#include "uvdial/confirm.hpp"
#include "uvdial/error.hpp"

using namespace uvdial;
using namespace uvdial::detail;
using namespace std::chrono_literals;

void setUp() {}
void tearDown() {}

namespace {

confirm_step never_called = [](tcp_stream&, const endpoint&, const confirmation&) {};

class random_sources final : public source_finder {
 public:
  explicit random_sources(std::mt19937& random) : random_(random) {}
  std::optional<endpoint> source_for(const endpoint& to) override {
    if (random_() % 5 == 0) return std::nullopt;
    return endpoint::parse(to.family() == ip_family::v6 ? "[2001:db8::1]:1" : "192.0.2.1:1");
  }
  bool usable(ip_family) override { return random_() % 4 != 0; }

 private:
  std::mt19937& random_;
};

class random_run {
 public:
  explicit random_run(unsigned seed) : seed_("seed " + std::to_string(seed)), random_(seed) {
    if (known_) heard_ = take_wanted(*known_);
  }

  void run() {
    pull();
    for (int steps = 60; steps > 0 && !ended_; --steps) {
      act();
      if (up_to(4) != 0) pull();
    }
    pull();
    drain();
    check_end();
  }

 private:
  struct tried {
    endpoint to;
    moment since;
    bool connected = false;
    bool asked = false;
    bool agreed = false;
    bool open = true;
  };

  unsigned up_to(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  bool seldom() { return up_to(4) == 0; }

  dial_options make_options() {
    dial_options made;
    made.timeout.reset();
    if (up_to(2) == 0) made.timeout = std::chrono::milliseconds(1 + up_to(3000));
    made.attempt_delay = std::chrono::milliseconds(10 + up_to(500));
    made.resolution_delay = std::chrono::milliseconds(up_to(100));
    if (up_to(2) == 0) made.attempt_timeout = std::chrono::milliseconds(1 + up_to(600));
    made.families = static_cast<family_policy>(up_to(4));
    made.remember = !seldom();
    if (up_to(2) == 0) made.confirm = &never_called;
    return made;
  }

  endpoint any_address(ip_family family) {
    const std::string number = std::to_string(2 + up_to(6));
    return endpoint::parse(family == ip_family::v6 ? "[2001:db8::" + number + "]:80"
                                                   : "192.0.2." + number + ":80");
  }
  ip_family any_family() { return up_to(2) == 0 ? ip_family::v6 : ip_family::v4; }

  std::vector<candidate> any_addresses(std::optional<ip_family> family) {
    std::vector<candidate> made;
    for (unsigned count = up_to(6); count > 0; --count)
      made.push_back({any_address(family ? *family : any_family()), up_to(8) != 0});
    return made;
  }

  std::optional<std::vector<candidate>> make_known() {
    if (!seldom()) return std::nullopt;
    return any_addresses(std::nullopt);
  }

  std::optional<remembered_winner> make_lately() {
    if (seldom()) return std::nullopt;
    remembered_winner made{any_address(any_family())};
    if (seldom()) made.answers[up_to(2)] = up_to(2);  // 0: there were none
    return made;
  }

  race make_race() {
    if (known_) return {options_, sources_, *known_, make_lately()};
    return {options_, sources_, make_lately()};
  }

  bool wants(ip_family family) const {
    if (options_.families == family_policy::v6_only) return family == ip_family::v6;
    return options_.families != family_policy::v4_only || family == ip_family::v4;
  }

  // The first word about an address counts.
  std::vector<candidate> take_wanted(const std::vector<candidate>& from) {
    std::vector<candidate> taken = heard_;
    for (const candidate& one : from) {
      const auto same = [&one](const candidate& other) { return other.to == one.to; };
      if ((!known_ || wants(one.to.family())) && std::none_of(taken.begin(), taken.end(), same))
        taken.push_back(one);
    }
    return taken;
  }

  void act() {
    const unsigned what = up_to(100);
    if (what < 15) return answer(any_family());
    if (what < 65 && !tried_.empty()) return end_try(up_to(static_cast<unsigned>(tried_.size())));
    if (what < 70) return pass(moment(up_to(400'000)), seldom());
    if (what < 71) return stop_it();
    if (what < 74) return race_.feed(connected{static_cast<attempt_id>(tried_.size() + up_to(70))}, now_);
    if (wake_) pass(std::max(now_, *wake_) - now_, true);
  }

  void answer(ip_family family) {
    const auto at = static_cast<std::size_t>(family);
    answered input{family, any_addresses(family), {}};
    if (input.addresses.empty()) input.why = seldom() ? resolve_errc::dns_timeout : resolve_errc::no_address;
    if (!known_ && open_[at] && wants(family) && !stopped_) heard_ = take_wanted(input.addresses);
    open_[at] = false;
    race_.feed(input, now_);
  }

  void end_try(std::size_t place) {
    tried& one = tried_[place];
    const auto id = static_cast<attempt_id>(place);
    if (!one.open)
      return race_.feed(failed{id, std::make_error_code(std::errc::timed_out)}, now_);  // ignored
    if (one.agreed || (one.connected && !one.asked)) return;
    const bool good = up_to(2) == 0;
    if (!good) {
      one.open = false;
      return race_.feed(failed{id, std::make_error_code(std::errc::connection_refused)}, now_);
    }
    one.agreed = one.connected || !options_.confirm;
    if (one.connected) return race_.feed(confirmed{id}, now_);
    one.connected = true;
    race_.feed(connected{id}, now_);
  }

  void pass(moment time, bool ticks) {
    now_ += time;
    if (!ticks) return;
    wake_.reset();  // the timer is spent
    race_.feed(tick{}, now_);
  }

  void stop_it() {
    stopped_ = true;
    race_.feed(stop{std::make_error_code(std::errc::operation_canceled)}, now_);
  }

  void pull() {
    while (const auto command = race_.next(now_)) {
      TEST_ASSERT_FALSE_MESSAGE(ended_, seed_);
      std::visit([this](const auto& one) { hear(one); }, *command);
    }
    if (!ended_) check();
  }

  void hear(const look_up&) {
    TEST_ASSERT_FALSE_MESSAGE(known_ || looked_up_, seed_);
    looked_up_ = true;
  }
  void hear(const start_attempt& command) {
    TEST_ASSERT_EQUAL_MESSAGE(tried_.size(), static_cast<std::size_t>(command.id), seed_);
    const auto is_it = [&command](const auto& one) { return one.to == command.to; };
    TEST_ASSERT_TRUE_MESSAGE(std::none_of(tried_.begin(), tried_.end(), is_it), seed_);
    const auto known = std::find_if(heard_.begin(), heard_.end(), is_it);
    TEST_ASSERT_TRUE_MESSAGE(known != heard_.end() && known->allowed, seed_);
    tried_.push_back({command.to, now_});
    TEST_ASSERT_EQUAL_MESSAGE(command.to, race_.address(command.id), seed_);
    if (seldom()) end_try(tried_.size() - 1);  // inside its start
  }
  void hear(const confirm_attempt& command) {
    tried& one = open_one(command.id);
    TEST_ASSERT_TRUE_MESSAGE(options_.confirm && one.connected && !one.asked, seed_);
    TEST_ASSERT_TRUE_MESSAGE(race_.confirming(command.id), seed_);
    one.asked = true;
    if (seldom()) end_try(static_cast<std::size_t>(command.id));  // inside the step
  }
  void hear(const expire_attempt& command) {
    tried& one = open_one(command.id);
    TEST_ASSERT_TRUE_MESSAGE(options_.attempt_timeout.has_value(), seed_);
    TEST_ASSERT_GREATER_OR_EQUAL_MESSAGE(one.since + moment(*options_.attempt_timeout), now_, seed_);
    one.open = false;
    race_.feed(failed{command.id, std::make_error_code(std::errc::timed_out)}, now_);
  }
  void hear(const abort_attempt& command) { open_one(command.id).open = false; }
  void hear(const wake_at& command) { wake_ = command.when; }
  void hear(const finish& command) {
    ended_ = true;
    end_ = command;
    if (command.end != finish::how::won) return;
    tried& one = open_one(command.winner);
    TEST_ASSERT_TRUE_MESSAGE(one.agreed && !stopped_, seed_);
    one.open = false;
  }

  tried& open_one(attempt_id id) {
    TEST_ASSERT_LESS_THAN_MESSAGE(tried_.size(), static_cast<std::size_t>(id), seed_);
    tried& one = tried_[static_cast<std::size_t>(id)];
    TEST_ASSERT_TRUE_MESSAGE(one.open, seed_);
    return one;
  }

  bool waits_for_an_answer() const {
    return !known_ && ((open_[0] && wants(ip_family::v4)) || (open_[1] && wants(ip_family::v6)));
  }
  bool waits_for_an_attempt() const {
    return std::any_of(tried_.begin(), tried_.end(), [](const tried& one) { return one.open; });
  }
  bool has_more() const {
    const auto untried = [this](const candidate& one) {
      const auto is_it = [&one](const tried& other) { return other.to == one.to; };
      return one.allowed && std::none_of(tried_.begin(), tried_.end(), is_it);
    };
    return std::any_of(heard_.begin(), heard_.end(), untried);
  }

  // Nothing more to do at this time: then something is waited for, and a wake is set where time alone brings it.
  void check() {
    TEST_ASSERT_TRUE_MESSAGE(waits_for_an_answer() || waits_for_an_attempt(), seed_);
    if (has_more()) TEST_ASSERT_TRUE_MESSAGE(wake_.has_value(), seed_);
    if (options_.timeout)
      TEST_ASSERT_LESS_OR_EQUAL_MESSAGE(std::max(moment(*options_.timeout), now_ + 1us), *wake_, seed_);
    if (!options_.attempt_timeout) return;
    for (const tried& one : tried_) {
      const moment limit = one.since + moment(*options_.attempt_timeout);
      if (one.open) TEST_ASSERT_LESS_OR_EQUAL_MESSAGE(std::max(limit, now_ + 1us), wake_.value(), seed_);
    }
  }

  // Nobody answers any more, or everybody says no: time brings it to its end.
  void drain() {
    for (int turns = 0; !ended_; ++turns) {
      TEST_ASSERT_LESS_THAN_MESSAGE(1000, turns, seed_);
      if (wake_) {
        const moment due = *wake_;
        pass(std::max(now_, due) - now_, true);
        pull();
        if (!ended_) TEST_ASSERT_TRUE_MESSAGE(!wake_ || *wake_ != due, seed_);
        continue;
      }
      if (waits_for_an_answer()) {
        answer(ip_family::v4);
        answer(ip_family::v6);
      }
      for (std::size_t place = 0; place < tried_.size(); ++place) {
        if (!tried_[place].open) continue;
        tried_[place].open = false;
        race_.feed(failed{static_cast<attempt_id>(place), std::make_error_code(std::errc::timed_out)}, now_);
      }
      pull();
    }
  }

  void check_end() {
    TEST_ASSERT_FALSE_MESSAGE(waits_for_an_attempt(), seed_);
    TEST_ASSERT_TRUE_MESSAGE(race_.ended(), seed_);
    TEST_ASSERT_EQUAL_MESSAGE(stopped_, end_.end == finish::how::stopped, seed_);
    if (end_.end == finish::how::failed) TEST_ASSERT_FALSE_MESSAGE(has_more(), seed_);
    const bool won = end_.end == finish::how::won;
    TEST_ASSERT_EQUAL_MESSAGE(won, race_.why_won() != win_reason::none, seed_);
    const lesson learned = race_.learned();
    if (learned.learned) {
      TEST_ASSERT_TRUE_MESSAGE(won && options_.remember, seed_);
      TEST_ASSERT_EQUAL_MESSAGE(race_.address(end_.winner), learned.learned->winner, seed_);
    }
    const std::vector<attempt> told = race_.all_attempts();
    TEST_ASSERT_LESS_OR_EQUAL_MESSAGE(told.size(), tried_.size(), seed_);
    for (std::size_t place = 0; place < told.size(); ++place) {
      const bool winner = won && place == static_cast<std::size_t>(end_.winner);
      TEST_ASSERT_EQUAL_MESSAGE(winner, told[place].what == attempt::state::won, seed_);
      TEST_ASSERT_EQUAL_MESSAGE(place >= tried_.size(), told[place].what == attempt::state::filtered, seed_);
    }
  }

  std::string seed_;
  std::mt19937 random_;
  random_sources sources_{random_};
  dial_options options_ = make_options();
  std::optional<std::vector<candidate>> known_ = make_known();
  race race_ = make_race();
  std::vector<candidate> heard_{};
  std::vector<tried> tried_{};
  std::optional<moment> wake_{};
  finish end_{finish::how::failed};
  moment now_{};
  bool open_[2] = {true, true};
  bool looked_up_ = false;
  bool stopped_ = false;
  bool ended_ = false;
};

}  // namespace

void test_each_race_ends_once_with_all_its_attempts_and_nothing_hangs() {
  for (unsigned seed = 1; seed <= 5000; ++seed) random_run(seed).run();
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_each_race_ends_once_with_all_its_attempts_and_nothing_hangs);
  return UNITY_END();
}
