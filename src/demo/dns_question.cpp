#include <algorithm>

#include "demo/dns_message.hpp"
#include "demo/dns_wire.hpp"

namespace uvdial::demo {
namespace {

// Reads forward and never past the end; after the first overrun everything read is zero.
class reader {
 public:
  explicit reader(std::span<const std::uint8_t> message) : rest_(message) {}

  bool overrun() const { return overrun_; }

  std::span<const std::uint8_t> take(std::size_t count) {
    if (overrun_ || count > rest_.size()) {
      overrun_ = true;
      return {};
    }
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  std::uint8_t one() {
    const auto taken = take(1);
    return taken.empty() ? std::uint8_t{0} : taken[0];
  }
  std::uint16_t two() {
    const auto high = one();
    return static_cast<std::uint16_t>((high << 8) | one());
  }

 private:
  std::span<const std::uint8_t> rest_;
  bool overrun_ = false;
};

// Questions have no name before theirs to point to, so a compressed name is refused like a bad length. So is a
// dot inside a label, which the name as text could not tell from one between labels.
std::optional<std::string> read_name(reader& from) {
  std::string name;
  std::size_t size = 1;
  while (const std::size_t length = from.one()) {
    size += length + 1;
    if (length > longest_label || size > longest_name) return std::nullopt;
    if (!name.empty()) name += '.';
    const auto label = from.take(length);
    if (std::find(label.begin(), label.end(), '.') != label.end()) return std::nullopt;
    name.append(label.begin(), label.end());
  }
  if (from.overrun()) return std::nullopt;
  return name;
}

// The OPT record, which stands in the additional section of a question (RFC 6891, 6.1) and is owned by the root. What
// a record of another owner is followed by is not looked at.
std::optional<std::uint16_t> read_edns(reader& from, unsigned records) {
  for (unsigned count = 0; count < records && from.one() == 0 && !from.overrun(); ++count) {
    const auto type = static_cast<record_type>(from.two());
    const std::uint16_t payload_size = from.two();  // in the place of the class
    from.take(4);                                   // in the place of the ttl
    from.take(from.two());
    if (type == record_type::opt && !from.overrun()) return payload_size;
  }
  return std::nullopt;
}

}  // namespace

std::optional<dns_question> parse_question(std::span<const std::uint8_t> message) {
  reader from(message);
  const auto id = from.two();
  const auto flags = from.two();
  const auto questions = from.two();
  const unsigned records = from.two() + from.two();  // answers and authorities: a question has none
  const auto additional = from.two();
  if (from.overrun() || questions != 1 || (flags & (flag_reply | opcode_bits)) != 0) return std::nullopt;

  auto name = read_name(from);
  const auto type = static_cast<record_type>(from.two());
  const auto class_asked = from.two();
  if (!name || from.overrun() || class_asked != class_in) return std::nullopt;
  return dns_question{id, *std::move(name), type, (flags & flag_recursion_desired) != 0,
                      records == 0 ? read_edns(from, additional) : std::nullopt};
}

}  // namespace uvdial::demo
