#include "logic/dial_record.hpp"

#include <algorithm>

#include "logic/name_walk.hpp"

namespace uvdial::detail {

dial_record::dial_record(std::uint32_t number, trace_sink& sink, std::string_view host, std::uint16_t port)
    : number_(number), port_(port), sink_(sink), host_(host) {}

trace_event dial_record::event(trace_event::step what, moment now) const noexcept {
  trace_event made{number_, what, now};
  made.host = host_;
  return made;
}

void dial_record::tell_attempt(trace_event::step what, attempt_id id, moment now,
                               const std::error_code& code) noexcept {
  if (!sink_) return;
  const auto place = static_cast<std::size_t>(id);
  if (place >= started_.size()) return;
  trace_event told = event(what, now);
  told.to = started_[place];
  told.code = code;
  sink_(told);
}

void dial_record::note_all(const race_input& input, moment now) noexcept {
  if (const auto* answer = std::get_if<answered>(&input)) return note_answer(*answer, now);
  if (const auto* failure = std::get_if<failed>(&input))
    return tell_attempt(trace_event::step::fail, failure->id, now, failure->why);
}

void dial_record::note_all(const race_command& command, moment now, family_policy families) {
  if (std::holds_alternative<look_up>(command)) return note_questions(families, now);
  if (const auto* abort = std::get_if<abort_attempt>(&command))
    return tell_attempt(trace_event::step::abort, abort->id, now);
  if (const auto* asked = std::get_if<confirm_attempt>(&command))
    return tell_attempt(trace_event::step::confirm, asked->id, now);
  if (const auto* start = std::get_if<start_attempt>(&command)) {
    started_.push_back(start->to);
    return tell_attempt(trace_event::step::start, start->id, now);
  }
  const auto* end = std::get_if<finish>(&command);
  if (end && end->end == finish::how::won) tell_attempt(trace_event::step::win, end->winner, now);
}

void dial_record::note_questions(family_policy families, moment now) noexcept {
  asked_ = families;
  asked_at_ = now;
  if (!sink_) return;
  for (const ip_family family : families_of(families)) {
    trace_event told = event(trace_event::step::question, now);
    told.family = family;
    sink_(told);
  }
}

bool dial_record::asks(ip_family family) const noexcept {
  if (!asked_) return false;
  return *asked_ != (family == ip_family::v4 ? family_policy::v6_only : family_policy::v4_only);
}

family_report* dial_record::find(ip_family family) noexcept {
  const auto found = std::find_if(replies_.begin(), replies_.end(),
                                  [family](const family_report& each) { return each.family == family; });
  return found == replies_.end() ? nullptr : &*found;
}

void dial_record::note_origin(answer& received) {
  if (!asks(received.family) || find(received.family)) return;
  replies_.reserve(2);
  family_report& reply = replies_.emplace_back(family_report{received.family});
  reply.server = received.server;
  reply.left_out = received.left_out;
  if (received.endpoints.empty()) reply.detail = std::move(received.detail);
  reply.addresses = std::move(received.endpoints);
  if (received.names.size() > names_.size()) names_ = std::move(received.names);
}

void dial_record::note_answer(const answered& input, moment now) noexcept {
  family_report* reply = find(input.family);
  if (!reply || reply->answered) return;
  reply->answered = true;
  reply->why = input.why;
  reply->ended = now;
  if (!sink_) return;
  trace_event told = event(trace_event::step::answer, now);
  told.family = input.family;
  told.addresses = reply->addresses;
  told.code = input.why;
  told.server = reply->server;
  told.left_out = reply->left_out;
  sink_(told);
}

bool dial_record::tell_filtered(std::span<const attempt> filtered, moment now) noexcept {
  trace_event told = event(trace_event::step::filter, now);
  told.to = filtered[filtered_told_++].to;
  sink_(told);
  return true;
}

void dial_record::note_end(const std::error_code& code, moment now) noexcept {
  if (!sink_) return;
  trace_event told = event(trace_event::step::end, now);
  told.code = code;
  sink_(told);
}

dial_report dial_record::take_report(const race& ended, moment elapsed) {
  dial_report made;
  made.host = host_;
  made.port = port_;
  made.attempts = ended.all_attempts();
  made.left_out = ended.left_out();
  if (asked_) {
    const auto asked = families_of(*asked_);
    made.families.reserve(asked.size());
    for (const ip_family family : asked) {  // nothing below throws
      family_report* const reply = find(family);
      made.families.push_back(reply ? std::move(*reply) : family_report{family});
      made.left_out += made.families.back().left_out;
      made.families.back().asked = asked_at_;
    }
  }
  made.names = std::move(names_);
  const auto won = std::find_if(made.attempts.begin(), made.attempts.end(),
                                [](const attempt& one) { return one.what == attempt::state::won; });
  if (won != made.attempts.end()) made.winner = static_cast<std::size_t>(won - made.attempts.begin());
  made.why_won = ended.why_won();
  made.elapsed = elapsed;
  return made;
}

void withdraw_win(dial_report& report) noexcept {
  if (!report.winner) return;
  report.attempts[*report.winner].what = attempt::state::open;
  report.winner.reset();
  report.why_won = win_reason::none;
}

}  // namespace uvdial::detail
