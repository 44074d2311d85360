#include "values/network.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "values/address_sets.hpp"
#include "values/literal.hpp"
#include "values/text.hpp"

namespace uvdial::detail {
namespace {

constexpr std::uint8_t v4_bits = 32;
constexpr std::uint8_t v6_bits = 128;

// The bits of the byte at `place` that a prefix of `length` bits covers.
std::uint8_t mask_at(std::size_t place, std::uint8_t length) noexcept {
  const std::size_t before = place * 8;
  if (length >= before + 8) return 0xff;
  if (length <= before) return 0;
  return static_cast<std::uint8_t>(0xff << (before + 8 - length));
}

// `text` is what stands behind the slash; nullopt: there is none.
std::uint8_t read_length(const given& whole, std::optional<std::string_view> text, std::uint8_t most) {
  if (!text) return most;
  std::uint8_t length = 0;
  const char* const end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, length);
  const bool leading_zero = text->size() > 1 && text->front() == '0';
  if (text->empty() || read.ptr != end || leading_zero)
    whole.refuse("the length of the prefix, after the slash, is no plain number");
  if (read.ec != std::errc() || length > most)
    whole.refuse("the longest prefix of this family has " + std::to_string(most) + " bits");
  return length;
}

// Bits beyond the prefix are mostly a slip, and nobody can tell on which side of the slash.
void require_clear_rest(const given& whole, const network& read) {
  network cut = read;
  for (std::size_t place = 0; place < cut.prefix.size(); ++place)
    cut.prefix[place] &= mask_at(place, read.length);
  if (cut.prefix != read.prefix)
    whole.refuse("it has bits beyond its prefix; the network is " + cut.to_string());
}

// A rule about mapped addresses alone would miss what it is about: the IPv4 addresses.
void require_unmapped(const given& whole, const network& read) {
  constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  constexpr std::uint8_t mapped_bits = 96;
  if (read.family == ip_family::v4 || read.length < mapped_bits) return;
  if (!std::equal(mapped.begin(), mapped.end(), read.prefix.begin())) return;
  network inner{ip_family::v4, static_cast<std::uint8_t>(read.length - mapped_bits), {}};
  std::copy_n(read.prefix.begin() + mapped.size(), 4, inner.prefix.begin());
  whole.refuse("an IPv4-mapped address; write " + inner.to_string() +
               ", which is judged in all its IPv6 forms");
}

}  // namespace

std::string network::to_string() const {
  char text[INET6_ADDRSTRLEN] = {};
  const int native_family = family == ip_family::v4 ? AF_INET : AF_INET6;
  std::string made = inet_ntop(native_family, prefix.data(), text, sizeof text);
  return made.append("/").append(std::to_string(length));
}

bool has_prefix(const std::uint8_t* address, const std::uint8_t* prefix, std::uint8_t length) noexcept {
  const std::size_t whole = length / 8;
  if (std::memcmp(address, prefix, whole) != 0) return false;
  return length % 8 == 0 || ((address[whole] ^ prefix[whole]) & mask_at(whole, length)) == 0;
}

network read_network(std::string_view text) {
  const given whole{"address rule", text};
  const auto slash = text.find('/');
  std::optional<std::string_view> length;
  if (slash != std::string_view::npos) length = text.substr(slash + 1);
  const auto literal = read_literal(text.substr(0, slash));
  if (!literal)
    whole.refuse("neither an address, nor a network as in 10.0.0.0/8, nor one of the sets " +
                 std::string(names_of_sets));
  if (literal->zone) whole.refuse("a zone does not belong there: a rule is about an address in every zone");

  const bool v4 = literal->family == ip_family::v4;
  network read{literal->family, read_length(whole, length, v4 ? v4_bits : v6_bits), {}};
  std::copy_n(std::begin(literal->bytes), v4 ? 4 : 16, read.prefix.begin());
  require_clear_rest(whole, read);
  require_unmapped(whole, read);
  return read;
}

}  // namespace uvdial::detail
