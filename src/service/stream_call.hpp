#pragma once
// One write, shutdown or wait for room of a stream, from its start to its callback.
#include <uv.h>

#include <memory>
#include <utility>

#include "service/call_failure.hpp"
#include "service/stream_backlog.hpp"
#include "uvdial/operation.hpp"

namespace uvdial::detail {

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
  // What keeps the loop alive, and when to wake, may have changed.
  virtual void settle() noexcept = 0;

  stream_backlog backlog{};
  std::size_t calls = 0;     // those whose end nobody was told yet; not the reads
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
// `self_` is their share; the caller's operation has another. A write that was cancelled, dropped or waited for too
// long goes on in libuv.
//
// Results come in the order of the calls. One that libuv gives is therefore posted, too, while an earlier one
// waits for the check phase.
template <class Value>
class stream_call : public pending,
                    public due_call,
                    public backlog_call,
                    public std::enable_shared_from_this<stream_call<Value>> {
 public:
  stream_call(std::shared_ptr<call_queue> queue, const char* name, Value value,
              callback<Value> on_done) noexcept
      : queue_(std::move(queue)), name_(name), value_(value), on_done_(std::move(on_done)) {}
  virtual ~stream_call() = default;

  // Before anything else: now this object keeps itself alive until it has ended.
  void begin() noexcept {
    self_ = this->shared_from_this();
    ++queue_->calls;
    queue_->backlog.add(*this);
  }
  // After begin(), where libuv is going to have a request of it.
  void enter_libuv() noexcept {
    ++queue_->requests;
    in_libuv_ = true;
  }
  // libuv is done with the request, and this is its callback.
  void end(int uv_code) noexcept {
    if (on_done_ && queue_->results_wait()) return end_later(uv_code);
    leave_libuv(uv_code);
    leave_backlog();
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
  void drop(std::uint32_t) noexcept override {
    if (!on_done_) return;
    const callback<Value> silent = std::move(on_done_);
    if (!in_libuv_ && !due_) leave_queue();  // nobody else would end it
    leave_backlog();
  }
  bool running(std::uint32_t) const noexcept override { return static_cast<bool>(on_done_); }

  void deliver() noexcept override {
    const auto self = this->shared_from_this();
    due_ = false;
    callback<Value> on_done = std::move(on_done_);
    if (!in_libuv_) leave_queue();
    if (!on_done) return;
    if (code_ == 0) return on_done(value_);
    on_done(code_ == idle_too_long ? write_timeout(name_, idle_) : call_failure(name_, code_));
  }

  void idle_for(std::chrono::milliseconds longest) noexcept override {
    idle_ = longest;
    code_ = idle_too_long;
    post();
  }

 protected:
  call_queue& queue() const noexcept { return *queue_; }
  bool earlier_requests() const noexcept { return queue_->requests > 1; }  // after enter_libuv()

 private:
  void post() noexcept {
    leave_backlog();
    if (!std::exchange(due_, true)) queue_->post(*this);
  }
  void leave_libuv(int uv_code) noexcept {
    if (std::exchange(in_libuv_, false)) --queue_->requests;
    if (!due_) code_ = uv_code;
  }
  void leave_queue() noexcept {
    self_.reset();
    --queue_->calls;
  }
  void leave_backlog() noexcept {
    if (queue_->backlog.remove(*this)) queue_->settle();
  }

  std::shared_ptr<call_queue> queue_;
  std::shared_ptr<stream_call> self_{};
  const char* name_;
  Value value_;
  callback<Value> on_done_;
  std::chrono::milliseconds idle_{};
  int code_ = 0;
  bool in_libuv_ = false;
  bool due_ = false;
};

}  // namespace uvdial::detail
