#pragma once
// floor 3
/// \file
/// A connected Unix-domain stream.
#include "uvdial/byte_stream.hpp"
#include "uvdial/stream_handle.hpp"

typedef struct uv_loop_s uv_loop_t;

namespace uvdial {

/// A connected Unix-domain stream. Move-only; loop thread only. Destroying it closes; calls in flight end with
/// cancelled_error, from the loop. How it reads and writes: byte_stream.
class UVDIAL_API pipe_stream : public byte_stream {
 public:
  /// Adopts a connected handle and takes over its `data`. Its loop must outlive the stream. Throws
  /// std::invalid_argument for null.
  explicit pipe_stream(pipe_handle connected);

  /// Adopts a connected Unix-domain stream socket, as tcp_stream::adopt() does one of TCP. A pipe or FIFO goes one way
  /// only, so it is a std::invalid_argument, too: open a uv_pipe_t of your own on it.
  static pipe_stream adopt(uv_loop_t& loop, int descriptor);

  /// The handle, borrowed, for socket options: do not close it, read from it or touch its data. Not of an empty stream.
  uv_pipe_t& native() noexcept;

  /// The raw connected handle, its data null; this stream is empty afterwards. Throws std::logic_error, and
  /// keeps the stream as it was, while a call is in flight or bytes are kept() that would be lost.
  pipe_handle release() &&;
};

}  // namespace uvdial
