#pragma once
// How many questions one server may have at once, and how fast they may follow each other.
#include <chrono>
#include <cstddef>
#include <optional>

#include "logic/round_trip.hpp"

namespace uvdial::detail {

class send_window {
 public:
  static constexpr std::size_t start = 128;

  // `most`: what our own receive buffer holds.
  explicit send_window(std::size_t most) noexcept : most_(most) { set(start); }

  void limit(std::size_t most) noexcept;

  bool has_room() const noexcept { return on_the_way_ < static_cast<std::size_t>(window_); }
  // When the next one may go, for a window that has room: now, or a little later.
  std::chrono::nanoseconds next_send(std::chrono::nanoseconds now) const noexcept;

  void sent(std::chrono::nanoseconds now) noexcept;
  // One that was sent then, and took so long there and back, as the network saw it.
  void answered(std::chrono::nanoseconds sent_at, std::chrono::nanoseconds took,
                std::chrono::nanoseconds now) noexcept;
  // One that was taken for lost has been answered all the same.
  void answered_late(std::chrono::nanoseconds took, std::chrono::nanoseconds now) noexcept;
  void lost(std::chrono::nanoseconds sent_at, std::chrono::nanoseconds now) noexcept;
  void withdrawn() noexcept;  // one of which nothing more will be heard, for reasons that are no loss

  const round_trip& times() const noexcept { return times_; }
  std::size_t size() const noexcept { return static_cast<std::size_t>(window_); }
  std::size_t on_the_way() const noexcept { return on_the_way_; }

 private:
  struct round {
    std::chrono::nanoseconds began{0};
    std::size_t answers = 0;
    std::chrono::nanoseconds fastest{0};  // of all
    bool was_full = false;
  };

  double step() const noexcept;
  void end_round(bool is_full, std::chrono::nanoseconds now) noexcept;
  void set(double wanted) noexcept;
  bool is_slow(std::chrono::nanoseconds took) const noexcept;

  std::size_t most_;
  double window_ = start;
  std::size_t on_the_way_ = 0;
  bool ramping_ = true;
  bool queue_builds_up_ = false;  // the last few answers were all slow
  bool queue_is_short_ = true;    // in the last round
  std::chrono::nanoseconds fastest_of_few_{0};
  round_trip times_{};
  round round_{};
  std::chrono::nanoseconds usual_{0};    // the recent answers' time, following quickly
  std::chrono::nanoseconds cut_at_{-1};  // the window was cut then; older losses were part of the reason
  std::chrono::nanoseconds pace_{0};     // when the next one would be due if they went evenly
  std::chrono::nanoseconds rests_until_{0};
  std::chrono::nanoseconds last_sent_{0};
};

}  // namespace uvdial::detail
