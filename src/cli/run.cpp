#include "cli/run.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "cli/descriptor.hpp"
#include "cli/messages.hpp"
#include "cli/session.hpp"
#include "uvdial/error.hpp"
#include "uvdial/version.hpp"
#include "values/text.hpp"

namespace uvdial::cli {

namespace {

constexpr int failure_status = 1;
constexpr int usage_status = 2;

void require(int status, const char* what) {
  if (status < 0) throw std::system_error(std::error_code(status, uv_category()), what);
}

// The loop of this program. All that lives on it is gone before close().
class event_loop {
 public:
  event_loop() { require(uv_loop_init(&loop_), "event loop"); }
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;
  ~event_loop() = default;

  uv_loop_t& get() noexcept { return loop_; }
  void run_dry() noexcept {
    (void)uv_run(&loop_, UV_RUN_DEFAULT);
  }  // says whether something is left: close() does
  void close() { require(uv_loop_close(&loop_), "closing the event loop"); }

 private:
  uv_loop_t loop_;
};

// The resolver takes a hosts file that it cannot read for an empty one; a person who named it wants to know.
void require_readable(const std::string& path) {
  struct stat what {};
  int reason = 0;
  if (stat(path.c_str(), &what) != 0 || access(path.c_str(), R_OK) != 0) reason = errno;
  if (reason == 0 && S_ISDIR(what.st_mode)) reason = EISDIR;
  if (reason == 0) return;
  throw usage_error("option --hosts: cannot read " + detail::quoted(path) + ": " +
                    uv_strerror(uv_translate_sys_error(reason)));
}

int dial(const arguments& wanted) {
  if (wanted.hosts_file) require_readable(*wanted.hosts_file);
  event_loop loop;
  int status = failure_status;
  std::string refused;
  {
    session one(loop.get(), wanted);
    try {
      one.start();
      loop.run_dry();
      status = one.exit_status();
    } catch (const std::invalid_argument& wrong) {
      refused = wrong.what();
    }
  }
  loop.run_dry();
  loop.close();
  if (!refused.empty()) throw usage_error(refused);
  return status;
}

int print(std::string_view text) {
  const int status = write_all(STDOUT_FILENO, text);
  if (status == 0) return 0;
  complain(std::string("standard output: ") + uv_strerror(status));
  return failure_status;
}

int carry_out(const arguments& wanted) {
  if (wanted.what == arguments::wish::help) return print(help_text());
  if (wanted.what == arguments::wish::version) return print("uvdial " UVDIAL_VERSION "\n");
  return dial(wanted);
}

}  // namespace

int run(std::span<const char* const> words) noexcept try {
  return carry_out(read_arguments(words));
} catch (const usage_error& wrong) {
  complain(wrong.what());
  return usage_status;
} catch (const std::exception& failure) {
  complain(failure.what());
  return failure_status;
}

}  // namespace uvdial::cli
