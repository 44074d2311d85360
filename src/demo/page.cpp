#include "demo/page.hpp"

#include <unistd.h>

#include <iostream>

#include "cli/terminal_style.hpp"
#include "cli/text_width.hpp"

namespace uvdial::demo {
namespace {

constexpr std::size_t margin = 2;

std::string_view code_of(ink look) {
  switch (look) {
    case ink::plain: return "";
    case ink::strong: return "\x1b[1m";
    case ink::faint: return "\x1b[2m";
    case ink::good: return "\x1b[32m";
    case ink::bad: return "\x1b[31m";
  }
  return "";
}

std::string inked(std::string_view text, ink look, bool colour) {
  if (!colour || look == ink::plain || text.empty()) return std::string(text);
  return std::string(code_of(look)) + std::string(text) + "\x1b[0m";
}

}  // namespace

page::page() : style_(cli::style_for(STDOUT_FILENO)) {}

void page::chart(std::span<const cli::traced_step> steps) {
  for (const std::string& line : cli::draw_chart(steps, style_)) std::cout << line << '\n';
}

void page::line(std::string_view text, ink look) {
  const std::string whole(text);
  for (const std::string& part : cli::fit_lines({&whole, 1}, style_))
    std::cout << inked(part, look, style_.colour) << '\n';
  if (text.empty()) std::cout << '\n';
}

void page::note(std::string_view word, std::string_view text, ink look) {
  const std::size_t start = margin + word.size() + margin;
  std::cout << std::string(margin, ' ') << inked(word, look, style_.colour) << std::string(margin, ' ');
  std::string_view before;
  const std::string between = "\n" + std::string(start, ' ');
  for (const std::string& part : cli::wrapped(text, style_.width - start)) {
    std::cout << before << part;
    before = between;
  }
  std::cout << '\n' << std::flush;  // each dial is to be seen when it ends, also through a pipe
}

}  // namespace uvdial::demo
