#pragma once
// The IPv4 addresses that an IPv6 address leads to.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace uvdial::detail {

using v4_bytes = std::array<std::uint8_t, 4>;
using v6_bytes = std::array<std::uint8_t, 16>;

class inner_addresses {
 public:
  explicit inner_addresses(const v6_bytes& of) noexcept;  // empty for a plain IPv6 address

  const v4_bytes* begin() const noexcept { return found_.data(); }
  const v4_bytes* end() const noexcept { return found_.data() + count_; }
  bool empty() const noexcept { return count_ == 0; }

 private:
  void add(const v4_bytes& one) noexcept { found_[count_++] = one; }
  void add_local_nat64(const v6_bytes& of) noexcept;

  std::array<v4_bytes, 5> found_{};  // the most there are: four of a local NAT64 address, and one of ISATAP
  std::size_t count_ = 0;
};

}  // namespace uvdial::detail
