#pragma once
// The reply to one question: every name has the address 127.0.0.1; one whose first label is "half" has an IPv6 address
// too, the one that is silent. Anything else has no data, for as long as the SOA record beside it says (RFC 2308, 3).
#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <vector>

namespace bench {

constexpr std::size_t header_size = 12;
constexpr std::size_t largest_question = 512;
constexpr std::uint8_t type_a = 1, type_aaaa = 28;

using octets = std::vector<std::uint8_t>;

// The size of header and question; 0 where this is no question.
inline std::size_t question_size(const std::uint8_t* message, std::size_t size) {
  std::size_t at = header_size;
  while (at < size && message[at] != 0) at += message[at] + std::size_t{1};
  at += 5;  // the root, the type, the class
  return at <= size && (message[2] & 0x80) == 0 && message[5] == 1 ? at : 0;
}

inline bool asks_for_half(const std::uint8_t* question, std::size_t size) {
  constexpr std::array<std::uint8_t, 5> label = {4, 'h', 'a', 'l', 'f'};
  return size > header_size + label.size() &&
         std::memcmp(question + header_size, label.data(), label.size()) == 0;
}

// The bytes of the record that is asked for; none: the name has no such record.
inline octets record_data(const std::uint8_t* question, std::size_t size,
                          const std::optional<in6_addr>& silent_v6) {
  const std::uint8_t type = question[size - 3];
  if (type == type_a) return {127, 0, 0, 1};
  if (type != type_aaaa || !silent_v6 || !asks_for_half(question, size)) return {};
  return {std::begin(silent_v6->s6_addr), std::end(silent_v6->s6_addr)};
}

constexpr std::uint8_t seconds_valid = 60;

// The SOA record of the root, which is above all names: owner, type, class, time; two names; five numbers.
inline octets no_data_record() {
  octets record = {0, 0, 6, 0, 1, 0, 0, 0, seconds_valid, 0, 22, 0, 0};
  for (int number = 0; number < 5; ++number) record.insert(record.end(), {0, 0, 0, seconds_valid});
  return record;
}

// Without what followed the question: EDNS is not spoken here.
inline octets reply_to(const std::uint8_t* question, std::size_t size,
                       const std::optional<in6_addr>& silent_v6) {
  octets reply(question, question + size);
  reply[2] = static_cast<std::uint8_t>(0x84 | (question[2] & 1));  // a reply, authoritative, RD as it was
  reply[3] = 0x80;                                                 // recursion available
  std::memset(&reply[6], 0, 6);                                    // no records so far
  const octets data = record_data(question, size, silent_v6);
  if (data.empty()) {
    const octets record = no_data_record();
    reply[9] = 1;
    reply.insert(reply.end(), record.begin(), record.end());
    return reply;
  }
  reply[7] = 1;
  const std::uint8_t record[] = {0xc0, header_size, 0, question[size - 3], 0, 1, 0, 0, 0, seconds_valid, 0};
  reply.insert(reply.end(), std::begin(record), std::end(record));
  reply.push_back(static_cast<std::uint8_t>(data.size()));
  reply.insert(reply.end(), data.begin(), data.end());
  return reply;
}

}  // namespace bench
