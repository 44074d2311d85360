#include "glue/watched_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>

#include "glue/shortage.hpp"
#include "uvdial/error.hpp"
#include "values/text.hpp"

namespace uvdial::detail {

namespace {

constexpr std::chrono::seconds between_looks{1};
constexpr std::chrono::seconds longest_tick{2};             // that of FAT
constexpr std::size_t most_octets = std::size_t{64} << 20;  // the largest lists of hosts have some 20 MiB

class open_file {
 public:
  explicit open_file(const std::string& path) noexcept
      : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  ~open_file() {
    if (descriptor_ >= 0) (void)close(descriptor_);  // nothing was written
  }
  int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

// What a file system says of its own contents, and will say again until somebody changes them. All else (no
// descriptors, no memory, an interrupted call) passes.
bool is_lasting(int reason) noexcept {
  switch (reason) {
    case EACCES:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case ENODEV:
    case ENOENT:
    case ENOTDIR:
    case ENXIO:
    case EPERM: return true;
    default: return false;
  }
}

// 0 or an errno. What is beyond most_octets is left away.
int read_all(int descriptor, std::string& into) {
  std::array<char, 4096> piece;
  while (into.size() < most_octets) {
    const ssize_t count = ::read(descriptor, piece.data(), piece.size());
    if (count == 0) return 0;
    if (count > 0) into.append(piece.data(), static_cast<std::size_t>(count));
    if (count < 0 && errno != EINTR) return errno;
  }
  return 0;
}

instant since_epoch(const timespec& time) noexcept {
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// A tick has passed since then. Clocks of file servers may be a little ahead; a file of next year is settled.
bool is_older_than_a_tick(instant changed) noexcept {
  timespec clock{};
  if (clock_gettime(CLOCK_REALTIME, &clock) != 0) return true;  // there always is one
  const instant age = since_epoch(clock) - changed;
  return age >= longest_tick || age <= -longest_tick;
}

}  // namespace

watched_file::version watched_file::version_of(const struct ::stat& found) noexcept {
  return {found.st_dev, found.st_ino, found.st_size, since_epoch(found.st_mtim), since_epoch(found.st_ctim)};
}

std::optional<watched_file::reading> watched_file::news() {
  const instant time = time_();
  if (time < next_look_) return std::nullopt;
  next_look_ = instant::min();
  std::optional<reading> found = changed();
  next_look_ = time + between_looks;
  return found;
}

// Why it could not be read, for a while.
std::nullopt_t watched_file::nothing(int reason) const {
  if (was_taken_ || !is_shortage(reason)) return std::nullopt;
  const std::error_code why(uv_translate_sys_error(reason), uv_category());
  throw out_of_resources(why, "cannot read " + detail::quoted(path_) + ": " + why.message());
}

std::optional<watched_file::reading> watched_file::changed() {
  version current;
  struct stat found {};
  if (!path_.empty()) {
    if (stat(path_.c_str(), &found) == 0) {
      current = version_of(found);
    } else if (const int reason = errno; !is_lasting(reason)) {
      return nothing(reason);
    }
  }
  if (current == taken_ && settled_) return std::nullopt;
  reading fresh{current, {}};
  if (current == version{}) {
    settled_ = true;
  } else if (const int failed = read(fresh)) {
    if (!is_lasting(failed)) return nothing(failed);
    fresh = {current, {}};
    settled_ = true;
  }
  if (fresh.of == taken_ && hash(fresh.text) == taken_text_) return std::nullopt;
  return fresh;
}

// 0 or an errno.
int watched_file::read(reading& into) {
  const open_file file(path_);
  struct stat found {};
  if (file.descriptor() < 0 || fstat(file.descriptor(), &found) != 0) return errno;
  into.of = version_of(found);
  settled_ = is_older_than_a_tick(into.of.changed);
  return read_all(file.descriptor(), into.text);
}

}  // namespace uvdial::detail
