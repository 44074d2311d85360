// What the program says where it cannot even begin, or not end.
#include <unistd.h>
#include <uv.h>

#include <cstdlib>
#include <string>
#include <system_error>

#include "cli/run.hpp"
#include "cli/signals.hpp"
#include "demo/peers.hpp"
#include "support/loop_fixture.hpp"

extern "C" int __real_uv_loop_init(uv_loop_t*);
extern "C" int __real_uv_loop_close(uv_loop_t*);
extern "C" int __real_uv_signal_start(uv_signal_t*, uv_signal_cb, int);

namespace {

struct {
  bool init = false, close = false, signal = false;
} fails;

// What is written to standard error until it is read.
class caught_errors {
 public:
  caught_errors() : kept_(::dup(STDERR_FILENO)) {
    int ends[2] = {};
    TEST_ASSERT_EQUAL(0, ::pipe(ends));
    TEST_ASSERT_EQUAL(STDERR_FILENO, ::dup2(ends[1], STDERR_FILENO));
    (void)::close(ends[1]);
    reading_ = uvdial::demo::descriptor(ends[0]);
  }
  caught_errors(const caught_errors&) = delete;
  caught_errors& operator=(const caught_errors&) = delete;
  ~caught_errors() { put_back(); }

  std::string text() {
    put_back();
    char room[4096];
    const ssize_t size = ::read(reading_.get(), room, sizeof room);
    return {room, static_cast<std::size_t>(size)};
  }

 private:
  void put_back() noexcept { (void)::dup2(kept_.get(), STDERR_FILENO); }

  uvdial::demo::descriptor kept_;
  uvdial::demo::descriptor reading_{-1};
};

std::string said_by(std::initializer_list<const char*> words) {
  caught_errors errors;
  TEST_ASSERT_EQUAL(1, uvdial::cli::run({words.begin(), words.size()}));
  return errors.text();
}

}  // namespace

extern "C" int __wrap_uv_loop_init(uv_loop_t* loop) {
  return fails.init ? UV_EMFILE : __real_uv_loop_init(loop);
}
extern "C" int __wrap_uv_loop_close(uv_loop_t* loop) {
  const int status = __real_uv_loop_close(loop);
  return fails.close ? UV_EBUSY : status;
}
extern "C" int __wrap_uv_signal_start(uv_signal_t* handle, uv_signal_cb told, int number) {
  return fails.signal ? UV_EMFILE : __real_uv_signal_start(handle, told, number);
}

void setUp() { fails = {}; }
void tearDown() {}

static void test_a_loop_that_cannot_be_made() {
  fails.init = true;
  TEST_ASSERT_EQUAL_STRING(
      "uvdial: making the event loop: too many open files\n"
      "uvdial: hint: this program may open no more files: raise the limit with ulimit -n\n",
      said_by({"-z", "127.0.0.1:9"}));
}

static void test_a_loop_that_cannot_be_closed() {
  fails.close = true;
  TEST_ASSERT_CONTAINS_STRING("\nuvdial: closing the event loop: resource busy or locked\n",
                              said_by({"-z", "--deny=loopback", "127.0.0.1:9"}));
}

static void test_signals_that_cannot_be_listened_to() {
  fails.signal = true;
  TEST_ASSERT_EQUAL_STRING(
      "uvdial: listening to signals: too many open files\n"
      "uvdial: hint: this program may open no more files: raise the limit with ulimit -n\n",
      said_by({"-z", "127.0.0.1:9"}));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_loop_that_cannot_be_made);
  RUN_TEST(test_a_loop_that_cannot_be_closed);
  RUN_TEST(test_signals_that_cannot_be_listened_to);
  return UNITY_END();
}
