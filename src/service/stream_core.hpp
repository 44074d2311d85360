#pragma once
// What a stream points to: its handle, its reader, and the calls whose callbacks wait for the loop.
#include <uv.h>

#include <memory>
#include <optional>

#include "glue/alarm.hpp"
#include "glue/handle.hpp"
#include "glue/turn.hpp"
#include "service/stream_call.hpp"
#include "service/stream_reader.hpp"
#include "service/write_call.hpp"
#include "uvdial/operation.hpp"

namespace uvdial::detail {

// Pinned: the handle's data points to it. Shared by the stream, its calls and, while it closes, its handle.
class stream_core : public std::enable_shared_from_this<stream_core>,
                    public call_queue,
                    private turn_client,
                    private close_listener {
 public:
  explicit stream_core(stream_handle connected);
  virtual ~stream_core() = default;

  uv_stream_t* stream() const noexcept { return handle_.get(); }  // null from close() on
  stream_reader& reader() noexcept { return reader_; }

  operation read(const read_demand& demand, callback<std::size_t> on_done);
  operation receive(std::span<std::byte> buffer, stream_reader::chunk_callback on_chunk,
                    callback<std::uint64_t> on_done);
  operation write(buffer_list buffers, callback<std::size_t> on_done);
  operation shutdown(callback<done> on_done);
  operation wait_for_room(callback<done> on_done);
  std::size_t unsent() const noexcept;
  void set_high_water_mark(std::size_t bytes) noexcept;
  void set_read_timeout(std::optional<std::chrono::milliseconds> idle);
  void set_write_timeout(std::optional<std::chrono::milliseconds> idle) noexcept;
  void close(callback<done> on_closed) noexcept;
  bool idle() const noexcept { return calls == 0 && !reader_.busy(); }
  stream_handle release() noexcept;  // idle only

 private:
  std::optional<instant> next_wake() noexcept override;
  void woken() noexcept override;
  void settle() noexcept override;
  void wake() noexcept override;
  void need_turn();
  void handle_closed() noexcept override;

  uv_loop_t& loop_;
  stream_handle handle_;
  stream_reader reader_{*this};
  std::optional<turn> turn_{};  // made for the first call
  alarm read_alarm_{};          // open from the first read timeout on
  std::shared_ptr<handle_count> turn_handles_{};
  callback<done> on_closed_{};
  std::shared_ptr<stream_core> until_closed_{};
  bool shut_down_ = false;
};

}  // namespace uvdial::detail
