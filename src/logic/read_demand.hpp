#pragma once
// What one read wants of a stream's bytes, and how far it has got.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace uvdial::detail {

enum class read_form : std::uint8_t {
  some,     // whatever has come
  exactly,  // the buffer full
  until,    // up to a delimiter and no further
  pieces    // whatever has come, again and again into the same buffer
};

// Bytes come in two steps: first they are looked at where they would go, then so many of them are taken as this
// says. Only `until` ever says fewer than it was shown: nothing behind the delimiter may be taken.
class read_demand {
 public:
  static constexpr std::size_t longest_delimiter = 64;
  enum class state : std::uint8_t { goes_on, complete, full };  // full: and no delimiter in it

  read_demand() noexcept = default;
  // `delimiter`: for `until`, not longer than `longest_delimiter`; it is copied.
  read_demand(read_form form, std::span<std::byte> into, std::string_view delimiter = {}) noexcept;

  read_form form() const noexcept { return form_; }
  const char* name() const noexcept;  // of the call that makes such a read
  std::span<std::byte> buffer() const noexcept { return into_; }
  std::span<std::byte> rest() const noexcept { return into_.subspan(taken_); }  // where the next bytes go
  std::span<std::byte> got() const noexcept { return into_.first(taken_); }     // never anything for `pieces`

  // How many of the `seen` bytes (not more than the rest) that stand at the start of rest() may be taken.
  std::size_t may_take(std::size_t seen) const noexcept;
  // So many were put at the start of rest().
  state took(std::size_t count) noexcept;
  void forget() noexcept { taken_ = 0; }  // what it got has gone elsewhere

 private:
  std::string_view delimiter() const noexcept { return {delimiter_.data(), delimiter_size_}; }
  std::string_view text(std::size_t size) const noexcept {
    return {reinterpret_cast<const char*>(into_.data()), size};
  }

  std::span<std::byte> into_{};
  std::size_t taken_ = 0;
  read_form form_ = read_form::some;
  std::uint8_t delimiter_size_ = 0;
  std::array<char, longest_delimiter> delimiter_{};  // the first `delimiter_size_` of them
};

}  // namespace uvdial::detail
