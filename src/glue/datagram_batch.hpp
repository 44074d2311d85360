#pragma once
// Datagrams for one peer that leave in one call.
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <span>

namespace uvdial::detail {

// Holds copies. Pinned: its headers point into it.
class datagram_batch {
 public:
  datagram_batch() noexcept;
  datagram_batch(const datagram_batch&) = delete;
  datagram_batch& operator=(const datagram_batch&) = delete;
  ~datagram_batch() = default;

  bool empty() const noexcept { return count_ == 0; }
  bool full() const noexcept { return count_ == most; }
  // Behind those that are there; false: there is no room for it.
  bool add(std::span<const iovec> pieces) noexcept;
  // All of them, which leaves none; they live until the next add().
  std::span<mmsghdr> take() noexcept;
  void clear() noexcept { count_ = 0; }

 private:
  static constexpr std::size_t most = 32;
  static constexpr std::size_t most_octets = 512;  // a question has 12, a name of at most 255, and 15 more

  std::array<mmsghdr, most> headers_{};
  std::array<iovec, most> pieces_{};
  std::array<std::array<char, most_octets>, most> octets_;
  std::size_t count_ = 0;
};

}  // namespace uvdial::detail
