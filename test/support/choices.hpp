#pragma once
// Where a model of what must always hold takes its decisions from: random numbers in a test, the octets of an input
// when it is fuzzed.
#include <cstddef>
#include <random>
#include <stdexcept>
#include <string>

namespace fixture {

class choices {
 public:
  // From 0 to limit - 1.
  virtual unsigned up_to(std::size_t limit) = 0;
  // There are no more: all further ones are 0.
  virtual bool spent() const noexcept { return false; }

  bool one_in(std::size_t count) { return up_to(count) == 0; }

 protected:
  ~choices() = default;
};

class random_choices final : public choices {
 public:
  explicit random_choices(unsigned seed) : random_(seed) {}
  unsigned up_to(std::size_t limit) override { return static_cast<unsigned>(random_() % limit); }

 private:
  std::mt19937 random_;
};

// A rule was broken; what() names it.
class broken_rule : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

inline void require(bool holds, const char* rule) {
  if (!holds) throw broken_rule(rule);
}

// Runs the model with that many series of random numbers. What is thrown names the series.
template <class Model>
void run_with_seeds(unsigned count, Model model) {
  for (unsigned seed = 1; seed <= count; ++seed) {
    random_choices from(seed);
    try {
      model(from);
    } catch (const broken_rule& broken) {
      throw broken_rule("seed " + std::to_string(seed) + ": " + broken.what());
    }
  }
}

}  // namespace fixture
