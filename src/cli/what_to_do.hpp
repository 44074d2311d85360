#pragma once
// What may help a person whose dial or lookup failed. The error itself says what was tried and what became of it; this
// is the line after it.
#include <string>
#include <system_error>

#include "cli/arguments.hpp"
#include "uvdial/error.hpp"

namespace uvdial::cli {

// One line, without a full stop; empty where there is nothing to say that the error does not say. Pure: it looks at
// what happened and at what was asked for, and at nothing on this machine.
std::string what_to_do(const error& why, const arguments& wanted);

// Of a failure that has nothing but a code: only where this machine ran out of something.
std::string what_to_do(const std::error_code& why);

}  // namespace uvdial::cli
