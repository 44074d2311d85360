#pragma once
// How the demo looks: 80 columns, with colour only on a terminal that wants it.
#include <cstdint>
#include <string>
#include <string_view>

namespace uvdial::demo {

enum class ink : std::uint8_t { plain, strong, faint, good, bad };

class page {
 public:
  // Colour where standard output is a terminal, NO_COLOR is unset and TERM is not "dumb".
  page();

  bool colour() const noexcept { return colour_; }

  void line(std::string_view text, ink look = ink::plain);
  void space() { line({}); }
  // A word in the margin, and the text beside it, broken at spaces.
  void note(std::string_view word, std::string_view text, ink look);

 private:
  bool colour_;
};

}  // namespace uvdial::demo
