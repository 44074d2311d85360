#include "cli/safe_text.hpp"

#include <array>

namespace uvdial::cli {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

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

bool is_control(unsigned char byte) noexcept { return byte < 0x20 || byte == 0x7f; }

// U+0080 to U+009F: some terminals take them for the start of a command.
bool is_second_control(std::string_view character) noexcept {
  return character.size() == 2 && character[0] == '\xc2' && static_cast<unsigned char>(character[1]) < 0xa0;
}

void append_hex(std::string& to, unsigned char byte) {
  to += hex_digits[byte >> 4];
  to += hex_digits[byte & 15];
}

// RFC 8259, 7: "the characters that MUST be escaped: quotation mark, reverse solidus, and the control
// characters". DEL and the second controls are escaped too: a log may be looked at on a terminal.
void append_json_character(std::string& to, std::string_view character) {
  if (is_second_control(character)) {
    to += "\\u00";
    return append_hex(to, static_cast<unsigned char>(character[1]));
  }
  const auto byte = static_cast<unsigned char>(character[0]);
  if (byte == '"' || byte == '\\') {
    to += '\\';
    to += character;
    return;
  }
  if (!is_control(byte)) {
    to += character;
    return;
  }
  constexpr std::string_view with_letter = "\b\f\n\r\t";
  if (const auto at = with_letter.find(character[0]); at != std::string_view::npos) {
    to += '\\';
    to += "bfnrt"[at];
    return;
  }
  to += "\\u00";
  append_hex(to, byte);
}

}  // namespace

std::size_t utf8_front(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto byte = static_cast<unsigned char>(text[0]);
  for (const lead& form : leads)
    if (between(byte, form.first, form.last)) return checked(text, form);
  return 0;
}

std::string one_line(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  while (!text.empty()) {
    const std::size_t found = utf8_front(text);
    const std::string_view character = text.substr(0, found == 0 ? 1 : found);
    const bool plain =
        found != 0 && !is_control(static_cast<unsigned char>(character[0])) && !is_second_control(character);
    if (plain) line += character;
    for (std::size_t i = 0; !plain && i < character.size(); ++i) {
      line += "\\x";
      append_hex(line, static_cast<unsigned char>(character[i]));
    }
    text.remove_prefix(character.size());
  }
  return line;
}

void append_json_string(std::string& to, std::string_view text) {
  to += '"';
  while (!text.empty()) {
    const std::size_t found = utf8_front(text);
    if (found == 0)
      to += "\xef\xbf\xbd";
    else
      append_json_character(to, text.substr(0, found));
    text.remove_prefix(found == 0 ? 1 : found);
  }
  to += '"';
}

}  // namespace uvdial::cli
