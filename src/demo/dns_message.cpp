#include "demo/dns_message.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <stdexcept>

namespace uvdial::demo {
namespace {

constexpr std::size_t header_size = 12;
constexpr std::size_t longest_label = 63;  // RFC 1035, 2.3.4
constexpr std::size_t longest_name = 255;  // on the wire, with the lengths and the root
constexpr std::uint16_t class_in = 1;

constexpr std::uint16_t flag_reply = 0x8000;
constexpr std::uint16_t flag_authoritative = 0x0400;
constexpr std::uint16_t flag_truncated = 0x0200;
constexpr std::uint16_t flag_recursion_desired = 0x0100;
constexpr std::uint16_t flag_recursion_available = 0x0080;
constexpr std::uint16_t opcode_bits = 0x7800;

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

void put_two(octets& to, std::uint16_t value) {
  to.push_back(static_cast<std::uint8_t>(value >> 8));
  to.push_back(static_cast<std::uint8_t>(value & 0xff));
}

void put_four(octets& to, std::uint32_t value) {
  put_two(to, static_cast<std::uint16_t>(value >> 16));
  put_two(to, static_cast<std::uint16_t>(value & 0xffff));
}

[[noreturn]] void refuse_name(std::string_view name) {
  throw std::invalid_argument("not a DNS name: \"" + std::string(name) + "\"");
}

octets name_on_wire(std::string_view name) {
  octets wire;
  std::string_view rest = name;
  if (rest.ends_with('.')) rest.remove_suffix(1);
  while (!rest.empty()) {
    const auto label = rest.substr(0, rest.find('.'));
    const bool last = label.size() == rest.size();
    if (label.empty() || label.size() > longest_label) refuse_name(name);
    wire.push_back(static_cast<std::uint8_t>(label.size()));
    wire.insert(wire.end(), label.begin(), label.end());
    rest.remove_prefix(last ? label.size() : label.size() + 1);
    if (!last && rest.empty()) refuse_name(name);
  }
  wire.push_back(0);
  if (wire.size() > longest_name) refuse_name(name);
  return wire;
}

void put(octets& to, const octets& more) { to.insert(to.end(), more.begin(), more.end()); }

struct header {
  std::uint16_t id;
  std::uint16_t flags;
  std::size_t answers;
};

octets begin_message(const header& head, const dns_question& asked) {
  octets message;
  put_two(message, head.id);
  put_two(message, head.flags);
  put_two(message, 1);  // questions
  put_two(message, static_cast<std::uint16_t>(head.answers));
  put_four(message, 0);  // no authority, no additional records
  put(message, name_on_wire(asked.name));
  put_two(message, static_cast<std::uint16_t>(asked.type));
  put_two(message, class_in);
  return message;
}

struct record {
  record_type type;
  std::chrono::seconds ttl;
  octets data;
};

void put_record(octets& to, const octets& owner, const record& what) {
  put(to, owner);
  put_two(to, static_cast<std::uint16_t>(what.type));
  put_two(to, class_in);
  put_four(to, static_cast<std::uint32_t>(what.ttl.count()));
  put_two(to, static_cast<std::uint16_t>(what.data.size()));
  put(to, what.data);
}

record address_record(const endpoint& address, std::chrono::seconds ttl) {
  if (address.family() == ip_family::v4) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address.native());
    const auto* first = reinterpret_cast<const std::uint8_t*>(&v4.sin_addr);
    return {record_type::a, ttl, octets(first, first + sizeof v4.sin_addr)};
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address.native());
  const auto* first = reinterpret_cast<const std::uint8_t*>(&v6.sin6_addr);
  return {record_type::aaaa, ttl, octets(first, first + sizeof v6.sin6_addr)};
}

std::uint16_t reply_flags(const dns_question& asked, const dns_reply& reply) {
  unsigned flags = flag_reply | flag_authoritative | flag_recursion_available;
  if (asked.recursion_desired) flags |= flag_recursion_desired;
  if (reply.truncated) flags |= flag_truncated;
  return static_cast<std::uint16_t>(flags | static_cast<unsigned>(reply.code));
}

octets pointer_to_question() { return {0xc0, header_size}; }  // RFC 1035, 4.1.4

}  // namespace

std::optional<dns_question> parse_question(std::span<const std::uint8_t> message) {
  reader from(message);
  const auto id = from.two();
  const auto flags = from.two();
  const auto questions = from.two();
  from.take(6);  // the counts of the other sections
  if (from.overrun() || questions != 1 || (flags & (flag_reply | opcode_bits)) != 0) return std::nullopt;

  auto name = read_name(from);
  const auto type = static_cast<record_type>(from.two());
  const auto class_asked = from.two();
  if (!name || from.overrun() || class_asked != class_in) return std::nullopt;
  return dns_question{id, *std::move(name), type, (flags & flag_recursion_desired) != 0};
}

octets build_question(const dns_question& asked) {
  return begin_message({asked.id, flag_recursion_desired, 0}, asked);
}

octets build_reply(const dns_question& asked, const dns_reply& reply) {
  const std::size_t answers = reply.aliases.size() + reply.addresses.size();
  octets message = begin_message({asked.id, reply_flags(asked, reply), answers}, asked);
  octets owner = pointer_to_question();
  for (const std::string& alias : reply.aliases) {
    octets target = name_on_wire(alias);
    put_record(message, owner, {record_type::cname, reply.ttl, target});
    owner = std::move(target);
  }
  for (const endpoint& address : reply.addresses) {
    put_record(message, owner, address_record(address, reply.ttl));
  }
  return message;
}

octets build_garbage(const dns_question& asked) {
  octets message = begin_message({asked.id, reply_flags(asked, {}), 1}, asked);
  put(message, pointer_to_question());
  put_two(message, static_cast<std::uint16_t>(asked.type));
  put_two(message, class_in);
  put_four(message, 60);
  put_two(message, 0xffff);  // a length that the message does not have
  put_two(message, 0xdead);
  return message;
}

std::string folded_name(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  std::string folded(name);
  std::transform(folded.begin(), folded.end(), folded.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return folded;
}

}  // namespace uvdial::demo
