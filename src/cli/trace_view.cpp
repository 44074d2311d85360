#include "cli/trace_view.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "cli/closing_lines.hpp"
#include "cli/descriptor.hpp"
#include "cli/safe_text.hpp"
#include "cli/terminal_colour.hpp"
#include "cli/time_text.hpp"

namespace uvdial::cli {

namespace {

chart_style style_of_standard_error() noexcept {
  chart_style style;
  if (isatty(STDERR_FILENO) != 1) return style;
  style.colour = takes_colour(STDERR_FILENO);
  constexpr std::size_t narrowest = 40,
                        widest = 160;  // a bar over the whole of a wide screen is hard to read
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    style.width = std::clamp<std::size_t>(size.ws_col, narrowest, widest);
  return style;
}

void show_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text.append(line).append("\n");
  (void)write_all(STDERR_FILENO, text);  // there is no other place to show it
}

}  // namespace

void trace_view::show(const dial_report& report) const {
  std::vector<std::string> lines = draw_chart(steps_, style_of_standard_error());
  for (std::string& line : closing_lines(report)) lines.push_back(std::move(line));
  show_lines(lines);
}

void trace_view::show_unix(const dial_report& connected) {
  show_lines({"  connected to " + one_line(connected.host) + " in " +
              milliseconds_text(connected.elapsed, 1) + " ms"});
}

}  // namespace uvdial::cli
