// Context of blocks in the guide: statements of a program that has a dialer, and a stream that is connected.
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
inline void use(uvdial::tcp_stream stream) { stream.reset(); }
inline void retry_later() {}

void statements(uv_loop_t& loop, uvdial::dialer& dialer, uvdial::tcp_stream& stream,
                std::span<std::byte> buffer);
void statements([[maybe_unused]] uv_loop_t& loop, [[maybe_unused]] uvdial::dialer& dialer,
                [[maybe_unused]] uvdial::tcp_stream& stream, [[maybe_unused]] std::span<std::byte> buffer) {
  //> block
}
