#pragma once
#include <string_view>

namespace uvdial::cli {

// One line on standard error, whatever is in `text`: "uvdial: <text>".
void complain(std::string_view text) noexcept;

// The line after it: "uvdial: hint: <text>". Nothing for an empty text.
void advise(std::string_view text) noexcept;

// `text` as it is on standard output. False: it could not be written, and that has been said.
bool print(std::string_view text);

}  // namespace uvdial::cli
