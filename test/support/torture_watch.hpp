#pragma once
// What each operation of a random walk owes: its callback once, or never if it was dropped, and cancelled_error where
// it was cancelled while it ran.
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "uvdial/operation.hpp"

namespace fixture {

struct watch {
  std::string what;
  bool dropped = false;
  bool cancelled = false;
  int calls = 0;
};

class watches {
 public:
  std::shared_ptr<watch> add(std::string what) {
    all_.push_back(std::make_shared<watch>(watch{std::move(what)}));
    return all_.back();
  }
  // Its callback runs now.
  void called(watch& one, const uvdial::error* why) {
    if (++one.calls > 1) mistake(one.what + ": a second callback");
    if (one.dropped) mistake(one.what + ": a callback after it was dropped");
    if (!why) ++ends_[one.what].succeeded;
    if (why)
      ++(why->kind() == uvdial::error_kind::cancelled ? ends_[one.what].cancelled : ends_[one.what].failed);
    if (one.cancelled && (!why || why->kind() != uvdial::error_kind::cancelled))
      mistake(one.what + ": cancelled, but ended with " + (why ? why->what() : "success"));
  }
  // To be called with what a callback has captured, when it has destroyed what it could.
  void still_there(const watch& one) {
    if (one.what.empty()) mistake("a callback has lost what it captured");
  }
  void mistake(std::string what) {
    if (mistake_.empty()) mistake_ = std::move(what);
  }
  // Nothing runs any more: who was not called?
  void settle() {
    for (const auto& one : all_) {
      if (!one->dropped && one->calls == 0) mistake(one->what + ": no callback");
      if (one->calls == 0) ++ends_[one->what].silent;
    }
    settled_ += all_.size();
    all_.clear();
  }
  void print() const {
    for (const auto& [what, ended] : ends_)
      std::fprintf(stderr, "  %-40s %6zu succeeded %6zu failed %6zu cancelled %6zu dropped\n", what.c_str(),
                   ended.succeeded, ended.failed, ended.cancelled, ended.silent);
  }
  const std::string& first_mistake() const noexcept { return mistake_; }
  std::size_t settled() const noexcept { return settled_; }

 private:
  struct tally {
    std::size_t succeeded = 0;
    std::size_t failed = 0;
    std::size_t cancelled = 0;
    std::size_t silent = 0;
  };

  std::vector<std::shared_ptr<watch>> all_{};
  std::map<std::string, tally> ends_{};
  std::string mistake_{};
  std::size_t settled_ = 0;
};

// An operation and what it owes.
struct watched {
  uvdial::operation running{};
  std::shared_ptr<watch> of{};

  watched() = default;
  watched(uvdial::operation its, std::shared_ptr<watch> owed)
      : running(std::move(its)), of(std::move(owed)) {}
  watched(watched&&) noexcept = default;
  watched& operator=(watched&& other) noexcept {
    if (this == &other) return *this;
    note_drop();
    // The old one's captures may do anything, also to this slot: it is a whole one by then.
    const uvdial::operation old = std::exchange(running, std::move(other.running));
    of = std::move(other.of);
    return *this;
  }
  ~watched() { note_drop(); }

  void cancel() {
    if (running.running()) of->cancelled = true;
    running.cancel();
  }
  void detach() {
    running.detach();
    of.reset();
  }

 private:
  void note_drop() noexcept {
    if (of && running.running()) of->dropped = true;
  }
};

}  // namespace fixture
