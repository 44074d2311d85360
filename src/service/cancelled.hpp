#pragma once
// The error of a call that was cancelled.
#include <uv.h>

#include <memory>
#include <string>

#include "uvdial/error.hpp"

namespace uvdial::detail {

// what() is "NAME: operation canceled".
inline std::shared_ptr<const error> make_cancelled(const char* name) noexcept {
  const std::error_code code(UV_ECANCELED, uv_category());
  try {
    return make_error(error_kind::cancelled, code, std::string(name) + ": " + code.message());
  } catch (const std::bad_alloc&) {
    return make_error(error_kind::cancelled, code, {});
  }
}

}  // namespace uvdial::detail
