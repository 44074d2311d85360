#include "logic/read_demand.hpp"

#include <algorithm>

namespace uvdial::detail {

read_demand::read_demand(read_form form, std::span<std::byte> into, std::string_view delimiter) noexcept
    : into_(into), form_(form), delimiter_size_(static_cast<std::uint8_t>(delimiter.size())) {
  std::copy(delimiter.begin(), delimiter.end(), delimiter_.begin());
}

const char* read_demand::name() const noexcept {
  switch (form_) {
    case read_form::exactly: return "read_exactly";
    case read_form::until: return "read_until";
    case read_form::pieces: return "receive";
    case read_form::some: break;
  }
  return "read";
}

// The delimiter may have begun in what was taken before.
std::size_t read_demand::may_take(std::size_t seen) const noexcept {
  if (form_ != read_form::until) return seen;
  const std::size_t before = std::min<std::size_t>(taken_, delimiter_size_ - 1u);
  const std::size_t found = text(taken_ + seen).find(delimiter(), taken_ - before);
  return found == std::string_view::npos ? seen : found + delimiter_size_ - taken_;
}

read_demand::state read_demand::took(std::size_t count) noexcept {
  if (form_ == read_form::pieces) return state::goes_on;
  taken_ += count;
  if (form_ == read_form::some) return state::complete;
  const bool full = taken_ == into_.size();
  if (form_ == read_form::exactly) return full ? state::complete : state::goes_on;
  if (text(taken_).ends_with(delimiter())) return state::complete;
  return full ? state::full : state::goes_on;
}

}  // namespace uvdial::detail
