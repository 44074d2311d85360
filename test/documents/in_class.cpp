// Context of blocks in the guide: members of a struct that has a dialer, a stream and the operations on them.
#include <unistd.h>
#include <uv.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <uvdial/uvdial.hpp>

using namespace std::chrono_literals;

struct client {
  explicit client(uv_loop_t& loop) : loop_(loop), dialer_(loop) {}
  //> block

  void log(const char* text) { std::puts(text); }
  void end() {}

  uv_loop_t& loop_;
  uvdial::dialer dialer_;
  std::array<std::byte, 4096> buffer_{};
  std::optional<uvdial::tcp_stream> stream_{};
  uvdial::operation dial_{};
  uvdial::operation read_{};
  uvdial::operation write_{};
};
