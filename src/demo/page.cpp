#include "demo/page.hpp"

#include <unistd.h>

#include <iostream>

#include "cli/terminal_colour.hpp"

namespace uvdial::demo {
namespace {

constexpr std::size_t width = 80;
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

// Takes the words that fit from the front; a word too long for a line gets one of its own.
std::string_view take_line(std::string_view& rest, std::size_t room) {
  std::size_t size = rest.size();
  if (size > room) {
    size = rest.rfind(' ', room);
    if (size == std::string_view::npos) size = rest.find(' ');
  }
  const std::string_view taken = rest.substr(0, size);
  rest.remove_prefix(taken.size());
  if (!rest.empty()) rest.remove_prefix(1);
  return taken;
}

}  // namespace

page::page() : colour_(cli::takes_colour(STDOUT_FILENO)) {}

void page::line(std::string_view text, ink look) { std::cout << inked(text, look, colour_) << '\n'; }

void page::note(std::string_view word, std::string_view text, ink look) {
  const std::size_t start = margin + word.size() + margin;
  std::cout << std::string(margin, ' ') << inked(word, look, colour_) << std::string(margin, ' ');
  for (std::string_view rest = text; !rest.empty();) {
    std::cout << take_line(rest, width - start) << '\n';
    if (!rest.empty()) std::cout << std::string(start, ' ');
  }
  std::cout << std::flush;  // each dial is to be seen when it ends, also through a pipe
}

}  // namespace uvdial::demo
