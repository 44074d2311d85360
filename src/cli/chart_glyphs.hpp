#pragma once
// What a bar is made of in a terminal. Each kind has a glyph of its own, so that colour is a help and no need.
//
//   question  ░░░░   .... (ASCII)   without an answer that is one  ░░░╳   ...x
//   attempt   ▒▒▒▒   ====           failed                         ───╳   ---x
//   winner    ████   ####
#include <string>
#include <string_view>

#include "cli/picture.hpp"

namespace uvdial::cli {

// `columns` is 1 or more.
std::string bar_glyphs(const bar& one, std::size_t columns, bool ascii);

std::string_view colour_of(const bar& one);

// The text between an ANSI colour and its end; as it is where that is not wanted, or there is none.
std::string painted(std::string_view text, std::string_view colour, bool wanted);

}  // namespace uvdial::cli
