#pragma once
// floor 4
/// \file
/// Runs a task to its end, for programs that own their loop.
///
/// ```cpp
/// int main() { ... return uvdial::run(loop, main_task(loop)); }
/// ```
#include <stdexcept>
#include <utility>

#include "uvdial/export.hpp"
#include "uvdial/task.hpp"

typedef struct uv_loop_s uv_loop_t;

namespace uvdial {

namespace detail {

// One run() of a loop. Throws std::logic_error where one of the same loop is on the stack of this thread.
class UVDIAL_API loop_run {
 public:
  explicit loop_run(uv_loop_t& loop);
  loop_run(const loop_run&) = delete;
  loop_run& operator=(const loop_run&) = delete;
  ~loop_run();

  bool turn() noexcept;  // waits for something to happen; false: nothing is left that could

 private:
  uv_loop_t& loop_;
  loop_run* outer_;
};

class run_end final : public task_listener {
 public:
  void task_ended() noexcept override { ended = true; }
  bool ended = false;
};

}  // namespace detail

/// Runs the loop, and so everything else on it, until `body` has ended; returns its value or throws what left it. The
/// loop is left as it is then: run it until idle before uv_loop_close. Throws std::logic_error when the loop runs dry
/// before the end (the task is destroyed then), for an empty task, and inside another run() of the same loop. Never
/// call it from a callback of the loop: uv_run does not nest.
template <class Value>
Value run(uv_loop_t& loop, task<Value> body) {
  detail::task_access::require(body, "run: an empty task");
  detail::loop_run running(loop);
  detail::run_end end;
  detail::task_access::start(body, end, nullptr);
  while (!end.ended) {
    if (!running.turn() && !end.ended)
      throw std::logic_error("run: the loop has nothing left to wait for, but the task has not ended");
  }
  return detail::task_access::promise(body).take();
}

}  // namespace uvdial
