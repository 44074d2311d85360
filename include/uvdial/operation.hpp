#pragma once
// floor 0
/// \file
/// How every asynchronous call in this library ends.
///
/// **One rule.** A callback runs exactly once, on the loop's thread, from the loop, never inside the call
/// that started the operation, unless you destroy the `operation` first: then it never runs.
///
/// **Memory.** A call that has none to begin with throws std::bad_alloc, or out_of_resources where a loop handle could
/// not be made: nothing has begun, and the callback will not run. What is short from then on (memory, descriptors,
/// buffers) ends the operation with out_of_resources, from the loop as ever.
///
/// A callback may destroy anything, also the object that called it. It must not throw: no exception can
/// cross libuv's C frames, so one that escapes ends in std::terminate.
#include <concepts>
#include <cstdint>
#include <memory>
#include <utility>
#include <variant>

#include "uvdial/error.hpp"
#include "uvdial/function.hpp"

namespace uvdial {

struct done {};  ///< the value of an operation that has nothing to say but that it worked

/// What an operation ended with: a value or an error. The error is thrown only if and when you ask for the value.
template <class Value>
class [[nodiscard]] outcome {
 public:
  /// A success.
  outcome(Value value) : state_(std::in_place_index<0>, std::move(value)) {}

  /// A failure; `why` is not null.
  template <class Error>
  requires std::derived_from<Error, error> outcome(std::shared_ptr<const Error> why)
  noexcept : state_(std::in_place_index<1>, std::move(why)) {}

  explicit operator bool() const noexcept { return state_.index() == 0; }  ///< whether there is a value

  /// The value, moved out, or throws the error as its own type.
  Value value() && {
    if (const error* why = failure()) why->raise();
    return std::get<0>(std::move(state_));
  }

  /// The value; null when there is an error. Lives as long as this outcome.
  Value* get_if() noexcept { return std::get_if<0>(&state_); }
  /// The value; null when there is an error. Lives as long as this outcome.
  const Value* get_if() const noexcept { return std::get_if<0>(&state_); }

  /// The error; null on success. Lives as long as this outcome.
  const error* failure() const noexcept {
    const auto* why = std::get_if<1>(&state_);
    return why ? why->get() : nullptr;
  }

 private:
  std::variant<Value, std::shared_ptr<const error>> state_;
};

/// Whom an operation tells its end. Runs once, from the loop; may destroy anything; must not throw.
template <class Value>
using callback = unique_function<void(outcome<Value>)>;

namespace detail {

// What an `operation` grips. One object may run one operation after the other: the ticket tells them apart,
// and a ticket that is no longer current means that its operation has ended.
class pending {
 public:
  virtual void cancel(std::uint32_t ticket) noexcept = 0;
  virtual void drop(std::uint32_t ticket) noexcept = 0;
  virtual bool running(std::uint32_t ticket) const noexcept = 0;

 protected:
  ~pending() = default;
};

}  // namespace detail

/// The caller's grip on one running operation. Move-only; loop thread only. Destroying it stops the work
/// silently: the callback never runs. Nothing runs inside any of its members.
class [[nodiscard]] operation {
 public:
  operation() noexcept = default;  ///< grips nothing

  /// Made by the calls that start something.
  operation(std::shared_ptr<detail::pending> work, std::uint32_t ticket) noexcept
      : work_(std::move(work)), ticket_(ticket) {}

  /// Leaves the other one without a grip.
  operation(operation&& other) noexcept : work_(std::move(other.work_)), ticket_(other.ticket_) {}

  /// The same; what this one gripped is dropped.
  operation& operator=(operation&& other) noexcept {
    if (this == &other) return *this;
    operation old(std::move(*this));
    work_ = std::move(other.work_);
    ticket_ = other.ticket_;
    return *this;
  }
  ~operation() {
    if (work_) work_->drop(ticket_);
  }

  /// The callback still runs, from the loop, with cancelled_error. Does nothing to an ended operation.
  void cancel() noexcept {
    if (work_) work_->cancel(ticket_);
  }
  void detach() noexcept {
    work_.reset();
  }  ///< the work goes on without this object, and the callback will run
  /// Whether the callback is still to come: false from the moment it is entered.
  bool running() const noexcept { return work_ && work_->running(ticket_); }

 private:
  std::shared_ptr<detail::pending> work_{};
  std::uint32_t ticket_ = 0;
};

}  // namespace uvdial
