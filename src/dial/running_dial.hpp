#pragma once
// What the dialer knows of a dial, of whatever kind, and a dial of its dialer.
#include <uv.h>

#include <memory>

#include "glue/handle.hpp"
#include "glue/turn.hpp"
#include "logic/linked_list.hpp"
#include "logic/wake_queue.hpp"
#include "uvdial/operation.hpp"

namespace uvdial::detail {

// Shared by its owner, while it runs, and by the caller's operation. It has one callback, so tickets do not matter.
class running_dial : public pending,
                     public wake_entry,
                     public list_link<struct all_dials>,
                     public list_link<struct posted_dials>,
                     public std::enable_shared_from_this<running_dial> {
 public:
  // Starts it. What this throws is for the caller; then the dial has ended.
  virtual void begin() = 0;
  // The time that it was scheduled for has come: at `time`, before the poll of this turn.
  virtual void tick(instant time) = 0;
  // It was posted. Calls the user's callback when the end is decided, as its last act.
  virtual void step() = 0;
  using pending::cancel;
  void cancel() noexcept { cancel(0); }

  std::shared_ptr<running_dial> owners_share{};  // set while it runs

 protected:
  ~running_dial() = default;
};

// The dialer, as every dial sees it; it outlives them.
class running_dial_owner {
 public:
  virtual uv_loop_t& loop() noexcept = 0;
  virtual const std::shared_ptr<handle_count>& count() noexcept = 0;
  // running_dial::tick() in the check phase, at that time or after it. `present` is the time of asking.
  virtual void schedule(running_dial& one, instant when, instant present) = 0;
  virtual void unschedule(running_dial& one) noexcept = 0;
  // running_dial::step() in the check phase of this turn or a later one.
  virtual void post(running_dial& one) noexcept = 0;
  // It has ended: the owner lets go of it. Last, for it may be gone then.
  virtual void remove(running_dial& one) noexcept = 0;

 protected:
  ~running_dial_owner() = default;
};

}  // namespace uvdial::detail
