#pragma once
// Coroutines that are none of ours, and things for them to await.
#include <coroutine>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "uvdial/error.hpp"

namespace fixture {

// The least that a coroutine type can be. It starts at once, and goes with its owner.
class foreign {
 public:
  struct promise_type {
    foreign get_return_object() { return foreign(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { thrown = std::current_exception(); }
    std::exception_ptr thrown{};
  };

  foreign(foreign&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  foreign& operator=(foreign&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~foreign() {
    if (frame_) frame_.destroy();
  }
  bool ended() const { return frame_.done(); }
  std::exception_ptr thrown() const { return frame_.promise().thrown; }

 private:
  explicit foreign(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  std::coroutine_handle<promise_type> frame_;
};

// The same with an await_transform that changes nothing.
class foreign_transforming {
 public:
  struct promise_type {
    foreign_transforming get_return_object() {
      return foreign_transforming(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { thrown = std::current_exception(); }
    template <class Awaitable>
    Awaitable&& await_transform(Awaitable&& awaitable) noexcept {
      return std::forward<Awaitable>(awaitable);
    }
    std::exception_ptr thrown{};
  };

  foreign_transforming(foreign_transforming&& other) noexcept
      : frame_(std::exchange(other.frame_, nullptr)) {}
  foreign_transforming& operator=(foreign_transforming&&) = delete;
  ~foreign_transforming() {
    if (frame_) frame_.destroy();
  }
  bool ended() const { return frame_.done(); }
  std::exception_ptr thrown() const { return frame_.promise().thrown; }

 private:
  explicit foreign_transforming(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  std::coroutine_handle<promise_type> frame_;
};

// Lets one coroutine wait until somebody opens it; which resumes it inside open().
class gate {
 public:
  struct waiting {
    gate& at;
    explicit waiting(gate& its_gate) : at(its_gate) {}
    waiting(const waiting&) = delete;
    waiting& operator=(const waiting&) = delete;
    ~waiting() {
      if (at.waiting_) at.waiting_ = nullptr;
    }
    bool await_ready() const noexcept { return at.open_; }
    void await_suspend(std::coroutine_handle<> self) const noexcept { at.waiting_ = self; }
    void await_resume() const noexcept {}
  };
  waiting operator co_await() noexcept { return waiting(*this); }

  void open() {
    open_ = true;
    if (const auto self = std::exchange(waiting_, nullptr)) self.resume();
  }
  bool waited_at() const noexcept { return static_cast<bool>(waiting_); }

 private:
  std::coroutine_handle<> waiting_{};
  bool open_ = false;
};

// Adds a letter to a text when it is destroyed; not when it was moved from.
class mark {
 public:
  mark(std::string& text, char letter) : text_(&text), letter_(letter) {}
  mark(mark&& other) noexcept : text_(std::exchange(other.text_, nullptr)), letter_(other.letter_) {}
  mark& operator=(mark&&) = delete;
  ~mark() {
    if (text_) *text_ += letter_;
  }

 private:
  std::string* text_;
  char letter_;
};

// "nothing", the class of a uvdial::error, or the text of another exception.
inline std::string text_of(const std::exception_ptr& thrown) {
  if (!thrown) return "nothing";
  try {
    std::rethrow_exception(thrown);
  } catch (const uvdial::error& why) {
    return std::string(uvdial::kind_name(why.kind()));
  } catch (const std::exception& why) {
    return why.what();
  } catch (...) {
    return "something";
  }
}

}  // namespace fixture
