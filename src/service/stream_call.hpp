#pragma once
// One write or shutdown of a stream, from its start to its callback.
#include <uv.h>

#include <memory>
#include <utility>

#include "uvdial/operation.hpp"

namespace uvdial::detail {

std::shared_ptr<const error> stream_failure(const char* what, int uv_code) noexcept;

// A call whose callback is due in the check phase.
class due_call {
 public:
  virtual void deliver() noexcept = 0;  // may destroy this object

 protected:
  ~due_call() = default;

 private:
  friend class due_list;
  due_call* next_ = nullptr;
  bool queued_ = false;
};

// First in, first out. The calls themselves are the list: a result can be queued also where memory is gone.
class due_list {
 public:
  bool empty() const noexcept { return first_ == nullptr; }
  void push(due_call& call) noexcept {  // does nothing to one that is queued already
    if (std::exchange(call.queued_, true)) return;
    (last_ ? last_->next_ : first_) = &call;
    last_ = &call;
  }
  due_call* pop() noexcept {  // null: empty
    due_call* call = first_;
    if (!call) return nullptr;
    first_ = std::exchange(call->next_, nullptr);
    if (!first_) last_ = nullptr;
    call->queued_ = false;
    return call;
  }

 private:
  due_call* first_ = nullptr;
  due_call* last_ = nullptr;
};

// The stream, as its calls see it.
class call_queue {
 public:
  void post(due_call& call) noexcept {
    due_.push(call);
    wake();
  }
  bool results_wait() const noexcept { return !due_.empty(); }

  std::size_t calls = 0;     // writes and shutdowns whose end nobody was told yet
  std::size_t requests = 0;  // those of them that libuv has not ended

 protected:
  ~call_queue() = default;
  virtual void wake() noexcept = 0;  // deliver_due() in the check phase, or when the handle is closed
  void deliver_due() noexcept {
    due_list now = std::exchange(due_, {});  // what is posted meanwhile waits for the next turn
    while (due_call* call = now.pop()) call->deliver();
  }

 private:
  due_list due_{};
};

// Two parties may hold on to a call: libuv, as long as the request in it runs, and the queue of due callbacks.
// `self_` is their share; the caller's operation has another. A cancelled or dropped write goes on in libuv.
//
// Results come in the order of the calls. One that libuv gives is therefore posted, too, while an earlier one
// waits for the check phase.
template <class Value>
class stream_call : public pending, public due_call, public std::enable_shared_from_this<stream_call<Value>> {
 public:
  stream_call(std::shared_ptr<call_queue> queue, const char* name, Value value,
              callback<Value> on_done) noexcept
      : queue_(std::move(queue)), name_(name), value_(value), on_done_(std::move(on_done)) {}
  virtual ~stream_call() = default;

  // Before anything else: now this object keeps itself alive until it has ended.
  void begin() noexcept {
    self_ = this->shared_from_this();
    ++queue_->calls;
    ++queue_->requests;
    in_libuv_ = true;
  }
  // libuv is done with the request, and this is its callback.
  void end(int uv_code) noexcept {
    if (on_done_ && queue_->results_wait()) return end_later(uv_code);
    leave_libuv(uv_code);
    if (!due_) deliver();  // else it was cancelled, and deliver() is on its way
  }
  // libuv has no request, or refused it: the callback must wait for the loop.
  void end_later(int uv_code) noexcept {
    leave_libuv(uv_code);
    post();
  }

  void cancel(std::uint32_t) noexcept override {
    if (!on_done_) return;
    code_ = UV_ECANCELED;
    post();
  }
  void drop(std::uint32_t) noexcept override { const callback<Value> silent = std::move(on_done_); }
  bool running(std::uint32_t) const noexcept override { return static_cast<bool>(on_done_); }

  void deliver() noexcept override {
    const auto self = this->shared_from_this();
    due_ = false;
    callback<Value> on_done = std::move(on_done_);
    if (!in_libuv_) {
      self_.reset();
      --queue_->calls;
    }
    if (!on_done) return;
    if (code_ == 0)
      on_done(value_);
    else
      on_done(stream_failure(name_, code_));
  }

 protected:
  bool earlier_requests() const noexcept { return queue_->requests > 1; }  // after begin()

 private:
  void post() noexcept {
    if (!std::exchange(due_, true)) queue_->post(*this);
  }
  void leave_libuv(int uv_code) noexcept {
    in_libuv_ = false;
    --queue_->requests;
    if (!due_) code_ = uv_code;
  }

  std::shared_ptr<call_queue> queue_;
  std::shared_ptr<stream_call> self_{};
  const char* name_;
  Value value_;
  callback<Value> on_done_;
  int code_ = 0;
  bool in_libuv_ = false;
  bool due_ = false;
};

}  // namespace uvdial::detail
