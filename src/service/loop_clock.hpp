#pragma once
// The one clock of a loop: any number of waits on one turn.
//
// A program that gives each of ten thousand connections a timeout must not pay for ten thousand timers with a prepare
// and a check callback each, in every turn of the loop. So all that wait on a loop share a clock. It is made for the
// first of them and goes with the last, because handles that stay would keep uv_loop_close from succeeding; and as a
// loop belongs to its owner, with its `data`, a table of this library's own says which loop has which clock.
#include <uv.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "glue/turn.hpp"
#include "logic/wake_queue.hpp"

namespace uvdial::detail {

// Told once, in the check phase: at its time, or in the first one after it was posted. Whoever waits keeps itself
// alive until it is told or has left the clock.
class clock_wait : public wake_entry {
 public:
  virtual void told() noexcept = 0;  // may destroy this object

 protected:
  ~clock_wait() = default;

 private:
  friend class loop_clock;
  clock_wait* previous_ = nullptr;  // in the list of the posted
  clock_wait* next_ = nullptr;
  std::uint64_t number_ = 0;  // among all that were ever posted; 0: not posted
};

// Loop thread only. Shared by those who wait, or may want to.
class loop_clock final : public std::enable_shared_from_this<loop_clock>, private turn_client {
 public:
  // The clock of `loop`; it is made where there is none. Throws out_of_resources.
  static std::shared_ptr<loop_clock> of(uv_loop_t& loop);

  explicit loop_clock(uv_loop_t& loop) : loop_(loop) {}
  loop_clock(const loop_clock&) = delete;
  loop_clock& operator=(const loop_clock&) = delete;
  ~loop_clock();

  void set(clock_wait& one, instant when);  // throws std::bad_alloc
  void post(clock_wait& one) noexcept;      // in place of a time that was set
  void remove(clock_wait& one) noexcept;    // does nothing to one that does not wait

 private:
  // Links that stay in place while those who are told make others leave or come.
  struct list {
    void push(clock_wait& one) noexcept;
    void remove(clock_wait& one) noexcept;
    clock_wait* first = nullptr;
    clock_wait* last = nullptr;
  };

  std::optional<instant> next_wake() noexcept override { return times_.earliest(); }
  void woken() noexcept override;
  void put_in_line(clock_wait& one) noexcept;
  void hold_while_waited_for() noexcept;

  uv_loop_t& loop_;
  wake_queue times_;
  list posted_;
  std::uint64_t last_number_ = 0;
  turn turn_{loop_, static_cast<turn_client&>(*this), nullptr};
};

}  // namespace uvdial::detail
