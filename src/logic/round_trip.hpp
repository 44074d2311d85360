#pragma once
// How long one server takes to answer, and so how long a question is waited for (RFC 6298).
#include <chrono>

namespace uvdial::detail {

class round_trip {
 public:
  void add(std::chrono::nanoseconds sample, std::chrono::nanoseconds now) noexcept;

  bool measured() const noexcept { return measured_; }

  // How long the first try of a question is waited for before it is asked again. Each further try waits a quarter
  // longer.
  std::chrono::nanoseconds patience() const noexcept;

  // The smallest sample of the last ten to twenty seconds: the way there and back without any queue. Zero before
  // the first sample.
  std::chrono::nanoseconds least() const noexcept;

 private:
  std::chrono::nanoseconds smoothed_{0};
  std::chrono::nanoseconds variation_{0};
  std::chrono::nanoseconds least_of_this_span_{0};
  std::chrono::nanoseconds least_of_last_span_{0};
  std::chrono::nanoseconds span_began_{0};
  bool measured_ = false;
};

}  // namespace uvdial::detail
