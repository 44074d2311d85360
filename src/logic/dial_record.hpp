#pragma once
// What a dial did, derived from the inputs and commands of its race: the trace and the report cannot say
// anything else than what happened. Only who gave an answer, and in which words, comes past the race, which
// decides nothing by it.
#include <optional>
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
  // `sink` may be empty; it outlives the record. It must not throw: that is std::terminate.
  dial_record(std::uint32_t number, trace_sink& sink, std::string_view host, std::uint16_t port);

  // Before an answer is fed: all that the race does not need of it, which is taken out of it. Throws std::bad_alloc.
  void note_origin(answer& received);
  // Each input when it is fed, each command when it is carried out. Only a start needs memory: it throws
  // std::bad_alloc, and then it was not told.
  void note(const race_input& input, moment now) noexcept {
    if (sink_ || std::holds_alternative<answered>(input)) note_all(input, now);
  }
  void note(const race_command& command, moment now, family_policy families) {
    if (sink_ || std::holds_alternative<look_up>(command)) note_all(command, now, families);
  }
  // Tells of the next filtered address that was not told of; false: there is none. One at a time, since who
  // hears of it may drop the dial.
  bool note_filtered(std::span<const attempt> filtered, moment now) noexcept {
    return sink_ && filtered_told_ < filtered.size() && tell_filtered(filtered, now);
  }
  // The last step. The code is unset on success.
  void note_end(const std::error_code& code, moment now) noexcept;

  const std::string& host() const noexcept { return host_; }
  std::uint16_t port() const noexcept { return port_; }

  // Once, at the end: takes everything along but the host. Throws std::bad_alloc, and then it is as it was.
  dial_report take_report(const race& ended, moment elapsed);

 private:
  void note_all(const race_input& input, moment now) noexcept;
  void note_all(const race_command& command, moment now, family_policy families);
  bool tell_filtered(std::span<const attempt> filtered, moment now) noexcept;
  trace_event event(trace_event::step what, moment now) const noexcept;
  void tell_attempt(trace_event::step what, attempt_id id, moment now,
                    const std::error_code& code = {}) noexcept;
  void note_questions(family_policy families, moment now) noexcept;
  void note_answer(const answered& input, moment now) noexcept;
  bool asks(ip_family family) const noexcept;
  family_report* find(ip_family family) noexcept;  // null: nothing came of it so far

  std::uint32_t number_;
  std::uint16_t port_;
  std::optional<family_policy> asked_{};  // unset: no name is looked up
  trace_sink& sink_;
  std::string host_;
  moment asked_at_{0};
  std::vector<family_report> replies_{};  // as they came: until then a dial that waits has no memory for them
  std::vector<std::string> names_{};
  std::size_t filtered_told_ = 0;
  std::vector<endpoint> started_{};  // by attempt_id; filled only when somebody listens
};

}  // namespace uvdial::detail
