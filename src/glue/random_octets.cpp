#include "glue/random_octets.hpp"

#include <uv.h>

namespace uvdial::detail {

bool random_octets::refill() noexcept {
  if (uv_random(nullptr, nullptr, octets_.data(), octets_.size(), 0, nullptr) < 0) return false;
  left_ = octets_.size();
  return true;
}

}  // namespace uvdial::detail
