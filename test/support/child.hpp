#pragma once
// Programs run by a test: with what descriptors, what they said, how they ended.
//
//   child::program run = child::start({UVDIAL_PROGRAM, "--version"});
//   child::finish(run);                      the fixture's loop runs on, with the test's servers on it
//   TEST_ASSERT_EQUAL(0, run.status());      run.out(), run.err()
//
// The end of the error output is the end of the program: no test needs to ask the clock.
#include <sys/types.h>
#include <uv.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/descriptor.hpp"
#include "glue/handle.hpp"

namespace child {

using uvdial::cli::descriptor;

struct pipe_ends {
  descriptor reading;
  descriptor writing;
};
pipe_ends make_pipe();         // blocking, not inherited by other children
pipe_ends make_socket_pair();  // the same with two ends of one UNIX socket; either end does both

descriptor open_file(const std::string& path, int flags);

// Gathers on the fixture's loop what comes out of a descriptor. Pinned.
class collector {
 public:
  explicit collector(descriptor from);
  collector(const collector&) = delete;
  collector& operator=(const collector&) = delete;

  const std::string& text() const noexcept { return text_; }
  bool ended() const noexcept { return !pipe_; }

 private:
  static void on_allocate(uv_handle_t* handle, std::size_t, uv_buf_t* into) noexcept;
  static void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t*) noexcept;
  void take(ssize_t count) noexcept;

  uvdial::detail::uv_handle<uv_pipe_t> pipe_{};
  std::array<char, 65536> buffer_{};
  std::string text_{};
};

// What a program is started with. Descriptors that are not given: input at its end, outputs collected.
struct descriptors {
  std::optional<int> in{};  // -1: closed. Not taken over.
  std::optional<int> out{};
};

// One child. Killed and reaped if it still runs at the end.
class program {
 public:
  program(const std::vector<std::string>& words, const descriptors& with);
  program(program&& other) noexcept;
  program& operator=(program&&) = delete;
  ~program();

  std::string out() const { return out_ ? out_->text() : std::string(); }
  std::string err() const { return err_->text(); }
  bool out_ended() const noexcept { return !out_ || out_->ended(); }
  bool ended() const noexcept { return err_->ended() && out_ended(); }

  void signal(int number) const;
  int status();  // once it ended: the exit status, or minus the signal that killed it

 private:
  std::unique_ptr<collector> out_{};
  std::unique_ptr<collector> err_{};
  pid_t id_ = -1;
  std::optional<int> status_{};
};

program start(const std::vector<std::string>& words, const descriptors& with = {});
void finish(const program& running);  // runs the fixture's loop until it has ended

// The whole of a short life.
struct result {
  int status;
  std::string out;
  std::string err;
};
result run(const std::vector<std::string>& words, const descriptors& with = {});

std::vector<std::string> lines_of(std::string_view text);  // without their ends; a rest without an end counts

// A file that is gone at the end of the test.
class temporary_file {
 public:
  explicit temporary_file(std::string_view contents = {});
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file();
  const std::string& path() const noexcept { return path_; }
  std::string contents() const;

 private:
  std::string path_;
};

}  // namespace child
