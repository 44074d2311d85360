#pragma once
// The reading half of a stream.
#include <uv.h>

#include <chrono>
#include <optional>
#include <span>

#include "glue/turn.hpp"
#include "logic/read_demand.hpp"
#include "service/kept_bytes.hpp"
#include "service/stream_call.hpp"

namespace uvdial::detail {

// One object serves one read after the other; the ticket says which one is current. libuv reads straight into
// the caller's buffer, and only while a read waits. A read that fails midway puts what it has back (kept_bytes);
// the next one is given that first, from the check phase.
//
// A read that is due gets no data any more: its result waits for deliver(), or, with the code 0, kept bytes do.
class stream_reader final : public pending, public due_call {
 public:
  using chunk_callback = unique_function<void(std::span<const std::byte>)>;

  explicit stream_reader(call_queue& queue) noexcept : queue_(queue) {}

  // Both throw std::logic_error while another read runs.
  std::uint32_t start(uv_stream_t* stream, const read_demand& demand, callback<std::size_t> on_done);
  std::uint32_t receive(uv_stream_t* stream, std::span<std::byte> buffer, chunk_callback on_chunk,
                        callback<std::uint64_t> on_done);

  bool busy() const noexcept { return on_done_ || on_total_; }
  std::size_t kept() const noexcept { return kept_.size(); }

  // Of receive(); both do nothing where none runs.
  void pause() noexcept;
  void resume() noexcept;
  bool paused() const noexcept { return paused_ && busy(); }

  void set_timeout(std::optional<std::chrono::nanoseconds> idle) noexcept;
  // When the read that runs has waited for too long; nullopt: never.
  std::optional<instant> deadline() const noexcept;
  void expire(instant time) noexcept;  // ends the read where that is now; its callback waits for deliver()

  // libuv reads no more: from now on there is no handle. A read that runs ends with cancelled_error when the
  // handle is closed: `deliver_closed` is called then.
  void detach() noexcept;
  void deliver_closed() noexcept { finish(UV_ECANCELED); }

  // For libuv, while it reads.
  void received(ssize_t count) noexcept;
  uv_buf_t buffer() noexcept;

  void cancel(std::uint32_t ticket) noexcept override;
  void drop(std::uint32_t ticket) noexcept override;
  bool running(std::uint32_t ticket) const noexcept override { return busy() && ticket == ticket_; }
  void deliver() noexcept override;

 private:
  void require_idle(const char* name) const;
  std::uint32_t begin(uv_stream_t* stream, const read_demand& demand) noexcept;
  bool wants_bytes() const noexcept { return busy() && !due_ && !paused_ && stream_; }
  void read_on() noexcept;
  void give_kept() noexcept;
  std::size_t peek_socket() noexcept;
  int failure_behind_the_end() const noexcept;
  void took(std::size_t count) noexcept;        // may call the user
  void give_chunk(std::size_t count) noexcept;  // calls the user
  void finish(int code) noexcept;               // calls the user, last
  std::shared_ptr<const error> failure(int code) const noexcept;
  void put_back() noexcept;
  void post(int code) noexcept;
  void stop() noexcept;
  void note_progress() noexcept;

  call_queue& queue_;
  uv_stream_t* stream_ = nullptr;
  read_demand demand_{};
  callback<std::size_t> on_done_{};     // of every form but `pieces`
  callback<std::uint64_t> on_total_{};  // of `pieces`, as is
  chunk_callback on_chunk_{};           // while it runs it is on the stack
  std::uint64_t total_ = 0;
  kept_bytes kept_{};
  std::optional<std::chrono::nanoseconds> timeout_{};
  instant moved_{};  // when the last byte came or the read began; only with a timeout
  std::uint32_t ticket_ = 0;
  int due_code_ = 0;
  int end_ = 0;           // UV_EOF or the error after which nothing more comes: what every later read is told
  bool due_ = false;      // deliver() is queued: no data may come before it
  bool reading_ = false;  // libuv reads
  bool paused_ = false;
  bool no_socket_ = false;  // a descriptor that cannot be peeked into
  int peeked_failure_ = 0;  // what a peek was told and libuv will not be
};

}  // namespace uvdial::detail
