#include "cli/safe_text.hpp"

namespace uvdial::cli {

namespace {

using detail::is_second_control;

constexpr std::string_view hex_digits = "0123456789abcdef";

bool is_control(unsigned char byte) noexcept { return byte < 0x20 || byte == 0x7f; }

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

std::string one_line(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  while (!text.empty()) detail::append_readable(line, text);
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
