// The driver of one race.
//
// Everything that happens to a dial (an answer, a socket, a time, a cancel) is fed to the race, which says what
// to do next; this file only does it. Two things need care, both about who may be on the stack.
//
// Inputs arrive while commands are being carried out: a resolver may answer inside lookup(), a connect may fail
// inside its own start. Such inputs are fed at once, and the loop in carry_on(), which is already on the stack,
// pulls the next command: nothing recurses, however many addresses fail at once.
//
// The user may run in four places: in the trace sink and in the hook before a connect, which may drop or cancel
// this very dial; in the confirm step, which may also answer, and destroy or close the dialer; and in the callback,
// which may destroy anything. The callback runs in the check phase only, as the last act of step(). A drop inside
// the others ends the loop in carry_on(), which then lets go of everything; after a cancel there the race says what
// to abort. Either way nothing more is connected.
//
// Memory may be gone at any step. Whatever comes to a dial passes through feed(), and whatever it does through
// carry_out(): there it is caught, and the race is told to stop, which like all that follows from it (to abort, to
// close, to settle, to tell) needs no memory.
#include "dial/dial.hpp"

#include <new>

#include "uvdial/error.hpp"

namespace uvdial::detail {

namespace {

std::error_code uv_code(int status) noexcept { return {status, uv_category()}; }

std::unique_ptr<bound_sources> make_bound(dial_owner& owner, const dial_options& options) {
  if (!options.bind_v4 && !options.bind_v6) return nullptr;
  return std::make_unique<bound_sources>(owner.sources(), options);
}

// A single address has no order, and what a list that begins with it has learned stays as it is.
bool remembers(const dial::request& wanted) noexcept {
  return wanted.options.remember && !(wanted.known && wanted.known->size() < 2);
}

race make_race(dial_owner& owner, bound_sources* bound, const std::string& host,
               const dial::request& wanted) {
  source_finder& sources = bound ? *bound : owner.sources();
  const dial_options& options = wanted.options;
  std::optional<remembered_winner> lately;
  if (remembers(wanted)) lately = owner.recall(host, wanted.port, options.families);
  if (wanted.known) return {options, sources, *wanted.known, lately};
  return {options, sources, lately};
}

}  // namespace

dial::dial(std::shared_ptr<dial_owner> owner, const request& wanted)
    : owner_(std::move(owner)),
      started_(now()),
      socket_options_{wanted.options.no_delay, wanted.options.keep_alive},
      families_(wanted.options.families),
      remembers_(remembers(wanted)),
      confirm_(wanted.options.confirm),
      report_wanted_(wanted.options.report),
      on_done_(std::move(wanted.on_done)),
      record_(wanted.number, owner_->trace(), wanted.host, wanted.port),
      bound_(make_bound(*owner_, wanted.options)),
      race_(make_race(*owner_, bound_.get(), record_.host(), wanted)),
      sockets_(owner_->count()) {}

void dial::look_at_clock() noexcept { time_ = std::chrono::floor<moment>(now() - started_); }

void dial::begin() {
  try {
    tell_filtered();
    carry_on(nullptr);
  } catch (...) {
    state_ = state::ended;
    let_go();
    throw;
  }
}

// A connection that came after `time` may not be heard of yet, so nothing that is due later may happen.
void dial::tick(instant time) {
  if (state_ != state::racing) return;
  look_at_clock();
  race_.feed(uvdial::detail::tick{}, std::chrono::floor<moment>(time - started_));
  carry_on(nullptr);
}

void dial::step() {
  if (state_ == state::settled) return deliver();
  if (state_ == state::racing && !cancelled_ && !owner_->has_time_now()) return owner_->post(*this);
  const auto self = shared_from_this();
  look_at_clock();
  carry_on(nullptr);
  if (state_ == state::settled) deliver();
}

void dial::feed(const race_input& input) noexcept try {
  record_.note(input, time_);
  race_.feed(input, time_);
  tell_filtered();
} catch (const std::bad_alloc&) {
  run_out(uv_code(UV_ENOMEM));
}

void dial::run_out(const std::error_code& why) noexcept { race_.feed(stop{why}, time_); }

void dial::tell_filtered() noexcept {
  while (state_ == state::racing && record_.note_filtered(race_.filtered(), time_)) {}
}

void dial::answered(answer received) {
  if (state_ != state::racing) return;
  look_at_clock();
  const race_input input = take(received);
  if (carrying_on_ || owner_->has_time()) return carry_on(&input);
  hear(input);
}

race_input dial::take(answer& received) noexcept try {
  uvdial::detail::answered heard{received.family, {}, received.why};
  heard.addresses.reserve(received.endpoints.size());
  for (const endpoint& address : received.endpoints)
    heard.addresses.push_back({address, owner_->allows(address)});
  record_.note_origin(received);
  return heard;
} catch (const std::bad_alloc&) {
  return stop{uv_code(UV_ENOMEM)};
}

// One answer may be told to thousands of dials at once: each hears it, and starts its connection when it has its turn.
void dial::hear(const race_input& input) noexcept {
  carrying_on_ = true;
  feed(input);
  carrying_on_ = false;
  if (state_ == state::ended) return let_go();
  owner_->post(*this);
}

void dial::attempt_ended(attempt_id id, int status) noexcept {
  look_at_clock();
  if (status != 0) sockets_.close(id);
  const race_input input = status == 0 ? race_input(connected{id}) : race_input(failed{id, uv_code(status)});
  carry_on(&input);
}

void dial::confirmed(std::uint32_t attempt) noexcept {
  look_at_clock();
  const race_input input = uvdial::detail::confirmed{static_cast<attempt_id>(attempt)};
  carry_on(&input);
}

void dial::denied(std::uint32_t attempt, std::error_code why) noexcept {
  const auto id = static_cast<attempt_id>(attempt);
  if (!confirms(attempt)) return;
  look_at_clock();
  sockets_.close(id);
  const race_input input = failed{id, why};
  carry_on(&input);
}

bool dial::confirms(std::uint32_t attempt) const noexcept {
  return state_ == state::racing && race_.confirming(static_cast<attempt_id>(attempt));
}

// Whoever calls this touches nothing of this object afterwards, or holds a share: a drop in between ends in let_go().
void dial::carry_on(const race_input* input) {
  if (state_ != state::racing) return;
  if (carrying_on_) {  // the loop below is on the stack and goes on with it
    if (input) feed(*input);
    return;
  }
  carrying_on_ = true;
  if (input) feed(*input);
  while (state_ == state::racing) {
    const std::optional<race_command> command = race_.next(time_);
    if (!command) break;
    carry_out(*command);
  }
  carrying_on_ = false;
  if (state_ == state::ended) let_go();
}

// What else a resolver throws is for the caller of connect(), who is on the stack then.
void dial::carry_out(const race_command& command) try {
  record_.note(command, time_, families_);
  if (state_ != state::racing) return;  // dropped by the sink
  if (std::holds_alternative<uvdial::detail::look_up>(command)) return look_up();
  if (const auto* wanted = std::get_if<start_attempt>(&command)) return start(*wanted);
  if (const auto* asked = std::get_if<confirm_attempt>(&command)) return confirm(asked->id);
  if (const auto* expired = std::get_if<expire_attempt>(&command)) return expire(expired->id);
  if (const auto* aborted = std::get_if<abort_attempt>(&command)) return sockets_.close(aborted->id);
  if (const auto* wake = std::get_if<wake_at>(&command)) {
    if (!wake->when) return owner_->unschedule(*this);
    return owner_->schedule(*this, started_ + *wake->when, started_ + time_);
  }
  settle(std::get<finish>(command));
} catch (const std::bad_alloc&) {
  run_out(uv_code(UV_ENOMEM));
} catch (const out_of_resources& why) {
  run_out(why.code());
}

void dial::look_up() {
  lookup_ = owner_->names().lookup({record_.host(), record_.port(), families_}, *this);
  look_at_clock();  // a resolver of the user's may have taken its time
}

void dial::start(const start_attempt& command) {
  if (cancelled_) return;  // by the sink
  connect_attempt& made = sockets_.add(command.id);
  std::error_code why = prepare(made, command.to);
  if (state_ != state::racing || cancelled_) return;  // by the hook; the socket goes with the others
  if (!why) why = uv_code(made.connect(command.to, *this));
  if (!why) return;
  look_at_clock();
  sockets_.close(command.id);
  feed(failed{command.id, why});
}

// The user's hook sees the socket before it is bound. It must not throw: here that ends the program.
std::error_code dial::prepare(connect_attempt& made, const endpoint& to) noexcept {
  using socket = connect_attempt::ip_socket;
  const endpoint* const local = bound_ ? bound_->local(to.family()) : nullptr;
  connect_hook& hook = owner_->before_connect();
  const socket wanted = local || hook ? socket::now : socket::when_connecting;
  const int opened = made.open(owner_->loop(), to.family(), wanted, owner_->count());
  if (opened < 0) return uv_code(opened);
  if (hook) {
    const std::error_code refused = hook(*made.native(), to);
    look_at_clock();
    if (refused) return refused;
  }
  return local ? uv_code(made.bind(*local)) : std::error_code{};
}

// The step is the user's: it may answer inside, and drop or cancel this dial.
void dial::confirm(attempt_id id) noexcept {
  if (cancelled_) return;  // by the sink
  tcp_stream* const fresh = sockets_.establish(id, socket_options_);
  if (!fresh) {
    sockets_.close(id);
    return feed(failed{id, uv_code(UV_ENOMEM)});
  }
  const endpoint to = race_.address(id);
  const auto self = std::static_pointer_cast<dial>(shared_from_this());
  (*confirm_)(*fresh, to, confirmation(self, static_cast<std::uint32_t>(id)));
  look_at_clock();
}

void dial::expire(attempt_id id) noexcept {
  sockets_.close(id);
  feed(failed{id, uv_code(UV_ETIMEDOUT)});
}

}  // namespace uvdial::detail
