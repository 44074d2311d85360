#pragma once
// What a stream points to: its handle, its reader, and the calls whose callbacks wait for the loop.
#include <uv.h>

#include <memory>
#include <optional>

#include "glue/handle.hpp"
#include "glue/turn.hpp"
#include "service/stream_call.hpp"
#include "service/stream_reader.hpp"
#include "uvdial/operation.hpp"

namespace uvdial::detail {

// Pinned: the handle's data points to it. Shared by the stream, its calls and, while it closes, its handle.
class stream_core : public std::enable_shared_from_this<stream_core>, public call_queue, private turn_client {
 public:
  explicit stream_core(stream_handle connected);
  virtual ~stream_core() = default;

  uv_stream_t* stream() const noexcept { return handle_.get(); }  // null from close() on
  stream_reader& reader() noexcept { return reader_; }

  operation read(std::span<std::byte> into, callback<std::size_t> on_done);
  operation write(std::span<const std::byte> bytes, callback<std::size_t> on_done);
  operation shutdown(callback<done> on_done);
  void close(callback<done> on_closed);
  bool idle() const noexcept { return calls == 0 && !reader_.busy(); }
  stream_handle release() noexcept;  // idle only

 private:
  std::optional<instant> next_wake() noexcept override { return std::nullopt; }
  void woken() noexcept override;
  void wake() noexcept override;
  void need_turn();
  void handle_closed(callback<done> on_closed) noexcept;

  uv_loop_t& loop_;
  stream_handle handle_;
  stream_reader reader_{*this};
  std::optional<turn> turn_{};  // made for the first call
  std::shared_ptr<handle_count> turn_handles_{};
  bool shut_down_ = false;
};

// Takes the handle over, whatever comes. Throws std::invalid_argument that names the `taker` for null.
std::shared_ptr<stream_core> adopt(uv_stream_t* connected, const char* taker);

}  // namespace uvdial::detail
