#include "cli/messages.hpp"

#include <unistd.h>
#include <uv.h>

#include <new>
#include <string>

#include "cli/descriptor.hpp"
#include "cli/safe_text.hpp"

namespace uvdial::cli {

void complain(std::string_view text) noexcept try {
  const std::string line = "uvdial: " + one_line(text) + "\n";
  (void)write_all(STDERR_FILENO, line);  // there is no other place to say it
} catch (...) {
  (void)write_all(STDERR_FILENO, "uvdial: out of memory\n");
}

void advise(std::string_view text) noexcept try {
  if (!text.empty()) complain("hint: " + std::string(text));
} catch (const std::bad_alloc&) {
  return;  // the error itself has been said
}

bool print(std::string_view text) {
  const int status = write_all(STDOUT_FILENO, text);
  if (status != 0) complain(std::string("standard output: ") + uv_strerror(status));
  return status == 0;
}

}  // namespace uvdial::cli
