#pragma once
// What a dial did, derived from the inputs and commands of its race: the trace and the report cannot say
// anything else than what happened. Only who gave an answer, and in which words, comes past the race, which
// decides nothing by it.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "logic/race.hpp"
#include "uvdial/function.hpp"
#include "uvdial/report.hpp"
#include "uvdial/resolver.hpp"
#include "uvdial/trace.hpp"

namespace uvdial::detail {

using trace_sink = unique_function<void(const trace_event&)>;

// A success that a cancel took away before anybody heard of it: nobody won, and its attempt was one more open one.
void withdraw_win(dial_report& report) noexcept;

class dial_record {
 public:
  // `sink` may be empty; it outlives the record.
  dial_record(std::uint32_t number, trace_sink& sink, std::string host, std::uint16_t port);

  // Before an answer is fed: all that the race does not need of it, which is taken out of it.
  void note_origin(answer& received) noexcept;
  // Each input when it is fed, each command when it is carried out.
  void note(const race_input& input, moment now);
  void note(const race_command& command, moment now, family_policy families);
  // Tells of the next filtered address that was not told of; false: there is none. One at a time, since who
  // hears of it may drop the dial.
  bool note_filtered(std::span<const attempt> filtered, moment now);
  // The last step, after take_report(), which took the host along. The code is unset on success.
  void note_end(std::string_view host, const std::error_code& code, moment now);

  const std::string& host() const noexcept { return report_.host; }
  std::uint16_t port() const noexcept { return report_.port; }

  // Once, at the end.
  dial_report take_report(race& ended, moment elapsed) noexcept;

 private:
  trace_event event(trace_event::step what, moment now) const noexcept;
  void tell_attempt(trace_event::step what, attempt_id id, moment now, const std::error_code& code = {});
  void note_questions(family_policy families, moment now);
  void note_answer(const answered& input, moment now);
  family_report* open_question(ip_family family) noexcept;  // null: not asked, or answered

  std::uint32_t number_;
  trace_sink& sink_;
  dial_report report_;
  std::size_t filtered_told_ = 0;
  std::vector<endpoint> started_{};  // by attempt_id; filled only when somebody listens
};

}  // namespace uvdial::detail
