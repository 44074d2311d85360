#pragma once
// floor 3
// A connected TCP stream: small enough for a line protocol, and a door out to plain libuv.
#include <cstddef>
#include <memory>
#include <span>

#include "uvdial/endpoint.hpp"
#include "uvdial/operation.hpp"
#include "uvdial/tcp_handle.hpp"

typedef struct uv_tcp_s uv_tcp_t;

namespace uvdial {

// Move-only; loop thread only. Each call may be in flight once (reads, shutdown) or often (writes). The results
// of writes and of the shutdown come in the order of the calls. As with all of libuv, the program must ignore
// SIGPIPE: a write to a peer that has reset the connection would end it otherwise.
class UVDIAL_API tcp_stream {
 public:
  // Adopts a connected handle and takes over its `data`. Throws std::invalid_argument for null.
  explicit tcp_stream(tcp_handle connected);
  tcp_stream(tcp_stream&&) noexcept;
  tcp_stream& operator=(tcp_stream&&) noexcept;
  ~tcp_stream();  // closes; calls in flight end with cancelled_error, from the loop

  // Waits for bytes and gives how many arrived; 0 is the end of the stream. `into` (not empty) must live until
  // the callback runs or the operation is destroyed. One read at a time, else std::logic_error. Dropping or
  // cancelling a read loses no bytes.
  operation read(std::span<std::byte> into, callback<std::size_t> on_done);

  // Sends all of `bytes`, after earlier writes, and gives their number. `bytes` need only live for the call:
  // what the kernel does not take at once is copied. Neither cancel nor drop unsends.
  operation write(std::span<const std::byte> bytes, callback<std::size_t> on_done);

  // Sends FIN after earlier writes; reading goes on. Once, else std::logic_error.
  operation shutdown(callback<done> on_done);

  // Closes; calls in flight end with cancelled_error, then `on_closed` runs. The stream is empty afterwards.
  void close(callback<done> on_closed);

  endpoint local() const;  // both throw stream_error if the socket is gone
  endpoint peer() const;

  // Bytes that write() was given and the kernel has not taken yet.
  std::size_t unsent() const noexcept;

  uv_tcp_t& native() noexcept;  // borrowed, for socket options; do not close, read or touch data

  // The raw connected handle, its data null; this stream is empty afterwards. Throws std::logic_error, and
  // keeps the stream as it was, while a call is in flight.
  tcp_handle release() &&;

  // The socket alone, still non-blocking, for uv_tcp_open on a handle of your own;
  // ours is closed. The descriptor is the caller's. Throws as release() does, and stream_error.
  int release_socket() &&;

 private:
  class core;
  core& alive() const;  // throws std::logic_error for a stream that was moved from, closed or released
  std::shared_ptr<core> core_;
};

}  // namespace uvdial
