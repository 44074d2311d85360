#include "support/loop_fixture.hpp"

#include <memory>

namespace fixture {

namespace {

std::unique_ptr<uv_loop_t> current;

}  // namespace

uv_loop_t& loop() { return *current; }

void open() {
  current = std::make_unique<uv_loop_t>();
  TEST_ASSERT_EQUAL(0, uv_loop_init(current.get()));
}

void close() {
  run();
  const int status = uv_loop_close(current.get());
  if (status != 0) {
    uv_print_all_handles(current.get(), stderr);
    (void)current.release();  // handles still point to it
  }
  TEST_ASSERT_EQUAL_MESSAGE(0, status, "uv_loop_close: a handle is still open");
  current.reset();
}

void run() { (void)uv_run(&loop(), UV_RUN_DEFAULT); }

void run_turn() { (void)uv_run(&loop(), UV_RUN_NOWAIT); }

}  // namespace fixture
