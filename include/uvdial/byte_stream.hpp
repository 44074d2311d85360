#pragma once
// floor 3
/// \file
/// Reading and writing: what a TCP connection and a Unix-domain one have in common.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "uvdial/operation.hpp"
#include "uvdial/stream_handle.hpp"

namespace uvdial {

namespace detail {
class stream_core;
}

/// What tcp_stream and pipe_stream can do alike. Move-only; loop thread only; its loop must outlive it. As with all of
/// libuv, the program must ignore SIGPIPE: a write to a peer that has reset the connection would end it otherwise. The
/// first call of a stream makes the loop handles that it needs, and throws out_of_resources or std::bad_alloc where
/// memory for them is gone; later reads allocate nothing, and neither does closing. A call without a callback is
/// std::invalid_argument, and one on a stream that was moved from, closed or released is std::logic_error; the noexcept
/// ones do nothing there and give 0 or false.
///
/// **Reading.** One read of whatever form at a time, else std::logic_error. Its buffer (not empty) must live until the
/// callback runs or the operation is destroyed. However a read ends, no byte is lost: one that is dropped or cancelled
/// before bytes came leaves them in the socket, and read_exactly() and read_until() are all or nothing. One of them
/// that does not succeed (it was dropped, cancelled, timed out, the stream ended, the buffer was too small) gives the
/// bytes that it had taken back to the stream, which keeps a copy, and the next read, of whatever form, gets them
/// first. Where memory for the copy is gone every later read fails with UV_ENOMEM.
///
/// A peer that resets the connection, or is gone, ends it for reads and writes alike, whoever is told first: a read
/// gives what had come before (where the system keeps it, as Linux does) and then the error, never a clean end.
///
/// **Writing.** Any number of writes at a time. The results of writes and of the shutdown come in the order of the
/// calls.
class UVDIAL_API byte_stream {
 public:
  byte_stream(const byte_stream&) = delete;             ///< one owner each
  byte_stream& operator=(const byte_stream&) = delete;  ///< one owner each

  /// Waits for bytes and gives how many arrived, at least one; 0 is the end of the stream.
  operation read(std::span<std::byte> into, callback<std::size_t> on_done);

  /// Waits until `into` is full and gives its size. Where the stream ends before: stream_error with the code UV_EOF,
  /// which says how many bytes had come; kept() is their number, 0 if the stream ended where the read began.
  operation read_exactly(std::span<std::byte> into, callback<std::size_t> on_done);

  /// Waits for the delimiter and gives the number of bytes up to its end; what lies in `into` behind them means
  /// nothing. Not a byte behind the delimiter is taken from the socket. `delimiter` need only live for the call; one
  /// that is empty, longer than 64 bytes or longer than `into` is std::invalid_argument. Where the stream ends before
  /// the delimiter: stream_error with the code UV_EOF, and kept() as above. Where `into` is full without it:
  /// stream_error with the code UV_EMSGSIZE; all of them are kept, for a read with more room or without a delimiter.
  /// A descriptor that is no socket (a FIFO) is read byte by byte.
  operation read_until(std::string_view delimiter, std::span<std::byte> into, callback<std::size_t> on_done);

  /// Reads on and on: `on_chunk` runs for each piece as it comes, straight from libuv, with the part of `buffer` that
  /// has it; the buffer is used again once `on_chunk` has returned. `on_done` runs once, with the number of all bytes
  /// at the end of the stream, or with an error. Both may destroy anything, also the stream and the operation.
  operation receive(std::span<std::byte> buffer, unique_function<void(std::span<const std::byte>)> on_chunk,
                    callback<std::uint64_t> on_done);

  /// Back-pressure for receive(): from pause() to resume() there is no chunk, also when called inside `on_chunk`; the
  /// bytes stay in the kernel, where they slow the peer down. A paused receive() still is a running operation: it
  /// keeps the loop alive and can be cancelled. The read timeout stands still and starts anew. While paused nobody
  /// notices the end of the stream or a reset. Does nothing where no receive() runs; a new one is not paused.
  void pause() noexcept;
  void resume() noexcept;  ///< ends a pause(); chunks come from the loop again, never inside this call

  /// Bytes that an unfinished read_exactly() or read_until() gave back and no read has had since.
  std::size_t kept() const noexcept;

  /// Sends all of `bytes`, after earlier writes, and gives their number. `bytes` need only live for the call:
  /// what the kernel does not take at once is copied. Neither cancel nor drop unsends. std::logic_error after
  /// shutdown().
  operation write(std::span<const std::byte> bytes, callback<std::size_t> on_done);

  /// The same for several buffers, one behind the other: as many as IOV_MAX go to the kernel in one call. Neither
  /// `buffers` nor what they point to need live longer than the call; what the kernel does not take at once is
  /// copied into one block. A template only so that write({}, ...) stays the write of no bytes.
  template <int = 0>
  operation write(std::span<const std::span<const std::byte>> buffers, callback<std::size_t> on_done) {
    return gather(buffers, std::move(on_done));
  }

  /// Bytes that write() was given and the kernel has not taken yet.
  std::size_t unsent() const noexcept;

  /// How many unsent() bytes are too many: 64 KiB unless set. Only the two below look at it; write() takes any number.
  void set_high_water_mark(std::size_t bytes);
  bool above_high_water_mark() const noexcept;  ///< whether more than that is unsent()

  /// For a writer that is faster than the peer: ends when unsent() is at most the mark, in the next turn of the loop if
  /// it is already; with the error of the last write if that failed. Any number may wait; room ends all of their waits,
  /// in the order of the calls.
  operation wait_for_room(callback<done> on_done);

  /// An idle timeout; nullopt, the default: none. At least 1 ms, else std::invalid_argument; may throw out_of_resources
  /// as the first call does. It holds for the read that runs, from now on, and for all later ones: one, of whatever
  /// form, to which no byte came for so long ends with timeout_error (code UV_ETIMEDOUT); the stream can still be used.
  /// Time never beats data: what had come while the loop was held up by something else counts.
  void set_read_timeout(std::optional<std::chrono::milliseconds> idle);

  /// The same for writing: ends a write, a shutdown or a wait_for_room() while the kernel took no byte for so long;
  /// what was written cannot be unsent, so close the stream then.
  void set_write_timeout(std::optional<std::chrono::milliseconds> idle);

  /// Half-closes: sends the end of the stream after earlier writes; reading goes on. Once, else std::logic_error.
  operation shutdown(callback<done> on_done);

  /// Closes; calls in flight end with cancelled_error, then `on_closed` runs. The stream is empty afterwards.
  void close(callback<done> on_closed);

  /// Bytes that the kernel's own buffer of this socket for what is sent has room for. Throws stream_error where the
  /// system refuses, as the three below do.
  int send_buffer_size() const;

  /// Asks the kernel for another size. Set it early: what is in flight was sized by the old one. Linux sets aside twice
  /// what it is asked for, and gives that doubled number back; more than net.core.wmem_max (for receiving rmem_max) is
  /// cut to it without an error. A size below 1 is a std::invalid_argument.
  void set_send_buffer_size(int bytes);

  int receive_buffer_size() const;          ///< the same for what is received
  void set_receive_buffer_size(int bytes);  ///< the same for what is received

  /// The socket alone, still non-blocking, for uv_tcp_open or uv_pipe_open on a handle of your own; ours is
  /// closed. The descriptor is the caller's. Throws std::logic_error while a call is in flight or bytes are kept()
  /// that would be lost, and stream_error or out_of_resources where the system refuses; then the stream is as it was.
  int release_socket() &&;

 protected:
  /// Takes the handle over, and its `data`, whatever comes. Throws std::invalid_argument that names the `taker` for
  /// null.
  byte_stream(uv_stream_t* connected, const char* taker);

  byte_stream(byte_stream&&) noexcept = default;   ///< leaves the other one empty; calls in flight go on
  byte_stream& operator=(byte_stream&&) noexcept;  ///< closes what this one was, as the destructor does

  /// Closes; calls in flight end with cancelled_error, from the loop.
  ~byte_stream() {
    if (core_) close_core();
  }

  /// The connected handle, borrowed. Throws std::logic_error for a stream that was moved from, closed or released.
  uv_stream_t& handle() const;
  /// What release() of a stream is. `call` is its name, for messages. Throws as release_socket() does; else this stream
  /// is empty, and its handle, data null, is the caller's.
  stream_handle leave(const char* call);

 private:
  operation gather(std::span<const std::span<const std::byte>> buffers, callback<std::size_t> on_done);
  void require_releasable(const char* call) const;
  void close_core() noexcept;
  detail::stream_core& core();  // throws as handle() does, and out_of_resources

  // The handle is the core's once there is one. What never reads or writes here, because it is handed on to other
  // code or closed again, is spared the core's memory.
  stream_handle fresh_;
  std::shared_ptr<detail::stream_core> core_{};
};

}  // namespace uvdial
