#pragma once
// Text that came from outside (arguments, names, server answers) on its way to a terminal or into JSON.
#include <string>
#include <string_view>

#include "values/utf8.hpp"

namespace uvdial::cli {

using detail::utf8_front;

// The same text on one line: control characters and bytes that are not UTF-8 become \xNN.
std::string one_line(std::string_view text);

// Appends `text` as a JSON string with its quotation marks (RFC 8259, 7). Bytes that are not UTF-8 become
// U+FFFD.
void append_json_string(std::string& to, std::string_view text);

}  // namespace uvdial::cli
