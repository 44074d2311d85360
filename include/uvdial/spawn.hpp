#pragma once
// floor 3
/// \file
/// Starts a task beside everything else on a loop that already runs.
///
/// ```cpp
/// work_ = uvdial::spawn(loop, talk(), [](uvdial::outcome<std::size_t> ended) { ... });
/// ```
///
/// The operation is the grip on it, as on everything in this library: dropping it stops the task silently, detach()
/// lets it run alone, cancel() stops it and the callback gets cancelled_error. To stop a task is to destroy its frame,
/// and so everything that it awaits. A task that drops or cancels its own operation, or destroys the object that owns
/// it, runs on to its next co_await and is stopped there.
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "uvdial/export.hpp"
#include "uvdial/operation.hpp"
#include "uvdial/task.hpp"

typedef struct uv_loop_s uv_loop_t;

namespace uvdial {

/// Where a call stands in the source. (Not all compilers of C++20 have std::source_location.)
struct call_site {
  /// The place of the call that this is a default argument of.
  static constexpr call_site current(const char* file = __builtin_FILE(), int line = __builtin_LINE(),
                                     const char* function = __builtin_FUNCTION()) noexcept {
    return {file, line, function};
  }
  const char* file;      ///< as the compiler was given it; lives for ever
  int line;              ///< counts from 1
  const char* function;  ///< its bare name; lives for ever
};

namespace detail {

template <class Value>
struct task_callback {
  using value = std::conditional_t<std::is_void_v<Value>, done, Value>;
  using type = callback<value>;
};

// One call from the check phase of a loop. Everything it needs is there before it is posted.
class UVDIAL_API loop_call {
 public:
  explicit loop_call(uv_loop_t& loop);  // throws std::bad_alloc, out_of_resources
  loop_call(loop_call&&) noexcept;
  loop_call& operator=(loop_call&&) = delete;
  ~loop_call();  // silent

  // Once. Keeps the loop alive until then.
  void post(unique_function<void()> call) noexcept;

 private:
  class core;
  std::shared_ptr<core> core_;
};

// What a callback can be told of an exception; null: nothing, it is none of ours and not std::bad_alloc.
UVDIAL_API std::shared_ptr<const error> failure_of(const std::exception_ptr& thrown) noexcept;
UVDIAL_API std::shared_ptr<const error> task_cancelled() noexcept;
// One line on stderr, then std::terminate with that exception.
[[noreturn]] UVDIAL_API void nobody_receives(const std::exception_ptr& thrown,
                                             const call_site& where) noexcept;

// Shared by the caller's operation and, until the task has ended, by itself.
template <class Value>
class spawned_task final : public pending,
                           private task_branch,
                           private task_listener,
                           public std::enable_shared_from_this<spawned_task<Value>> {
 public:
  using told = typename task_callback<Value>::value;

  spawned_task(task<Value> body, callback<told> on_done, std::optional<loop_call> later, call_site where)
      : body_(std::move(body)), on_done_(std::move(on_done)), later_(std::move(later)), where_(where) {}

  void begin() {
    self_ = this->shared_from_this();
    const auto running = self_;  // it may end inside
    task_access::start(body_, static_cast<task_listener&>(*this), this);
  }

  // Without a loop nothing could call back later: what the task awaits is cancelled, and its end comes from the loop.
  void cancel(std::uint32_t) noexcept override {
    if (over_ || std::exchange(cancelled_, true) || result_) return;
    const auto running = this->shared_from_this();
    if (later_)
      condemn();
    else
      condemn_from_loop();
  }
  void drop(std::uint32_t) noexcept override {
    if (std::exchange(over_, true)) return;
    const auto running = this->shared_from_this();
    const callback<told> silent = std::move(on_done_);  // what it captured goes last
    later_.reset();
    condemn();
  }
  bool running(std::uint32_t) const noexcept override { return !over_; }

 private:
  void collapse() noexcept override {
    const auto running = std::move(self_);
    if (!running) return;
    destroy_frame();
    if (over_) return;  // dropped
    result_.emplace(task_cancelled());
    tell();
  }

  void task_ended() noexcept override {
    const auto running = this->shared_from_this();
    self_.reset();
    take_result();
    destroy_frame();  // its arguments die here; their destructors may drop or cancel this operation
    if (!over_) tell();
  }

  void take_result() noexcept {
    auto& promise = task_access::promise(body_);
    if (const std::exception_ptr thrown = promise.failure()) {
      auto why = on_done_ ? failure_of(thrown) : nullptr;
      if (!why) nobody_receives(thrown, where_);
      result_.emplace(std::move(why));
    } else if constexpr (std::is_void_v<Value>) {
      result_.emplace(done{});
    } else {
      result_.emplace(promise.take());
    }
  }

  void destroy_frame() noexcept { const task<Value> dying = std::move(body_); }

  void tell() noexcept {
    if (!later_ || !on_done_) return deliver();
    later_->post([self = this->shared_from_this()] { self->deliver(); });
  }

  void deliver() noexcept {
    over_ = true;
    later_.reset();
    if (cancelled_) result_.emplace(task_cancelled());
    callback<told> on_done = std::move(on_done_);
    if (on_done) on_done(std::move(*result_));  // last
  }

  task<Value> body_;
  callback<told> on_done_;
  std::optional<loop_call> later_;
  call_site where_;
  std::shared_ptr<spawned_task> self_{};  // as long as there is a frame
  std::optional<outcome<told>> result_{};
  bool cancelled_ = false;
  bool over_ = false;  // the callback has run, or never will
};

template <class Value>
operation spawn_task(task<Value> body, callback<typename task_callback<Value>::value> on_done,
                     std::optional<loop_call> later, const call_site& where) {
  task_access::require(body, "spawn: an empty task");
  auto made =
      std::make_shared<spawned_task<Value>>(std::move(body), std::move(on_done), std::move(later), where);
  made->begin();
  return {std::move(made), 0};
}

template <class Callback>
void require_callback(const Callback& on_done) {
  if (!on_done) throw std::invalid_argument("spawn: an empty callback");
}

}  // namespace detail

/// Starts a task beside everything else on the loop. `body` starts inside this call, up to where it first waits.
/// `on_done` always comes from the loop, once: with what the task returned (`done` for task<void>), or with the
/// uvdial::error that left it, as its own type; std::bad_alloc becomes out_of_resources. It must not throw.
///
/// An exception of any other type is std::terminate, after a line on stderr that says what it was and `where` the task
/// was spawned: nobody could receive it. (A stopped task is silent, whatever it throws.)
///
/// Throws std::logic_error for an empty task and std::invalid_argument for an empty callback, and std::bad_alloc or
/// out_of_resources where memory is gone. Loop thread only.
template <class Value>
operation spawn(uv_loop_t& loop, task<Value> body, typename detail::task_callback<Value>::type on_done,
                call_site where = call_site::current()) {
  detail::require_callback(on_done);
  return detail::spawn_task<Value>(std::move(body), std::move(on_done), detail::loop_call(loop), where);
}

/// spawn() without a loop, which makes two differences. A task that ends without ever waiting calls back inside this
/// call. And cancel() cancels what the task awaits of this library, and stops it when the first of that has ended, so
/// that the callback comes from the loop here, too; a task that awaits only things of others is stopped when it is
/// resumed and waits again.
template <class Value>
operation spawn(task<Value> body, typename detail::task_callback<Value>::type on_done,
                call_site where = call_site::current()) {
  detail::require_callback(on_done);
  return detail::spawn_task<Value>(std::move(body), std::move(on_done), std::nullopt, where);
}

/// spawn() without a loop and without a callback, for tasks that deal with their own errors: any exception that leaves
/// it is std::terminate, as above.
inline operation spawn(task<void> body, call_site where = call_site::current()) {
  return detail::spawn_task<void>(std::move(body), {}, std::nullopt, where);
}

}  // namespace uvdial
