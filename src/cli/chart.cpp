#include "cli/chart.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "cli/chart_glyphs.hpp"
#include "cli/chart_layout.hpp"
#include "cli/picture.hpp"
#include "cli/text_width.hpp"
#include "cli/time_axis.hpp"
#include "cli/time_text.hpp"

namespace uvdial::cli {
namespace {

using std::chrono::microseconds;

constexpr std::size_t tick_distance = 7;  // columns, at least
constexpr std::string_view faint = "\x1b[2m";

class chart {
 public:
  chart(const picture& drawn, const chart_style& style)
      : drawn_(drawn),
        style_(style),
        layout_(lay_out(drawn, std::max(style.width, narrowest_chart), style.ascii)) {}

  std::vector<std::string> lines() {
    lines_.push_back(painted(ruler(), faint, style_.colour));
    for (std::size_t index = 0; index < drawn_.bars.size(); ++index)
      draw(drawn_.bars[index], layout_.rows[index]);
    return std::move(lines_);
  }

 private:
  std::size_t column_at(microseconds time) const;
  std::string ruler() const;
  std::string bar_text(const bar& one) const;
  std::string times_text(const row& words) const;
  void put_label(const row& words);
  void put_heading(const bar& one, const row& words);
  void draw(const bar& one, const row& words);

  const picture& drawn_;
  const chart_style& style_;
  const chart_layout layout_;
  std::vector<std::string> lines_{};
};

std::size_t column_at_most(std::size_t column, std::size_t drawing) { return std::min(column, drawing - 1); }

std::string padding(std::string_view text, std::size_t width) {
  return std::string(width - std::min(width, columns_of(text)), ' ');
}

std::size_t chart::column_at(microseconds time) const {
  const auto length = std::max<std::int64_t>(drawn_.length.count(), 1);
  return static_cast<std::size_t>(time.count() * static_cast<std::int64_t>(layout_.drawing) / length);
}

// The finest of 0.1, 0.2, 0.5, 1, ... ms that leaves room for its numbers.
std::string chart::ruler() const {
  constexpr std::string_view unit = "ms";
  const auto drawing = static_cast<std::int64_t>(layout_.drawing);
  const std::size_t longest = milliseconds_text(drawn_.length, 0).size();
  const auto distance = static_cast<std::int64_t>(std::max(tick_distance, longest + chart_layout::gap));
  const microseconds least((distance * drawn_.length.count() + drawing - 1) / drawing);
  const microseconds step = round_step(std::max(least, microseconds(100)));
  const std::size_t room = layout_.notes_above ? layout_.width - layout_.left() - unit.size() - 1
                                               : layout_.drawing + chart_layout::gap;
  std::string text;
  for (microseconds at{0}; at <= drawn_.length; at += step) {
    const std::string label = milliseconds_text(at, at.count() == 0 ? 0 : decimals_of(step));
    const std::size_t column = column_at(at);
    if (column + label.size() > std::min(room, layout_.drawing + chart_layout::gap)) break;
    text.resize(column, ' ');
    text += label;
  }
  if (layout_.notes_above) return std::string(layout_.left(), ' ').append(text).append(" ").append(unit);
  return std::string(chart_layout::indent + layout_.label - unit.size(), ' ')
      .append(unit)
      .append(chart_layout::gap, ' ')
      .append(text);
}

// At least one column for every bar, however short it was; none for what never ran.
std::string chart::bar_text(const bar& one) const {
  if (one.now == bar::state::blocked) return std::string(layout_.drawing, ' ');
  const std::size_t first = column_at_most(column_at(one.from), layout_.drawing);
  const std::size_t last = column_at_most(column_at(one.until), layout_.drawing);
  return std::string(first, ' ') +
         painted(bar_glyphs(one, last - first + 1, style_.ascii), colour_of(one), style_.colour) +
         std::string(layout_.drawing - last - 1, ' ');
}

std::string chart::times_text(const row& words) const {
  return padding(words.times, layout_.times) + words.times;
}

// On lines of its own; all of it, since it says which address it was.
void chart::put_label(const row& words) {
  for (const std::string& part : wrapped(words.label, layout_.width - chart_layout::indent))
    lines_.push_back(std::string(chart_layout::indent, ' ') + part);
}

// The label and the note on one line, or on two where even the brief note does not fit.
void chart::put_heading(const bar& one, const row& words) {
  put_label(words);
  const std::size_t used = columns_of(lines_.back()) + chart_layout::gap;
  for (const std::string* note : {&words.note, &words.brief}) {
    if (used + columns_of(*note) > layout_.width) continue;
    lines_.back() += std::string(chart_layout::gap, ' ') + painted(*note, colour_of(one), style_.colour);
    return;
  }
  const std::size_t indent = 2 * chart_layout::indent;
  const std::string note = shortened(words.note, layout_.width - indent, style_.ascii ? "..." : "…");
  lines_.push_back(std::string(indent, ' ') + painted(note, colour_of(one), style_.colour));
}

void chart::draw(const bar& one, const row& words) {
  const std::string between(chart_layout::gap, ' ');
  std::string line(chart_layout::indent, ' ');
  if (layout_.notes_above) {
    put_heading(one, words);
    if (!words.times.empty()) lines_.push_back(line + bar_text(one) + between + times_text(words));
    return;
  }
  if (columns_of(words.label) > layout_.label)
    put_label(words);
  else
    line += words.label;
  line += padding(line, chart_layout::indent + layout_.label) + between;
  line += bar_text(one) + between + times_text(words) + between;
  lines_.push_back(line + painted(words.note, colour_of(one), style_.colour));
}

}  // namespace

std::vector<std::string> draw_chart(std::span<const traced_step> steps, const chart_style& style) {
  const picture drawn = read_picture(steps);
  if (drawn.bars.empty()) return {};
  return chart(drawn, style).lines();
}

std::vector<std::string> fit_lines(std::span<const std::string> lines, const chart_style& style) {
  std::vector<std::string> fitting;
  for (const std::string& line : lines) {
    const std::string text = style.ascii ? ascii_only(line) : line;
    const std::size_t indent = std::min(text.find_first_not_of(' '), text.size());
    const std::size_t room = std::max(style.width, narrowest_chart) - indent - 2;
    std::size_t more = 0;
    for (const std::string& part : wrapped(std::string_view(text).substr(indent), room)) {
      fitting.push_back(std::string(indent + more, ' ') + part);
      more = 2;
    }
  }
  return fitting;
}

}  // namespace uvdial::cli
