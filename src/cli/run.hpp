#pragma once
#include <span>

#include "cli/arguments.hpp"

namespace uvdial::cli {

// The whole program but for its process: reads argv without the program's name, does what it says, and
// returns the exit status. Everything that fails has been said on standard error.
int run(std::span<const char* const> words) noexcept;

}  // namespace uvdial::cli
