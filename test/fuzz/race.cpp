// Happy Eyeballs under inputs and times of all kinds.
#include "support/race_model.hpp"

#include "fuzz/fuzz_target.hpp"

FUZZ_TARGET(race) { fixture::check_race(input, 400); }
