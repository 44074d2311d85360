#pragma once
// floor 4
/// \file
/// Everything. Include this, or only the part you use: each header stands alone. None of them includes uv.h.
#include "uvdial/address_policy.hpp"
#include "uvdial/ares_resolver.hpp"
#include "uvdial/confirm.hpp"
#include "uvdial/coroutine.hpp"
#include "uvdial/dialer.hpp"
#include "uvdial/system_resolver.hpp"
#include "uvdial/version.hpp"
