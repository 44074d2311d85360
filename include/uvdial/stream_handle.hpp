#pragma once
// floor 0
/// \file
/// Raw libuv sockets with an owner: how connected handles come in and go out.
#include <memory>

#include "uvdial/export.hpp"

typedef struct uv_pipe_s uv_pipe_t;
typedef struct uv_stream_s uv_stream_t;
typedef struct uv_tcp_s uv_tcp_t;

namespace uvdial {

/// How a handle on the malloc heap goes: uv_close, then free() from its close callback, so from the loop.
struct UVDIAL_API close_and_free {
  void operator()(uv_stream_t* handle) const noexcept;  ///< not null, and not closing
  void operator()(uv_tcp_t* handle) const noexcept;     ///< the same
  void operator()(uv_pipe_t* handle) const noexcept;    ///< the same
};

/// A stream handle of any kind on the malloc heap, where it stays: moving this moves the pointer. `release()` it to go
/// on in C: then uv_close it and free() it in your close callback.
using stream_handle = std::unique_ptr<uv_stream_t, close_and_free>;
using tcp_handle = std::unique_ptr<uv_tcp_t, close_and_free>;    ///< the same for one of TCP
using pipe_handle = std::unique_ptr<uv_pipe_t, close_and_free>;  ///< the same for one of a Unix-domain socket

}  // namespace uvdial
