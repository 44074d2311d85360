#include "glue/datagram_batch.hpp"

#include <cstring>
#include <utility>

namespace uvdial::detail {

datagram_batch::datagram_batch() noexcept {
  for (std::size_t i = 0; i < most; ++i) {
    headers_[i].msg_hdr.msg_iov = &pieces_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
    pieces_[i].iov_base = octets_[i].data();
  }
}

bool datagram_batch::add(std::span<const iovec> pieces) noexcept {
  if (full()) return false;
  std::size_t size = 0;
  for (const iovec& each : pieces) {
    if (each.iov_len > most_octets - size) return false;
    std::memcpy(octets_[count_].data() + size, each.iov_base, each.iov_len);
    size += each.iov_len;
  }
  pieces_[count_++].iov_len = size;
  return true;
}

std::span<mmsghdr> datagram_batch::take() noexcept {
  return std::span(headers_).first(std::exchange(count_, 0));
}

}  // namespace uvdial::detail
