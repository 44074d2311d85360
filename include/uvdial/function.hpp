#pragma once
// floor 0
/// \file
/// A move-only std::function: callbacks capture unique_ptrs and streams. 48 bytes inline, no RTTI.
#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace uvdial {

/// Only function types have one: `unique_function<void(int)>`.
template <class Signature>
class unique_function;

/// A move-only std::function. Holds any callable that can be moved. Callables over 48 bytes, or with a throwing move,
/// live on the heap. Calling an empty one is undefined; test it first. Any thread, one at a time.
template <class Result, class... Arguments>
class unique_function<Result(Arguments...)> {
 public:
  unique_function() noexcept = default;        ///< empty
  unique_function(std::nullptr_t) noexcept {}  ///< empty

  /// Takes a callable over; a null pointer to a function or member makes an empty one. Throws what moving the callable
  /// throws, and std::bad_alloc for one that goes on the heap.
  template <class Callable>
  requires(!std::is_same_v<std::remove_cvref_t<Callable>, unique_function> &&
           std::is_invocable_r_v<Result, std::decay_t<Callable>&, Arguments...>)
      unique_function(Callable&& callable) {
    using held = std::decay_t<Callable>;
    if constexpr (std::is_pointer_v<held> || std::is_member_pointer_v<held>) {
      const held pointer = callable;  // a function's own name comes here as a reference, which is never null
      if (pointer == nullptr) return;
    }
    if constexpr (fits<held>) {
      ::new (static_cast<void*>(storage_)) held(std::forward<Callable>(callable));
      calls_ = &inline_calls<held>;
    } else {
      ::new (static_cast<void*>(storage_)) held*(new held(std::forward<Callable>(callable)));
      calls_ = &heap_calls<held>;
    }
  }

  unique_function(unique_function&& other) noexcept { take(other); }  ///< leaves the other one empty

  /// Destroys what this one held, and leaves the other one empty.
  unique_function& operator=(unique_function&& other) noexcept {
    if (this == &other) return *this;
    reset();
    take(other);
    return *this;
  }
  ~unique_function() { reset(); }

  /// Calls what it holds, and throws what that throws. Not of an empty one.
  Result operator()(Arguments... arguments) {
    return calls_->invoke(storage_, std::forward<Arguments>(arguments)...);
  }
  explicit operator bool() const noexcept { return calls_ != nullptr; }  ///< whether it holds anything

 private:
  static constexpr std::size_t room = 48;

  struct call_table {
    Result (*invoke)(void*, Arguments&&...);
    void (*move)(void* from, void* to) noexcept;  // leaves `from` destroyed
    void (*destroy)(void*) noexcept;
  };

  template <class Held>
  static constexpr bool fits =
      sizeof(Held) <= room &&
      alignof(Held) <= alignof(std::max_align_t) && std::is_nothrow_move_constructible_v<Held>;

  template <class Held>
  static constexpr call_table inline_calls = {
      [](void* at, Arguments&&... arguments) -> Result {
        return static_cast<Result>(
            std::invoke(*static_cast<Held*>(at), std::forward<Arguments>(arguments)...));
      },
      [](void* from, void* to) noexcept {
        ::new (to) Held(std::move(*static_cast<Held*>(from)));
        static_cast<Held*>(from)->~Held();
      },
      [](void* at) noexcept { static_cast<Held*>(at)->~Held(); }};

  template <class Held>
  static constexpr call_table heap_calls = {
      [](void* at, Arguments&&... arguments) -> Result {
        return static_cast<Result>(
            std::invoke(**static_cast<Held**>(at), std::forward<Arguments>(arguments)...));
      },
      [](void* from, void* to) noexcept { ::new (to) Held*(*static_cast<Held**>(from)); },
      [](void* at) noexcept { delete *static_cast<Held**>(at); }};

  void take(unique_function& other) noexcept {
    if (!other.calls_) return;
    other.calls_->move(other.storage_, storage_);
    calls_ = std::exchange(other.calls_, nullptr);
  }
  void reset() noexcept {
    if (const call_table* calls = std::exchange(calls_, nullptr)) calls->destroy(storage_);
  }

  const call_table* calls_ = nullptr;
  alignas(std::max_align_t) std::byte storage_[room];
};

}  // namespace uvdial
