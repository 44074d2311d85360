// Who cannot see our datagrams has to guess what stands in them; this is what there is to guess besides the port.
//
// * The id. c-ares makes ids of its own: 1.18.1 from a stream cipher whose first octets are not quite even, and where
//   it cannot open /dev/urandom, from rand(), which everybody can repeat. So each question gets another one, and its
//   answer the old one back.
// * The spelling, where the caller wants it. A server repeats the question letter by letter, and compares names without
//   regard to case: each letter's case is one more bit (draft-vixie-dnsext-dns0x20). It is put on and taken off here, so that
//   nobody above ever sees a name that is spelled so, also not where an answer's records point into the question.
//
// What is no answer to a question of this very socket does not get to c-ares. 1.18.1 would take a question that came
// back as it was for the answer that there is nothing, and later versions give up all questions of a socket for one packet
// that they cannot read.
//
// Of a question there are sums, not the text. They tell questions apart for the count of strangers only: c-ares compares
// the text. The spelling is compared by its sum alone, against one who can do no better than to guess.
#include "logic/question_log.hpp"

#include "logic/host_name.hpp"

namespace uvdial::detail {

namespace {

constexpr std::size_t header_octets = 12;  // RFC 1035, 4.1.1
constexpr std::size_t longest_label = 63;
constexpr std::size_t longest_name = 255;
constexpr std::size_t type_and_class = 4;
constexpr unsigned reply_bit = 0x80;
constexpr unsigned opcode_bits = 0x78;

std::uint16_t number_at(std::span<const unsigned char> packet, std::size_t at) noexcept {
  return static_cast<std::uint16_t>(packet[at] << 8 | packet[at + 1]);
}

void put_id(std::span<unsigned char> packet, std::uint16_t id) noexcept {
  packet[0] = static_cast<unsigned char>(id >> 8);
  packet[1] = static_cast<unsigned char>(id);
}

// The one question, with its type and class; empty: there is none, or another number of them.
std::span<unsigned char> question_of(std::span<unsigned char> packet) noexcept {
  if (packet.size() < header_octets || number_at(packet, 4) != 1) return {};
  std::size_t at = header_octets;
  for (;;) {
    if (at >= packet.size()) return {};
    const std::size_t length = packet[at++];
    if (length == 0) break;
    at += length;
    if (length > longest_label || at - header_octets >= longest_name) return {};
  }
  if (packet.size() - at < type_and_class) return {};
  return packet.subspan(header_octets, at + type_and_class - header_octets);
}

bool is_letter(unsigned char octet) noexcept {
  const auto lower = static_cast<unsigned char>(octet | 0x20U);
  return lower >= 'a' && lower <= 'z';
}

// Changes the case of those letters that the bits say; a second time it changes them back.
void respell(std::span<unsigned char> question, std::uint64_t bits) noexcept {
  for (std::size_t label = 0; bits != 0 && question[label] != 0;) {
    const std::size_t end = label + 1 + question[label];
    for (std::size_t at = label + 1; at < end; ++at) {
      if (!is_letter(question[at])) continue;
      question[at] ^= static_cast<unsigned char>((bits & 1U) << 5);
      bits >>= 1;
    }
    label = end;
  }
}

std::uint32_t folded_sum(std::span<const unsigned char> question) noexcept {
  const std::size_t name_size = question.size() - type_and_class;
  const std::uint64_t name = folded_hash({reinterpret_cast<const char*>(question.data()), name_size});
  const std::uint32_t rest =
      static_cast<std::uint32_t>(number_at(question, name_size)) << 16 | number_at(question, name_size + 2);
  return static_cast<std::uint32_t>(name) ^ rest;
}

std::uint32_t exact_sum(std::span<const unsigned char> question) noexcept {  // FNV-1a
  std::uint32_t sum = 2'166'136'261U;
  for (const unsigned char each : question) sum = (sum ^ each) * 16'777'619U;
  return sum;
}

}  // namespace

const question_log::entry* question_log::find(std::uint16_t id) const noexcept {
  for (link at = newest_[id % buckets]; at != 0; at = entries_[at - 1U].older) {
    if (entries_[at - 1U].sent_id == id) return &entries_[at - 1U];
  }
  return nullptr;
}

// It is the last one of its bucket.
void question_log::forget_oldest() noexcept {
  link* at = &newest_[entries_[next_].sent_id % buckets];
  while (*at != next_ + 1) at = &entries_[*at - 1U].older;
  *at = 0;
}

void question_log::clear() noexcept {
  newest_.fill(0);
  count_ = next_ = 0;
}

bool question_log::disguise(std::span<unsigned char> question, const question_secret& secret) noexcept {
  const std::span<unsigned char> asked = question_of(question);
  if (asked.empty() || find(secret.id)) return false;
  const std::uint32_t exact = secret.spelling == 0 ? 0 : exact_sum(asked);
  if (count_ == most)
    forget_oldest();
  else
    ++count_;
  link& newest = newest_[secret.id % buckets];
  entries_[next_] = {secret.spelling, exact, folded_sum(asked), number_at(question, 0), secret.id, newest};
  newest = static_cast<link>(next_ + 1);
  next_ = (next_ + 1) % most;
  put_id(question, secret.id);
  respell(asked, secret.spelling);
  return true;
}

question_log::finding question_log::recognise(std::span<unsigned char> packet) const noexcept {
  if (packet.size() < header_octets) return finding::stranger;
  const entry* const found = find(number_at(packet, 0));
  if (!found) return finding::stranger;
  const entry& asked = *found;
  const std::span<unsigned char> question = question_of(packet);
  if (question.empty() || (packet[2] & reply_bit) == 0 || (packet[2] & opcode_bits) != 0)
    return finding::unrelated;
  if (folded_sum(question) != asked.folded) return finding::unrelated;
  respell(question, asked.spelling);
  if (asked.spelling != 0 && exact_sum(question) != asked.exact) {
    respell(question, asked.spelling);
    return finding::respelled;
  }
  put_id(packet, asked.id);
  return finding::answer;
}

}  // namespace uvdial::detail
