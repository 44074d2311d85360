#include "cli/histogram.hpp"

#include <algorithm>
#include <string_view>

#include "cli/chart_glyphs.hpp"
#include "cli/time_axis.hpp"
#include "cli/time_text.hpp"

namespace uvdial::cli {

namespace {

constexpr std::string_view indent = "  ";
constexpr std::string_view gap = "  ";
constexpr std::string_view dials = "dials";
constexpr std::size_t shortest_bars = 10;
constexpr std::string_view longest_mark = "median, p99";
constexpr std::string_view colour_of_v6 = "\x1b[36m";
constexpr std::string_view colour_of_others = "\x1b[33m";

std::string right(std::string_view text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ').append(text);
}

std::string repeated(std::string_view glyph, std::size_t count) {
  std::string text;
  for (; count > 0; --count) text += glyph;
  return text;
}

class histogram {
 public:
  histogram(const distribution& of, const chart_style& style) : of_(of), style_(style) {
    for (const time_bin& one : of.bins) range_ = std::max(range_, range_of(one).size());
    const std::size_t width = std::max(style.width, narrowest_chart);
    const std::size_t before = indent.size() + range_ + dials.size() + 2 * gap.size();
    const std::size_t behind = gap.size() + longest_mark.size();
    marks_ = before + shortest_bars + behind <= width;
    room_ = width - before - (marks_ ? behind : 0);
  }

  std::vector<std::string> lines() const {
    std::vector<std::string> made{head()};
    for (const time_bin& one : of_.bins) made.push_back(line_of(one));
    return made;
  }

 private:
  std::string range_of(const time_bin& one) const {
    return edge_text(of_, one.from) + ".." + edge_text(of_, one.until);
  }
  std::string_view glyph_of_v6() const { return style_.ascii ? "#" : "█"; }
  std::string_view glyph_of_others() const {
    if (!of_.has_v6()) return glyph_of_v6();
    return style_.ascii ? "=" : "▒";
  }

  std::string head() const;
  std::size_t length_of(std::size_t count) const;
  std::string mark_of(const time_bin& one) const;
  std::string line_of(const time_bin& one) const;

  const distribution& of_;
  const chart_style& style_;
  std::size_t range_ = 2;  // "ms"
  std::size_t room_ = 0;   // for the bars
  bool marks_ = true;      // where the percentiles are
};

std::string histogram::head() const {
  std::string text = std::string(indent) + right("ms", range_) + std::string(gap) + std::string(dials);
  if (of_.has_v6() && of_.has_others()) {
    text.append(gap).append(painted(std::string(glyph_of_v6()) + " IPv6", colour_of_v6, style_.colour));
    text.append(gap).append(
        painted(std::string(glyph_of_others()) + " IPv4", colour_of_others, style_.colour));
  }
  return text;
}

// Whatever is there is seen.
std::size_t histogram::length_of(std::size_t count) const {
  if (count == 0) return 0;
  return std::max<std::size_t>(1, count * room_ / of_.most());
}

std::string histogram::mark_of(const time_bin& one) const {
  if (!marks_) return "";
  const bool median = of_.in_bin(one, of_.median);
  if (of_.in_bin(one, of_.p99)) return median ? std::string(longest_mark) : "p99";
  return median ? "median" : "";
}

std::string histogram::line_of(const time_bin& one) const {
  std::string text = std::string(indent) + right(range_of(one), range_) + std::string(gap) +
                     right(std::to_string(one.total()), dials.size());
  const std::size_t all = length_of(one.total());
  std::size_t v6 = one.others == 0 ? all : std::min(length_of(one.v6), all - 1);
  if (all == 1 && one.v6 >= one.others) v6 = 1;  // no room for both
  if (all > 0) {
    text.append(gap).append(painted(repeated(glyph_of_v6(), v6), colour_of_v6, style_.colour));
    text.append(painted(repeated(glyph_of_others(), all - v6), colour_of_others, style_.colour));
  }
  if (const std::string mark = mark_of(one); !mark.empty()) text.append(gap).append(mark);
  return text;
}

}  // namespace

std::string edge_text(const distribution& of, std::chrono::microseconds edge) {
  const auto step = of.logarithmic ? edge : of.bins.front().until - of.bins.front().from;
  return milliseconds_text(edge, decimals_of(step));
}

std::vector<std::string> draw_histogram(const distribution& of, const chart_style& style) {
  if (of.dials < 2) return {};
  return histogram(of, style).lines();
}

}  // namespace uvdial::cli
