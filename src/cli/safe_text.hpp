#pragma once
// Text that came from outside (arguments, names, server answers) on its way to a terminal or into JSON.
#include <cstddef>
#include <string>
#include <string_view>

namespace uvdial::cli {

// How many bytes the UTF-8 character at the front of `text` has; 0 when `text` is empty or does not start
// with one. Overlong forms, surrogates and values over U+10FFFF are not UTF-8 (RFC 3629, 3 and 4).
std::size_t utf8_front(std::string_view text) noexcept;

// The same text on one line: control characters and bytes that are not UTF-8 become \xNN.
std::string one_line(std::string_view text);

// Appends `text` as a JSON string with its quotation marks (RFC 8259, 7). Bytes that are not UTF-8 become
// U+FFFD.
void append_json_string(std::string& to, std::string_view text);

}  // namespace uvdial::cli
