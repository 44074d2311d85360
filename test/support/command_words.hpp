#pragma once
// What the tests of the command line share: words in, arguments or a refusal out.
#include <string>
#include <vector>

#include "cli/arguments.hpp"

namespace fixture {

using words = std::vector<const char*>;

inline uvdial::cli::arguments read(const words& given) { return uvdial::cli::read_arguments(given); }

inline std::string refusal(const words& given) {
  try {
    (void)read(given);
  } catch (const uvdial::cli::usage_error& why) {
    return why.what();
  }
  return "accepted";
}

}  // namespace fixture
