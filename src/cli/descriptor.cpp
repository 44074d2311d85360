#include "cli/descriptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>
#include <string>

namespace uvdial::cli {

namespace {

constexpr int first_own = 3;  // 0, 1 and 2 are the standard ones

// Through /proc a pipe can be opened a second time, with flags of its own. Nothing is lost where that fails
// (another system, a pipe of another user, a reader that is gone): the copy then shares its flags.
descriptor opened_anew(int number) noexcept try {
  struct stat what {};
  const int flags = fcntl(number, F_GETFL);
  if (flags == -1 || fstat(number, &what) != 0 || !S_ISFIFO(what.st_mode)) return {};
  const std::string path = "/proc/self/fd/" + std::to_string(number);
  return descriptor(open(path.c_str(), (flags & O_ACCMODE) | O_NONBLOCK | O_CLOEXEC));
} catch (...) {
  return {};  // no memory for the path
}

}  // namespace

// What close() says is of no use here: the descriptor is gone either way.
descriptor::~descriptor() {
  if (number_ >= 0) (void)::close(number_);
}

blocking_again::blocking_again(int number) noexcept : number_(number) {
  const int flags = fcntl(number, F_GETFL);
  if (flags == -1 || (flags & O_NONBLOCK) != 0) number_ = -1;
}

blocking_again::~blocking_again() {
  const int flags = number_ < 0 ? -1 : fcntl(number_, F_GETFL);
  if (flags == -1 || (flags & O_NONBLOCK) == 0) return;
  (void)fcntl(number_, F_SETFL, flags & ~O_NONBLOCK);  // the last thing that can be tried
}

descriptor own_copy(int number) noexcept {
  descriptor anew = opened_anew(number);
  if (anew.number() >= first_own) return anew;
  return descriptor(fcntl(number, F_DUPFD_CLOEXEC, first_own));
}

void fill_missing_descriptors() noexcept {
  for (int number = 0; number < first_own; ++number) {
    if (fcntl(number, F_GETFD) != -1 || errno != EBADF) continue;
    // The lowest free number is this one. Read-only, so that writing to it fails as it would have.
    (void)open("/dev/null", number == STDERR_FILENO ? O_WRONLY : O_RDONLY);
  }
}

void let_go(int number) noexcept {
  const descriptor nothing(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (nothing.number() >= 0) (void)dup2(nothing.number(), number);  // else it ends with the program
}

int write_all(int number, std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = write(number, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return uv_translate_sys_error(errno);
    pollfd ready{number, POLLOUT, 0};
    if (poll(&ready, 1, -1) < 0 && errno != EINTR) return uv_translate_sys_error(errno);
  }
  return 0;
}

}  // namespace uvdial::cli
