#pragma once
// floor 0
// What every co_await in a task passes through, so that the task's branch knows when it runs (task_branch.hpp).
#include <coroutine>
#include <type_traits>
#include <utility>

#include "uvdial/task_branch.hpp"

namespace uvdial::detail {

// The awaiter of an awaitable, as [expr.await] finds it.
template <class Awaitable>
decltype(auto) awaiter_of(Awaitable&& awaitable) {
  if constexpr (requires { std::forward<Awaitable>(awaitable).operator co_await(); })
    return std::forward<Awaitable>(awaitable).operator co_await();
  else if constexpr (requires { operator co_await(std::forward<Awaitable>(awaitable)); })
    return operator co_await(std::forward<Awaitable>(awaitable));
  else
    return std::forward<Awaitable>(awaitable);
}

template <class Awaitable>
using awaiter_type = decltype(awaiter_of(std::declval<Awaitable>()));

template <class Awaitable>
using await_result = decltype(std::declval<awaiter_type<Awaitable>&>().await_resume());

template <class Awaitable>
concept awaitable = requires(awaiter_type<Awaitable>& awaiter) {
  static_cast<bool>(awaiter.await_ready());
  awaiter.await_resume();
};

// Its await_suspend calls what may run code of the user, but does not resume the coroutine.
template <class Awaiter>
concept suspends_itself = requires {
  typename std::remove_cvref_t<Awaiter>::suspends_itself;
};

// Lives as long as the co_await expression, and so does what `awaitable` refers to.
template <class Awaitable>
class tracked {
 public:
  explicit tracked(Awaitable&& awaitable) : awaiter_(awaiter_of(std::forward<Awaitable>(awaitable))) {}
  tracked(const tracked&) = delete;
  tracked& operator=(const tracked&) = delete;

  bool await_ready() { return static_cast<bool>(awaiter_.await_ready()); }

  template <class Promise>
  auto await_suspend(std::coroutine_handle<Promise> self) {
    using answer = decltype(awaiter_.await_suspend(self));
    task_branch* const branch = self.promise().uvdial_branch();
    if constexpr (suspends_itself<awaiter_type<Awaitable>>) {
      if (!awaiter_.await_suspend(self)) return false;
      return left(branch), true;
    } else {
      if (!left(branch)) return stay_suspended<answer>();
      return hand_over<answer>(self);
    }
  }

  decltype(auto) await_resume() {
    if (left_) left_->enter();
    return awaiter_.await_resume();
  }

 private:
  // False: this object is gone.
  bool left(task_branch* branch) noexcept {
    left_ = branch;
    return !branch || branch->leave();
  }

  template <class Answer, class Handle>
  auto hand_over(Handle self) {
    try {
      if constexpr (std::is_convertible_v<Answer, std::coroutine_handle<>>)
        return std::coroutine_handle<>(awaiter_.await_suspend(self));
      else
        return awaiter_.await_suspend(self);
    } catch (...) {  // then the coroutine goes on, without await_resume
      if (left_) left_->enter();
      throw;
    }
  }

  template <class Answer>
  static auto stay_suspended() noexcept {
    if constexpr (std::is_convertible_v<Answer, std::coroutine_handle<>>)
      return std::coroutine_handle<>(std::noop_coroutine());
    else if constexpr (!std::is_void_v<Answer>)
      return true;
  }

  awaiter_type<Awaitable> awaiter_;
  task_branch* left_ = nullptr;  // the branch that does not count this coroutine as running now
};

}  // namespace uvdial::detail
