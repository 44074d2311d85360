// Happy Eyeballs under inputs and times of all kinds.
#include "fuzz/fuzz_target.hpp"
#include "support/race_model.hpp"

FUZZ_TARGET(race) { fixture::check_race(input, 400); }
