#pragma once
// Happy Eyeballs as a pure function of inputs and time: no sockets, no clock.
//   race.feed(input, now);  while (auto command = race.next(now)) carry_out(*command);
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <system_error>
#include <variant>
#include <vector>

#include "logic/few.hpp"
#include "logic/source_finder.hpp"
#include "logic/untried_list.hpp"
#include "logic/winner_memory.hpp"
#include "uvdial/endpoint.hpp"
#include "uvdial/options.hpp"
#include "uvdial/report.hpp"

namespace uvdial::detail {

using moment = std::chrono::microseconds;  // since the start of the dial; never goes backwards

enum class attempt_id : std::uint32_t {};

struct candidate {
  endpoint to;
  bool allowed = true;  // false: the address policy forbids it
};

// Inputs.
struct answered {
  ip_family family;
  std::vector<candidate> addresses;
  std::error_code why;  // when there are none
};
struct connected {
  attempt_id id;
};
struct confirmed {  // the confirm step said yes; its no is a `failed`
  attempt_id id;
};
struct failed {
  attempt_id id;
  std::error_code why;
};
// The only input by which time alone acts: delays and the deadline. Its time may be older than that of the inputs
// before it: what came while this turn was held up is not known yet, so only what was due before may act.
struct tick {};
struct stop {  // cancel
  std::error_code why;
};
using race_input = std::variant<answered, connected, confirmed, failed, tick, stop>;

// Commands.
struct look_up {};  // both families at once, as the policy says; at most once, first
struct start_attempt {
  attempt_id id;
  endpoint to;
};
struct confirm_attempt {  // it is connected: ask the confirm step
  attempt_id id;
};
struct expire_attempt {  // its limit has passed: end it, and feed that it failed
  attempt_id id;
};
struct abort_attempt {
  attempt_id id;
};
struct wake_at {  // feed a tick at that time, or as soon after it as can be; replaces the last one
  std::optional<moment> when;
};
struct finish {  // once, last
  enum class how : std::uint8_t { won, failed, timed_out, stopped };
  how end;
  attempt_id winner{};    // of won
  std::error_code why{};  // of stopped
};
using race_command =
    std::variant<look_up, start_attempt, confirm_attempt, expire_attempt, abort_attempt, wake_at, finish>;

// What a race that has ended tells the next one about the same host.
struct lesson {
  enum class deed : std::uint8_t { keep, forget, learn } what = deed::keep;
  std::optional<remembered_winner> learned{};
};

class race {
 public:
  // `sources` must outlive the race. A name: the resolver will answer once for each family of
  // options.families. `lately` is what was learned about this host.
  race(const dial_options& options, source_finder& sources,
       const std::optional<remembered_winner>& lately = {});
  // Known addresses: no look_up. Those of a family that options.families leaves out are ignored.
  race(const dial_options& options, source_finder& sources, std::span<const candidate> addresses,
       const std::optional<remembered_winner>& lately = {});

  // Inputs about unknown or ended attempts, second answers and whatever comes after the end are ignored.
  // Only an `answered` allocates memory: where it throws std::bad_alloc the race can only be stopped.
  void feed(const race_input& input, moment now);
  // Pull until nullopt. Between two calls feed() may be called. A tick that comes before the time of the last
  // wake_at is answered with the same wake_at again, since the caller's timer is spent.
  std::optional<race_command> next(moment now);

  bool ended() const noexcept;                          // finish was given out
  const finish& end() const noexcept { return *end_; }  // once it was
  const endpoint& address(attempt_id started) const noexcept;
  // It is connected, and the race waits for what the confirm step says.
  bool confirming(attempt_id id) const noexcept;
  // Of an ended race.
  lesson learned() const noexcept;
  win_reason why_won() const noexcept;
  // The addresses that were not allowed, each once, as they became known.
  std::span<const attempt> filtered() const noexcept { return filtered_; }
  // Addresses that it did not keep, because it has enough.
  std::size_t left_out() const noexcept { return left_out_; }
  // For the report: started attempts in start order, then the filtered ones. Throws std::bad_alloc.
  std::vector<attempt> all_attempts() const;

 private:
  void hear(const answered& input, moment now);
  void hear(const connected& input, moment now) noexcept;
  void hear(const confirmed& input, moment now) noexcept;
  void hear(const failed& input, moment now) noexcept;
  void hear(const tick& input, moment now) noexcept;
  void hear(const stop& input, moment now) noexcept;

  void win(attempt_id id, moment now) noexcept;
  void compare(ip_family family, std::span<const candidate> addresses, const std::error_code& why) noexcept;
  void learn(const candidate& one, moment now);
  void order();
  bool known(const endpoint& address) const noexcept;
  void hold_or_go(moment now);
  ip_family preferred() const noexcept;
  bool asks(ip_family family) const noexcept;
  bool open(ip_family family) const noexcept { return open_[static_cast<std::size_t>(family)]; }
  bool disproved() const noexcept;
  attempt* pending_attempt(attempt_id id) noexcept;  // null: unknown or ended

  std::optional<race_command> next_due(moment now) noexcept;
  bool may_start() const noexcept;
  bool exhausted() const noexcept;
  std::optional<moment> next_moment() const noexcept;
  start_attempt start(moment now) noexcept;
  race_command next_of_end(moment now) noexcept;

  source_finder* sources_;
  family_policy families_;
  moment attempt_delay_;
  moment resolution_delay_;
  std::optional<moment> deadline_;
  std::optional<moment> attempt_limit_;
  bool confirms_;
  bool remembers_;
  bool outdated_ = false;                             // what was learned was learned of other answers
  bool favoured_ = false;                             // the first attempt was the first because of it
  std::array<std::optional<answer_mark>, 2> seen_{};  // what the answers were
  std::unique_ptr<remembered_winner> lately_{};       // what still holds of what was learned

  untried_list untried_;
  few<attempt, 1> attempts_{};  // the started ones; an attempt_id is a place in it
  std::vector<attempt> filtered_{};
  std::size_t left_out_ = 0;
  // A bit for each attempt:
  std::uint64_t pending_ = 0;    // that was started, and has neither ended nor been aborted
  std::uint64_t connected_ = 0;  // that waits for its confirm step
  std::uint64_t unasked_ = 0;    // whose confirm step is to be asked
  std::uint64_t expired_ = 0;    // whose limit has passed
  std::uint64_t unexpired_ = 0;  // of those, that are to be ended
  std::array<bool, 2> open_{};   // for each family, that its answer is still to come

  bool look_up_due_ = false;
  bool start_due_ = false;             // although earlier attempts are pending
  std::optional<moment> hold_end_{};   // set: addresses of the other family wait for the preferred one
  moment next_start_{};                // of use once an attempt was started
  std::optional<moment> announced_{};  // what the last wake_at said
  bool asked_late_ = false;            // a confirm step, when a tick was due already
  std::optional<moment> put_off_{};    // that tick: until then
  std::optional<finish> end_{};        // decided; given out after the aborts
  bool ended_ = false;
};

}  // namespace uvdial::detail
