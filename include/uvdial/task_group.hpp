#pragma once
// floor 0
// Tasks that run at the same time and end together: what when_all() and first_of() have in common.
//
// Each task is a branch of its own (task_branch.hpp). When one of them has decided the end of all, the others are
// condemned; the group is over when the last of them is gone, and only then its parent is resumed: what the tasks
// borrow from their parent is there as long as they are.
#include <coroutine>
#include <exception>
#include <type_traits>
#include <utility>
#include <variant>

#include "uvdial/task.hpp"

namespace uvdial::detail {

class task_group;

class group_member : public task_branch, private task_listener {
 public:
  group_member() noexcept = default;
  virtual std::exception_ptr failure() noexcept = 0;  // of one that has ended

 protected:
  ~group_member() = default;
  virtual void start(task_listener& listener, task_branch* branch) = 0;
  virtual void destroy_frame() noexcept = 0;
  inline void abandon_group() noexcept;

 private:
  friend class task_group;
  void task_ended() noexcept override;
  void collapse() noexcept override;

  task_group* group_ = nullptr;
  group_member* next_ = nullptr;
  bool runs_ = false;
};

// Awaited once by the coroutine that has it and its members. Pinned.
class task_group {
 public:
  enum class decided_by { first_failure, first_end };

  explicit task_group(decided_by what) noexcept : decided_by_(what) {}
  task_group(const task_group&) = delete;
  task_group& operator=(const task_group&) = delete;
  ~task_group() {
    if (gone_) *gone_ = true;
  }

  // The members are being destroyed. What dies in one may wake another, which must not reach the dead any more.
  void abandon() noexcept { abandoned_ = true; }

  void add(group_member& member) noexcept {
    member.group_ = this;
    (last_ ? last_->next_ : first_) = &member;
    last_ = &member;
  }
  group_member* decisive() const noexcept { return decisive_; }  // null: all ended well

  bool await_ready() const noexcept { return first_ == nullptr; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> parent) {
    parent_ = parent;
    branch_ = branch_of(parent.promise());
    return start();
  }
  void await_resume() const noexcept {}

 private:
  friend group_member;

  // False: all are over already. Not inlined, for the reason that task.hpp gives.
  [[gnu::noinline]] bool start() {
    bool gone = false;
    gone_ = &gone;
    for (group_member* each = first_; each && !decisive_; each = each->next_) {
      each->runs_ = true;
      ++running_;
      each->grow_on(branch_);
      each->start(*each, each);
      if (gone) return true;
    }
    gone_ = nullptr;
    return running_ != 0;
  }

  void ended(group_member& member) noexcept {
    if (abandoned_) return;
    --running_;
    member.runs_ = false;
    if (!decisive_ && (decided_by_ == decided_by::first_end || member.failure())) {
      decisive_ = &member;
      if (!stop_others()) return;
    }
    resume_when_over();
  }
  void collapsed() noexcept {
    if (abandoned_) return;
    --running_;
    if (!stopping_) resume_when_over();
  }

  // What the destructors of their frames do may destroy this group: its branch has to wait for that. False: gone.
  bool stop_others() noexcept {
    stopping_ = true;
    if (branch_) branch_->enter();
    for (group_member* each = first_; each; each = each->next_)
      if (each->runs_) each->condemn();
    stopping_ = false;
    return !branch_ || branch_->leave();
  }
  void resume_when_over() noexcept {
    if (running_ == 0 && !gone_) parent_.resume();  // last: this object may be gone after it
  }

  decided_by decided_by_;
  std::coroutine_handle<> parent_{};
  task_branch* branch_ = nullptr;
  group_member* first_ = nullptr;
  group_member* last_ = nullptr;
  group_member* decisive_ = nullptr;
  std::size_t running_ = 0;  // members that have a frame and have not ended
  bool* gone_ = nullptr;     // of the start() that is on the stack
  bool stopping_ = false;
  bool abandoned_ = false;
};

inline void group_member::task_ended() noexcept { group_->ended(*this); }

inline void group_member::abandon_group() noexcept {
  if (group_) group_->abandon();
}

inline void group_member::collapse() noexcept {
  if (!std::exchange(runs_, false)) return;
  destroy_frame();
  group_->collapsed();
}

template <class Value>
using held_value = std::conditional_t<std::is_void_v<Value>, std::monostate, Value>;

template <class Value>
class member_task final : public group_member {
 public:
  explicit member_task(task<Value> body) : body_(std::move(body)) {
    task_access::require(body_, "when_all, first_of: an empty task");
  }
  member_task(const member_task&) = delete;
  member_task& operator=(const member_task&) = delete;
  ~member_task() { abandon_group(); }
  std::exception_ptr failure() noexcept override { return task_access::promise(body_).failure(); }
  held_value<Value> take() {
    if constexpr (std::is_void_v<Value>)
      return task_access::promise(body_).take(), std::monostate{};
    else
      return task_access::promise(body_).take();
  }

 private:
  void start(detail::task_listener& listener, detail::task_branch* branch) override {
    task_access::start(body_, listener, branch);
  }
  void destroy_frame() noexcept override { const task<Value> dying = std::move(body_); }

  task<Value> body_;
};

// What stands in the result for an awaitable.
template <class Awaitable>
using held_result = held_value<std::remove_cvref_t<await_result<Awaitable>>>;

}  // namespace uvdial::detail
