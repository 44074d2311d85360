// The cache beside a plain list.
#include "fuzz/fuzz_target.hpp"
#include "support/cache_model.hpp"

FUZZ_TARGET(dns_cache) { fixture::check_cache(input, 1000); }
