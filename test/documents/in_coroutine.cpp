// Context of blocks in the guide: statements of a coroutine.
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

inline void log(const char* text) { std::puts(text); }

uvdial::task<> statements(uv_loop_t& loop, uvdial::dialer& dials, uvdial::tcp_stream& stream);
uvdial::task<> statements([[maybe_unused]] uv_loop_t& loop, [[maybe_unused]] uvdial::dialer& dials,
                          [[maybe_unused]] uvdial::tcp_stream& stream) {
  //> block
  co_return;
}
