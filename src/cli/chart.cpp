#include "cli/chart.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "cli/picture.hpp"
#include "cli/time_text.hpp"

namespace uvdial::cli {
namespace {

using std::chrono::microseconds;

constexpr std::size_t indent = 2;
constexpr std::size_t gap = 2;  // between columns
constexpr std::size_t shortest_bar = 16;
constexpr std::string_view label_of_question = "DNS AAAA";  // the longest
constexpr std::size_t tick_distance = 7;                    // columns, at least

struct row {
  std::string label;
  std::string times;
  std::string note;
};

// How the rows are laid out.
struct columns {
  std::size_t label = 0;
  std::size_t drawing = 0;
  std::size_t times = 0;
  microseconds length{0};  // what the drawing spans
  bool colour = false;
};

bool fine_scale(const picture& drawn) { return drawn.length < std::chrono::milliseconds(10); }

std::vector<row> rows_of(const picture& drawn, bool with_servers) {
  std::vector<row> rows;
  const std::size_t decimals = fine_scale(drawn) ? 1 : 0;
  for (const bar& one : drawn.bars) {
    rows.push_back({label_of(one), times_of(one, decimals), note_of(one, drawn, with_servers)});
  }
  return rows;
}

std::size_t longest(const std::vector<row>& rows, std::string row::*column) {
  std::size_t size = 0;
  for (const row& one : rows) size = std::max(size, (one.*column).size());
  return size;
}

// What a line has beside its label and its bar.
std::size_t rest_of(const std::vector<row>& rows) {
  return indent + longest(rows, &row::times) + longest(rows, &row::note) + 3 * gap;
}

// The servers that failed are told where every label still has its place beside the bar.
std::vector<row> rows_within(std::size_t width, const picture& drawn) {
  std::vector<row> rows = rows_of(drawn, true);
  if (rest_of(rows) + longest(rows, &row::label) + shortest_bar <= width) return rows;
  return rows_of(drawn, false);
}

// Labels stand beside the bars, or, where that leaves too little for those, longer ones above them.
columns fit(const std::vector<row>& rows, std::size_t width) {
  columns sizes{.label = longest(rows, &row::label), .times = longest(rows, &row::times)};
  const std::size_t rest = rest_of(rows);
  if (width < rest + sizes.label + shortest_bar)
    sizes.label = std::min(sizes.label, label_of_question.size());
  sizes.drawing = std::max(shortest_bar, width - std::min(width, rest + sizes.label));
  return sizes;
}

std::size_t column_at(microseconds time, const columns& sizes) {
  const auto length = std::max<std::int64_t>(sizes.length.count(), 1);
  return static_cast<std::size_t>(time.count() * static_cast<std::int64_t>(sizes.drawing) / length);
}

std::string repeated(std::string_view glyph, std::size_t count) {
  std::string text;
  for (; count > 0; --count) text += glyph;
  return text;
}

std::string_view glyph_of(const bar& one) {
  if (one.family) return "░";
  return one.now == bar::state::won ? "█" : "▒";
}

std::string_view colour_of(const bar& one) {
  if (one.now == bar::state::won) return "\x1b[32m";
  const bool absent = one.family && no_such_record(one);
  if (one.now == bar::state::failed || (one.now == bar::state::unanswered && !absent)) return "\x1b[31m";
  return one.family ? "\x1b[36m" : "\x1b[33m";
}

std::string painted(std::string_view text, std::string_view colour, bool wanted) {
  if (!wanted || text.empty()) return std::string(text);
  return std::string(colour) + std::string(text) + "\x1b[0m";
}

// At least one column for every bar, however short it was; none for what never ran.
std::string bar_text(const bar& one, const columns& sizes) {
  if (one.now == bar::state::blocked) return std::string(sizes.drawing, ' ');
  const std::size_t first = std::min(column_at(one.from, sizes), sizes.drawing - 1);
  const std::size_t last = std::min(column_at(one.until, sizes), sizes.drawing - 1);
  std::string text(first, ' ');
  text += painted(repeated(glyph_of(one), last - first + 1), colour_of(one), sizes.colour);
  return text + std::string(sizes.drawing - last - 1, ' ');
}

// The finest of 0.1, 0.2, 0.5, 1, ... ms that leaves room for its numbers.
microseconds tick_step(const columns& sizes) {
  for (std::int64_t unit = 100;; unit *= 10) {
    for (const std::int64_t factor : {1, 2, 5}) {
      const microseconds distance(unit * factor);
      if (distance > sizes.length || column_at(distance, sizes) >= tick_distance) return distance;
    }
  }
}

std::string ruler(const columns& sizes) {
  std::string text;
  const microseconds distance = tick_step(sizes);
  const bool tenths = distance % std::chrono::milliseconds(1) != microseconds(0);
  for (microseconds at{0}; at <= sizes.length; at += distance) {
    const std::string label = milliseconds_text(at, tenths && at.count() != 0 ? 1 : 0);
    const std::size_t column = column_at(at, sizes);
    if (column + label.size() > sizes.drawing + gap) break;
    text.resize(column, ' ');
    text += label;
  }
  return std::string(indent + sizes.label - 2, ' ') + "ms" + std::string(gap, ' ') + text;
}

std::string padding(std::string_view text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ');
}

void draw_bar(std::vector<std::string>& lines, const bar& one, const row& words, const columns& sizes) {
  const std::string between(gap, ' ');
  std::string line(indent, ' ');
  line += words.label;
  if (words.label.size() > sizes.label)
    lines.push_back(std::exchange(line, std::string(indent + sizes.label, ' ')));
  line += padding(line, indent + sizes.label) + between;
  line += bar_text(one, sizes) + between;
  line += padding(words.times, sizes.times) + words.times + between;
  line += painted(words.note, colour_of(one), sizes.colour);
  lines.push_back(std::move(line));
}

}  // namespace

std::vector<std::string> draw_chart(std::span<const traced_step> steps, const chart_style& style) {
  const picture drawn = read_picture(steps);
  if (drawn.bars.empty()) return {};
  const std::vector<row> rows = rows_within(style.width, drawn);
  columns sizes = fit(rows, style.width);
  sizes.length = drawn.length;
  sizes.colour = style.colour;

  std::vector<std::string> lines{painted(ruler(sizes), "\x1b[2m", style.colour)};
  for (std::size_t index = 0; index < rows.size(); ++index) {
    draw_bar(lines, drawn.bars[index], rows[index], sizes);
  }
  return lines;
}

}  // namespace uvdial::cli
