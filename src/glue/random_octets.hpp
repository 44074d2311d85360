#pragma once
// Numbers that nobody can foretell.
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>

namespace uvdial::detail {

// From the system, a few dozen at a time.
class random_octets {
 public:
  // nullopt: the system has none to give.
  template <class Number>
  std::optional<Number> take() noexcept {
    static_assert(std::is_unsigned_v<Number>);
    Number made = 0;
    if (left_ < sizeof made && !refill()) return std::nullopt;
    left_ -= sizeof made;
    std::memcpy(&made, octets_.data() + left_, sizeof made);
    return made;
  }

 private:
  bool refill() noexcept;

  std::array<unsigned char, 128> octets_{};
  std::size_t left_ = 0;
};

}  // namespace uvdial::detail
