#include "cli/svg_dial.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "cli/picture.hpp"
#include "cli/safe_text.hpp"
#include "cli/svg_caption.hpp"
#include "cli/svg_text.hpp"
#include "cli/text_width.hpp"
#include "cli/time_axis.hpp"
#include "cli/time_text.hpp"

namespace uvdial::cli {
namespace {

using std::chrono::microseconds;

constexpr double usual_width = 840;
constexpr double gap = 18;  // between columns
constexpr double shortest_bar_room = 280;
constexpr double row_height = 28;
constexpr double label_line = 18;  // of a label that stands above its bar
constexpr double least_bar = 3;    // wide, however short it was
constexpr double tick_room = 70;   // at least, from one number of the axis to the next
constexpr std::string_view label_of_question = "DNS AAAA";

double width_of(std::string_view text) { return static_cast<double>(columns_of(text)) * column_of_13; }

struct words {
  std::string label;
  std::string times;
  std::string note;
};

// Where the columns stand, and what is in them.
struct plan {
  std::vector<words> rows{};
  double label = 0;  // wide; longer labels stand above their bars
  double bars = 0;   // x
  double drawing = 0;
  double times_end = 0;
  double notes = 0;
  double width = usual_width;
};

std::vector<words> words_of(const picture& drawn, note_size notes) {
  std::vector<words> rows;
  const std::size_t decimals = drawn.length < std::chrono::milliseconds(10) ? 1 : 0;
  for (const bar& one : drawn.bars)
    rows.push_back({label_of(one), times_of(one, decimals), note_of(one, drawn, notes)});
  return rows;
}

double longest(const std::vector<words>& rows, std::string words::*column) {
  double width = 0;
  for (const words& one : rows) width = std::max(width, width_of(one.*column));
  return width;
}

plan plan_with(std::vector<words> rows, bool labels_beside) {
  plan made{.label = longest(rows, &words::label)};
  if (!labels_beside) made.label = std::min(made.label, width_of(label_of_question));
  made.bars = svg_margin + made.label + gap;
  const double after = 2 * gap + longest(rows, &words::times) + longest(rows, &words::note) + svg_margin;
  made.drawing = usual_width - made.bars - after;
  if (!labels_beside && made.drawing < shortest_bar_room) {
    made.drawing = shortest_bar_room;
    made.width = made.bars + made.drawing + after;
  }
  made.times_end = made.bars + made.drawing + gap + longest(rows, &words::times);
  made.notes = made.times_end + gap;
  made.rows = std::move(rows);
  return made;
}

plan plan_for(const picture& drawn) {
  for (const note_size notes : {note_size::with_server, note_size::plain}) {
    plan made = plan_with(words_of(drawn, notes), true);
    if (made.drawing >= shortest_bar_room) return made;
  }
  return plan_with(words_of(drawn, note_size::plain), false);
}

std::string_view class_of(const bar& one) {
  if (one.family) return "question";
  if (one.now == bar::state::won) return "won";
  return one.now == bar::state::failed ? "failed" : "attempt";
}

std::string_view class_of_note(const bar& one) {
  if (one.now == bar::state::won) return "good";
  return went_wrong(one) ? "bad" : "faint";
}

std::string tooltip_of(const bar& one, const picture& drawn) {
  std::string text = label_of(one);
  if (one.now != bar::state::blocked) {
    text.append(": ").append(milliseconds_text(one.from, 3)).append(" to ");
    text.append(milliseconds_text(one.until, 3)).append(" ms");
  }
  return text.append(", ").append(note_of(one, drawn, note_size::with_server));
}

std::string description_of(const picture& drawn, const svg_caption& caption) {
  std::string text;
  for (const std::string& line : caption.lines) text.append(line).append(". ");
  for (const bar& one : drawn.bars) text.append(tooltip_of(one, drawn)).append(". ");
  return text;
}

class dial_drawing {
 public:
  dial_drawing(const picture& drawn, const svg_caption& caption)
      : drawn_(drawn),
        plan_(plan_for(drawn)),
        svg_(plan_.width, "Dial of " + caption.host, description_of(drawn, caption)) {
    y_ = put_caption(svg_, plan_.width, caption.host, caption.lines);
    if (!drawn.bars.empty()) put_bars();
    svg_.set_height(y_ + svg_margin);
  }

  std::string finished() const { return svg_.finished(); }

 private:
  double x_of(microseconds time) const {
    const auto length = static_cast<double>(std::max<std::int64_t>(drawn_.length.count(), 1));
    return plan_.bars + plan_.drawing * static_cast<double>(time.count()) / length;
  }
  double height_of(const words& row) const {
    return width_of(row.label) > plan_.label ? row_height + label_line : row_height;
  }
  void put_bars();
  void put_axis(double bottom);
  void put_row(const bar& one, const words& row);
  void put_bar(const bar& one, double middle);
  void put_legend();

  const picture& drawn_;
  const plan plan_;
  svg svg_;
  double y_ = 0;
};

void dial_drawing::put_bars() {
  constexpr double axis_height = 30;
  y_ += gap;
  double bottom = y_ + axis_height;
  for (const words& row : plan_.rows) bottom += height_of(row);
  put_axis(bottom);
  y_ += axis_height;
  for (std::size_t index = 0; index < drawn_.bars.size(); ++index)
    put_row(drawn_.bars[index], plan_.rows[index]);
  put_legend();
}

void dial_drawing::put_axis(double bottom) {
  const double per_pixel = static_cast<double>(drawn_.length.count()) / plan_.drawing;
  const microseconds step =
      round_step(std::max(microseconds(static_cast<std::int64_t>(per_pixel * tick_room)), microseconds(100)));
  svg_.text("faint right", plan_.bars - gap, y_ + 12, "ms");
  for (microseconds at{0}; at <= drawn_.length; at += step) {
    svg_.text("faint middle", x_of(at), y_ + 12,
              milliseconds_text(at, at.count() == 0 ? 0 : decimals_of(step)));
    svg_.line(at.count() == 0 ? "axis" : "grid", x_of(at), y_ + 20, x_of(at), bottom);
  }
}

void dial_drawing::put_row(const bar& one, const words& row) {
  const double height = height_of(row);
  const double middle = y_ + height - row_height / 2;
  const double baseline = middle + 4.5;
  svg_.open(tooltip_of(one, drawn_));
  svg_.rectangle("hit", svg_margin / 2, y_, plan_.width - svg_margin, height, R"( fill-opacity="0")");
  const bool above = height > row_height;  // and so over the lines of the axis
  svg_.text(above ? "ink halo" : "ink", svg_margin, above ? y_ + 14 : baseline, row.label);
  if (one.now != bar::state::blocked) put_bar(one, middle);
  if (!row.times.empty()) svg_.text("faint right", plan_.times_end, baseline, row.times);
  svg_.text(class_of_note(one), plan_.notes, baseline, row.note);
  svg_.close();
  y_ += height;
}

// A thin bar is a question. At the right edge a bar keeps its least width by beginning earlier.
void dial_drawing::put_bar(const bar& one, double middle) {
  const double thick = one.family ? 6 : 14;
  const double end =
      std::max(x_of(one.until), std::min(x_of(one.from) + least_bar, plan_.bars + plan_.drawing));
  const double begin = std::min(x_of(one.from), end - least_bar);
  const std::string data = " rx=\"2\" data-from=\"" + milliseconds_text(one.from, 3) + "\" data-until=\"" +
                           milliseconds_text(one.until, 3) + "\"";
  svg_.rectangle(class_of(one), begin, middle - thick / 2, end - begin, thick, data);
  if (went_wrong(one)) svg_.cross(end, middle);
}

// Of what there is to be seen.
void dial_drawing::put_legend() {
  struct kind {
    std::string_view style, words;
  };
  constexpr std::array kinds = {kind{"question", "question to DNS"}, kind{"attempt", "attempt"},
                                kind{"failed", "failed attempt"}, kind{"won", "winner"}};
  constexpr double sample = 22;
  y_ += gap;
  double x = svg_margin;
  for (const kind& each : kinds) {
    const bool seen = std::any_of(drawn_.bars.begin(), drawn_.bars.end(), [&each](const bar& one) {
      return one.now != bar::state::blocked && class_of(one) == each.style;
    });
    if (!seen) continue;
    const double thick = each.style == "question" ? 6 : 14;
    svg_.rectangle(each.style, x, y_ + 7 - thick / 2, sample, thick, R"( rx="2")");
    if (each.style == "failed") svg_.cross(x + sample - 5, y_ + 7);
    svg_.text("faint", x + sample + 10, y_ + 11.5, each.words);
    x += sample + 10 + width_of(each.words) + 2 * gap;
  }
  y_ += 14;
}

}  // namespace

std::string draw_svg(std::span<const traced_step> steps, const svg_caption& caption) {
  const picture drawn = read_picture(steps);
  return dial_drawing(drawn, caption).finished();
}

}  // namespace uvdial::cli
