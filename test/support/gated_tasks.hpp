#pragma once
// Small tasks that wait at gates, and what collects their values.
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "support/coroutines.hpp"
#include "uvdial/task.hpp"

namespace fixture {

using uvdial::task;

template <class Value>
struct collected {
  std::optional<Value> value{};
  foreign running;
  explicit collected(task<Value> from) : running(collect(std::move(from), value)) {}
  std::string failure() const { return text_of(running.thrown()); }

 private:
  static foreign collect(task<Value> from, std::optional<Value>& to) { to.emplace(co_await std::move(from)); }
};

inline foreign run(task<void> from) { co_await std::move(from); }

inline task<int> number(int value) { co_return value; }
inline task<int> number_behind(gate& way, int value) {
  co_await way;
  co_return value;
}
inline task<int> failing(const char* why) {
  throw std::runtime_error(why);
  co_return 0;
}
inline task<int> failing_behind(gate& way, const char* why) {
  co_await way;
  throw std::runtime_error(why);
}
// Notes when it is destroyed, waiting or not.
inline task<int> marked(gate& way, std::string& log, char letter) {
  const mark local(log, letter);
  co_await way;
  co_return letter;
}
inline task<void> nothing() { co_return; }
inline task<void> nothing_behind(gate& way) { co_await way; }
inline task<void> opens(gate& way) {
  way.open();
  co_return;
}

}  // namespace fixture
