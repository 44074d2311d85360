#pragma once
// floor 3
/// \file
/// Time on the caller's loop.
#include <chrono>

#include "uvdial/export.hpp"
#include "uvdial/operation.hpp"

typedef struct uv_loop_s uv_loop_t;

namespace uvdial {

/// Calls back when `duration` has passed, never before it; with 0 in the next check phase of the loop. Time never beats
/// data that is already there: what is ready in the sockets is read first, also after the loop was held up. Any number
/// of sleeps share one timer of their loop. While one runs it keeps the loop alive. Throws std::invalid_argument for a
/// negative duration and for an empty callback, std::bad_alloc or out_of_resources where memory is gone. Ends in
/// success, or with cancelled_error after cancel(). Loop thread only.
UVDIAL_API operation sleep(uv_loop_t& loop, std::chrono::milliseconds duration, callback<done> on_done);

}  // namespace uvdial
