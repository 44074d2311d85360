#include "cli/standard_stream.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "cli/file_stream.hpp"
#include "cli/polled_stream.hpp"

namespace uvdial::cli {

namespace {

bool can_be_polled(int number, const struct stat& what) noexcept {
  return S_ISFIFO(what.st_mode) || S_ISSOCK(what.st_mode) || isatty(number) == 1;
}

template <class Stream>
opened_stream given(std::unique_ptr<Stream> made, int status) {
  if (status < 0) return {nullptr, status};
  return {std::move(made), 0};
}

}  // namespace

opened_stream open_standard(uv_loop_t& loop, int number) {
  struct stat what {};
  if (fstat(number, &what) != 0) return {nullptr, uv_translate_sys_error(errno)};
  if (can_be_polled(number, what)) {
    auto made = std::make_unique<polled_stream>();
    const int status = made->open(loop, number);
    return given(std::move(made), status);
  }
  auto made = std::make_unique<file_stream>(loop);
  const int status = made->open(number);
  return given(std::move(made), status);
}

}  // namespace uvdial::cli
