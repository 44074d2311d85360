#pragma once
// floor 3
// Reading and writing: what a TCP connection and a Unix-domain one have in common.
#include <cstddef>
#include <memory>
#include <span>

#include "uvdial/operation.hpp"

namespace uvdial {

namespace detail {
class stream_core;
}

// Move-only; loop thread only. Each call may be in flight once (reads, shutdown) or often (writes). The results
// of writes and of the shutdown come in the order of the calls. As with all of libuv, the program must ignore
// SIGPIPE: a write to a peer that has reset the connection would end it otherwise.
class UVDIAL_API byte_stream {
 public:
  byte_stream(const byte_stream&) = delete;
  byte_stream& operator=(const byte_stream&) = delete;

  // Waits for bytes and gives how many arrived; 0 is the end of the stream. `into` (not empty) must live until
  // the callback runs or the operation is destroyed. One read at a time, else std::logic_error. Dropping or
  // cancelling a read loses no bytes.
  operation read(std::span<std::byte> into, callback<std::size_t> on_done);

  // Sends all of `bytes`, after earlier writes, and gives their number. `bytes` need only live for the call:
  // what the kernel does not take at once is copied. Neither cancel nor drop unsends.
  operation write(std::span<const std::byte> bytes, callback<std::size_t> on_done);

  // Half-closes: sends the end of the stream after earlier writes; reading goes on. Once, else std::logic_error.
  operation shutdown(callback<done> on_done);

  // Closes; calls in flight end with cancelled_error, then `on_closed` runs. The stream is empty afterwards.
  void close(callback<done> on_closed);

  // Bytes that write() was given and the kernel has not taken yet.
  std::size_t unsent() const noexcept;

  // Bytes that the kernel's own buffers of this socket have room for. Throw stream_error where the system refuses.
  // Set them early: what is in flight was sized by the old ones. Linux sets aside twice what it is asked for, and
  // gives that doubled number back; more than net.core.wmem_max or rmem_max is cut to it without an error. A size
  // below 1 is a std::invalid_argument.
  int send_buffer_size() const;
  void set_send_buffer_size(int bytes);
  int receive_buffer_size() const;
  void set_receive_buffer_size(int bytes);

  // The socket alone, still non-blocking, for uv_tcp_open or uv_pipe_open on a handle of your own; ours is
  // closed. The descriptor is the caller's. Throws std::logic_error, and keeps the stream as it was, while a
  // call is in flight, and stream_error.
  int release_socket() &&;

 protected:
  explicit byte_stream(std::shared_ptr<detail::stream_core> core) noexcept;
  byte_stream(byte_stream&&) noexcept;
  byte_stream& operator=(byte_stream&&) noexcept;
  ~byte_stream();  // closes; calls in flight end with cancelled_error, from the loop

  // Throws std::logic_error for a stream that was moved from, closed or released.
  detail::stream_core& alive() const;
  // Throws as release_socket() does; then this stream is empty, and its handle, data null, is the caller's.
  std::shared_ptr<detail::stream_core> leave(const char* call);

 private:
  std::shared_ptr<detail::stream_core> core_;
};

}  // namespace uvdial
