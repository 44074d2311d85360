#pragma once
// floor 0
// Which coroutines stand on the machine's stack, and when it is safe to destroy them.
//
// A coroutine may be destroyed while it is suspended, never while it runs. But whoever owns one does not always know:
// a coroutine may drop the very operation that keeps it (its object dies, say), and of two siblings one may wake the
// other, which ends and so stops the first. Both are ordinary things to do, and a callback may do them, too.
//
// So the frames that one spawn() or one child of when_all() and first_of() has started are a branch, and the branch
// counts: one more when a frame of it is entered, one less when it suspends or ends, and the same for the branches
// that it grows on. A branch that is condemned goes at once when nobody in it runs, and else at the moment when its
// last running frame suspends. For this every co_await in a task passes through `tracked` (task.hpp).
//
// The root of a tree also knows what its tasks await of this library, so that a cancel reaches it.
namespace uvdial::detail {

class task_branch;

// What a task awaits that can be cancelled. In the list of its root while it waits. Pinned from then on.
class awaited {
 public:
  awaited() noexcept = default;
  awaited(const awaited&) = delete;
  awaited& operator=(const awaited&) = delete;

 protected:
  ~awaited() { leave_root(); }
  virtual void cancel_awaited() noexcept = 0;

  inline void enter_root(task_branch* of) noexcept;  // null: awaited by some other coroutine type
  inline task_branch* leave_root() noexcept;         // the root it was in, or null

 private:
  friend class task_branch;
  task_branch* root_ = nullptr;
  awaited* previous_ = nullptr;
  awaited* next_ = nullptr;
};

// Pinned, loop thread only.
class task_branch {
 public:
  task_branch() noexcept = default;
  task_branch(const task_branch&) = delete;
  task_branch& operator=(const task_branch&) = delete;

  void enter() noexcept {
    for (task_branch* each = this; each; each = each->below_) ++each->running_;
  }
  // False: the frame that suspended is gone, and so is all that it owned.
  [[nodiscard]] bool leave() noexcept {
    task_branch* doomed = nullptr;
    for (task_branch* each = this; each; each = each->below_)
      if (--each->running_ == 0 && each->condemned_) doomed = each;  // the lowest takes the others with it
    if (!doomed) return true;
    doomed->collapse();
    return false;
  }

  // collapse(), as soon as no frame of it runs.
  void condemn() noexcept {
    condemned_ = true;
    if (running_ == 0) collapse();
  }
  bool condemned() const noexcept { return condemned_; }

 protected:
  ~task_branch() = default;
  // Destroys the frames. This object may be gone afterwards. Called again meanwhile when what dies in one frame wakes
  // another of them, which then suspends: that one goes with the rest.
  virtual void collapse() noexcept = 0;

  void grow_on(task_branch* below) noexcept { below_ = below; }
  // condemn(), but what is awaited ends from the loop first, and that is when it collapses.
  // To cancel a spawned task is to destroy its frame, and what dies there may make any of the others leave the list.
  void condemn_from_loop() noexcept {
    condemned_ = true;
    next_to_cancel_ = waiting_;
    while (awaited* const each = next_to_cancel_) {
      next_to_cancel_ = each->next_;
      each->cancel_awaited();
    }
  }

 private:
  friend class awaited;
  task_branch* below_ = nullptr;
  awaited* waiting_ = nullptr;         // the root's only
  awaited* next_to_cancel_ = nullptr;  // likewise, while it is condemned from the loop
  unsigned running_ = 0;
  bool condemned_ = false;
};

inline void awaited::enter_root(task_branch* of) noexcept {
  if (!of) return;
  while (of->below_) of = of->below_;
  root_ = of;
  next_ = of->waiting_;
  if (next_) next_->previous_ = this;
  of->waiting_ = this;
}

inline task_branch* awaited::leave_root() noexcept {
  task_branch* const root = root_;
  if (!root) return nullptr;
  if (root->next_to_cancel_ == this) root->next_to_cancel_ = next_;
  (previous_ ? previous_->next_ : root->waiting_) = next_;
  if (next_) next_->previous_ = previous_;
  root_ = nullptr;
  previous_ = next_ = nullptr;
  return root;
}

// The branch that a coroutine with this promise belongs to; null for coroutine types of others.
template <class Promise>
task_branch* branch_of(Promise& promise) noexcept {
  if constexpr (requires { static_cast<task_branch*>(promise.uvdial_branch()); })
    return promise.uvdial_branch();
  else
    return nullptr;
}

}  // namespace uvdial::detail
