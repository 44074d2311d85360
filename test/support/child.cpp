#include "support/child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "support/loop_fixture.hpp"

extern char** environ;

namespace child {

namespace {

[[noreturn]] void stop(int code, const std::string& what) {
  throw std::system_error(code, std::generic_category(), what);
}

void require(bool holds, const char* what) {
  if (!holds) stop(errno, what);
}

// What becomes of 0, 1 and 2 in the child.
class file_actions {
 public:
  file_actions() { check(posix_spawn_file_actions_init(&actions_)); }
  file_actions(const file_actions&) = delete;
  file_actions& operator=(const file_actions&) = delete;
  ~file_actions() { (void)posix_spawn_file_actions_destroy(&actions_); }  // only frees

  // -1: closed.
  void place(int number, int at) {
    check(number < 0 ? posix_spawn_file_actions_addclose(&actions_, at)
                     : posix_spawn_file_actions_adddup2(&actions_, number, at));
  }
  const posix_spawn_file_actions_t& get() const noexcept { return actions_; }

 private:
  static void check(int code) {
    if (code != 0) stop(code, "file actions");
  }
  posix_spawn_file_actions_t actions_;
};

pid_t spawn(const std::vector<std::string>& words, const file_actions& actions) {
  std::vector<char*> pointers;
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  pid_t id = -1;
  const int code = posix_spawnp(&id, pointers[0], &actions.get(), nullptr, pointers.data(), environ);
  if (code != 0) stop(code, words[0]);
  return id;
}

std::optional<int> reap(pid_t id) {
  int status = 0;
  pid_t reaped = -1;
  do reaped = waitpid(id, &status, 0);
  while (reaped < 0 && errno == EINTR);
  if (reaped != id) return std::nullopt;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace

pipe_ends make_pipe() {
  int ends[2];
  require(pipe2(ends, O_CLOEXEC) == 0, "pipe");
  return {descriptor(ends[0]), descriptor(ends[1])};
}

pipe_ends make_socket_pair() {
  int ends[2];
  require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "socketpair");
  return {descriptor(ends[0]), descriptor(ends[1])};
}

descriptor open_file(const std::string& path, int flags) {
  descriptor opened(open(path.c_str(), flags | O_CLOEXEC, 0600));
  require(opened.number() >= 0, path.c_str());
  return opened;
}

collector::collector(descriptor from) {
  const auto check = [](int status) {
    if (status < 0) stop(-status, "collector");
  };
  check(pipe_.open(nullptr, [](uv_pipe_t* pipe) { return uv_pipe_init(&fixture::loop(), pipe, 0); }));
  pipe_->data = this;
  check(uv_pipe_open(pipe_.get(), from.release()));
  check(uv_read_start(reinterpret_cast<uv_stream_t*>(pipe_.get()), on_allocate, on_read));
}

void collector::on_allocate(uv_handle_t* handle, std::size_t, uv_buf_t* into) noexcept {
  auto* self = static_cast<collector*>(handle->data);
  *into = uv_buf_init(self->buffer_.data(), static_cast<unsigned>(self->buffer_.size()));
}

void collector::on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t*) noexcept {
  static_cast<collector*>(stream->data)->take(count);
}

void collector::take(ssize_t count) noexcept {
  if (count < 0) return pipe_.reset();
  text_.append(buffer_.data(), static_cast<std::size_t>(count));
}

program::program(const std::vector<std::string>& words, const descriptors& with) {
  const descriptor nothing = open_file("/dev/null", O_RDONLY);
  pipe_ends out = make_pipe();
  pipe_ends err = make_pipe();
  file_actions actions;
  actions.place(with.in.value_or(nothing.number()), STDIN_FILENO);
  actions.place(with.out.value_or(out.writing.number()), STDOUT_FILENO);
  actions.place(err.writing.number(), STDERR_FILENO);
  id_ = spawn(words, actions);
  if (!with.out) out_ = std::make_unique<collector>(std::move(out.reading));
  err_ = std::make_unique<collector>(std::move(err.reading));
}

program::program(program&& other) noexcept
    : out_(std::move(other.out_)),
      err_(std::move(other.err_)),
      id_(std::exchange(other.id_, -1)),
      status_(other.status_) {}

program::~program() {
  if (id_ < 0 || status_) return;
  (void)kill(id_, SIGKILL);  // fails only if it is gone
  (void)reap(id_);
}

void program::signal(int number) const { require(kill(id_, number) == 0, "kill"); }

int program::status() {
  if (!status_) status_ = reap(id_);
  require(status_.has_value(), "waitpid");
  return *status_;
}

program start(const std::vector<std::string>& words, const descriptors& with) { return {words, with}; }

void finish(const program& running) {
  fixture::run_until([&running] { return running.ended(); });
}

result run(const std::vector<std::string>& words, const descriptors& with) {
  program running = start(words, with);
  finish(running);
  return {running.status(), running.out(), running.err()};
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

temporary_file::temporary_file(std::string_view contents) {
  const char* folder = std::getenv("TMPDIR");
  path_ = std::string(folder ? folder : "/tmp") + "/uvdial-test-XXXXXX";
  const descriptor made(mkostemp(path_.data(), O_CLOEXEC));
  require(made.number() >= 0, "mkostemp");
  const int status = uvdial::cli::write_all(made.number(), contents);
  if (status < 0) stop(-status, path_);
}

temporary_file::~temporary_file() { (void)unlink(path_.c_str()); }

std::string temporary_file::contents() const {
  std::ostringstream read;
  read << std::ifstream(path_, std::ios::binary).rdbuf();
  return std::move(read).str();
}

}  // namespace child
