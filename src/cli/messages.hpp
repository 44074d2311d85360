#pragma once
#include <string_view>

namespace uvdial::cli {

// One line on standard error, whatever is in `text`: "uvdial: <text>".
void complain(std::string_view text) noexcept;

}  // namespace uvdial::cli
