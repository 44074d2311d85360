#pragma once
// What must hold whatever happens to the pacing of questions: answers, failures, silence and time in any order, with
// rules of all kinds.
#include "support/choices.hpp"

namespace fixture {

// So many things happen, then nobody answers any more. Throws broken_rule.
void check_pacer(choices& from, int steps);

}  // namespace fixture
