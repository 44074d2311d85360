#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>

#include "uvdial/report.hpp"

namespace uvdial {

namespace {

std::string count_of(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " attempt" : " attempts");
}

// The tenths of a few milliseconds are worth telling.
std::string time_of(std::chrono::microseconds time) {
  const auto tenths = time / std::chrono::microseconds(100);
  std::string text = std::to_string(tenths / 10);
  if (tenths < 100) text += "." + std::to_string(tenths % 10);
  return text + " ms";
}

std::string reason_of(const dial_report& report) {
  switch (report.why_won) {
    case win_reason::none: return "";
    case win_reason::first_choice: return "the first choice";
    case win_reason::remembered: return "it had won lately, and went first";
    case win_reason::others_failed: return count_of(*report.winner) + " before it had failed";
    case win_reason::others_slower: break;
  }
  const auto begin = report.attempts.begin();
  const auto slow = std::count_if(begin, begin + static_cast<std::ptrdiff_t>(*report.winner),
                                  [](const attempt& one) { return one.what == attempt::state::open; });
  return count_of(static_cast<std::size_t>(slow)) + " before it had not answered yet";
}

}  // namespace

std::string explain_win(const dial_report& report) {
  if (!report.winner || *report.winner >= report.attempts.size()) return "";
  const endpoint& to = report.attempts[*report.winner].to;
  return "connected to " + to.to_string() + (to.family() == ip_family::v6 ? " (IPv6) in " : " (IPv4) in ") +
         time_of(report.elapsed) + ": " + reason_of(report);
}

}  // namespace uvdial
