#include "logic/dial_record.hpp"

#include <algorithm>

#include "logic/name_walk.hpp"

namespace uvdial::detail {

dial_record::dial_record(std::uint32_t number, trace_sink& sink, std::string host, std::uint16_t port)
    : number_(number), sink_(sink) {
  report_.host = std::move(host);
  report_.port = port;
}

trace_event dial_record::event(trace_event::step what, moment now) const noexcept {
  trace_event made{number_, what, now};
  made.host = report_.host;
  return made;
}

void dial_record::tell_attempt(trace_event::step what, attempt_id id, moment now,
                               const std::error_code& code) {
  if (!sink_) return;
  const auto place = static_cast<std::size_t>(id);
  if (place >= started_.size()) return;
  trace_event told = event(what, now);
  told.to = started_[place];
  told.code = code;
  sink_(told);
}

void dial_record::note(const race_input& input, moment now) {
  if (const auto* answer = std::get_if<answered>(&input)) return note_answer(*answer, now);
  if (const auto* failure = std::get_if<failed>(&input))
    return tell_attempt(trace_event::step::fail, failure->id, now, failure->why);
}

void dial_record::note(const race_command& command, moment now, family_policy families) {
  if (std::holds_alternative<look_up>(command)) return note_questions(families, now);
  if (const auto* abort = std::get_if<abort_attempt>(&command))
    return tell_attempt(trace_event::step::abort, abort->id, now);
  if (const auto* asked = std::get_if<confirm_attempt>(&command))
    return tell_attempt(trace_event::step::confirm, asked->id, now);
  if (const auto* start = std::get_if<start_attempt>(&command)) {
    if (sink_) started_.push_back(start->to);
    return tell_attempt(trace_event::step::start, start->id, now);
  }
  const auto* end = std::get_if<finish>(&command);
  if (end && end->end == finish::how::won) tell_attempt(trace_event::step::win, end->winner, now);
}

void dial_record::note_questions(family_policy families, moment now) {
  for (const ip_family family : families_of(families)) {
    family_report& asked = report_.families.emplace_back(family_report{family});
    asked.asked = now;
    if (!sink_) continue;
    trace_event told = event(trace_event::step::question, now);
    told.family = family;
    sink_(told);
  }
}

family_report* dial_record::open_question(ip_family family) noexcept {
  for (family_report& asked : report_.families) {
    if (asked.family == family && !asked.answered) return &asked;
  }
  return nullptr;
}

void dial_record::note_origin(answer& received) noexcept {
  family_report* asked = open_question(received.family);
  if (!asked) return;
  asked->server = received.server;
  if (received.endpoints.empty()) asked->detail = std::move(received.detail);
  asked->addresses = std::move(received.endpoints);
  if (received.names.size() > report_.names.size()) report_.names = std::move(received.names);
}

void dial_record::note_answer(const answered& input, moment now) {
  family_report* asked = open_question(input.family);
  if (!asked) return;
  asked->answered = true;
  asked->why = input.why;
  asked->ended = now;
  if (!sink_) return;
  trace_event told = event(trace_event::step::answer, now);
  told.family = input.family;
  told.addresses = asked->addresses;
  told.code = input.why;
  told.server = asked->server;
  sink_(told);
}

bool dial_record::note_filtered(std::span<const attempt> filtered, moment now) {
  if (!sink_ || filtered_told_ >= filtered.size()) return false;
  trace_event told = event(trace_event::step::filter, now);
  told.to = filtered[filtered_told_++].to;
  sink_(told);
  return true;
}

void dial_record::note_end(std::string_view host, const std::error_code& code, moment now) {
  if (!sink_) return;
  trace_event told = event(trace_event::step::end, now);
  told.host = host;
  told.code = code;
  sink_(told);
}

dial_report dial_record::take_report(race& ended, moment elapsed) noexcept {
  report_.why_won = ended.why_won();
  report_.attempts = ended.take_attempts();
  const auto won = std::find_if(report_.attempts.begin(), report_.attempts.end(),
                                [](const attempt& one) { return one.what == attempt::state::won; });
  if (won != report_.attempts.end())
    report_.winner = static_cast<std::size_t>(won - report_.attempts.begin());
  report_.elapsed = elapsed;
  return std::move(report_);
}

void withdraw_win(dial_report& report) noexcept {
  if (!report.winner) return;
  report.attempts[*report.winner].what = attempt::state::open;
  report.winner.reset();
  report.why_won = win_reason::none;
}

}  // namespace uvdial::detail
