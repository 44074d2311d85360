#include "support/race_model.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "logic/race.hpp"
#include "uvdial/confirm.hpp"
#include "uvdial/error.hpp"

namespace fixture {

using namespace uvdial;
using namespace uvdial::detail;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_addresses = 64;  // that a race keeps
constexpr unsigned address_numbers = 100;

confirm_step never_called = [](tcp_stream&, const endpoint&, const confirmation&) {};

const endpoint& numbered_address(ip_family family, unsigned number) {
  static const std::vector<endpoint> all = [] {
    std::vector<endpoint> made;
    for (unsigned each = 0; each < address_numbers; ++each) {
      made.push_back(endpoint::parse("192.0.2." + std::to_string(each + 1) + ":80"));
      made.push_back(endpoint::parse("[2001:db8::" + std::to_string(each + 1) + "]:80"));
    }
    return made;
  }();
  return all[2 * number + (family == ip_family::v6 ? 1 : 0)];
}

class chosen_sources final : public source_finder {
 public:
  explicit chosen_sources(choices& from) : from_(from) {}
  std::optional<endpoint> source_for(const endpoint& to) override {
    if (from_.one_in(5)) return std::nullopt;
    return numbered_address(to.family(), 0);
  }
  bool usable(ip_family) override { return !from_.one_in(4); }

 private:
  choices& from_;
};

class race_run {
 public:
  explicit race_run(choices& from) : from_(from) {
    if (known_) heard_ = take_wanted(*known_);
  }

  void run(int steps) {
    pull();
    for (; steps > 0 && !ended_ && !from_.spent(); --steps) {
      act();
      if (!seldom()) pull();
    }
    pull();
    drain();
    check_end();
    check_silence();
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

  bool seldom() { return from_.one_in(4); }
  bool often() { return from_.one_in(2); }

  dial_options make_options() {
    dial_options made;
    made.timeout.reset();
    if (often()) made.timeout = std::chrono::milliseconds(1 + from_.up_to(3000));
    made.attempt_delay = std::chrono::milliseconds(10 + from_.up_to(500));
    made.resolution_delay = std::chrono::milliseconds(from_.up_to(100));
    if (often()) made.attempt_timeout = std::chrono::milliseconds(1 + from_.up_to(600));
    made.families = static_cast<family_policy>(from_.up_to(4));
    made.remember = !seldom();
    if (often()) made.confirm = &never_called;
    return made;
  }

  ip_family any_family() { return often() ? ip_family::v6 : ip_family::v4; }
  endpoint any_address(ip_family family) {
    return numbered_address(family, 1 + from_.up_to(many_ ? address_numbers - 1 : 6));
  }

  std::vector<candidate> any_addresses(std::optional<ip_family> family) {
    std::vector<candidate> made;
    for (unsigned count = from_.up_to(many_ ? 90 : 6); count > 0; --count)
      made.push_back({any_address(family ? *family : any_family()), !from_.one_in(8)});
    return made;
  }

  std::optional<std::vector<candidate>> make_known() {
    if (!seldom()) return std::nullopt;
    return any_addresses(std::nullopt);
  }

  std::optional<remembered_winner> make_lately() {
    if (seldom()) return std::nullopt;
    remembered_winner made{any_address(any_family())};
    if (seldom()) made.answers[from_.up_to(2)] = from_.up_to(2);  // 0: there were none
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
    const unsigned what = from_.up_to(100);
    if (what < 15) return answer(any_family());
    if (what < 65 && !tried_.empty()) return end_try(from_.up_to(tried_.size()));
    if (what < 70) return pass(moment(from_.up_to(400'000)), seldom());
    if (what < 71) return stop_it();
    if (what < 74)
      return race_.feed(connected{static_cast<attempt_id>(tried_.size() + from_.up_to(70))}, now_);
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
    if (!often()) {
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
      require(!ended_, "no command comes after the end");
      std::visit([this](const auto& one) { hear(one); }, *command);
    }
    if (!ended_) check();
  }

  void hear(const look_up&) {
    require(!known_ && !looked_up_, "a name is looked up once, and known addresses never");
    looked_up_ = true;
  }
  void hear(const start_attempt& command) {
    require(tried_.size() == static_cast<std::size_t>(command.id), "attempts are numbered as they start");
    require(tried_.size() < most_addresses, "no more addresses are tried than a race keeps");
    const auto is_it = [&command](const auto& one) { return one.to == command.to; };
    require(std::none_of(tried_.begin(), tried_.end(), is_it), "each address is tried once");
    const auto known = std::find_if(heard_.begin(), heard_.end(), is_it);
    require(known != heard_.end() && known->allowed, "only what was heard of and is allowed is tried");
    // Beside a newest attempt that may still succeed another one starts after the delay.
    require(
        tried_.empty() || !tried_.back().open || now_ - tried_.back().since >= moment(options_.attempt_delay),
        "starts keep their distance");
    tried_.push_back({command.to, now_});
    require(race_.address(command.id) == command.to, "the race knows where an attempt goes");
    if (seldom()) end_try(tried_.size() - 1);  // inside its start
  }
  void hear(const confirm_attempt& command) {
    tried& one = open_one(command.id);
    require(options_.confirm && one.connected && !one.asked, "a connection is asked about once");
    require(race_.confirming(command.id), "the race knows what is being confirmed");
    one.asked = true;
    if (seldom()) end_try(static_cast<std::size_t>(command.id));  // inside the step
  }
  void hear(const expire_attempt& command) {
    tried& one = open_one(command.id);
    require(options_.attempt_timeout && now_ >= one.since + moment(*options_.attempt_timeout),
            "an attempt expires when its limit has passed");
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
    require(one.agreed && !stopped_, "the winner is connected and confirmed, and nobody has cancelled");
    one.open = false;
  }

  tried& open_one(attempt_id id) {
    const auto place = static_cast<std::size_t>(id);
    require(place < tried_.size() && tried_[place].open, "commands are about attempts that run");
    return tried_[place];
  }

  bool waits_for_an_answer() const {
    return !known_ && ((open_[0] && wants(ip_family::v4)) || (open_[1] && wants(ip_family::v6)));
  }
  bool waits_for_an_attempt() const {
    return std::any_of(tried_.begin(), tried_.end(), [](const tried& one) { return one.open; });
  }
  // Of more than it keeps a race drops some; which ones is its affair.
  bool has_more() const {
    if (heard_.size() > most_addresses) return false;
    const auto untried = [this](const candidate& one) {
      const auto is_it = [&one](const tried& other) { return other.to == one.to; };
      return one.allowed && std::none_of(tried_.begin(), tried_.end(), is_it);
    };
    return std::any_of(heard_.begin(), heard_.end(), untried);
  }

  // Nothing more to do at this time: then something is waited for, and a wake is set where time alone brings it.
  void check() {
    require(waits_for_an_answer() || waits_for_an_attempt(), "a race that goes on waits for something");
    require(!has_more() || wake_, "a race with more to try wakes");
    const auto wakes_by = [this](moment limit) { return wake_ && *wake_ <= std::max(limit, now_ + 1us); };
    require(!options_.timeout || wakes_by(moment(*options_.timeout)), "a race wakes by its deadline");
    if (!options_.attempt_timeout) return;
    for (const tried& one : tried_)
      require(!one.open || wakes_by(one.since + moment(*options_.attempt_timeout)),
              "a race wakes by the limit of each attempt");
  }

  // Nobody answers any more, or everybody says no: time brings it to its end.
  void drain() {
    for (int turns = 0; !ended_; ++turns) {
      require(turns < 1000, "a race ends");
      if (wake_) {
        const moment due = *wake_;
        pass(std::max(now_, due) - now_, true);
        pull();
        require(ended_ || !wake_ || *wake_ != due, "a race does not wake for nothing");
        continue;
      }
      if (waits_for_an_answer()) {
        answer(ip_family::v4);
        answer(ip_family::v6);
      }
      for (std::size_t place = 0; place < tried_.size(); ++place) {
        if (!std::exchange(tried_[place].open, false)) continue;
        race_.feed(failed{static_cast<attempt_id>(place), std::make_error_code(std::errc::timed_out)}, now_);
      }
      pull();
    }
  }

  void check_end() {
    require(!waits_for_an_attempt(), "each attempt has failed, was aborted, or has won");
    require(race_.ended(), "the race knows that it has ended");
    require(stopped_ == (end_.end == finish::how::stopped), "a cancelled race ends as cancelled");
    require(end_.end != finish::how::failed || !has_more(), "a race fails when all was tried");
    const bool won = end_.end == finish::how::won;
    require(won == (race_.why_won() != win_reason::none), "who wins has a reason");
    if (const lesson learned = race_.learned(); learned.learned) {
      require(won && options_.remember, "only a winner is learned");
      require(learned.learned->winner == race_.address(end_.winner), "it is the winner that is learned");
    }
    const std::vector<attempt> told = race_.all_attempts();
    require(told.size() >= tried_.size(), "the report has all attempts");
    for (std::size_t place = 0; place < told.size(); ++place) {
      const bool winner = won && place == static_cast<std::size_t>(end_.winner);
      require(winner == (told[place].what == attempt::state::won),
              "the report has one winner, where one won");
      require((place >= tried_.size()) == (told[place].what == attempt::state::filtered),
              "the report has what was filtered behind what was tried");
      require(told[place].started <= told[place].ended, "no attempt ends before it starts");
    }
  }

  // Whatever comes now comes too late.
  void check_silence() {
    answer(ip_family::v4);
    answer(ip_family::v6);
    stop_it();
    pass(1s, true);
    require(!race_.next(now_), "a race that has ended says nothing more");
  }

  choices& from_;
  bool many_ = seldom();  // addresses
  chosen_sources sources_{from_};
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

void check_race(choices& from, int steps) { race_run(from).run(steps); }

}  // namespace fixture
