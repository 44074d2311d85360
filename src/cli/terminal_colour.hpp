#pragma once

namespace uvdial::cli {

// Whether the text for this descriptor may be coloured: it is a terminal that knows colours, and nobody forbade it
// (https://no-color.org: NO_COLOR set and not empty means none).
[[nodiscard]] bool takes_colour(int descriptor) noexcept;

}  // namespace uvdial::cli
