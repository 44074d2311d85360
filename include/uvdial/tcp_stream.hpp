#pragma once
// floor 3
// A connected TCP stream: small enough for a line protocol, and a door out to plain libuv.
#include "uvdial/byte_stream.hpp"
#include "uvdial/endpoint.hpp"
#include "uvdial/stream_handle.hpp"

namespace uvdial {

// Move-only; loop thread only. Destroying it closes; calls in flight end with cancelled_error, from the loop.
class UVDIAL_API tcp_stream : public byte_stream {
 public:
  // Adopts a connected handle and takes over its `data`. Throws std::invalid_argument for null.
  explicit tcp_stream(tcp_handle connected);

  endpoint local() const;  // both throw stream_error if the socket is gone
  endpoint peer() const;

  uv_tcp_t& native() noexcept;  // borrowed, for socket options; do not close, read or touch data

  // The raw connected handle, its data null; this stream is empty afterwards. Throws std::logic_error, and
  // keeps the stream as it was, while a call is in flight.
  tcp_handle release() &&;
};

}  // namespace uvdial
