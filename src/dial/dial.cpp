// The driver of one race.
//
// Everything that happens to a dial (an answer, a socket, a time, a cancel) is fed to the race, which says what
// to do next; this file only does it. Two things need care, both about who may be on the stack.
//
// Inputs arrive while commands are being carried out: a resolver may answer inside lookup(), a connect may fail
// inside its own start. Such inputs are fed at once, and the loop in carry_on(), which is already on the stack,
// pulls the next command: nothing recurses, however many addresses fail at once.
//
// The user may run in two places: in the trace sink, which may drop or cancel this very dial, and in the
// callback, which may destroy anything. The callback runs in the check phase only, as the last act of step().
// A drop inside the sink ends the loop in carry_on(), which then lets go of everything.
#include "dial/dial.hpp"

#include <algorithm>
#include <new>

#include "logic/verdict.hpp"
#include "uvdial/error.hpp"

namespace uvdial::detail {

namespace {

std::error_code uv_code(int status) noexcept { return {status, uv_category()}; }

race make_race(const dial_options& options, source_finder& sources,
               std::optional<std::vector<candidate>>& known) {
  if (known) return {options, sources, std::move(*known)};
  return {options, sources};
}

}  // namespace

dial::dial(std::shared_ptr<dial_owner> owner, request wanted)
    : owner_(std::move(owner)),
      started_(now()),
      options_(wanted.options),
      on_done_(std::move(wanted.on_done)),
      record_(wanted.number, owner_->trace(), std::move(wanted.host), wanted.port),
      race_(make_race(options_, owner_->sources(), wanted.known)) {}

moment dial::elapsed() const noexcept { return std::chrono::floor<moment>(now() - started_); }

void dial::begin() {
  try {
    carry_on(nullptr);
  } catch (...) {
    state_ = state::ended;
    let_go();
    throw;
  }
}

void dial::tick() {
  const race_input input = uvdial::detail::tick{};
  carry_on(&input);
}

void dial::step() {
  carry_on(nullptr);
  if (state_ == state::settled) deliver();
}

void dial::feed(const race_input& input) {
  const moment time = elapsed();
  record_.note(input, time);
  race_.feed(input, time);
}

void dial::answered(answer received) {
  if (state_ != state::racing) return;
  record_.note_origin(received);
  uvdial::detail::answered heard{received.family, {}, received.why};
  heard.addresses.reserve(received.endpoints.size());
  for (const endpoint& address : received.endpoints) heard.addresses.push_back({address});
  const race_input input = std::move(heard);
  carry_on(&input);
}

void dial::attempt_ended(attempt_id id, int status) noexcept {
  const race_input input = status == 0 ? race_input(connected{id}) : race_input(failed{id, uv_code(status)});
  carry_on(&input);
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
  if (const auto* aborted = std::get_if<abort_attempt>(&command)) return take_socket(aborted->id).reset();
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
  connect_attempt& made = attempts_.emplace_back(command.id);
  const int status = made.start(owner_->loop(), command.to, *this, owner_->count());
  if (status >= 0) return;
  attempts_.pop_back();
  feed(failed{command.id, uv_code(status)});
}

tcp_handle dial::take_socket(attempt_id id) noexcept {
  const auto found = std::find_if(attempts_.begin(), attempts_.end(),
                                  [id](const connect_attempt& one) { return one.id() == id; });
  if (found == attempts_.end()) return nullptr;
  tcp_handle socket = found->take();
  attempts_.erase(found);
  return socket;
}

void dial::settle(const finish& end) {
  owner_->schedule(*this, std::nullopt);
  lookup_.reset();
  const moment time = elapsed();
  report_ = record_.take_report(race_.take_attempts(), time);
  result_.emplace(end.end == finish::how::won ? win(end) : lose(end));
  attempts_.clear();
  const error* why = result_->failure();
  state_ = state::settled;
  owner_->post(*this);
  record_.note_end(why ? why->code() : std::error_code{}, time);
}

outcome<tcp_stream> dial::win(const finish& end) noexcept try {
  tcp_handle socket = take_socket(end.winner);
  if (options_.no_delay) (void)uv_tcp_nodelay(socket.get(), 1);  // only speed is lost
  if (options_.keep_alive) {
    const auto idle = static_cast<unsigned>(options_.keep_alive->count());
    (void)uv_tcp_keepalive(socket.get(), 1, idle);  // the connection stands without it
  }
  return tcp_stream(std::move(socket));
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
  if (options_.report) *options_.report = std::move(report_);
  let_go();
  on_done(std::move(result));
}

void dial::let_go() noexcept {
  lookup_.reset();
  attempts_.clear();
  result_.reset();
  if (const auto owner = std::move(owner_)) {
    owner->schedule(*this, std::nullopt);
    owner->remove(*this);
  }
}

void dial::cancel(std::uint32_t) noexcept {
  const finish stopped{finish::how::stopped, attempt_id{}, uv_code(UV_ECANCELED)};
  if (state_ == state::settled) result_.emplace(lose(stopped));  // a stream that was ready closes here
  if (state_ != state::racing) return;
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
