#pragma once
// What must hold whatever happens to a race: answers, outcomes, times and cancels in any order, with options of all
// kinds.
#include "support/choices.hpp"

namespace fixture {

// One race, to its end: so many things happen to it, then nobody answers any more. Throws broken_rule.
void check_race(choices& from, int steps);

}  // namespace fixture
