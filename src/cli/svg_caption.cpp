#include "cli/svg_caption.hpp"

#include "cli/safe_text.hpp"
#include "cli/text_width.hpp"

namespace uvdial::cli {

namespace {

// Of an error that names 64 addresses all is in the tooltips, and the error itself was printed.
constexpr std::size_t most_lines = 6;

std::size_t columns_within(double width, double column) { return static_cast<std::size_t>(width / column); }

}  // namespace

double put_caption(svg& drawing, double width, std::string_view heading, std::span<const std::string> lines) {
  constexpr double heading_height = 24, line_height = 20;
  const double room = width - 2 * svg_margin;
  double y = svg_margin;
  for (const std::string& part : wrapped(one_line(heading), columns_within(room, column_of_17))) {
    drawing.text("head", svg_margin, y + 15, part);
    y += heading_height;
  }
  for (const std::string& line : lines) {
    const auto parts = wrapped(one_line(line), columns_within(room, column_of_13));
    for (std::size_t index = 0; index < parts.size() && index < most_lines; ++index) {
      const bool more = index + 1 == most_lines && parts.size() > most_lines;
      drawing.text("faint", svg_margin, y + 14, more ? parts[index] + "…" : parts[index]);
      y += line_height;
    }
  }
  return y;
}

}  // namespace uvdial::cli
