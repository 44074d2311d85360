#pragma once
#include <chrono>
#include <string>

namespace uvdial::cli {

// "12", "12.3", "12.345": milliseconds, rounded down, so that no wait looks longer than it was. `decimals` is 0 to 3,
// `time` not negative.
std::string milliseconds_text(std::chrono::microseconds time, std::size_t decimals);

}  // namespace uvdial::cli
