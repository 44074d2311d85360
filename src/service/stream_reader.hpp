#pragma once
// The reading half of a stream.
#include <uv.h>

#include <span>

#include "service/stream_call.hpp"

namespace uvdial::detail {

// One object serves one read after the other; the ticket says which one is current. libuv reads straight into
// the caller's buffer, and only while a read waits, so nothing is ever buffered here and nothing can get lost.
class stream_reader final : public pending, public due_call {
 public:
  explicit stream_reader(call_queue& queue) noexcept : queue_(queue) {}

  // Throws std::logic_error while another read runs.
  std::uint32_t start(uv_stream_t* stream, std::span<std::byte> into, callback<std::size_t> on_done);
  bool busy() const noexcept { return static_cast<bool>(on_done_); }
  // libuv reads no more: from now on there is no handle. A read that runs ends with cancelled_error when the
  // handle is closed: `deliver_closed` is called then.
  void detach() noexcept;
  void deliver_closed() noexcept;
  void received(ssize_t count) noexcept;
  uv_buf_t buffer() const noexcept;

  void cancel(std::uint32_t ticket) noexcept override;
  void drop(std::uint32_t ticket) noexcept override;
  bool running(std::uint32_t ticket) const noexcept override { return busy() && ticket == ticket_; }
  void deliver() noexcept override;

 private:
  void finish(int uv_code, std::size_t count) noexcept;  // calls the user, last
  void post(int uv_code) noexcept;
  void pause() noexcept;

  call_queue& queue_;
  uv_stream_t* stream_ = nullptr;
  std::span<std::byte> into_{};
  callback<std::size_t> on_done_{};
  std::uint32_t ticket_ = 0;
  int due_code_ = 0;
  int end_ = 0;           // UV_EOF or the error after which nothing more comes: what every later read is told
  bool due_ = false;      // deliver() is queued: no data may come before it
  bool reading_ = false;  // libuv reads
};

}  // namespace uvdial::detail
