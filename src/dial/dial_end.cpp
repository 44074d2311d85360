// How a dial ends, whoever decides it: the race, or the caller. Nothing here needs memory that it cannot do without: what
// there is no memory to tell, or to give, is left away.
#include <new>

#include "dial/dial.hpp"
#include "logic/verdict.hpp"
#include "uvdial/error.hpp"

namespace uvdial::detail {

namespace {

std::error_code uv_code(int status) noexcept { return {status, uv_category()}; }
std::error_code cancelled_by_caller() noexcept { return uv_code(UV_ECANCELED); }

}  // namespace

void dial::settle(const finish& end) noexcept {
  owner_->unschedule(*this);
  lookup_.reset();
  if (remembers_) owner_->learn(record_.host(), record_.port(), families_, race_.learned());
  if (end.end == finish::how::won) {
    sockets_.close_all_but(end.winner);
  } else {
    sockets_.close_all();
    failure_ = lose(end);
  }
  state_ = state::settled;
  if (cancelled_ && end.why != cancelled_by_caller()) cancel(0);
  owner_->post(*this);
  record_.note_end(failure_ ? failure_->code() : std::error_code{}, time_);
}

dial_report& dial::report() {
  if (!report_) report_ = std::make_unique<dial_report>(record_.take_report(race_, time_));
  return *report_;
}

std::shared_ptr<const error> dial::lose(const finish& end) noexcept {
  const bool cancelled = end.why == cancelled_by_caller();
  try {
    dial_report& told = report();
    if (end.end == finish::how::stopped) withdraw_win(told);
    verdict why;
    if (end.end == finish::how::timed_out)
      why = {error_kind::timeout, uv_code(UV_ETIMEDOUT)};
    else if (end.end == finish::how::stopped)
      why = {cancelled ? error_kind::cancelled : error_kind::out_of_resources, end.why};
    else
      why = judge(told);
    return make_error(why.kind, why.code, describe(told, end, why), told);
  } catch (const std::bad_alloc&) {
    if (cancelled) return make_error(error_kind::cancelled, end.why, {});
    return make_error(error_kind::out_of_resources, uv_code(UV_ENOMEM), {});
  }
}

// Without memory for it, the caller's report is empty: what it was before is of another dial.
void dial::give_report() noexcept {
  if (!report_wanted_) return;
  try {
    *report_wanted_ = report_ ? std::move(*report_) : record_.take_report(race_, time_);
  } catch (const std::bad_alloc&) {
    *report_wanted_ = {};
    report_wanted_->elapsed = time_;
  }
}

void dial::deliver() noexcept {
  const auto self = shared_from_this();
  state_ = state::ended;
  callback<tcp_stream> on_done = std::move(on_done_);
  give_report();
  if (failure_) {
    outcome<tcp_stream> lost = std::move(failure_);
    let_go();
    return on_done(std::move(lost));
  }
  outcome<tcp_stream> won = sockets_.take(race_.end().winner, socket_options_);
  let_go();
  on_done(std::move(won));
}

void dial::let_go() noexcept {
  lookup_.reset();
  sockets_.close_all();
  failure_.reset();
  if (const auto owner = std::move(owner_)) {
    owner->unschedule(*this);
    owner->remove(*this);
  }
}

void dial::cancel(std::uint32_t) noexcept {
  const finish stopped{finish::how::stopped, attempt_id{}, cancelled_by_caller()};
  if (state_ == state::settled) {
    sockets_.close_all();
    failure_ = lose(stopped);
  }
  if (state_ != state::racing) return;
  cancelled_ = true;
  look_at_clock();
  race_.feed(stop{stopped.why}, time_);
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
