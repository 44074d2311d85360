#pragma once
// One fresh loop for each test, and the proof at its end that nothing was left on it.
//
//   void setUp() { fixture::open(); }
//   void tearDown() { fixture::close(); }        after the test's own objects are gone
#include <uv.h>

#include <chrono>
#include <optional>

#include "support/unity.hpp"
#include "uvdial/operation.hpp"

namespace fixture {

uv_loop_t& loop();  // valid between open() and close()
void open();
void close();  // runs the loop dry, fails the test unless uv_loop_close returns 0

void run();       // until nothing keeps the loop alive
void run_turn();  // one turn that does not wait
// Turn by turn, until it holds; fails the test where the loop runs dry before.
template <class Predicate>
void run_until(Predicate holds) {
  while (!holds()) {
    const bool alive = uv_run(&loop(), UV_RUN_ONCE) != 0;
    if (!alive && !holds()) TEST_FAIL_MESSAGE("the loop ran dry before what the test waits for");
  }
}

// Records what a callback was given: assertions belong after the loop has run.
template <class Value>
struct recorder {
  std::optional<uvdial::outcome<Value>> result{};
  int calls = 0;

  uvdial::callback<Value> callback() {
    return [this](uvdial::outcome<Value> ended) {
      ++calls;
      result.emplace(std::move(ended));
    };
  }
  bool called() const noexcept { return calls > 0; }
  bool succeeded() const noexcept { return result && *result; }
  const uvdial::error* failure() const noexcept { return result ? result->failure() : nullptr; }
};

template <class Value>
void wait_for(const recorder<Value>& end) {
  run_until([&end] { return end.called(); });
}

}  // namespace fixture
