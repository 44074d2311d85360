#pragma once
// Many wake-up times, one timer: a binary heap of entries that know their place in it.
#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace uvdial::detail {

// What can be woken. It must have left the queue before it is destroyed.
class wake_entry {
 public:
  bool waits() const noexcept { return place_ != nowhere; }
  std::chrono::nanoseconds when() const noexcept { return when_; }

 private:
  friend class wake_queue;
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
  std::chrono::nanoseconds when_{0};
  std::size_t place_ = nowhere;
};

// set and remove cost O(log n) of the entries that wait, earliest() nothing.
class wake_queue {
 public:
  void set(wake_entry& entry, std::chrono::nanoseconds when);
  void remove(wake_entry& entry) noexcept;
  std::optional<std::chrono::nanoseconds> earliest() const noexcept;
  // Takes out the earliest entry if its time is `now` or before; null: none.
  wake_entry* take_due(std::chrono::nanoseconds now) noexcept;
  // All of them wake so much later. Goes through all.
  void put_off(std::chrono::nanoseconds time) noexcept {
    for (wake_entry* each : heap_) each->when_ += time;
  }

 private:
  void put(wake_entry* entry, std::size_t place) noexcept;
  void rise(std::size_t place) noexcept;
  void sink(std::size_t place) noexcept;

  std::vector<wake_entry*> heap_;
};

}  // namespace uvdial::detail
