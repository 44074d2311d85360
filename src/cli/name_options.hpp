#pragma once
#include "cli/arguments.hpp"
#include "uvdial/ares_resolver.hpp"

namespace uvdial::cli {

// Where the command line wants names to be looked up.
ares_resolver_options name_options(const arguments& wanted);

}  // namespace uvdial::cli
