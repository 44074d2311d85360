#pragma once
// floor 3
/// \file
/// Both kinds of connected streams.
#include "uvdial/pipe_stream.hpp"
#include "uvdial/tcp_stream.hpp"
