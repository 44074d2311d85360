// The blocking form, for programs that come from a synchronous socket API: one call, three catch clauses.
//   three_clauses HOST:PORT
#include <uv.h>

#include <cstdio>
#include <stdexcept>

#include "uvdial/uvdial.hpp"

namespace {

// 0: connected, 1: not, 2: the text is no target.
int dial(uv_loop_t& loop, const char* text) {
  using namespace std::chrono_literals;
  try {
    uvdial::dialer dialer(loop);
    const uvdial::tcp_stream stream = dialer.connect_blocking(uvdial::target::parse(text), {.timeout = 2s});
    std::printf("connected to %s\n", stream.peer().to_string().c_str());
    return 0;
  } catch (const std::invalid_argument& bad_text) {
    std::printf("misuse: %s\n", bad_text.what());
    return 2;
  } catch (const uvdial::error& why) {
    std::printf("%s: %s\n", std::string(uvdial::kind_name(why.kind())).c_str(), why.what());
    for (const uvdial::attempt& tried : why.attempts())
      std::printf("  %s: %s\n", tried.to.to_string().c_str(), tried.why.message().c_str());
    return 1;
  } catch (const std::exception& other) {
    std::printf("%s\n", other.what());
    return 1;
  }
}

}  // namespace

int main(int count, char** words) {
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return 1;
  const int status = dial(loop, count == 2 ? words[1] : "localhost:80x");
  uv_run(&loop, UV_RUN_DEFAULT);
  if (uv_loop_close(&loop) != 0) return 1;
  return count == 2 ? status : status - 2;
}
