#include "cli/svg_distribution.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "cli/histogram.hpp"
#include "cli/safe_text.hpp"
#include "cli/svg_caption.hpp"
#include "cli/svg_text.hpp"
#include "cli/text_width.hpp"
#include "cli/time_text.hpp"

namespace uvdial::cli {
namespace {

using std::chrono::microseconds;

constexpr double page_width = 840;
constexpr double plot_height = 200;
constexpr double between_bars = 3;
constexpr double line_height = 20;

double width_of(std::string_view text) { return static_cast<double>(columns_of(text)) * column_of_13; }

std::string percentile_text(std::string_view name, microseconds time) {
  return std::string(name) + " " + milliseconds_text(time, 1) + " ms";
}

std::string tooltip_of(const distribution& of, const time_bin& one) {
  std::string text = edge_text(of, one.from) + " to " + edge_text(of, one.until) +
                     " ms: " + std::to_string(one.total()) + (one.total() == 1 ? " dial" : " dials");
  if (one.v6 > 0 && one.others > 0)
    text += ", " + std::to_string(one.v6) + " over IPv6 and " + std::to_string(one.others) + " over IPv4";
  return text;
}

std::string description_of(const distribution& of, const svg_caption& caption,
                           const std::vector<std::string>& failures) {
  std::string text;
  for (const std::string& line : caption.lines) text.append(line).append(". ");
  for (const std::string& line : failures) text.append(line).append(". ");
  for (const time_bin& one : of.bins)
    if (one.total() > 0) text.append(tooltip_of(of, one)).append(". ");
  return text;
}

class distribution_drawing {
 public:
  distribution_drawing(const distribution& of, const svg_caption& caption,
                       const std::vector<std::string>& failures)
      : of_(of), svg_(page_width, "Dials of " + caption.host, description_of(of, caption, failures)) {
    for (const time_bin& one : of.bins)
      widest_edge_ = std::max(widest_edge_, width_of(edge_text(of, one.until)));
    left_ = std::max(svg_margin + 6, 8 + widest_edge_ / 2);
    y_ = put_caption(svg_, page_width, caption.host, caption.lines);
    if (!of.bins.empty()) put_plot();
    if (!failures.empty()) put_failures(failures);
    svg_.set_height(y_ + svg_margin);
  }

  std::string finished() const { return svg_.finished(); }

 private:
  double plot_width() const { return page_width - 2 * left_; }
  double bin_width() const { return plot_width() / static_cast<double>(of_.bins.size()); }
  double x_of_edge(std::size_t edge) const { return left_ + bin_width() * static_cast<double>(edge); }
  double x_of(microseconds time) const;
  double height_of(std::size_t count) const {
    return plot_height * static_cast<double>(count) / static_cast<double>(of_.most());
  }
  void put_plot();
  void put_percentile(std::string_view style, std::string_view name, microseconds time, double y);
  void put_bars(double bottom);
  void put_bin(std::size_t index, double bottom);
  void put_axis(double y);
  void put_legend();
  void put_failures(const std::vector<std::string>& failures);

  const distribution& of_;
  svg svg_;
  double y_ = 0;
  double bottom_ = 0;  // of the bars
  double widest_edge_ = 0;
  double left_ = 0;  // of the bars; half of a number stands beside it
};

// Within its bin a time stands where its share of the bin's length is.
double distribution_drawing::x_of(microseconds time) const {
  std::size_t index = 0;
  while (index + 1 < of_.bins.size() && time >= of_.bins[index].until) ++index;
  const time_bin& its = of_.bins[index];
  const auto length = static_cast<double>((its.until - its.from).count());
  return x_of_edge(index) + bin_width() * static_cast<double>((time - its.from).count()) / length;
}

void distribution_drawing::put_plot() {
  constexpr double above_bars = 22;  // the count of the longest bar
  y_ += 18;
  bottom_ = y_ + 2 * line_height + above_bars + plot_height;
  put_percentile("mark", "median", of_.median, y_);
  put_percentile("dashed", "p99", of_.p99, y_ + line_height);
  put_bars(bottom_);
  put_axis(bottom_);
  y_ = bottom_ + 30;
  put_legend();
}

// Each has a line of its own for its words, so that they cannot meet; these are on the side where there is more room.
void distribution_drawing::put_percentile(std::string_view style, std::string_view name, microseconds time,
                                          double y) {
  const double x = x_of(time);
  const bool to_the_right = x < page_width / 2;
  const std::string words = percentile_text(name, time);
  svg_.line(style, x, y + 2, x, bottom_);
  svg_.text(to_the_right ? "ink" : "ink right", to_the_right ? x + 7 : x - 7, y + 13, words);
}

void distribution_drawing::put_bars(double bottom) {
  svg_.line("axis", left_, bottom, left_ + plot_width(), bottom);
  for (std::size_t index = 0; index < of_.bins.size(); ++index)
    if (of_.bins[index].total() > 0) put_bin(index, bottom);
}

void distribution_drawing::put_bin(std::size_t index, double bottom) {
  const time_bin& one = of_.bins[index];
  const double x = x_of_edge(index) + between_bars / 2;
  const double width = bin_width() - between_bars;
  const double all = height_of(one.total());
  const double v6 = height_of(one.v6);
  const std::string data = " data-count=\"";
  svg_.open(tooltip_of(of_, one));
  if (one.v6 > 0) svg_.rectangle("v6", x, bottom - v6, width, v6, data + std::to_string(one.v6) + "\"");
  if (one.others > 0)
    svg_.rectangle("v4", x, bottom - all, width, all - v6, data + std::to_string(one.others) + "\"");
  svg_.text("ink middle halo", x + width / 2, bottom - all - 6, std::to_string(one.total()));
  svg_.close();
}

// As many edges have their number as have room for it.
void distribution_drawing::put_axis(double y) {
  const auto every = static_cast<std::size_t>(std::ceil((widest_edge_ + 14) / bin_width()));
  for (std::size_t edge = 0; edge <= of_.bins.size(); ++edge) {
    const double x = x_of_edge(edge);
    svg_.line("axis", x, y, x, y + 5);
    if (edge % every != 0) continue;
    const microseconds time = edge < of_.bins.size() ? of_.bins[edge].from : of_.bins.back().until;
    svg_.text("faint middle", x, y + 20, edge_text(of_, time));
  }
}

void distribution_drawing::put_legend() {
  constexpr double sample = 14;
  double x = svg_margin;
  const auto put = [&](std::string_view style, std::string_view words) {
    if (!style.empty()) {
      svg_.rectangle(style, x, y_, sample, sample);
      x += sample + 8;
    }
    svg_.text("faint", x, y_ + 11.5, words);
    x += width_of(words) + 30;
  };
  y_ += 12;
  if (of_.has_v6() && of_.has_others()) {
    put("v6", "IPv6");
    put("v4", "IPv4");
  }
  put("", of_.logarithmic ? "dials by milliseconds, on a logarithmic scale" : "dials by milliseconds");
  y_ += sample;
}

void distribution_drawing::put_failures(const std::vector<std::string>& failures) {
  constexpr std::size_t columns = static_cast<std::size_t>((page_width - 2 * svg_margin) / column_of_13);
  y_ += 14;
  for (const std::string& failure : failures) {
    svg_.open(failure);
    svg_.text("bad", svg_margin, y_ + 14, shortened(one_line(failure), columns, "…"));
    svg_.close();
    y_ += line_height;
  }
}

}  // namespace

std::string draw_svg(const distribution& of, const svg_caption& caption,
                     const std::vector<std::string>& failures) {
  return distribution_drawing(of, caption, failures).finished();
}

}  // namespace uvdial::cli
