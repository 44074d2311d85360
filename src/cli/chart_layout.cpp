#include "cli/chart_layout.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "cli/text_width.hpp"

namespace uvdial::cli {
namespace {

constexpr std::size_t shortest_bar = 16;
constexpr std::string_view label_of_question = "DNS AAAA";  // the longest

struct arrangement {
  bool labels_beside;
  note_size notes;
};
// The best that fits is taken.
constexpr std::array beside = {arrangement{true, note_size::with_server}, arrangement{true, note_size::plain},
                               arrangement{true, note_size::brief}, arrangement{false, note_size::plain},
                               arrangement{false, note_size::brief}};

// Of a dial that was over soon the tenths of a millisecond are worth telling.
std::size_t decimals_for(const picture& drawn) {
  return drawn.length < std::chrono::milliseconds(10) ? 1 : 0;
}

std::vector<row> rows_of(const picture& drawn, note_size notes, bool ascii) {
  std::vector<row> rows;
  const auto fit = [ascii](std::string text) { return ascii ? ascii_only(text) : text; };
  const std::size_t decimals = decimals_for(drawn);
  for (const bar& one : drawn.bars) {
    rows.push_back({fit(label_of(one)), times_of(one, decimals), fit(note_of(one, drawn, notes)),
                    fit(note_of(one, drawn, note_size::brief))});
  }
  return rows;
}

std::size_t longest(const std::vector<row>& rows, std::string row::*column) {
  std::size_t size = 0;
  for (const row& one : rows) size = std::max(size, columns_of(one.*column));
  return size;
}

chart_layout with_labels(std::vector<row> rows, std::size_t width, bool labels_beside) {
  chart_layout made{.width = width, .label = longest(rows, &row::label), .times = longest(rows, &row::times)};
  if (!labels_beside) made.label = std::min(made.label, label_of_question.size());
  const std::size_t rest = made.left() + 2 * chart_layout::gap + made.times + longest(rows, &row::note);
  made.drawing = width - std::min(width, rest);
  made.rows = std::move(rows);
  return made;
}

}  // namespace

chart_layout lay_out(const picture& drawn, std::size_t width, bool ascii) {
  for (const arrangement& each : beside) {
    chart_layout made = with_labels(rows_of(drawn, each.notes, ascii), width, each.labels_beside);
    if (made.drawing >= shortest_bar) return made;
  }
  chart_layout made{
      .rows = rows_of(drawn, note_size::with_server, ascii), .width = width, .notes_above = true};
  made.times = longest(made.rows, &row::times);
  made.drawing = width - made.left() - chart_layout::gap - made.times;
  return made;
}

}  // namespace uvdial::cli
