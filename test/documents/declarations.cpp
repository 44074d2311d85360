// Context of blocks in the guide: functions and classes of a program.
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

//> block
