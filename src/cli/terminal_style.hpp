#pragma once
#include "cli/chart.hpp"

namespace uvdial::cli {

// Whether the text for this descriptor may be coloured: it is a terminal that knows colours, and nobody forbade it
// (https://no-color.org: NO_COLOR set and not empty means none).
[[nodiscard]] bool takes_colour(int descriptor) noexcept;

// Whether whoever reads our text reads UTF-8. The first of LC_ALL, LC_CTYPE and LANG that is set and not empty says so
// (POSIX, 8.2). Where none is, nobody said anything, as in many containers, and nearly everybody does.
[[nodiscard]] bool takes_utf8() noexcept;

// As wide as the terminal is, within the bounds of a chart; 80 columns where it is none.
[[nodiscard]] chart_style style_for(int descriptor) noexcept;

}  // namespace uvdial::cli
