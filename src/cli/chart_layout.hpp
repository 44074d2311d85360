#pragma once
// How a chart finds its place in the width of a terminal. The bars are what it is for, so they get at least 16 columns,
// and the words move out of their way, step by step: the servers that failed are left out, notes become brief, long
// addresses go above their bars, and in the end the notes go there too. Nothing is ever wider than the width, and an
// address is broken rather than cut.
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "cli/picture.hpp"

namespace uvdial::cli {

struct row {
  std::string label;
  std::string times;
  std::string note;
  std::string brief;
};

struct chart_layout {
  static constexpr std::size_t indent = 2;
  static constexpr std::size_t gap = 2;  // between columns

  std::vector<row> rows{};
  std::size_t width = 0;
  std::size_t label = 0;  // of the column beside the bars; longer labels stand above them
  std::size_t drawing = 0;
  std::size_t times = 0;
  bool notes_above = false;  // with the labels, and nothing stands beside the bars but the times

  std::size_t left() const noexcept { return notes_above ? indent : indent + label + gap; }
};

// `width` is 40 or more.
chart_layout lay_out(const picture& drawn, std::size_t width, bool ascii);

}  // namespace uvdial::cli
