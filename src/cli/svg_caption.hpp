#pragma once
#include <span>
#include <string>

#include "cli/svg_text.hpp"

namespace uvdial::cli {

constexpr double svg_margin = 24;

// A heading and the lines below it, broken to the width. The y below all of it.
double put_caption(svg& drawing, double width, std::string_view heading, std::span<const std::string> lines);

}  // namespace uvdial::cli
