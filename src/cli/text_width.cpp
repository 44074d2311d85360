#include "cli/text_width.hpp"

#include <algorithm>
#include <array>

#include "cli/safe_text.hpp"

namespace uvdial::cli {

namespace {

struct range {
  char32_t first, last;
};

// Unicode's East_Asian_Width W and F, in blocks; what is not assigned yet in them does not matter.
constexpr std::array wide = {range{0x1100, 0x115f},   range{0x2e80, 0x303e},   range{0x3041, 0x4dbf},
                             range{0x4e00, 0xa4cf},   range{0xa960, 0xa97f},   range{0xac00, 0xd7a3},
                             range{0xf900, 0xfaff},   range{0xfe30, 0xfe6f},   range{0xff00, 0xff60},
                             range{0xffe0, 0xffe6},   range{0x1f300, 0x1f64f}, range{0x1f680, 0x1f6ff},
                             range{0x1f900, 0x1f9ff}, range{0x20000, 0x3fffd}};

// Accents and other marks that stand on the character before them, and characters that are not seen.
constexpr std::array unseen = {range{0x0300, 0x036f},  range{0x0483, 0x0489}, range{0x0591, 0x05bd},
                               range{0x0610, 0x061a},  range{0x064b, 0x065f}, range{0x200b, 0x200f},
                               range{0x202a, 0x202e},  range{0x2060, 0x2064}, range{0x20d0, 0x20ff},
                               range{0xfe00, 0xfe0f},  range{0xfe20, 0xfe2f}, range{0xfeff, 0xfeff},
                               range{0xe0100, 0xe01ef}};

template <class Ranges>
bool any_has(const Ranges& ranges, char32_t character) noexcept {
  return std::any_of(ranges.begin(), ranges.end(),
                     [character](range one) { return one.first <= character && character <= one.last; });
}

// `bytes` are one character of UTF-8.
char32_t decoded(std::string_view bytes) noexcept {
  const auto lead = static_cast<unsigned char>(bytes[0]);
  if (bytes.size() == 1) return lead;
  char32_t character = lead & (0x7fU >> bytes.size());
  for (const char each : bytes.substr(1))
    character = character << 6 | (static_cast<unsigned char>(each) & 0x3fU);
  return character;
}

struct character {
  std::size_t bytes;
  std::size_t columns;
};

character front_of(std::string_view text) noexcept {
  const std::size_t bytes = utf8_front(text);
  if (bytes == 0) return {1, 1};
  const char32_t code = decoded(text.substr(0, bytes));
  if (any_has(unseen, code)) return {bytes, 0};
  return {bytes, any_has(wide, code) ? std::size_t{2} : std::size_t{1}};
}

// How many bytes of the front fit into so many columns.
std::size_t fitting(std::string_view text, std::size_t columns) noexcept {
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const character next = front_of(text.substr(bytes));
    if (next.columns > columns) break;
    columns -= next.columns;
    bytes += next.bytes;
  }
  return bytes;
}

// Where the line ends whose front of `room` bytes fits.
std::size_t end_of_line(std::string_view text, std::size_t room) noexcept {
  if (room >= text.size()) return text.size();
  const std::size_t space = text.rfind(' ', room);
  if (space != std::string_view::npos && space > 0) return space;
  const std::size_t mark = text.substr(0, room).find_last_of(":.%,/-");
  return mark == std::string_view::npos || mark < room / 2 ? room : mark + 1;
}

}  // namespace

std::size_t columns_of(std::string_view text) noexcept {
  std::size_t columns = 0;
  while (!text.empty()) {
    const character next = front_of(text);
    columns += next.columns;
    text.remove_prefix(next.bytes);
  }
  return columns;
}

std::string shortened(std::string_view text, std::size_t columns, std::string_view ellipsis) {
  if (columns_of(text) <= columns) return std::string(text);
  const std::size_t mark = columns_of(ellipsis);
  if (mark > columns) return std::string(text.substr(0, fitting(text, columns)));
  return std::string(text.substr(0, fitting(text, columns - mark))).append(ellipsis);
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t size = end_of_line(text, fitting(text, columns));
    lines.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  }
  return lines;
}

std::string ascii_only(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string plain;
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    if (byte < 0x80)
      plain += each;
    else
      plain.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
  }
  return plain;
}

}  // namespace uvdial::cli
