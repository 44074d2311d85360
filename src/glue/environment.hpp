#pragma once
#include <cstdlib>
#include <optional>
#include <string_view>

namespace uvdial::detail {

// The variable's text, or nothing where it is not set; valid until somebody changes the environment. Reading is safe in
// any thread as long as no other one writes (setenv, putenv), and this library never does.
inline std::optional<std::string_view> environment(const char* name) noexcept {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  if (value == nullptr) return std::nullopt;
  return value;
}

}  // namespace uvdial::detail
