#pragma once
// What a stream can be told to do with its writing half.
#include <uv.h>

#include <span>
#include <vector>

#include "service/stream_call.hpp"

namespace uvdial::detail {

using buffer_list = std::span<const std::span<const std::byte>>;

std::size_t size_of(buffer_list buffers) noexcept;

// What the kernel takes at once is not copied, unless earlier bytes wait: then libuv has to keep the order.
class write_call final : public stream_call<std::size_t> {
 public:
  write_call(std::shared_ptr<call_queue> queue, std::size_t size, callback<std::size_t> on_done)
      : stream_call(std::move(queue), "write", size, std::move(on_done)) {}

  void start(uv_stream_t* stream, buffer_list buffers) noexcept;

 private:
  int copy_to_libuv(uv_stream_t* stream, buffer_list left, std::size_t sent_of_first) noexcept;
  static void on_written(uv_write_t* request, int status) noexcept;

  uv_write_t request_{};
  std::vector<std::byte> rest_{};
};

class shutdown_call final : public stream_call<done> {
 public:
  shutdown_call(std::shared_ptr<call_queue> queue, callback<done> on_done)
      : stream_call(std::move(queue), "shutdown", done{}, std::move(on_done)) {}

  void start(uv_stream_t* stream) noexcept;

 private:
  static void on_shut_down(uv_shutdown_t* request, int status) noexcept;

  uv_shutdown_t request_{};
};

// Ends when the backlog says so; libuv knows nothing of it.
class room_call final : public stream_call<done> {
 public:
  room_call(std::shared_ptr<call_queue> queue, callback<done> on_done)
      : stream_call(std::move(queue), "wait_for_room", done{}, std::move(on_done)) {}

  void room(int uv_code) noexcept override { end_later(uv_code); }
  bool waits_for_room() const noexcept override { return true; }
};

}  // namespace uvdial::detail
