// Text from outside on its way to a terminal or into JSON.
#include "cli/safe_text.hpp"

#include "fuzz/fuzz_target.hpp"

using namespace uvdial::cli;

namespace {

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = utf8_front(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

unsigned hex_digit(char each) {
  const auto at = std::string_view("0123456789abcdef").find(each);
  fuzz::require(at != std::string_view::npos, "an escape has four digits");
  return static_cast<unsigned>(at);
}

// RFC 8259, 7.
std::string read_json(std::string_view text) {
  fuzz::require(text.size() >= 2 && text.front() == '"' && text.back() == '"',
                "a string has quotation marks");
  text = text.substr(1, text.size() - 2);
  std::string read;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      fuzz::require(text[at] != '"', "a quotation mark is escaped");
      read += text[at];
      continue;
    }
    fuzz::require(++at < text.size(), "an escape is whole");
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meant = "\"\\/\b\f\n\r\t";
    if (const auto which = letters.find(text[at]); which != std::string_view::npos) {
      read += meant[which];
      continue;
    }
    fuzz::require(text[at] == 'u' && at + 4 < text.size(), "an escape is one that there is");
    unsigned number = 0;
    for (int digit = 0; digit < 4; ++digit) number = number * 16 + hex_digit(text[++at]);
    fuzz::require(number < 0xa0, "only controls are escaped as numbers");
    if (number >= 0x80) read += '\xc2';  // the rest of its UTF-8 is the number itself
    read += static_cast<char>(number);
  }
  return read;
}

}  // namespace

FUZZ_TARGET(safe_text) {
  const std::string text = input.rest();
  const std::string line = one_line(text);
  fuzz::require(fuzz::is_one_line(line) && is_utf8(line), "a line is UTF-8 without control characters", line);
  fuzz::require(line.find("\xc2\x80") == std::string::npos && line.find("\xc2\x9b") == std::string::npos,
                "nor the second set of them", line);
  fuzz::require(one_line(line) == line, "what is safe stays as it is", line);

  std::string json;
  append_json_string(json, text);
  fuzz::require(fuzz::is_one_line(json) && is_utf8(json), "JSON is UTF-8 on one line", json);
  const std::string read = read_json(json);
  if (is_utf8(text)) fuzz::require(read == text, "and means the text", json);
}
