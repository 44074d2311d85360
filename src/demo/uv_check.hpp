#pragma once
#include <uv.h>

#include <system_error>

#include "uvdial/error.hpp"

namespace uvdial::demo {

// Throws std::system_error for a negative libuv code: for constructors, never in callbacks.
inline void check_uv(int status, const char* what) {
  if (status < 0) throw std::system_error(status, uv_category(), what);
}

template <class Handle>
uv_handle_t* as_handle(Handle* handle) noexcept {
  return reinterpret_cast<uv_handle_t*>(handle);
}

inline uv_stream_t* as_stream(uv_tcp_t* handle) noexcept { return reinterpret_cast<uv_stream_t*>(handle); }

}  // namespace uvdial::demo
