// The cache beside a plain list.
#include "support/cache_model.hpp"

#include "fuzz/fuzz_target.hpp"

FUZZ_TARGET(dns_cache) { fixture::check_cache(input, 1000); }
