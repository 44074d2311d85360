#pragma once
// What the calls of streams, sleeps and tasks say when they fail.
#include <chrono>
#include <cstddef>
#include <memory>

#include "uvdial/error.hpp"

namespace uvdial::detail {

// Stands for a uv code where a call ends because nothing moved for too long; libuv's own are negative.
constexpr int idle_too_long = 1;

// "write: broken pipe", "sleep: operation canceled"
std::shared_ptr<const error> call_failure(const char* what, int uv_code) noexcept;

// "read: nothing came for 5000 ms"
std::shared_ptr<const error> read_timeout(const char* what, std::chrono::milliseconds idle) noexcept;
// "write: nothing could be sent for 5000 ms"
std::shared_ptr<const error> write_timeout(const char* what, std::chrono::milliseconds idle) noexcept;

// "read_exactly: the stream ended after 3 of 10 bytes", code UV_EOF
std::shared_ptr<const error> ended_early(std::size_t got, std::size_t wanted) noexcept;
// "read_until: the stream ended after 3 bytes without the delimiter", code UV_EOF
std::shared_ptr<const error> ended_undelimited(std::size_t got) noexcept;
// "read_until: no delimiter in the first 10 bytes", code UV_EMSGSIZE
std::shared_ptr<const error> no_delimiter(std::size_t got) noexcept;

}  // namespace uvdial::detail
