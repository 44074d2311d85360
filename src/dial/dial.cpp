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
#include "dial/dial.hpp"

#include <new>

#include "logic/verdict.hpp"
#include "uvdial/error.hpp"

namespace uvdial::detail {

namespace {

std::error_code uv_code(int status) noexcept { return {status, uv_category()}; }

race make_race(dial_owner& owner, source_finder& sources, const std::string& host, dial::request& wanted) {
  const dial_options& options = wanted.options;
  std::optional<remembered_winner> lately;
  if (options.remember) lately = owner.recall(host, wanted.port, options.families);
  if (wanted.known) return {options, sources, std::move(*wanted.known), lately};
  return {options, sources, lately};
}

}  // namespace

dial::dial(std::shared_ptr<dial_owner> owner, request wanted)
    : owner_(std::move(owner)),
      started_(now()),
      options_(wanted.options),
      on_done_(std::move(wanted.on_done)),
      record_(wanted.number, owner_->trace(), std::move(wanted.host), wanted.port),
      sources_(owner_->sources(), options_),
      race_(make_race(*owner_, sources_, record_.host(), wanted)),
      sockets_(owner_->count()) {}

moment dial::elapsed() const noexcept { return std::chrono::floor<moment>(now() - started_); }

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
  race_.feed(uvdial::detail::tick{}, std::chrono::floor<moment>(time - started_));
  carry_on(nullptr);
}

void dial::step() {
  carry_on(nullptr);
  if (state_ == state::settled) deliver();
}

void dial::feed(const race_input& input) {
  const moment time = elapsed();
  record_.note(input, time);
  race_.feed(input, time);
  tell_filtered();
}

void dial::tell_filtered() {
  while (state_ == state::racing && record_.note_filtered(race_.filtered(), elapsed())) {}
}

void dial::answered(answer received) {
  if (state_ != state::racing) return;
  uvdial::detail::answered heard{received.family, {}, received.why};
  heard.addresses.reserve(received.endpoints.size());
  for (const endpoint& address : received.endpoints)
    heard.addresses.push_back({address, owner_->allows(address)});
  record_.note_origin(received);
  const race_input input = std::move(heard);
  carry_on(&input);
}

void dial::attempt_ended(attempt_id id, int status) noexcept {
  const race_input input = status == 0 ? race_input(connected{id}) : race_input(failed{id, uv_code(status)});
  carry_on(&input);
}

void dial::confirmed(std::uint32_t attempt) noexcept {
  const race_input input = uvdial::detail::confirmed{static_cast<attempt_id>(attempt)};
  carry_on(&input);
}

void dial::denied(std::uint32_t attempt, std::error_code why) noexcept {
  const auto id = static_cast<attempt_id>(attempt);
  if (!confirms(attempt)) return;
  sockets_.close(id);
  const race_input input = failed{id, why};
  carry_on(&input);
}

bool dial::confirms(std::uint32_t attempt) const noexcept {
  return state_ == state::racing && race_.confirming(static_cast<attempt_id>(attempt));
}

void dial::carry_on(const race_input* input) {
  if (state_ != state::racing) return;
  if (carrying_on_) {  // the loop below is on the stack and goes on with it
    if (input) feed(*input);
    return;
  }
  const auto self = shared_from_this();  // the trace sink may drop the operation, and the owner its share
  carrying_on_ = true;
  if (input) feed(*input);
  while (state_ == state::racing) {
    const std::optional<race_command> command = race_.next(elapsed());
    if (!command) break;
    carry_out(*command);
  }
  carrying_on_ = false;
  if (state_ == state::ended) let_go();
}

void dial::carry_out(const race_command& command) {
  record_.note(command, elapsed(), options_.families);
  if (state_ != state::racing) return;  // dropped by the sink
  if (std::holds_alternative<uvdial::detail::look_up>(command)) return look_up();
  if (const auto* wanted = std::get_if<start_attempt>(&command)) return start(*wanted);
  if (const auto* asked = std::get_if<confirm_attempt>(&command)) return confirm(asked->id);
  if (const auto* expired = std::get_if<expire_attempt>(&command)) return expire(expired->id);
  if (const auto* aborted = std::get_if<abort_attempt>(&command)) return sockets_.close(aborted->id);
  if (const auto* wake = std::get_if<wake_at>(&command)) {
    owner_->schedule(*this, wake->when ? std::optional<instant>(started_ + *wake->when) : std::nullopt);
    return;
  }
  settle(std::get<finish>(command));
}

void dial::look_up() {
  lookup_ = owner_->names().lookup({record_.host(), record_.port(), options_.families}, *this);
}

void dial::start(const start_attempt& command) {
  if (cancelled_) return;  // by the sink
  connect_attempt& made = sockets_.add(command.id);
  std::error_code why = prepare(made, command.to);
  if (state_ != state::racing || cancelled_) return;  // by the hook; the socket goes with the others
  if (!why) why = uv_code(made.connect(command.to, *this));
  if (!why) return;
  sockets_.close(command.id);
  feed(failed{command.id, why});
}

// The user's hook sees the socket before it is bound. It must not throw: here that ends the program.
std::error_code dial::prepare(connect_attempt& made, const endpoint& to) noexcept {
  using socket = connect_attempt::ip_socket;
  const std::optional<endpoint>& local = to.family() == ip_family::v4 ? options_.bind_v4 : options_.bind_v6;
  connect_hook& hook = owner_->before_connect();
  const socket wanted = local || hook ? socket::now : socket::when_connecting;
  const int opened = made.open(owner_->loop(), to.family(), wanted, owner_->count());
  if (opened < 0) return uv_code(opened);
  const std::error_code refused = hook ? hook(*made.native(), to) : std::error_code{};
  if (refused || !local) return refused;
  return uv_code(made.bind(*local));
}

// The step is the user's: it may answer inside, and drop or cancel this dial.
void dial::confirm(attempt_id id) {
  if (cancelled_) return;  // by the sink
  tcp_stream* fresh = nullptr;
  try {
    fresh = &sockets_.establish(id, options_);
  } catch (const std::bad_alloc&) {
    return feed(failed{id, uv_code(UV_ENOMEM)});
  }
  const endpoint to = race_.address(id);
  const auto self = std::static_pointer_cast<dial>(shared_from_this());
  (*options_.confirm)(*fresh, to, confirmation(self, static_cast<std::uint32_t>(id)));
}

void dial::expire(attempt_id id) {
  sockets_.close(id);
  feed(failed{id, uv_code(UV_ETIMEDOUT)});
}

void dial::settle(const finish& end) {
  owner_->schedule(*this, std::nullopt);
  lookup_.reset();
  const moment time = elapsed();
  if (options_.remember) owner_->learn(record_.host(), record_.port(), options_.families, race_.learned());
  report_ = record_.take_report(race_, time);
  result_.emplace(end.end == finish::how::won ? win(end) : lose(end));
  sockets_.close_all();
  state_ = state::settled;
  if (cancelled_ && end.end != finish::how::stopped) cancel(0);
  const error* why = result_->failure();
  owner_->post(*this);
  record_.note_end(report_.host, why ? why->code() : std::error_code{}, time);
}

outcome<tcp_stream> dial::win(const finish& end) noexcept try {
  return sockets_.take(end.winner, options_);
} catch (const std::bad_alloc&) {
  return make_error(error_kind::out_of_resources, uv_code(UV_ENOMEM), {});
}

outcome<tcp_stream> dial::lose(const finish& end) noexcept try {
  verdict why;
  if (end.end == finish::how::timed_out)
    why = {error_kind::timeout, uv_code(UV_ETIMEDOUT)};
  else if (end.end == finish::how::stopped)
    why = {error_kind::cancelled, end.why};
  else
    why = judge(report_);
  return make_error(why.kind, why.code, describe(report_, end, why), report_);
} catch (const std::bad_alloc&) {
  return make_error(error_kind::out_of_resources, uv_code(UV_ENOMEM), {});
}

void dial::deliver() {
  const auto self = shared_from_this();
  state_ = state::ended;
  callback<tcp_stream> on_done = std::move(on_done_);
  outcome<tcp_stream> result = std::move(*result_);
  result_.reset();
  if (options_.report) *options_.report = std::move(report_);
  let_go();
  on_done(std::move(result));
}

void dial::let_go() noexcept {
  lookup_.reset();
  sockets_.close_all();
  if (tcp_stream* unheard = result_ ? result_->get_if() : nullptr) sockets_.dispose(std::move(*unheard));
  result_.reset();
  if (const auto owner = std::move(owner_)) {
    owner->schedule(*this, std::nullopt);
    owner->remove(*this);
  }
}

void dial::cancel(std::uint32_t) noexcept {
  const finish stopped{finish::how::stopped, attempt_id{}, uv_code(UV_ECANCELED)};
  if (state_ == state::settled) {
    withdraw_win(report_);
    if (tcp_stream* ready = result_->get_if()) sockets_.dispose(std::move(*ready));
    result_.emplace(lose(stopped));
  }
  if (state_ != state::racing) return;
  cancelled_ = true;
  race_.feed(stop{stopped.why}, elapsed());
  owner_->post(*this);
}

void dial::drop(std::uint32_t) noexcept {
  if (state_ == state::ended) return;
  const auto self = shared_from_this();
  const callback<tcp_stream> silent = std::move(on_done_);  // what it captured goes last
  state_ = state::ended;
  if (!carrying_on_) let_go();
}

bool dial::running(std::uint32_t) const noexcept { return state_ != state::ended; }

}  // namespace uvdial::detail
