#include "values/utf8.hpp"

#include <array>

namespace uvdial::detail {

namespace {

bool between(unsigned char byte, unsigned first, unsigned last) noexcept {
  return byte >= first && byte <= last;
}

// RFC 3629, 4: the second byte decides whether a form is overlong, a surrogate or out of range.
struct lead {
  unsigned first, last;  // of the leading byte
  std::size_t bytes;
  unsigned second_first, second_last;
};
constexpr std::array leads = {
    lead{0x00, 0x7f, 1, 0, 0},       lead{0xc2, 0xdf, 2, 0x80, 0xbf}, lead{0xe0, 0xe0, 3, 0xa0, 0xbf},
    lead{0xe1, 0xec, 3, 0x80, 0xbf}, lead{0xed, 0xed, 3, 0x80, 0x9f}, lead{0xee, 0xef, 3, 0x80, 0xbf},
    lead{0xf0, 0xf0, 4, 0x90, 0xbf}, lead{0xf1, 0xf3, 4, 0x80, 0xbf}, lead{0xf4, 0xf4, 4, 0x80, 0x8f}};

std::size_t checked(std::string_view text, const lead& form) noexcept {
  if (form.bytes == 1) return 1;
  if (text.size() < form.bytes) return 0;
  if (!between(static_cast<unsigned char>(text[1]), form.second_first, form.second_last)) return 0;
  for (std::size_t i = 2; i < form.bytes; ++i)
    if (!between(static_cast<unsigned char>(text[i]), 0x80, 0xbf)) return 0;
  return form.bytes;
}

bool is_control(char each) noexcept {
  const auto byte = static_cast<unsigned char>(each);
  return byte < 0x20 || byte == 0x7f;
}

void append_escaped(std::string& line, char each) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(each);
  line += "\\x";
  line += digits[byte >> 4];
  line += digits[byte & 15];
}

}  // namespace

std::size_t utf8_front(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto byte = static_cast<unsigned char>(text[0]);
  for (const lead& form : leads)
    if (between(byte, form.first, form.last)) return checked(text, form);
  return 0;
}

bool is_second_control(std::string_view character) noexcept {
  return character.size() == 2 && character[0] == '\xc2' && static_cast<unsigned char>(character[1]) < 0xa0;
}

void append_readable(std::string& line, std::string_view& text) {
  const std::size_t found = utf8_front(text);
  const std::string_view character = text.substr(0, found == 0 ? 1 : found);
  text.remove_prefix(character.size());
  if (found != 0 && !is_control(character[0]) && !is_second_control(character)) {
    line += character;
    return;
  }
  for (const char each : character) append_escaped(line, each);
}

std::string_view utf8_cut(std::string_view text, std::size_t most) noexcept {
  if (text.size() <= most) return text;
  // A character has four bytes at most. What is no UTF-8 may be cut anywhere.
  for (std::size_t back = 1; back <= 3 && back <= most; ++back) {
    if (utf8_front(text.substr(most - back)) > back) return text.substr(0, most - back);
  }
  return text.substr(0, most);
}

}  // namespace uvdial::detail
