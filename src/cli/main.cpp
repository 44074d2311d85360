#include <csignal>

#include "cli/descriptor.hpp"
#include "cli/run.hpp"

int main(int count, char** words) {
  uvdial::cli::fill_missing_descriptors();
  // A reader that goes away is an error of the write, which is reported. SIGPIPE would only end us.
  (void)std::signal(SIGPIPE, SIG_IGN);  // fails for no signal that exists
  return uvdial::cli::run({words + (count > 0 ? 1 : 0), words + count});
}
