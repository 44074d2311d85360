#pragma once
// floor 4
/// \file
/// Everything. Include this, or only the part you use: each header stands alone. None of them includes uv.h, and macros
/// that they define are named UVDIAL_*. Exceptions are needed; RTTI is not: error::kind() tells errors apart.
#include "uvdial/address_policy.hpp"
#include "uvdial/ares_resolver.hpp"
#include "uvdial/confirm.hpp"
#include "uvdial/coroutine.hpp"
#include "uvdial/dialer.hpp"
#include "uvdial/system_resolver.hpp"
#include "uvdial/version.hpp"

/// \namespace uvdial
/// Connects to a host by name on a libuv loop that somebody else owns. Begin with `dialer`, and with what it gives: an
/// `operation` while it works, and an `outcome` with a `tcp_stream` or an `error`. In coroutines connect() does the same.
