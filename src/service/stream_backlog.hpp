#pragma once
// What of a stream's bytes is still on its way to the kernel: who waits for that, and for how long.
//
// libuv does not say when a part of a request has left, only how much is queued. What the kernel took is therefore
// the difference between what libuv was given and what it still has, and it is looked at once a turn, while there
// is a write timeout and somebody waits. All of it happens in the check phase, after ready sockets were written to:
// a loop that was held up does not end a write which the kernel would have taken meanwhile.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "glue/turn.hpp"

namespace uvdial::detail {

// A call that waits for the kernel to take bytes. Neither of its functions calls the user.
class backlog_call {
 public:
  // Ends it: for so long nothing was taken.
  virtual void idle_for(std::chrono::milliseconds longest) noexcept = 0;
  // Ends it if it waits for room alone.
  virtual void room(int) noexcept {}
  virtual bool waits_for_room() const noexcept { return false; }

 protected:
  ~backlog_call() = default;

 private:
  friend class stream_backlog;
  backlog_call* previous_ = nullptr;
  backlog_call* next_ = nullptr;
  instant since_{};  // only with a timeout
  bool listed_ = false;
};

class stream_backlog {
 public:
  static constexpr std::size_t usual_high_water_mark = std::size_t{64} << 10;

  void add(backlog_call& call) noexcept;
  bool remove(backlog_call& call) noexcept;  // whether it was in the list

  bool awaited() const noexcept { return waits_ != 0; }  // somebody waits for room
  bool timed() const noexcept { return timeout_ && first_; }

  void set_high_water_mark(std::size_t bytes) noexcept { high_water_mark_ = bytes; }
  bool above_mark(std::size_t unsent) const noexcept { return unsent > high_water_mark_; }
  // There is room, or never will be.
  bool room_is_decided(std::size_t unsent) const noexcept { return write_error_ != 0 || !above_mark(unsent); }
  void end_waits(int uv_code) noexcept;

  void set_timeout(std::optional<std::chrono::milliseconds> idle, std::size_t unsent) noexcept;
  void handed_over(std::size_t bytes) noexcept { given_ += bytes; }  // to libuv, or past it to the kernel
  void write_ended(int uv_code) noexcept;
  // What a write was told of the end of the whole connection; 0: nothing.
  int connection_failure() const noexcept { return connection_failure_; }

  // Once a turn: when act() has something to do.
  std::optional<instant> next_wake(std::size_t unsent) noexcept;
  // In the check phase: ends who waited for room that is there, or for too long at `time`, before the poll.
  void act(std::size_t unsent, instant time) noexcept;

 private:
  instant deadline_of(const backlog_call& call) const noexcept;
  void look(std::size_t unsent) noexcept;

  backlog_call* first_ = nullptr;  // in the order of their starts, so also in that of their deadlines
  backlog_call* last_ = nullptr;
  std::size_t waits_ = 0;
  std::size_t high_water_mark_ = usual_high_water_mark;
  int write_error_ = 0;  // of the last write that ended
  int connection_failure_ = 0;
  std::optional<std::chrono::milliseconds> timeout_{};
  std::uint64_t given_ = 0;  // bytes
  std::uint64_t taken_ = 0;  // those of them that the kernel had, at the last look
  instant moved_{};          // when that last grew
};

}  // namespace uvdial::detail
