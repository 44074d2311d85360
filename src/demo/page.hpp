#pragma once
// How the demo looks: as wide as the terminal, or 80 columns, and with colour only on a terminal that wants it.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "cli/chart.hpp"

namespace uvdial::demo {

enum class ink : std::uint8_t { plain, strong, faint, good, bad };

class page {
 public:
  page();  // for standard output

  const cli::chart_style& style() const noexcept { return style_; }

  void chart(std::span<const cli::traced_step> steps);
  void line(std::string_view text, ink look = ink::plain);  // broken at spaces where it is too wide
  void space() { line({}); }
  // A word in the margin, and the text beside it, broken at spaces.
  void note(std::string_view word, std::string_view text, ink look);

 private:
  cli::chart_style style_;
};

}  // namespace uvdial::demo
