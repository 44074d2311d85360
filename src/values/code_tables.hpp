#pragma once
// The tables behind the error categories, one for each library whose codes are kept. Only the files that hold
// a table know that library's header.
#include <string_view>

#include "uvdial/error.hpp"

namespace uvdial::detail {

// A libuv status, negative. "UNKNOWN" for one that libuv does not have; lives for ever.
std::string_view uv_code_name(int status) noexcept;
resolve_errc uv_resolve_errc(int status) noexcept;

// A c-ares status, positive. "UNKNOWN" for one that c-ares does not have; lives for ever.
std::string_view ares_code_name(int status) noexcept;
resolve_errc ares_resolve_errc(int status) noexcept;

std::string_view resolve_code_name(int value) noexcept;

}  // namespace uvdial::detail
