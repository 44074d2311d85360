#pragma once
// Text from outside, character by character: what of it can be printed, and where it can be cut.
#include <cstddef>
#include <string>
#include <string_view>

namespace uvdial::detail {

// How many bytes the UTF-8 character at the front of `text` has; 0 when `text` is empty or does not start
// with one. Overlong forms, surrogates and values over U+10FFFF are not UTF-8 (RFC 3629, 3 and 4).
std::size_t utf8_front(std::string_view text) noexcept;

// The characters U+0080 to U+009F: some terminals take them for the start of a command.
bool is_second_control(std::string_view character) noexcept;

// Takes a character off the front of `text`, or a byte that belongs to none, and appends it: as it is, or where it
// cannot be printed (a control character, no UTF-8) as "\x1b" for each of its bytes. Nothing of an empty text.
void append_readable(std::string& line, std::string_view& text);

// The longest front of `text` that has at most so many bytes and cuts no character.
std::string_view utf8_cut(std::string_view text, std::size_t most) noexcept;

}  // namespace uvdial::detail
