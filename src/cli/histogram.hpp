#pragma once
// The times of many dials as bars in a terminal, one for each bin.
//
//       ms  dials  █ IPv6  ▒ IPv4
//   10..12      3  ███████
//   12..14      9  █████████████▒▒▒▒▒▒▒▒  median
//   14..16      0
//   16..18      1  ██                     p99
#include <string>
#include <vector>

#include "cli/chart.hpp"
#include "cli/distribution.hpp"

namespace uvdial::cli {

// Lines without ends, none of them wider than the style says; none at all of fewer than two dials. Pure.
std::vector<std::string> draw_histogram(const distribution& of, const chart_style& style);

// "10", "0.25": milliseconds that are the edge of a bin.
std::string edge_text(const distribution& of, std::chrono::microseconds edge);

}  // namespace uvdial::cli
