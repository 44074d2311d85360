#include "logic/message_reader.hpp"

#include <algorithm>

#include "logic/host_name.hpp"

namespace uvdial::detail {

namespace {

constexpr std::size_t question_octets = 4;  // behind its name: RFC 1035, 4.1.2
constexpr std::size_t record_octets = 10;   // behind its name and before its data: 4.1.3
constexpr std::size_t longest_label = 63;
constexpr std::size_t longest_name = 255;
constexpr unsigned pointer_bits = 0xc0;
// A name has at most 127 labels, and no server needs a pointer for each. Thousands of records whose names go through
// thousands of pointers would hold the loop up.
constexpr int most_pointers = 32;

}  // namespace

void message_reader::skip_questions() noexcept {
  at_ = question_name;
  authorities_ = number_at(8);
  left_ = number_at(6) + authorities_;  // the answer section, and the authority behind it
  for (unsigned left = questions(); left > 0; --left) {
    if (skip_name(at_) && skip(question_octets)) continue;
    at_ = packet_.size();  // from where nothing can be read
    return;
  }
}

// RFC 2181, 8: a time with the highest bit set counts as zero.
std::chrono::seconds message_reader::seconds_at(std::size_t at) const noexcept {
  const unsigned high = number_at(at);
  return high & 0x8000U ? std::chrono::seconds(0) : std::chrono::seconds(high << 16 | number_at(at + 2));
}

bool message_reader::skip(std::size_t octets) noexcept {
  at_ += octets;
  return at_ <= packet_.size();
}

// Moves `place` behind the name that begins there: labels up to an empty one, or to a pointer (RFC 1035, 4.1.4).
bool message_reader::skip_name(std::size_t& place) const noexcept {
  while (place < packet_.size()) {
    const unsigned length = packet_[place];
    place += length >= pointer_bits ? 2 : length + 1;
    if (length == 0 || length >= pointer_bits) return place <= packet_.size();
  }
  return false;
}

bool message_reader::is_reply() const noexcept { return (number_at(2) & 0x8000U) != 0; }

unsigned message_reader::question_type() const noexcept {
  std::size_t place = question_name;
  return skip_name(place) ? number_at(place) : 0;
}

bool message_reader::asks_for(std::string_view name) const noexcept {
  std::size_t place = question_name;
  while (!name.empty()) {
    const std::string_view label = name.substr(0, name.find('.'));
    const std::size_t begin = place + 1;
    place = begin + label.size();
    if (place >= packet_.size() || packet_[begin - 1] != label.size()) return false;
    if (!same_name(label, {reinterpret_cast<const char*>(octets_at(begin)), label.size()})) return false;
    name.remove_prefix(std::min(label.size() + 1, name.size()));
  }
  return place < packet_.size() && packet_[place] == 0;
}

std::optional<record_place> message_reader::next() noexcept {
  begin();
  if (left_ == 0) return std::nullopt;
  const std::size_t owner = at_;
  if (!skip_name(at_)) return std::nullopt;
  const std::size_t record = at_;
  if (!skip(record_octets)) return std::nullopt;
  const std::size_t data = at_;
  if (!skip(number_at(record + 8))) return std::nullopt;
  return record_place{left_-- > authorities_,
                      owner,
                      number_at(record),
                      number_at(record + 2),
                      seconds_at(record + 4),
                      data,
                      at_};
}

// False: the name has no end, or is too long.
template <class Take>
bool message_reader::each_label(std::size_t place, Take take) const {
  std::size_t size = 1;  // the empty label
  for (int pointers = 0; place < packet_.size();) {
    const unsigned length = packet_[place];
    if (length >= pointer_bits) {
      if (place + 2 > packet_.size() || ++pointers > most_pointers) return false;
      place = number_at(place) & 0x3fffU;
      continue;
    }
    if (length == 0) return true;
    size += length + 1;
    if (length > longest_label || size > longest_name || place + 1 + length > packet_.size()) return false;
    take(packet_.subspan(place + 1, length));
    place += 1 + length;
  }
  return false;
}

std::string message_reader::folded_name_at(std::size_t place) const {
  std::string name(1, '.');
  const bool whole = each_label(place, [&name](std::span<const unsigned char> label) {
    name += static_cast<char>(label.size());  // so that a dot inside a label is none between two
    for (const unsigned char each : label) name += to_lower(static_cast<char>(each));
  });
  return whole ? name : std::string();
}

std::optional<std::string> message_reader::host_name_at(std::size_t place) const {
  std::string name;
  bool has_dots = false;
  const bool whole = each_label(place, [&](std::span<const unsigned char> label) {
    has_dots = has_dots || std::find(label.begin(), label.end(), '.') != label.end();
    if (!name.empty()) name += '.';
    name.append(label.begin(), label.end());
  });
  if (!whole || has_dots || why_impossible(name)) return std::nullopt;
  return name;
}

std::chrono::seconds message_reader::negative_ttl(const record_place& authority) const noexcept {
  std::size_t place = authority.data;
  constexpr std::size_t times_before = 16;  // serial, refresh, retry, expire
  if (!skip_name(place) || !skip_name(place) || place + times_before + 4 > authority.end) return {};
  return std::min(authority.ttl, seconds_at(place + times_before));
}

}  // namespace uvdial::detail
