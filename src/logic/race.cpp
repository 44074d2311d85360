// Happy Eyeballs version 2 (RFC 8305) as a state machine that opens no socket and reads no clock.
//
// The problem: a name has addresses of two families, some of them dead, and nobody knows which. Trying one
// after the other takes minutes when the first one is silent; trying all at once is unkind to servers. RFC
// 8305 starts them one by one, a quarter of a second apart, and takes the first that connects.
//
// The choice: inputs only change the state, and next() reads the one command that follows from it. So there
// is no queue of commands, nothing to undo when an input overtakes a command, and no recursion when an
// attempt fails inside its own start: the caller feeds the failure and pulls again.
//
// Time acts by `tick` alone. A loop that was held up finds old timers and fresh data in the same turn. The
// caller feeds the data first and the tick last, and so a connection that stands beats a deadline that has
// passed. What data brings about (the first start, the start after a failure) needs no tick. Even a
// resolution delay of zero ends by the tick that follows, so that an answer of the preferred family which is
// already there goes first.
//
// Decisions where the RFC leaves room:
// - A failure makes the next start due only if it was the newest attempt's or the last pending one's. That of
//   an older one changes nothing: the newest was started in its place and has its own delay to run.
// - RFC 8305, 5: a start "MUST NOT" come within 10 ms of the previous one. That is about attempts that may
//   still succeed. After a failure there is nothing left to be kind to, and waiting would only cost.
// - The address that won lately (winner_memory.hpp) goes before all others, and its family is the one that is
//   waited for. One answer that is not what it was ends that, for this race and for those to come.
// - With a confirm step, a connection that stands is still an attempt: others go on beside it and may be asked
//   about too. The next start is counted from the connection, so that a handshake has its time.
// - A loop that was held up finds a connection, with what its peer has sent, and a time that is over. The confirm
//   step is asked, but can read only in the next turn: so that tick is put off until then, once.
// - Left out: sorting by known round-trip times (RFC 8305, 4), a First Address Family Count other than 1, NAT64
//   synthesis (7). Answers that come after the end are the resolver's to remember.
#include "logic/race.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace uvdial::detail {
namespace {

// What a name may bring, tried and untried together. More help nobody, and DNS over TCP could bring
// thousands. pending_ has a bit for each.
constexpr std::size_t most_addresses = 64;

std::optional<moment> moment_of(const std::optional<std::chrono::milliseconds>& limit) noexcept {
  if (!limit) return std::nullopt;
  // Farther away than moments can say is no limit.
  if (*limit > std::chrono::floor<std::chrono::milliseconds>(moment::max())) return std::nullopt;
  return moment(*limit);
}

std::optional<ip_family> family_ahead(family_policy families) noexcept {
  if (families == family_policy::v4_first) return ip_family::v4;
  return std::nullopt;
}

std::size_t place_of(attempt_id id) noexcept { return static_cast<std::size_t>(id); }
std::uint64_t bit_of(std::size_t place) noexcept { return std::uint64_t{1} << place; }
attempt_id first_of(std::uint64_t bits) noexcept {
  return static_cast<attempt_id>(static_cast<std::size_t>(std::countr_zero(bits)));
}

}  // namespace

race::race(const dial_options& options, source_finder& sources,
           const std::optional<remembered_winner>& lately)
    : race(options, sources, std::span<const candidate>{}, lately) {
  look_up_due_ = true;
  open_ = {asks(ip_family::v4), asks(ip_family::v6)};
}

race::race(const dial_options& options, source_finder& sources, std::span<const candidate> addresses,
           const std::optional<remembered_winner>& lately)
    : sources_(&sources),
      families_(options.families),
      attempt_delay_(options.attempt_delay),
      resolution_delay_(options.resolution_delay),
      deadline_(moment_of(options.timeout)),
      attempt_limit_(moment_of(options.attempt_timeout)),
      confirms_(options.confirm != nullptr),
      remembers_(options.remember),
      untried_(sources, family_ahead(options.families)) {
  if (remembers_ && lately && asks(lately->winner.family())) {
    lately_ = std::make_unique<remembered_winner>(*lately);
    untried_.favour(&lately_->winner);
  }
  if (addresses.empty()) return;
  if (lately_ || addresses.size() > 1) {  // of a single address nothing is to be learned
    compare(ip_family::v4, addresses, {});
    compare(ip_family::v6, addresses, {});
  }
  for (const candidate& one : addresses) {
    if (asks(one.to.family())) learn(one, moment::zero());
  }
  order();
}

bool race::asks(ip_family family) const noexcept {
  if (families_ == family_policy::v6_only) return family == ip_family::v6;
  if (families_ == family_policy::v4_only) return family == ip_family::v4;
  return true;
}

ip_family race::preferred() const noexcept {
  if (lately_) return lately_->winner.family();
  const bool v6 = families_ == family_policy::v6_first || families_ == family_policy::v6_only;
  return v6 ? ip_family::v6 : ip_family::v4;
}

void race::feed(const race_input& input, moment now) {
  if (ended_) return;
  std::visit([this, now](const auto& one) { hear(one, now); }, input);
}

void race::hear(const answered& input, moment now) {
  if (end_ || !open(input.family)) return;
  open_[static_cast<std::size_t>(input.family)] = false;
  compare(input.family, input.addresses, input.why);
  for (const candidate& one : input.addresses) learn(one, now);
  order();
  hold_or_go(now);
}

void race::learn(const candidate& one, moment now) {
  if (known(one.to)) return;
  if (!one.allowed) {
    if (filtered_.size() < most_addresses)
      filtered_.push_back({attempt::state::filtered, one.to, {}, now, now});
    else
      ++left_out_;
    return;
  }
  untried_.add(one.to);
  if (attempts_.size() + untried_.size() <= most_addresses) return;
  untried_.drop_one();
  ++left_out_;
}

void race::order() {
  // RFC 8305, 3: late addresses "are incorporated into the list of available candidate addresses", which is
  // sorted again.
  untried_.order();
  attempts_.reserve(attempts_.size() + untried_.size());
}

bool race::known(const endpoint& address) const noexcept {
  const auto same = [&address](const attempt& one) { return one.to == address; };
  return untried_.holds(address) || std::any_of(attempts_.begin(), attempts_.end(), same) ||
         std::any_of(filtered_.begin(), filtered_.end(), same);
}

void race::hold_or_go(moment now) {
  // RFC 8305, 3: after a positive AAAA response the first IPv6 attempt "is immediately started", and a
  // negative one leaves nothing to wait for. An answer that ends what was learned may change who is preferred.
  if (!open(preferred())) {
    hold_end_.reset();
    return;
  }
  if (untried_.empty() || !attempts_.empty()) return;
  // A family without a way out brings nothing worth waiting for.
  if (!sources_->usable(preferred())) return;
  // RFC 8305, 3: "If a positive A response is received first [...], the client SHOULD wait a short time for
  // the AAAA response".
  hold_end_ = now + resolution_delay_;
}

attempt* race::pending_attempt(attempt_id id) noexcept {
  const std::size_t place = place_of(id);
  if (place >= attempts_.size() || (pending_ & bit_of(place)) == 0) return nullptr;
  return &attempts_[place];
}

void race::hear(const connected& input, moment now) noexcept {
  if (!confirms_) return win(input.id, now);
  if (end_ || !pending_attempt(input.id)) return;
  const std::uint64_t bit = bit_of(place_of(input.id));
  if ((connected_ & bit) != 0) return;
  connected_ |= bit;
  unasked_ |= bit;
  next_start_ = std::max(next_start_, now + attempt_delay_);
}

void race::hear(const confirmed& input, moment now) noexcept {
  if (confirming(input.id)) win(input.id, now);
}

void race::win(attempt_id id, moment now) noexcept {
  // A second one in the same instant stays pending, and so is aborted.
  if (end_) return;
  attempt* const winner = pending_attempt(id);
  if (winner == nullptr) return;
  winner->what = attempt::state::won;
  winner->ended = now;
  pending_ &= ~bit_of(place_of(id));
  // RFC 8305, 5: "Once one of the connection attempts succeeds [...] all other connections attempts that have
  // not yet succeeded SHOULD be canceled."
  end_ = finish{finish::how::won, id, {}};
}

void race::hear(const failed& input, moment now) noexcept {
  attempt* const loser = pending_attempt(input.id);
  if (loser == nullptr) return;
  loser->what = attempt::state::failed;
  loser->why = input.why;
  loser->ended = now;
  pending_ &= ~bit_of(place_of(input.id));
  // With nothing pending any more the next one starts anyway, see may_start().
  if (loser != &attempts_.back()) return;
  next_start_ = now;
  // Without an address to start now, a later answer waits for the tick as any other does.
  start_due_ = !untried_.empty();
}

void race::hear(const tick&, moment now) noexcept {
  if (announced_ && now < *announced_) announced_.reset();
  if (end_) return;
  put_off_.reset();
  if (std::exchange(asked_late_, false)) {
    put_off_ = now + moment(1);
    return;
  }
  if (deadline_ && now >= *deadline_) {
    end_ = finish{finish::how::timed_out};
    return;
  }
  if (hold_end_ && now >= *hold_end_) hold_end_.reset();
  // RFC 8305, 5: "A simple implementation can have a fixed delay for how long to wait before starting the
  // next connection attempt."
  if (pending_ != 0 && !untried_.empty() && now >= next_start_) start_due_ = true;
  if (!attempt_limit_) return;
  for (std::uint64_t open = pending_ & ~expired_; open != 0; open &= open - 1) {
    const std::size_t place = place_of(first_of(open));
    if (now < attempts_[place].started + *attempt_limit_) break;  // those after it started later
    expired_ |= bit_of(place);
    unexpired_ |= bit_of(place);
  }
}

void race::hear(const stop& input, moment) noexcept {
  if (end_ && end_->end == finish::how::stopped) return;
  if (end_ && end_->end == finish::how::won) {
    // A cancel beats a success that nobody was told of yet: the winner is one more attempt to abort.
    attempts_[place_of(end_->winner)].what = attempt::state::open;
    pending_ |= bit_of(place_of(end_->winner));
  }
  end_ = finish{finish::how::stopped, attempt_id{}, input.why};
}

std::optional<race_command> race::next(moment now) {
  if (ended_) return std::nullopt;
  if (!end_ && look_up_due_) {
    look_up_due_ = false;
    return look_up{};
  }
  if (!end_) {
    if (const auto due = next_due(now)) return due;
    if (may_start()) return start(now);
  }
  if (!end_ && exhausted()) end_ = finish{finish::how::failed};
  if (end_) return next_of_end(now);
  const std::optional<moment> due = next_moment();
  if (due == announced_) return std::nullopt;
  announced_ = due;
  return wake_at{due};
}

// What is to be done about an attempt that has not ended meanwhile.
std::optional<race_command> race::next_due(moment now) noexcept {
  unasked_ &= pending_;
  unexpired_ &= pending_;
  if (unexpired_ != 0) {
    const attempt_id id = first_of(unexpired_);
    unexpired_ &= unexpired_ - 1;
    return expire_attempt{id};
  }
  if (unasked_ != 0) {
    const attempt_id id = first_of(unasked_);
    unasked_ &= unasked_ - 1;
    const std::optional<moment> tick_due = next_moment();
    if (tick_due && *tick_due <= now) asked_late_ = true;
    return confirm_attempt{id};
  }
  return std::nullopt;
}

bool race::may_start() const noexcept {
  if (untried_.empty() || hold_end_) return false;
  return pending_ == 0 || start_due_;
}

// A family that is still open may bring more, so the race waits for it, until the deadline.
bool race::exhausted() const noexcept {
  return untried_.empty() && pending_ == 0 && !open(ip_family::v4) && !open(ip_family::v6);
}

std::optional<moment> race::next_moment() const noexcept {
  std::optional<moment> earliest = deadline_;
  const auto consider = [&earliest](moment when) {
    if (!earliest || when < *earliest) earliest = when;
  };
  if (hold_end_) consider(*hold_end_);
  if (pending_ != 0 && !untried_.empty()) consider(next_start_);
  const std::uint64_t limited = attempt_limit_ ? pending_ & ~expired_ : 0;
  if (limited != 0) consider(attempts_[place_of(first_of(limited))].started + *attempt_limit_);
  if (put_off_ && earliest) earliest = std::max(*earliest, *put_off_);
  return earliest;
}

start_attempt race::start(moment now) noexcept {
  std::optional<ip_family> last;
  if (!attempts_.empty()) last = attempts_.back().to.family();
  const endpoint to = untried_.take(last);
  const std::size_t place = attempts_.size();
  attempts_.add(attempt::state::open, to, std::error_code{}, now, now);
  pending_ |= bit_of(place);
  if (place == 0) favoured_ = lately_ && lately_->winner == to;
  start_due_ = false;
  // RFC 8305, 5: "Connection Attempt Delay"; it paces starts and never ends an attempt.
  next_start_ = now + attempt_delay_;
  return {static_cast<attempt_id>(place), to};
}

race_command race::next_of_end(moment now) noexcept {
  if (pending_ != 0) {
    const attempt_id id = first_of(pending_);
    pending_ &= pending_ - 1;
    attempts_[place_of(id)].ended = now;
    return abort_attempt{id};
  }
  ended_ = true;
  return *end_;
}

}  // namespace uvdial::detail
