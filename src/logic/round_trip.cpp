// RFC 6298 as TCP uses it, with other bounds. A lost datagram costs the whole wait, and a question asked twice
// costs next to nothing, so the least wait is 100 ms and not a second. Every try has an id of its own, so that its
// answer is told from that of an earlier one (the ambiguity that makes TCP throw samples away does not arise), and
// an answer that comes after its try was given up still counts: waits that were too short grow by themselves.
#include "logic/round_trip.hpp"

#include <algorithm>

namespace uvdial::detail {

namespace {

using std::chrono::nanoseconds;
using namespace std::chrono_literals;

constexpr nanoseconds before_any_sample = 750ms;  // a second server is to be asked within a second
constexpr nanoseconds least_patience = 100ms;
constexpr nanoseconds least_margin = 30ms;  // what a busy machine may add
constexpr nanoseconds span = 10s;

}  // namespace

void round_trip::add(nanoseconds sample, nanoseconds now) noexcept {
  if (!measured_) {
    measured_ = true;
    smoothed_ = sample;  // RFC 6298, 2.2
    variation_ = sample / 2;
    least_of_this_span_ = least_of_last_span_ = sample;
    span_began_ = now;
    return;
  }
  const nanoseconds error = sample > smoothed_ ? sample - smoothed_ : smoothed_ - sample;
  variation_ += (error - variation_) / 4;  // 2.3
  smoothed_ += (sample - smoothed_) / 8;
  if (now - span_began_ >= span) {
    // What was measured before a long silence is too old by now.
    least_of_last_span_ = now - span_began_ < 2 * span ? least_of_this_span_ : sample;
    least_of_this_span_ = sample;
    span_began_ = now;
  }
  least_of_this_span_ = std::min(least_of_this_span_, sample);
}

nanoseconds round_trip::patience() const noexcept {
  if (!measured_) return before_any_sample;
  return std::max(least_patience, smoothed_ + std::max(4 * variation_, least_margin));
}

nanoseconds round_trip::least() const noexcept { return std::min(least_of_this_span_, least_of_last_span_); }

}  // namespace uvdial::detail
