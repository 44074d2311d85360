#pragma once
// What the program ends with.

namespace uvdial::cli::exit_status {

constexpr int success = 0;
constexpr int failure = 1;
constexpr int usage = 2;

// As the shell counts a program that a signal ended.
constexpr int of_signal(int number) noexcept { return 128 + number; }

}  // namespace uvdial::cli::exit_status
