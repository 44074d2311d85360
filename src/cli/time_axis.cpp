#include "cli/time_axis.hpp"

#include <cstdint>

namespace uvdial::cli {

using std::chrono::microseconds;

microseconds round_step(microseconds least) noexcept {
  for (std::int64_t unit = 1;; unit *= 10) {
    for (const std::int64_t factor : {1, 2, 5}) {
      if (microseconds(unit * factor) >= least) return microseconds(unit * factor);
    }
  }
}

std::size_t decimals_of(microseconds step) noexcept {
  if (step.count() % 1000 == 0) return 0;
  if (step.count() % 100 == 0) return 1;
  return step.count() % 10 == 0 ? 2 : 3;
}

}  // namespace uvdial::cli
