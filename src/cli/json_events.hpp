#pragma once
// What one dial does, as JSON lines. Pure: takes facts, returns text.
//
// Times count from the start of the dial. The promise to whoever reads the lines: every attempt_start is
// followed by exactly one attempt_failed, attempt_cancelled or connected for the same address, all of that
// before the last line, which is connected or failed; and time never goes backwards. The trace alone nearly
// keeps it. What it cannot know is that a dial was cancelled between its victory and its callback, so the
// started attempts are remembered here and closed where nobody else did.
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "uvdial/endpoint.hpp"
#include "uvdial/error.hpp"
#include "uvdial/trace.hpp"

namespace uvdial::cli {

class json_events {
 public:
  // A line with its newline, or nothing: what ends the dial is told by the two calls below.
  std::string step(const trace_event& event);

  // The last lines. `local` is the address of our side; nullopt (null in the line): it cannot be known any
  // more.
  std::string connected(const std::optional<endpoint>& local);
  std::string failed(const error& why);

 private:
  std::string answered(const trace_event& event) const;
  std::string started(const endpoint& to);
  std::string ended(std::string_view event, const trace_event& of);
  std::string cancel_open();

  std::chrono::microseconds at_{0};  // of the latest step
  std::vector<endpoint> open_{};     // started, and not yet ended by a line
  std::optional<endpoint> winner_{};
};

}  // namespace uvdial::cli
