// Which question goes to which server, and when, under answers, failures and silence of all kinds.
#include "fuzz/fuzz_target.hpp"
#include "support/pacer_model.hpp"

FUZZ_TARGET(pacing) { fixture::check_pacer(input, 1000); }
