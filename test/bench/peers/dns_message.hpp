#pragma once
// As much of DNS messages (RFC 1035) as the bare system calls need: one question out, the first address back.
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bench {

inline constexpr std::uint16_t type_a = 1;
inline constexpr std::uint16_t type_aaaa = 28;

using octets = std::span<const std::uint8_t>;

inline std::uint16_t number_at(octets message, std::size_t at) {
  return static_cast<std::uint16_t>(message[at] << 8 | message[at + 1]);
}

// A question, which is written once and sent for both types.
class question {
 public:
  explicit question(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host.empty() || host.size() > 253)
      throw std::invalid_argument("not a name: \"" + std::string(host) + '"');
    bytes_[2] = 1;  // recursion is desired
    bytes_[5] = 1;  // one question
    size_ = 12;
    std::string_view rest = host;
    while (!rest.empty()) {
      const std::string_view label = rest.substr(0, rest.find('.'));
      if (label.empty() || label.size() > 63)
        throw std::invalid_argument("not a name: \"" + std::string(host) + '"');
      bytes_[size_++] = static_cast<std::uint8_t>(label.size());
      std::memcpy(bytes_.data() + size_, label.data(), label.size());
      size_ += label.size();
      rest.remove_prefix(std::min(rest.size(), label.size() + 1));
    }
    ++size_;  // the root
    size_ += 3;
    bytes_[size_++] = 1;  // class IN
  }

  octets message(std::uint16_t id, std::uint16_t type) {
    write(0, id);
    write(size_ - 4, type);
    return {bytes_.data(), size_};
  }

 private:
  void write(std::size_t at, std::uint16_t number) {
    bytes_[at] = static_cast<std::uint8_t>(number >> 8);
    bytes_[at + 1] = static_cast<std::uint8_t>(number & 0xff);
  }

  std::array<std::uint8_t, 12 + 255 + 4> bytes_{};
  std::size_t size_ = 0;
};

inline bool is_answer(octets message) { return message.size() >= 12 && (message[2] & 0x80) != 0; }
inline unsigned answer_code(octets message) { return message[3] & 0x0f; }
inline bool is_truncated(octets message) { return (message[2] & 0x02) != 0; }

// Behind the name that begins at `at`, or the size of the message if it does not end.
inline std::size_t after_name(octets message, std::size_t at) {
  while (at < message.size()) {
    const std::uint8_t length = message[at];
    if (length == 0) return at + 1;
    if (length >= 0xc0) return at + 2;  // a pointer is always the end of a name
    at += std::size_t{1} + length;
  }
  return message.size();
}

// The data of the first record of this type.
inline std::optional<octets> first_address(octets message, std::uint16_t type) {
  std::size_t at = 12;
  for (unsigned questions = number_at(message, 4); questions > 0; --questions)
    at = after_name(message, at) + 4;
  for (unsigned answers = number_at(message, 6); answers > 0; --answers) {
    at = after_name(message, at);
    if (at + 10 > message.size()) return std::nullopt;
    const std::size_t data = at + 10, size = number_at(message, at + 8);
    if (data + size > message.size()) return std::nullopt;
    if (number_at(message, at) == type && size == (type == type_a ? 4 : 16))
      return message.subspan(data, size);
    at = data + size;
  }
  return std::nullopt;
}

}  // namespace bench
