#include "cli/terminal_colour.hpp"

#include <unistd.h>

#include "glue/environment.hpp"

namespace uvdial::cli {

bool takes_colour(int descriptor) noexcept {
  return isatty(descriptor) == 1 && detail::environment("NO_COLOR").value_or("").empty() &&
         detail::environment("TERM") != "dumb";
}

}  // namespace uvdial::cli
