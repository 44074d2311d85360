#include "uvdial/run.hpp"

#include <uv.h>

namespace uvdial::detail {

namespace {

thread_local loop_run* innermost = nullptr;

}  // namespace

loop_run::loop_run(uv_loop_t& loop) : loop_(loop), outer_(innermost) {
  for (const loop_run* each = outer_; each; each = each->outer_)
    if (&each->loop_ == &loop)
      throw std::logic_error(
          "run: inside another run() of the same loop: await the task there, or spawn() it");
  innermost = this;
}

loop_run::~loop_run() { innermost = outer_; }

bool loop_run::turn() noexcept { return uv_run(&loop_, UV_RUN_ONCE) != 0; }

}  // namespace uvdial::detail
