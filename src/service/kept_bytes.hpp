#pragma once
// Bytes that a read had taken from the socket when it ended without giving them to anybody.
#include <algorithm>
#include <cstddef>
#include <new>
#include <span>
#include <utility>
#include <vector>

namespace uvdial::detail {

class kept_bytes {
 public:
  std::size_t size() const noexcept { return bytes_.size() - begin_; }

  // In front of those that are kept already. False: no memory, and nothing has changed.
  bool put_back(std::span<const std::byte> bytes) noexcept try {
    if (bytes.empty()) return true;
    std::vector<std::byte> all;
    all.reserve(bytes.size() + size());
    all.insert(all.end(), bytes.begin(), bytes.end());
    all.insert(all.end(), first(), bytes_.cend());
    bytes_ = std::move(all);
    begin_ = 0;
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }

  // Copies the first of them, as many as fit, and says how many; they stay.
  std::size_t peek(std::span<std::byte> into) const noexcept {
    const std::size_t count = std::min(into.size(), size());
    std::copy_n(first(), count, into.begin());
    return count;
  }

  // Drops the first `count`.
  void take(std::size_t count) noexcept {
    begin_ += count;
    if (size() != 0) return;
    bytes_ = {};  // mostly empty for the rest of the stream's life
    begin_ = 0;
  }

 private:
  std::vector<std::byte>::const_iterator first() const noexcept {
    return bytes_.cbegin() + static_cast<std::ptrdiff_t>(begin_);
  }

  std::vector<std::byte> bytes_{};
  std::size_t begin_ = 0;
};

}  // namespace uvdial::detail
