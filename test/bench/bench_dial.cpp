// Many dials through the public API, as a user would write them (uvdial_dials.hpp); what it does and prints stands in
// bench_run.hpp.
//
//   bench_dial PATTERN PORT N CONCURRENCY
#include "uvdial_dials.hpp"

namespace {

void dial_all(const bench::work& wanted) {
  uv_loop_t loop;
  bench::check_uv(uv_loop_init(&loop), "uv_loop_init");
  {
    bench::uvdial_dials all(loop, wanted);
    all.begin();
    uv_run(&loop, UV_RUN_DEFAULT);
  }
  uv_run(&loop, UV_RUN_DEFAULT);
  bench::check_uv(uv_loop_close(&loop), "a handle was left on the loop");
}

}  // namespace

int main(int count, char** words) { return bench::main_of(count, words, dial_all); }
