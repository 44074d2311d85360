#pragma once
// floor 0
/// \file
/// co_await for anything that takes a callback and gives an operation, in any coroutine type.
///
/// ```cpp
/// auto entry = co_await uvdial::await_operation<host_entry>([&](uvdial::callback<host_entry> on_done) {
///   return names.resolve("host.test", {}, std::move(on_done));
/// });
/// ```
///
/// The awaiter holds the call, its result and its operation, and allocates nothing. It lives in the coroutine's
/// frame: destroying a suspended coroutine drops the operation, which stops the work silently.
#include <coroutine>
#include <exception>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

#include "uvdial/operation.hpp"
#include "uvdial/task_branch.hpp"

namespace uvdial {

/// What co_await gives for a Value: itself, and nothing for `done`.
template <class Value>
using awaited_value = std::conditional_t<std::is_same_v<Value, done>, void, Value>;

/// Made by await_operation and the functions built on it. May be moved until it is awaited, which is once.
template <class Value, class Start>
class [[nodiscard]] operation_awaiter final : private detail::awaited {
 public:
  /// Takes the call over, and starts nothing.
  operation_awaiter(Start start, std::stop_token stop) : start_(std::move(start)), stop_(std::move(stop)) {}

  /// Only before it is awaited.
  operation_awaiter(operation_awaiter&& other) noexcept(std::is_nothrow_move_constructible_v<Start>)
      : start_(std::move(other.start_)), stop_(std::move(other.stop_)) {}

  using suspends_itself = void;  ///< a task counts the coroutine as running until the call is started

  bool await_ready() const noexcept { return false; }  ///< never: the result comes from the loop

  /// Starts the call. What it throws is kept for await_resume(): not all compilers get it right when this throws.
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
    self_ = self;
    try {
      running_ = start_(callback<Value>([this](outcome<Value> ended) { end(std::move(ended)); }));
    } catch (...) {
      thrown_ = std::current_exception();
      return false;
    }
    if (result_) return false;  // a foreign call that ended inside itself
    suspended_ = true;
    if constexpr (!std::is_void_v<Promise>) enter_root(detail::branch_of(self.promise()));
    if (stop_.stop_possible()) on_stop_.emplace(stop_, canceller{running_});
    return true;
  }

  /// The value, or throws what the call threw or the operation's error, as its own type.
  awaited_value<Value> await_resume() {
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
    if constexpr (std::is_same_v<Value, done>)
      (void)std::move(*result_).value();  // says only that it worked
    else
      return std::move(*result_).value();
  }

 private:
  struct canceller {
    operation& running;
    void operator()() const noexcept { running.cancel(); }
  };

  void cancel_awaited() noexcept override { running_.cancel(); }

  void end(outcome<Value> ended) noexcept {
    on_stop_.reset();
    result_.emplace(std::move(ended));
    if (!suspended_) return;
    detail::task_branch* const root = leave_root();
    if (root && root->condemned()) return root->condemn();
    self_.resume();  // last: this object may be gone after it
  }

  Start start_;
  std::stop_token stop_;
  std::coroutine_handle<> self_{};
  std::exception_ptr thrown_{};
  std::optional<outcome<Value>> result_{};
  bool suspended_ = false;
  operation running_{};
  std::optional<std::stop_callback<canceller>> on_stop_{};
};

/// An awaitable of any call. `start` is called when the result is awaited, with a callback<Value>, and gives the
/// operation. What it throws comes out of the co_await, as does the operation's error, as its own type. Asking `stop`
/// to stop, on the loop's thread and also before the co_await, cancels the operation: the coroutine then gets
/// cancelled_error, from the loop.
template <class Value, class Start>
operation_awaiter<Value, Start> await_operation(Start start, std::stop_token stop = {}) {
  static_assert(std::is_invocable_r_v<operation, Start&, callback<Value>>,
                "await_operation: the call takes a callback<Value> and gives an operation");
  return {std::move(start), std::move(stop)};
}

}  // namespace uvdial
