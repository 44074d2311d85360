// Context of blocks in the guide: statements of a program that has a loop, and nothing of ours so far.
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

void statements(uv_loop_t& loop);
void statements([[maybe_unused]] uv_loop_t& loop) {
  //> block
}
