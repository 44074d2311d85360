#include "cli/run.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>
#include <exception>
#include <stdexcept>
#include <system_error>

#include "cli/exit_status.hpp"
#include "cli/messages.hpp"
#include "cli/name_options.hpp"
#include "cli/repeat_session.hpp"
#include "cli/resolve_session.hpp"
#include "cli/session.hpp"
#include "cli/what_to_do.hpp"
#include "uvdial/error.hpp"
#include "uvdial/version.hpp"
#include "values/text.hpp"

namespace uvdial::cli {

namespace {

void require(int status, const char* what) {
  if (status < 0) throw std::system_error(std::error_code(status, uv_category()), what);
}

// The loop of this program. All that lives on it is gone before close().
class event_loop {
 public:
  event_loop() { require(uv_loop_init(&loop_), "making the event loop"); }
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

// Runs `work` on a loop of its own, and closes the loop, whatever became of the work. A target or an option
// that the library refuses is a usage error.
template <class Work>
void run_on_a_loop(Work work) {
  event_loop loop;
  std::exception_ptr thrown;
  try {
    work(loop);
  } catch (const std::invalid_argument& wrong) {
    thrown = std::make_exception_ptr(usage_error(wrong.what()));
  } catch (...) {
    thrown = std::current_exception();
  }
  loop.run_dry();
  loop.close();
  if (thrown) std::rethrow_exception(thrown);
}

int dial(const arguments& wanted) {
  int status = exit_status::failure;
  run_on_a_loop([&](event_loop& loop) {
    session one(loop.get(), wanted);
    one.start();
    loop.run_dry();
    status = one.exit_status();
  });
  return status;
}

// What a session without a voice of its own has to say.
template <class Ending>
int tell(const Ending& end) {
  if (!end.complaint.empty()) complain(end.complaint);
  const bool said = end.out.empty() || print(end.out);
  return said || end.status != exit_status::success ? end.status : exit_status::failure;
}

int dial_often(const arguments& wanted) {
  repeat_session::ending end;
  run_on_a_loop([&](event_loop& loop) {
    repeat_session all(loop.get(), wanted);
    all.start();
    loop.run_dry();
    end = all.end();
  });
  return tell(end);
}

int resolve(const arguments& wanted) {
  resolve_session::ending end;
  run_on_a_loop([&](event_loop& loop) {
    ares_resolver names(loop.get(), name_options(wanted));
    // Questions that nobody waits for any more would keep the program waiting for their answers.
    resolve_session one(loop.get(), wanted, names, [&names] { names.close([](const outcome<done>&) {}); });
    one.start();
    loop.run_dry();
    end = one.end();
  });
  const int status = tell(end);
  advise(end.advice);
  return status;
}

int show(std::string_view text) { return print(text) ? exit_status::success : exit_status::failure; }

int carry_out(const arguments& wanted) {
  if (wanted.what == arguments::wish::help) return show(help_text());
  if (wanted.what == arguments::wish::version) return show("uvdial " UVDIAL_VERSION "\n");
  if (wanted.hosts_file) require_readable(*wanted.hosts_file);
  if (wanted.what == arguments::wish::resolve) return resolve(wanted);
  return wanted.repeat ? dial_often(wanted) : dial(wanted);
}

}  // namespace

int run(std::span<const char* const> words) noexcept try {
  return carry_out(read_arguments(words));
} catch (const usage_error& wrong) {
  complain(wrong.what());
  return exit_status::usage;
} catch (const std::system_error& failure) {
  complain(failure.what());
  advise(what_to_do(failure.code()));
  return exit_status::failure;
} catch (const std::exception& failure) {
  complain(failure.what());
  return exit_status::failure;
}

}  // namespace uvdial::cli
