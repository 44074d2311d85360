#pragma once
// floor 3
/// \file
/// A connected TCP stream: small enough for a line protocol, and a door out to plain libuv.
#include <chrono>

#include "uvdial/byte_stream.hpp"
#include "uvdial/endpoint.hpp"
#include "uvdial/stream_handle.hpp"

typedef struct uv_loop_s uv_loop_t;

namespace uvdial {

/// A connected TCP stream. Move-only; loop thread only. Destroying it closes; calls in flight end with cancelled_error,
/// from the loop. How it reads and writes: byte_stream.
class UVDIAL_API tcp_stream : public byte_stream {
 public:
  /// Adopts a connected handle and takes over its `data`. Its loop must outlive the stream. Throws
  /// std::invalid_argument for null.
  explicit tcp_stream(tcp_handle connected);

  /// Adopts a connected socket of IPv4 or IPv6, and makes it non-blocking. `loop` must outlive the stream. The
  /// descriptor is the stream's from here on; where this throws it stays the caller's, as it was.
  /// std::invalid_argument: another kind of descriptor. stream_error: not connected (ENOTCONN), not open (EBADF), in
  /// use on this loop (EEXIST). out_of_resources: no memory for the handle.
  static tcp_stream adopt(uv_loop_t& loop, int descriptor);

  endpoint local() const;  ///< the address of this end; throws stream_error if the socket is gone
  endpoint peer() const;   ///< the address of the other end; throws stream_error if the socket is gone

  /// Sets TCP_NODELAY: small writes are sent at once, and not gathered. Throws stream_error.
  void no_delay(bool wanted);

  /// After `idle` without a byte from the peer it is asked whether it is still there, again after each `interval`;
  /// `count` questions without an answer break the connection (ETIMEDOUT). Throws std::invalid_argument beyond what
  /// Linux takes: 1 to 32767 s, 1 to 127 questions; stream_error that names the option where the system refuses one,
  /// and then those before it are set.
  void keep_alive(std::chrono::seconds idle, std::chrono::seconds interval, int count);
  void no_keep_alive();  ///< asks no more; throws stream_error

  /// Closes as close() does, but the peer sees a reset (RST) instead of an end, also after shutdown(): what was not
  /// sent is thrown away, and no TIME_WAIT is left behind. A duplicate of the socket elsewhere (dup, fork) keeps the
  /// connection.
  void reset(callback<done> on_closed);
  void reset();  ///< the same, and nobody hears when it is closed

  /// The handle, borrowed, for socket options: do not close it, read from it or touch its data. Not of an empty stream.
  uv_tcp_t& native() noexcept;

  /// The raw connected handle, its data null; this stream is empty afterwards. Throws std::logic_error, and
  /// keeps the stream as it was, while a call is in flight or bytes are kept() that would be lost.
  tcp_handle release() &&;
};

}  // namespace uvdial
