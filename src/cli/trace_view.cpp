#include "cli/trace_view.hpp"

#include <unistd.h>

#include <algorithm>
#include <string>

#include "cli/closing_lines.hpp"
#include "cli/descriptor.hpp"
#include "cli/safe_text.hpp"
#include "cli/svg_dial.hpp"
#include "cli/terminal_style.hpp"
#include "cli/time_text.hpp"

namespace uvdial::cli {

namespace {

void show_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text.append(line).append("\n");
  (void)write_all(STDERR_FILENO, text);  // there is no other place to show it
}

// The indent belongs to the terminal.
std::string trimmed(const std::string& line) {
  return line.substr(std::min(line.find_first_not_of(' '), line.size()));
}

}  // namespace

void trace_view::show(const dial_report& report) const {
  const chart_style style = style_for(STDERR_FILENO);
  std::vector<std::string> lines = draw_chart(steps_, style);
  for (std::string& line : fit_lines(closing_lines(report), style)) lines.push_back(std::move(line));
  show_lines(lines);
}

std::string trace_view::svg(const std::string& host, const dial_report& report, const error* why) const {
  svg_caption caption{host};
  for (const std::string& line : closing_lines(report))
    caption.lines.insert(caption.lines.begin(), trimmed(line));
  if (why) caption.lines.insert(caption.lines.begin(), why->what());
  return draw_svg(steps_, caption);
}

void trace_view::show_unix(const dial_report& connected) {
  const std::vector<std::string> line = {"  connected to " + one_line(connected.host) + " in " +
                                         milliseconds_text(connected.elapsed, 1) + " ms"};
  show_lines(fit_lines(line, style_for(STDERR_FILENO)));
}

}  // namespace uvdial::cli
