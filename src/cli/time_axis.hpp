#pragma once
#include <chrono>
#include <cstddef>

namespace uvdial::cli {

// The least of 1, 2, 5, 10, 20, ... microseconds that is no shorter than `least`: steps that a person counts in.
std::chrono::microseconds round_step(std::chrono::microseconds least) noexcept;

// How many decimals milliseconds need to tell the multiples of a round step apart: 0 to 3.
std::size_t decimals_of(std::chrono::microseconds step) noexcept;

}  // namespace uvdial::cli
