#pragma once
// Text in columns of a terminal: bytes and characters are not what fills a line. Pure.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace uvdial::cli {

// A letter of the Far East takes two columns, an accent of its own none, any other character one. What is not UTF-8
// counts by bytes.
std::size_t columns_of(std::string_view text) noexcept;

// The text, or as much of its front as fits into `columns` with `ellipsis` behind it.
std::string shortened(std::string_view text, std::size_t columns, std::string_view ellipsis);

// The text on lines of at most `columns`, broken at spaces; a word that is longer than a line is broken behind one of
// ":.%,/-" or, without any, anywhere. Nothing is lost but the spaces at the breaks. `columns` is 2 or more.
std::vector<std::string> wrapped(std::string_view text, std::size_t columns);

// Bytes beyond ASCII as \xNN, for who cannot show them.
std::string ascii_only(std::string_view text);

}  // namespace uvdial::cli
