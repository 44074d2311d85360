#pragma once
// One resolve() or reverse() of a resolver, from its start to its callback.
//
//   asked ──► posted ──► ended        posted by the last answer, the deadline or a cancel; the owner, which keeps
//     └── dropped ───────────▲        the calls, delivers what is posted in the check phase
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "glue/turn.hpp"
#include "logic/source_finder.hpp"
#include "logic/verdict.hpp"
#include "logic/wake_queue.hpp"
#include "uvdial/operation.hpp"
#include "uvdial/resolver.hpp"

namespace uvdial::detail {

class running_call;

// Keeps the calls that run, and outlives them.
class call_owner {
 public:
  virtual source_finder& sources() noexcept = 0;
  // deliver() in the check phase of this turn or the next one. Once for each call.
  virtual void post(running_call& one) noexcept = 0;
  virtual void remove(running_call& one) noexcept = 0;

 protected:
  ~call_owner() = default;
};

using call_list = std::list<std::shared_ptr<running_call>>;

// Shared by its owner, while it runs, and by the caller's operation.
class running_call : public pending, public wake_entry, public std::enable_shared_from_this<running_call> {
 public:
  running_call(std::shared_ptr<call_owner> owner, question_kind kind, std::string host);
  virtual ~running_call() = default;

  void holds(lookup_handle lookup) noexcept { lookup_ = std::move(lookup); }  // until it has ended
  void expire() noexcept { settle(finish::how::timed_out); }
  void run_out(const std::error_code& of_what) noexcept;  // ends it as out_of_resources, with this code
  virtual void deliver() noexcept = 0;                    // calls the user's callback, as its last act
  void leave() noexcept;                                  // the owner lets go of it

  void cancel(std::uint32_t ticket) noexcept override;
  bool running(std::uint32_t) const noexcept override { return owner_ != nullptr; }

  instant started() const noexcept { return started_; }

  call_list::iterator place{};  // in the owner's list
  bool posted = false;          // that list is the one of the posted

 protected:
  source_finder& sources() noexcept { return owner_->sources(); }
  bool settled() const noexcept { return end_.has_value(); }
  void settle(finish::how end) noexcept;  // the first one counts
  void ask(ip_family family) { report_.families.push_back({family}); }
  // Null: it was not asked, or has been answered; else it is answered from here on.
  family_report* take_answer(ip_family family) noexcept;
  bool all_answered() const noexcept;
  const std::string& host() const noexcept { return report_.host; }

  bool won() const noexcept { return end_ == finish::how::won; }
  std::shared_ptr<const error> failure() noexcept;  // of one that did not win
  std::shared_ptr<const error> out_of_memory() const noexcept;

 private:
  std::chrono::microseconds elapsed() const noexcept;

  std::shared_ptr<call_owner> owner_;  // null: it has ended
  question_kind kind_;
  instant started_ = now();
  dial_report report_{};
  lookup_handle lookup_{};
  std::optional<finish::how> end_{};
  std::error_code shortage_{};  // set: it ended by that, unless it was cancelled since
};

template <class Value>
class valued_call : public running_call {
 public:
  valued_call(std::shared_ptr<call_owner> owner, question_kind kind, std::string host,
              callback<Value> on_done)
      : running_call(std::move(owner), kind, std::move(host)), on_done_(std::move(on_done)) {}

  void deliver() noexcept override {
    const auto self = shared_from_this();
    callback<Value> on_done = std::move(on_done_);
    outcome<Value> result = ending();
    leave();
    on_done(std::move(result));
  }

  void drop(std::uint32_t ticket) noexcept override {
    if (!running(ticket)) return;
    const auto self = shared_from_this();
    const callback<Value> silent = std::move(on_done_);  // what it captured goes last
    leave();
  }

 protected:
  virtual Value value() = 0;  // of one that won; throws std::bad_alloc only

 private:
  outcome<Value> ending() noexcept try {
    if (won()) return value();
    return failure();
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  }

  callback<Value> on_done_;
};

class resolve_call final : public valued_call<host_entry>, public answer_sink {
 public:
  resolve_call(std::shared_ptr<call_owner> owner, std::string host, family_policy families,
               callback<host_entry> on_done)
      : valued_call(std::move(owner), question_kind::resolve, std::move(host), std::move(on_done)),
        families_(families) {}

  void stand_for_itself(const endpoint& literal);  // no lookup
  void look_up(resolver& names);                   // throws what the resolver throws
  void answered(answer received) noexcept override;

 private:
  host_entry value() override;

  family_policy families_;
  std::vector<answer> answers_{};
};

// What a reverse question came to: names, or `why` there are none.
struct reverse_answer {
  std::vector<std::string> names{};  // the best first
  std::error_code why{};             // as that of an `answer`
  std::optional<endpoint> server{};  // who said so, or was asked last
};

class reverse_sink {
 public:
  virtual void named(reverse_answer received) = 0;  // once, also inside the call that asks

 protected:
  ~reverse_sink() = default;
};

class reverse_call final : public valued_call<std::vector<std::string>>, public reverse_sink {
 public:
  reverse_call(std::shared_ptr<call_owner> owner, const endpoint& address,
               callback<std::vector<std::string>> on_done);
  void named(reverse_answer received) noexcept override;

 private:
  std::vector<std::string> value() override { return std::move(names_); }

  ip_family family_;
  std::vector<std::string> names_{};
};

}  // namespace uvdial::detail
