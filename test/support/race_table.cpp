#include "race_table.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <variant>

#include "logic/race.hpp"
#include "race_plan.hpp"
#include "unity.hpp"
#include "uvdial/error.hpp"

namespace race_table {
namespace {

using namespace uvdial;
using namespace uvdial::detail;
using std::chrono::milliseconds;

// "#7": the eighth attempt, whether there is one or not.
std::uint32_t place_of(const std::string& word) {
  if (word.front() != '#') misspelled(word);
  return static_cast<std::uint32_t>(std::stoul(word.substr(1)));
}

std::string time_of(moment when) {
  const auto whole = std::chrono::duration_cast<milliseconds>(when);
  std::string text = std::to_string(whole.count());
  if (whole != when) text += "+" + std::to_string((when - whole).count()) + "us";
  return text;
}

std::string word_of(const std::error_code& why) {
  if (why == std::errc::connection_refused) return "refused";
  if (why == std::errc::connection_aborted) return "denied";
  return why == std::errc::timed_out ? "expired" : "failed";
}

std::string text_of(const lesson& what) {
  if (what.what == lesson::deed::keep) return what.learned ? "keep, and more" : "keep";
  if (what.what == lesson::deed::forget) return what.learned ? "forget, and more" : "forget";
  return what.learned ? "learn " + name_of(what.learned->winner) : "learn nothing";
}

std::string text_of(win_reason why) {
  switch (why) {
    case win_reason::none: return "none";
    case win_reason::first_choice: return "first choice";
    case win_reason::remembered: return "remembered";
    case win_reason::others_failed: return "others failed";
    case win_reason::others_slower: break;
  }
  return "others slower";
}

// The outside of a race: who owns the clock, the peers and the record.
class world final : public source_finder {
 public:
  explicit world(const row& what);
  result run(const std::string& script);

  std::optional<endpoint> source_for(const endpoint& to) override;
  bool usable(ip_family family) override;

 private:
  struct event {
    moment at;
    int order;  // at the same time: script 0, peers 1, ticks 2
    std::function<void()> happen;
  };

  void read(const std::string& line);

  void add(moment at, int order, std::function<void()> happen);
  void feed(const race_input& input);
  void feed_attempt(const std::string& does, attempt_id id);
  void feed_silently(const std::string& what, attempt_id id);
  void pull();
  void carry_out(const race_command& command);
  void began(const start_attempt& command);
  void was_asked(attempt_id id);
  void note(const std::string& text);
  moment held_up(moment at) const;
  std::string attempts_of();

  plan plan_;
  std::optional<race> race_{};
  moment now_{};
  std::vector<event> events_{};
  std::map<std::string, attempt_id> ids_{};
  std::map<attempt_id, std::string> tried_{};
  std::uint64_t wakes_ = 0;  // counts the wake_at, so that a replaced one does not tick
  result result_{};
};

world::world(const row& what) : plan_(plan_of(what.setup)) {
  if (plan_.known) {
    race_.emplace(plan_.options, *this, *plan_.known, plan_.lately);
  } else {
    race_.emplace(plan_.options, *this, plan_.lately);
  }
}

std::optional<endpoint> world::source_for(const endpoint& to) {
  result_.asked += (result_.asked.empty() ? "source " : ", source ") + name_of(to);
  if (plan_.sourceless.contains(name_of(to))) return std::nullopt;
  return address_number(to.family() == ip_family::v6 ? '6' : '4', 1);
}

bool world::usable(ip_family family) {
  result_.asked +=
      std::string(result_.asked.empty() ? "" : ", ") + "usable " + (family == ip_family::v6 ? "6" : "4");
  return !plan_.unusable.contains(family);
}

void world::read(const std::string& line) {
  const auto words = split(line, " ");
  const moment at = milliseconds(number_of(words.at(0)));
  const std::string verb = words.at(1);
  const std::string rest = words.size() > 2 ? words[2] : "";
  if (verb == "AAAA" || verb == "A") {
    answered input{verb == "A" ? ip_family::v4 : ip_family::v6, candidates_of(rest), {}};
    if (rest == "?") input.why = resolve_errc::dns_timeout;
    if (rest == "none") input.why = resolve_errc::no_address;
    add(at, 0, [this, input] { feed(input); });
  } else if (verb == "stop") {
    add(at, 0, [this] { feed_silently("stop", {}), pull(); });
  } else if (verb == "tick") {
    add(at, 2, [this] { feed(tick{}); });
  } else if (verb == "pull") {
    add(at, 2, [this] { pull(); });
  } else if (verb == "silently") {
    // As when two sockets become ready before the caller pulls.
    const attempt_id id{place_of(words.size() > 3 ? words[3] : "#0")};
    add(at, 0, [this, rest, id] { feed_silently(rest, id); });
  } else if (rest.starts_with("#")) {
    const attempt_id id{place_of(rest)};
    add(at, 0, [this, verb, id] { feed_attempt(verb, id), pull(); });
  } else {
    add(at, 0, [this, verb, rest] { feed_attempt(verb, ids_.at(rest)), pull(); });
  }
}

moment world::held_up(moment at) const {
  return at > plan_.stall_from && at < plan_.stall_to ? plan_.stall_to : at;
}

void world::add(moment at, int order, std::function<void()> happen) {
  event added{std::max(held_up(at), now_), order, std::move(happen)};
  const auto later = [](const event& left, const event& right) {
    return std::pair(left.at, left.order) < std::pair(right.at, right.order);
  };
  events_.insert(std::upper_bound(events_.begin(), events_.end(), added, later), std::move(added));
}

void world::feed(const race_input& input) {
  race_->feed(input, now_);
  pull();
}

void world::feed_attempt(const std::string& does, attempt_id id) {
  if (does == "accept" || does == "connected") return race_->feed(connected{id}, now_);
  if (does == "refuse" || does == "refused") {
    return race_->feed(failed{id, std::make_error_code(std::errc::connection_refused)}, now_);
  }
  if (does == "unreachable") {
    return race_->feed(failed{id, std::make_error_code(std::errc::network_unreachable)}, now_);
  }
  if (does == "yes") return race_->feed(confirmed{id}, now_);
  if (does == "no") {
    return race_->feed(failed{id, std::make_error_code(std::errc::connection_aborted)}, now_);
  }
  misspelled(does);
}

void world::feed_silently(const std::string& what, attempt_id id) {
  if (what == "stop") return race_->feed(stop{std::make_error_code(std::errc::operation_canceled)}, now_);
  if (what == "tick") return race_->feed(tick{}, now_);
  feed_attempt(what, id);
}

void world::pull() {
  while (const auto command = race_->next(now_)) carry_out(*command);
}

void world::note(const std::string& text) {
  if (!result_.commands.empty()) result_.commands += "; ";
  result_.commands += time_of(now_) + " " + text;
}

void world::carry_out(const race_command& command) {
  if (std::holds_alternative<look_up>(command)) return note("lookup");
  if (const auto* const start = std::get_if<start_attempt>(&command)) return began(*start);
  if (const auto* const asked = std::get_if<confirm_attempt>(&command)) return was_asked(asked->id);
  if (const auto* const expired = std::get_if<expire_attempt>(&command)) {
    note("expire " + tried_.at(expired->id));
    return race_->feed(failed{expired->id, std::make_error_code(std::errc::timed_out)}, now_);
  }
  if (const auto* const abort = std::get_if<abort_attempt>(&command))
    return note("abort " + tried_.at(abort->id));
  if (const auto* const wake = std::get_if<wake_at>(&command)) {
    note("wake " + (wake->when ? time_of(*wake->when) : "-"));
    ++wakes_;
    if (!wake->when || !plan_.ticks) return;
    return add(*wake->when, 2, [this, announced = wakes_] {
      if (announced == wakes_) feed(tick{});
    });
  }
  const auto& end = std::get<finish>(command);
  switch (end.end) {
    case finish::how::won: return note("won " + tried_.at(end.winner));
    case finish::how::failed: return note("failed");
    case finish::how::timed_out: return note("timed out");
    case finish::how::stopped:
      return note(end.why == std::errc::operation_canceled ? "stopped" : "stopped without a reason");
  }
}

void world::began(const start_attempt& command) {
  const std::string name = name_of(command.to);
  note("start " + name);
  ids_[name] = command.id;
  tried_[command.id] = name;
  const auto found = plan_.peers.find(name);
  if (found == plan_.peers.end()) return;
  const peer& one = found->second;
  if (!one.after) return feed_attempt(one.does, command.id);
  add(now_ + *one.after, 1, [this, does = one.does, id = command.id] { feed_attempt(does, id), pull(); });
}

void world::was_asked(attempt_id id) {
  const std::string name = tried_.at(id);
  note("confirm " + name);
  const auto found = plan_.peers.find(name);
  if (found == plan_.peers.end() || found->second.says.empty()) return;
  const peer& one = found->second;
  if (!one.says_after) return feed_attempt(one.says, id);
  add(now_ + *one.says_after, 1, [this, says = one.says, id] { feed_attempt(says, id), pull(); });
}

std::string world::attempts_of() {
  std::string text;
  for (const attempt& one : race_->all_attempts()) {
    if (!text.empty()) text += ", ";
    text += name_of(one.to) + " ";
    if (one.what == attempt::state::won) text += "won";
    if (one.what == attempt::state::open) text += one.why ? "open with a code" : "open";
    if (one.what == attempt::state::filtered) text += "filtered";
    if (one.what == attempt::state::failed) text += word_of(one.why);
    text += " " + time_of(one.started) + "-" + time_of(one.ended);
  }
  return text;
}

result world::run(const std::string& script) {
  for (const std::string& line : split(script, "; ")) read(line);
  if (plan_.pulled_first) pull();
  while (!events_.empty()) {
    const event next = std::move(events_.front());
    events_.erase(events_.begin());
    now_ = next.at;
    next.happen();
  }
  pull();  // says nothing any more, or the commands show it
  result_.ended = race_->ended();
  result_.lesson = text_of(race_->learned());
  result_.why_won = text_of(race_->why_won());
  result_.attempts = attempts_of();
  return result_;
}

}  // namespace

result run(const row& what) { return world(what).run(what.script); }

void check(const row& what) {
  const std::string commands = run(what).commands;
  TEST_ASSERT_EQUAL_STRING_MESSAGE(what.expected, commands,
                                   std::string(what.rule) + " [" + what.setup + "] [" + what.script + "]");
}

void check(const std::vector<row>& table) {
  for (const row& what : table) check(what);
}

}  // namespace race_table
