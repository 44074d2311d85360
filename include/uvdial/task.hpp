#pragma once
// floor 0
/// \file
/// A small coroutine type for those who have none.
///
/// ```cpp
/// uvdial::task<std::size_t> length_of(uvdial::tcp_stream& from) { ... co_return co_await uvdial::read(from, buffer); }
/// ```
///
/// Lazy: nothing runs before it is awaited, run (run.hpp) or spawned (spawn.hpp). One owner: destroying a task destroys
/// its frame, and so drops what it awaits, its own children first. What the body throws comes out of the co_await.
///
/// **Resuming without symmetric transfer.** When a coroutine awaits a task, the standard way is to let await_suspend
/// give the handle of the next coroutine, and to rely on the compiler for a jump. Compilers do not promise that jump:
/// g++ calls instead without optimization and under AddressSanitizer, and a loop that awaits a million tasks, each of
/// which ends at once, overflows the stack. So here the parent starts its child with a plain call, the child leaves a
/// note if it ended before that call came back, and then await_suspend says false: the parent goes on where it is. The
/// stack is as deep as the tasks are nested, as with functions.
///
/// Loop thread only. Frames are allocated with operator new; std::bad_alloc comes out of the call that makes the task.
#include <concepts>
#include <coroutine>
#include <exception>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

#include "uvdial/task_branch.hpp"
#include "uvdial/tracked.hpp"

namespace uvdial {

template <class Value>
class task;

namespace detail {

// Hears of the end of a task that no coroutine awaits. Inside, the frame is suspended and may be destroyed.
class task_listener {
 public:
  virtual void task_ended() noexcept = 0;

 protected:
  ~task_listener() = default;
};

class task_promise_base {
 public:
  task_promise_base() noexcept = default;
  task_promise_base(const task_promise_base&) = delete;
  task_promise_base& operator=(const task_promise_base&) = delete;
  ~task_promise_base() {
    if (note_) note_->destroyed = true;
  }

  struct begin {
    task_promise_base& self;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    void await_resume() const noexcept {
      if (self.branch_) self.branch_->enter();
    }
  };
  struct finish {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      self.promise().ended();
    }
    void await_resume() const noexcept {}
  };
  begin initial_suspend() noexcept { return begin{*this}; }
  finish final_suspend() noexcept { return {}; }
  template <class Awaitable>
  tracked<Awaitable> await_transform(Awaitable&& awaitable) {
    return tracked<Awaitable>(std::forward<Awaitable>(awaitable));
  }

  task_branch* uvdial_branch() const noexcept { return branch_; }

  // Starts `self`, the coroutine of this promise. False: it has ended already.
  // Not inlined: what a coroutine's await_suspend has on its stack, clang may move into the frame, which may be gone.
  [[gnu::noinline]] bool start_for(std::coroutine_handle<> parent, task_branch* branch,
                                   std::coroutine_handle<> self) {
    note left;
    parent_ = parent;
    branch_ = branch;
    note_ = &left;
    self.resume();
    if (left.destroyed) return true;
    note_ = nullptr;
    return !left.ended;
  }
  void start_for(task_listener& listener, task_branch* branch, std::coroutine_handle<> self) {
    listener_ = &listener;
    branch_ = branch;
    self.resume();
  }

 private:
  struct note {
    bool ended = false;
    bool destroyed = false;
  };

  void ended() noexcept {
    if (branch_ && !branch_->leave()) return;
    if (note_)
      note_->ended = true;
    else if (listener_)
      listener_->task_ended();
    else
      parent_.resume();  // last: this object may be gone after it
  }

  std::coroutine_handle<> parent_{};
  task_listener* listener_ = nullptr;
  task_branch* branch_ = nullptr;
  note* note_ = nullptr;  // of the start_for() that is on the stack
};

template <class Value>
class task_promise final : public task_promise_base {
 public:
  task<Value> get_return_object() noexcept;
  template <class From = Value>
  requires std::convertible_to<From&&, Value>
  void return_value(From&& value) { result_.template emplace<1>(std::forward<From>(value)); }
  void unhandled_exception() noexcept { result_.template emplace<2>(std::current_exception()); }

  std::exception_ptr failure() const noexcept {
    const auto* thrown = std::get_if<2>(&result_);
    return thrown ? *thrown : nullptr;
  }
  Value take() {
    if (const auto thrown = failure()) std::rethrow_exception(thrown);
    return std::get<1>(std::move(result_));
  }

 private:
  std::variant<std::monostate, Value, std::exception_ptr> result_{};
};

template <>
class task_promise<void> final : public task_promise_base {
 public:
  inline task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void unhandled_exception() noexcept { thrown_ = std::current_exception(); }

  std::exception_ptr failure() const noexcept { return thrown_; }
  void take() const {
    if (thrown_) std::rethrow_exception(thrown_);
  }

 private:
  std::exception_ptr thrown_{};
};

template <class Value>
class task_awaiter {
 public:
  explicit task_awaiter(task<Value>&& awaited) noexcept : awaited_(std::move(awaited)) {}
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> parent) {
    task_branch* branch = nullptr;
    if constexpr (!std::is_void_v<Promise>) branch = branch_of(parent.promise());
    const auto self = awaited_.frame_;
    return self.promise().start_for(parent, branch, self);
  }
  Value await_resume() { return awaited_.frame_.promise().take(); }

 private:
  task<Value> awaited_;
};

struct task_access;

}  // namespace detail

/// A coroutine that gives a Value, or nothing. Lazy, and with one owner: task.hpp says what that means. Move-only; loop
/// thread only.
template <class Value = void>
class [[nodiscard]] task {
  static_assert(std::is_void_v<Value> || (std::is_object_v<Value> && !std::is_array_v<Value>),
                "task<Value>: Value is void or an object type; give a pointer instead of a reference");

 public:
  using promise_type = detail::task_promise<Value>;  ///< for the compiler

  task() noexcept = default;  ///< an empty one: awaiting it throws std::logic_error

  /// Leaves the other one empty.
  task(task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}

  /// Destroys the frame of this one, and leaves the other one empty.
  task& operator=(task&& other) noexcept {
    if (this == &other) return *this;
    const task old(std::move(*this));
    frame_ = std::exchange(other.frame_, nullptr);
    return *this;
  }

  /// Destroys the frame, and so drops what it awaits. Not while the task runs.
  ~task() {
    if (frame_) frame_.destroy();
  }

  explicit operator bool() const noexcept { return static_cast<bool>(frame_); }  ///< false: an empty one

  /// Starts the task, and gives its value or throws what left it. Once, so of a task that is given away: co_await
  /// std::move(it). Its frame goes with the end of the expression. Throws std::logic_error where it is an empty one.
  detail::task_awaiter<Value> operator co_await() && {
    if (!frame_) throw std::logic_error("task: an empty one is awaited");
    return detail::task_awaiter<Value>(std::move(*this));
  }

 private:
  friend promise_type;
  friend class detail::task_awaiter<Value>;
  friend detail::task_access;
  explicit task(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}

  std::coroutine_handle<promise_type> frame_{};
};

namespace detail {

template <class Value>
task<Value> task_promise<Value>::get_return_object() noexcept {
  return task<Value>(std::coroutine_handle<task_promise>::from_promise(*this));
}

inline task<void> task_promise<void>::get_return_object() noexcept {
  return task<void>(std::coroutine_handle<task_promise>::from_promise(*this));
}

// For those who start tasks without being coroutines.
struct task_access {
  // Throws std::logic_error for an empty one.
  template <class Value>
  static void require(const task<Value>& given, const char* message) {
    if (!given) throw std::logic_error(message);
  }
  template <class Value>
  static void start(task<Value>& given, task_listener& listener, task_branch* branch) {
    given.frame_.promise().start_for(listener, branch, given.frame_);
  }
  template <class Value>
  static task_promise<Value>& promise(task<Value>& given) noexcept {
    return given.frame_.promise();
  }
};

}  // namespace detail

/// Any awaitable as a task. It is moved into the frame, and awaited there.
template <class Awaitable>
task<std::remove_cvref_t<detail::await_result<Awaitable>>> as_task(Awaitable awaitable) {
  co_return co_await std::move(awaitable);
}

/// A task stays what it is.
template <class Value>
task<Value> as_task(task<Value> already) noexcept {
  return already;
}

}  // namespace uvdial
