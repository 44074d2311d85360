#include "values/code_tables.hpp"

namespace uvdial {

namespace {

// Above this, libuv counts codes of its own, which are no errno values.
constexpr int highest_errno = 2999;

}  // namespace

std::string_view code_name(const std::error_code& code) noexcept {
  const auto& category = code.category();
  const int value = code.value();
  if (category == uv_category()) return detail::uv_code_name(value);
  if (category == ares_category()) return detail::ares_code_name(value);
  if (category == resolve_category()) return detail::resolve_code_name(value);
  const bool of_the_system = category == std::generic_category() || category == std::system_category();
  // On POSIX systems libuv's codes are errno values with a minus sign.
  if (of_the_system && value > 0 && value <= highest_errno) return detail::uv_code_name(-value);
  return "UNKNOWN";
}

}  // namespace uvdial
