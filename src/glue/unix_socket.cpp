#include "glue/unix_socket.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "values/text.hpp"

namespace uvdial::detail {

namespace {

constexpr std::size_t room =
    sizeof(sockaddr_un::sun_path) - 1;  // a file's ends in '\0', an abstract one begins so
constexpr char abstract_mark = '@';

bool is_abstract(std::string_view path) { return path.front() == '\0' || path.front() == abstract_mark; }

void check(const given& path) {
  const std::string_view text = path.text;
  if (text.empty()) path.refuse("it is empty");
  const std::string limit = "; the longest has " + std::to_string(room) + " bytes";
  if (!is_abstract(text)) {
    if (text.find('\0') != std::string_view::npos) path.refuse("it has a zero byte in it");
    if (text.size() > room) path.refuse("it is " + std::to_string(text.size()) + " bytes long" + limit);
    return;
  }
#ifdef __linux__
  if (text.size() == 1) path.refuse("the abstract name is empty");
  if (text.size() - 1 > room)
    path.refuse("the abstract name is " + std::to_string(text.size() - 1) + " bytes long" + limit);
#else
  path.refuse("this system has no abstract names; a file of that name is written ./@name");
#endif
}

// Of its own, non-blocking; negative: a libuv code.
int connected_socket(const unix_address& to) noexcept {
  const int made = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0) return uv_translate_sys_error(errno);
  int result = 0;
  do {
    result = connect(made, &to.native(), to.native_size());
  } while (result < 0 && errno == EINTR);
  if (result == 0) return made;
  const int why = uv_translate_sys_error(errno);
  (void)close(made);  // nothing was written that could be lost
  return why;
}

}  // namespace

unix_address::unix_address(std::string_view path) {
  check({"unix path", path});
  address_.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), address_.sun_path);
  // An abstract name ends with the address, a file's path with its '\0'.
  if (is_abstract(path)) address_.sun_path[0] = '\0';
  const std::size_t length = is_abstract(path) ? path.size() : path.size() + 1;
  size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
}

std::string unix_address::to_string() const {
  std::string path(address_.sun_path, size_ - offsetof(sockaddr_un, sun_path));
  if (path.front() == '\0')
    path.front() = abstract_mark;
  else
    path.pop_back();
  const std::string shown = quoted(path);
  return "unix:" + shown.substr(1, shown.size() - 2);
}

int connect_unix_socket(uv_loop_t& loop, const unix_address& to, const std::shared_ptr<handle_count>& count,
                        unix_handle& into) noexcept {
  const int made = connected_socket(to);
  if (made < 0) return made;
  int status = into.open(count, [&loop](uv_pipe_t* handle) { return uv_pipe_init(&loop, handle, 0); });
  if (status == 0) {
    status = uv_pipe_open(into.get(), made);
    if (status == 0) return 0;
    into.reset();
  }
  (void)close(made);  // as above
  return status;
}

}  // namespace uvdial::detail
