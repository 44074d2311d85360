#include "cli/chart_glyphs.hpp"

namespace uvdial::cli {

namespace {

struct glyphs {
  std::string_view question, attempt, failed, won, cross;
};
constexpr glyphs of_unicode{"░", "▒", "─", "█", "╳"};
constexpr glyphs of_ascii{".", "=", "-", "#", "x"};

std::string_view body_of(const bar& one, const glyphs& set) {
  if (one.family) return set.question;
  if (one.now == bar::state::won) return set.won;
  return one.now == bar::state::failed ? set.failed : set.attempt;
}

}  // namespace

std::string bar_glyphs(const bar& one, std::size_t columns, bool ascii) {
  const glyphs& set = ascii ? of_ascii : of_unicode;
  const std::string_view body = body_of(one, set);
  std::string text;
  for (std::size_t column = 1; column < columns; ++column) text += body;
  return text.append(went_wrong(one) ? set.cross : body);
}

std::string_view colour_of(const bar& one) {
  if (one.now == bar::state::won) return "\x1b[32m";
  if (went_wrong(one)) return "\x1b[31m";
  return one.family ? "\x1b[36m" : "\x1b[33m";
}

std::string painted(std::string_view text, std::string_view colour, bool wanted) {
  if (!wanted || text.empty()) return std::string(text);
  return std::string(colour).append(text).append("\x1b[0m");
}

}  // namespace uvdial::cli
