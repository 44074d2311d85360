#pragma once
// Who owns a uv handle, and when its memory goes.
//
// libuv keeps a pointer to every handle from its init call to its close callback. A handle may therefore
// neither move nor be freed in between, and closing is always asynchronous: it ends in a later turn of the
// loop, if the loop still runs. Three mistakes follow from this in most programs: memory freed too early,
// handles that nobody closes, and no way to say when the last one is gone.
//
// Here each handle lives in a block of its own on the malloc heap, where it stays. A `uv_handle` owns that
// block; destroying it calls uv_close, and the close callback frees the block, so the owner can die at any
// time. What a pending request needs (a uv_connect_t) lives in the same block, as `extra`: libuv ends such
// requests before the close callback. Callbacks find their object through `data`, which the owner sets and
// which is cleared before closing: a callback that comes late finds null and does nothing.
//
// Each block holds a share of a `handle_count`, so that the owner of many handles learns when the last one
// is closed (rule: close(callback) says so). A connected socket is released from the count when it is handed
// to the user; what remains is a plain malloc'ed uv_tcp_t.
//
// No other file calls uv_close. Loop thread only.
#include <uv.h>

#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "uvdial/function.hpp"
#include "uvdial/stream_handle.hpp"

namespace uvdial::detail {

// Counts handles from their creation to their close callback.
class handle_count {
 public:
  void opened() noexcept { ++open_; }
  void closed() noexcept {
    if (--open_ != 0 || !when_none_) return;
    auto tell = std::move(when_none_);
    tell();
  }
  // `tell` runs from the close callback of the last handle. At least one must be open.
  void when_none(unique_function<void()> tell) noexcept { when_none_ = std::move(tell); }
  std::size_t open() const noexcept { return open_; }

 private:
  std::size_t open_ = 0;
  unique_function<void()> when_none_{};
};

struct nothing_extra {};

template <class Uv, class Extra = nothing_extra>
class uv_handle {
  static_assert(std::is_trivially_destructible_v<Extra>);

 public:
  uv_handle() noexcept = default;
  uv_handle(uv_handle&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  uv_handle& operator=(uv_handle&& other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~uv_handle() { reset(); }

  // Makes a block and calls `init(Uv*)`, a uv_..._init. Returns its result; on failure (negative) nothing is
  // owned. UV_ENOMEM where memory is gone. An owner that owns already closes what it has first.
  template <class Init>
  int open(std::shared_ptr<handle_count> count, Init init) noexcept {
    reset();
    void* memory = std::malloc(sizeof(block));
    if (!memory) return UV_ENOMEM;
    auto* made = ::new (memory) block{};
    const int status = init(&made->uv);
    if (status < 0) {
      made->~block();
      std::free(memory);
      return status;
    }
    made->uv.data = nullptr;
    made->count = std::move(count);
    if (made->count) made->count->opened();
    block_ = made;
    return status;
  }

  Uv* get() const noexcept { return block_ ? &block_->uv : nullptr; }
  Uv* operator->() const noexcept { return &block_->uv; }
  explicit operator bool() const noexcept { return block_ != nullptr; }
  Extra& extra() const noexcept { return block_->extra; }

  void reset() noexcept {
    block* closing = std::exchange(block_, nullptr);
    if (!closing) return;
    closing->uv.data = nullptr;
    uv_close(reinterpret_cast<uv_handle_t*>(&closing->uv), on_closed);
  }

  // Gives the handle away, out of the count: malloc'ed, data null, to be closed and freed by its new owner.
  // No request that lives in `extra` may be pending.
  Uv* release() noexcept {
    block* given = std::exchange(block_, nullptr);
    if (!given) return nullptr;
    given->uv.data = nullptr;
    auto count = std::move(given->count);
    given->count.~shared_ptr();
    if (count) count->closed();
    return &given->uv;
  }

  // The reverse of release(), of a handle of this very type.
  static uv_handle take_back(Uv* released, std::shared_ptr<handle_count> count) noexcept {
    auto* const taken = reinterpret_cast<block*>(released);
    ::new (static_cast<void*>(&taken->count)) std::shared_ptr<handle_count>(std::move(count));
    if (taken->count) taken->count->opened();
    uv_handle owner;
    owner.block_ = taken;
    return owner;
  }

 private:
  struct block {
    Uv uv;  // first: free(&uv) frees the block
    std::shared_ptr<handle_count> count;
    Extra extra;
  };

  static void on_closed(uv_handle_t* handle) noexcept {
    auto* closed = reinterpret_cast<block*>(handle);
    const auto count = std::move(closed->count);
    closed->~block();
    std::free(closed);
    if (count) count->closed();
  }

  block* block_ = nullptr;
};

class close_listener {
 public:
  // From the close callback; the handle's memory is gone.
  virtual void handle_closed() noexcept = 0;

 protected:
  ~close_listener() = default;
};

// Closes `handle`; `then`, which must live until it is told, needs no memory for it. Requests that are pending on it end
// with UV_ECANCELED before that.
void close_then(stream_handle handle, close_listener& then) noexcept;

}  // namespace uvdial::detail
