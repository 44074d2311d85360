// The script that functions replaced by the linker (-Wl,--wrap=NAME) follow.
//
//   faults::fail("uv_tcp_connect", 2, UV_ENOBUFS);            in the test: the second call fails
//
//   extern "C" int __wrap_uv_tcp_connect(...) {               in the same *_fault_test.cpp
//     if (auto scripted = faults::next("uv_tcp_connect")) {
//       return static_cast<int>(*scripted);
//     }
//     return __real_uv_tcp_connect(...);
//   }
//
// Call clear() in setUp: the script is one for the whole program. For use on one thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace faults {

// The nth call of the function, counted from 1 since the last clear(), returns `result` instead of being made.
void fail(std::string_view function, std::size_t nth, long result);

// From the nth call on, every call returns `result`.
void fail_from(std::string_view function, std::size_t nth, long result);

// Counts one call, and says what it must return; nothing if the real function is to be called.
std::optional<long> next(std::string_view function);

// How often next() was asked for the function since the last clear().
std::size_t calls(std::string_view function);

// Forgets the script and the counts.
void clear();

}  // namespace faults
