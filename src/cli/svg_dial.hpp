#pragma once
// One dial as an SVG: what the chart shows in a terminal, for a browser and a document. One file without scripts, fonts or
// anything else from elsewhere; readable in a light and in a dark scheme; every bar has a tooltip, and says in
// data-from and data-until when it began and ended, in milliseconds.
#include <span>
#include <string>
#include <vector>

#include "cli/chart.hpp"

namespace uvdial::cli {

// What stands above the bars.
struct svg_caption {
  std::string host;                  // "demo.test:443"
  std::vector<std::string> lines{};  // who won and why, or what failed; broken where they are too long
};

// `steps` are those of one dial, in order. Pure.
std::string draw_svg(std::span<const traced_step> steps, const svg_caption& caption);

}  // namespace uvdial::cli
