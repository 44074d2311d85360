#pragma once
// Wakes a turn at a time that mostly is put off before it comes: an idle timeout.
//
// A turn that is watched asks for the next time once a turn of the loop. For ten thousand streams that wait for
// bytes this would be ten thousand questions a turn. An alarm costs its timer alone: it is set once, rings when it
// was set to, and whoever is woken and finds that the time has moved on sets it again.
#include <uv.h>

#include <memory>
#include <optional>

#include "glue/handle.hpp"
#include "glue/turn.hpp"

namespace uvdial::detail {

// Pinned while it is open, loop thread only. Does not keep the loop alive.
class alarm {
 public:
  alarm() noexcept = default;
  alarm(const alarm&) = delete;
  alarm& operator=(const alarm&) = delete;
  ~alarm() = default;

  // Does nothing where it is open. Throws out_of_resources. `wakes` must live until close().
  void open(uv_loop_t& loop, turn& wakes, const std::shared_ptr<handle_count>& count);
  void close() noexcept;

  // wake_soon() of the turn at `when`, or earlier where it was set to an earlier time. Open only.
  void ring_by(instant when) noexcept;

 private:
  static void on_timer(uv_timer_t* handle) noexcept;

  uv_handle<uv_timer_t> timer_{};
  turn* wakes_ = nullptr;
  std::optional<instant> set_to_{};
};

}  // namespace uvdial::detail
