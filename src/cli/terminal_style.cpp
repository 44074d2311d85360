#include "cli/terminal_style.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "glue/environment.hpp"

namespace uvdial::cli {

namespace {

std::string_view locale_name() noexcept {
  for (const char* variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (const auto value = detail::environment(variable); value && !value->empty()) return *value;
  }
  return {};
}

// "UTF-8", "utf8", "Utf-8".
bool begins_with_utf8(std::string_view text) noexcept {
  constexpr std::string_view letters = "utf";
  for (const char letter : letters) {
    if (text.empty() || (text.front() | 0x20) != letter) return false;
    text.remove_prefix(1);
  }
  if (text.starts_with('-')) text.remove_prefix(1);
  return text.starts_with('8');
}

}  // namespace

bool takes_colour(int descriptor) noexcept {
  return isatty(descriptor) == 1 && detail::environment("NO_COLOR").value_or("").empty() &&
         detail::environment("TERM") != "dumb";
}

bool takes_utf8() noexcept {
  const std::string_view name = locale_name();
  if (name.empty()) return true;
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (begins_with_utf8(name.substr(at))) return true;
  }
  return false;
}

chart_style style_for(int descriptor) noexcept {
  chart_style style{.ascii = !takes_utf8()};
  if (isatty(descriptor) != 1) return style;
  style.colour = takes_colour(descriptor);
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    style.width = std::clamp<std::size_t>(size.ws_col, narrowest_chart, widest_chart);
  return style;
}

}  // namespace uvdial::cli
