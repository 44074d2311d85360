#include "cli/picture_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "cli/arguments.hpp"
#include "values/text.hpp"

namespace uvdial::cli {

namespace {

std::string reason(int code) { return uv_strerror(code); }

[[noreturn]] void refuse(const std::string& path, int number) {
  throw usage_error("option --svg: cannot write " + detail::quoted(path) + ": " +
                    reason(uv_translate_sys_error(number)));
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool same_thing(const struct stat& one, const struct stat& other) noexcept {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

// The output that already goes there; -1: none does.
int output_to(const struct stat& what) noexcept {
  for (const int output : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat its {};
    if (fstat(output, &its) == 0 && same_thing(its, what)) return output;
  }
  return -1;
}

std::string behind_links(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> found(realpath(path.c_str(), nullptr), &std::free);
  return found ? std::string(found.get()) : path;
}

// A file of a name that nobody has yet; its number is -1 where there is none to be had.
std::pair<descriptor, std::string> temporary_beside(const std::string& path, unsigned mode) {
  constexpr int most_tries = 100;
  for (int each = 0; each < most_tries; ++each) {
    std::string name = folder_of(path) + "/.uvdial-" + std::to_string(getpid()) + "-" + std::to_string(each);
    descriptor made(open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (made.number() >= 0) return {std::move(made), std::move(name)};
    if (errno != EEXIST) break;
  }
  return {};
}

}  // namespace

picture_file::picture_file(std::string path) : path_(std::move(path)), target_(path_) {
  struct stat what {};
  exists_ = stat(path_.c_str(), &what) == 0;
  if (!exists_ && errno != ENOENT) refuse(path_, errno);
  if (!exists_ && path_.ends_with('/')) refuse(path_, EISDIR);
  if (exists_ && S_ISDIR(what.st_mode)) refuse(path_, EISDIR);
  if (const int output = exists_ ? output_to(what) : -1; output >= 0) {
    opened_ = own_copy(output);
    if (opened_.number() < 0) refuse(path_, errno);
    return;
  }
  if (exists_ && !S_ISREG(what.st_mode)) {
    // A pipe without a reader is an error at once, and not a wait.
    opened_ = descriptor(open(path_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (opened_.number() < 0) refuse(path_, errno);
    return;
  }
  if (exists_) {
    if (access(path_.c_str(), W_OK) != 0) refuse(path_, errno);
    mode_ = what.st_mode & 07777;
    target_ = behind_links(path_);
  }
  if (access(folder_of(target_).c_str(), W_OK | X_OK) != 0) refuse(path_, errno);
}

std::string picture_file::write(std::string_view contents) {
  const int status = opened_.number() >= 0 ? write_all(opened_.number(), contents) : replace(contents);
  return status == 0 ? "" : "--svg: " + detail::quoted(path_) + " was not written: " + reason(status);
}

int picture_file::replace(std::string_view contents) const {
  auto [file, name] = temporary_beside(target_, mode_);
  if (file.number() < 0) return uv_translate_sys_error(errno);
  int status = write_all(file.number(), contents);
  // The umask is for new files alone. Whose mode cannot be had keeps the one of a new file.
  if (status == 0 && exists_) (void)fchmod(file.number(), mode_);
  if (status == 0 && ::close(file.release()) != 0) status = uv_translate_sys_error(errno);
  if (status == 0 && std::rename(name.c_str(), target_.c_str()) != 0) status = uv_translate_sys_error(errno);
  if (status != 0)
    (void)unlink(name.c_str());  // what is left of it is of no use, and the first error is told
  return status;
}

}  // namespace uvdial::cli
