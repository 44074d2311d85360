#pragma once
// The program `uvdial`, run by the tests in e2e.
#include <string>
#include <vector>

#include "support/child.hpp"
#include "support/unity.hpp"

namespace program {

using words = std::vector<std::string>;

inline child::result run(words more, const child::descriptors& with = {}) {
  more.insert(more.begin(), UVDIAL_PROGRAM);
  return child::run(more, with);
}

// Refused before anything was done: one line, which says this.
inline void check_usage_error(const words& given, const std::string& said) {
  const child::result ended = run(given);
  TEST_ASSERT_EQUAL_MESSAGE(2, ended.status, ended.err);
  TEST_ASSERT_EQUAL("", ended.out);
  TEST_ASSERT_EQUAL(1, child::lines_of(ended.err).size());
  TEST_ASSERT_CONTAINS_STRING(said, ended.err);
  TEST_ASSERT_EQUAL(0, ended.err.find("uvdial: "));
}

}  // namespace program
