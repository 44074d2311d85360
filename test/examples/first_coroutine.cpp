// Dial and read a line, as a coroutine.
//   first_coroutine HOST PORT       without arguments it reads from a listener of its own on the loopback
#include <uv.h>

#include <array>
#include <cstdio>
#include <span>
#include <string>
#include <variant>

#include "loopback_peer.hpp"
#include <uvdial/uvdial.hpp>

namespace {

using namespace std::chrono_literals;

// The first line that a server says.
uvdial::task<std::string> first_line(uv_loop_t& loop, uvdial::target from) {
  uvdial::dialer dials(loop);
  uvdial::tcp_stream stream = co_await uvdial::connect(dials, from, {.timeout = 5s});
  std::array<std::byte, 512> buffer{};
  const auto got =
      co_await uvdial::first_of(uvdial::read_until(stream, "\n", buffer), uvdial::sleep(loop, 5s));
  if (got.index() == 1) throw std::runtime_error("the server says no line");
  co_return std::string(reinterpret_cast<const char*>(buffer.data()), std::get<0>(got) - 1);
}

}  // namespace

int main(int count, char** words) {
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return 1;

  std::string line;
  try {
    const loopback_peer peer(loop, {.greeting = "220 hello there\n"});
    const uvdial::target from =
        count == 3 ? uvdial::target::parse(words[1], words[2]) : uvdial::target("localhost", peer.port());
    line = uvdial::run(loop, first_line(loop, from));
    std::printf("%s\n", line.c_str());
  } catch (const std::exception& why) {  // uvdial::error is one, and so is what a bad argument throws
    std::puts(why.what());
  }
  uv_run(&loop, UV_RUN_DEFAULT);  // what was destroyed closes its handles here
  if (uv_loop_close(&loop) != 0) return 1;
  return count == 3 || line == "220 hello there" ? 0 : 1;
}
