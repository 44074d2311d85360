#pragma once
#include <string>
#include <vector>

#include "cli/distribution.hpp"
#include "cli/svg_dial.hpp"

namespace uvdial::cli {

// How the times of many dials are spread, as an SVG of the same kind as that of one dial: a bar for each bin with its
// count, IPv6 below IPv4, and the median and the 99th percentile as lines. `failures` are told below, one a line. Pure.
std::string draw_svg(const distribution& of, const svg_caption& caption,
                     const std::vector<std::string>& failures);

}  // namespace uvdial::cli
