#pragma once
// The DNS cache beside a plain list that does the same.
#include "support/choices.hpp"

namespace fixture {

// So many operations. Throws broken_rule.
void check_cache(choices& from, int steps);

}  // namespace fixture
