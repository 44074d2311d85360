// What nearly all answers are, some addresses of the name that was asked, is read without a look at any name. All else is
// read in two goes: first the aliases, which say whose records count, then these. Of what an answer section holds
// nothing is taken that is not the asked name's, or that of the last of its aliases: a server that wants to tell something
// of other names has nothing to say in it. c-ares reads no answer: 1.18.1 takes the addresses of whatever name, of a chain
// of two aliases gives the first one's target as the canonical name, and does not tell how long a negative answer holds.
#include "glue/dns_packet.hpp"

#define CARES_NO_DEPRECATED
#include <ares.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "logic/message_reader.hpp"
#include "uvdial/error.hpp"

namespace uvdial::detail {

namespace {

// More than the race keeps of one answer; what is over is counted.
constexpr std::size_t most_addresses = 256;
// More than any address has names; what is over is not looked at.
constexpr std::size_t most_names = 64;
// Resolvers give up a chain of aliases after 8 to 17. An answer with more, or with a circle, is none.
constexpr std::size_t most_aliases = 32;

constexpr unsigned alias_type = 5;  // RFC 1035, 3.2.2
constexpr unsigned authority_type = 6;
constexpr unsigned internet_class = 1;  // 3.2.4

using packet_view = std::span<const unsigned char>;

struct alias {
  std::string from;  // as folded_name_at() gives it
  std::string to;
  std::size_t target;  // its place
  std::chrono::seconds ttl;
};

// Where the aliases lead.
struct chain_end {
  std::string name;  // folded
  std::chrono::seconds ttl = std::chrono::seconds::max();
};

endpoint v4_endpoint(const unsigned char* octets) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  std::memcpy(&address.sin_addr, octets, sizeof address.sin_addr);
  return endpoint(reinterpret_cast<const sockaddr&>(address));
}

endpoint v6_endpoint(const unsigned char* octets) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  std::memcpy(&address.sin6_addr, octets, sizeof address.sin6_addr);
  return endpoint(reinterpret_cast<const sockaddr&>(address));
}

std::size_t octets_of(dns_record record) noexcept {
  return record == dns_record::v4_address ? sizeof(in_addr) : sizeof(in6_addr);
}

endpoint endpoint_from(dns_record record, const unsigned char* octets) {
  return record == dns_record::v4_address ? v4_endpoint(octets) : v6_endpoint(octets);
}

bool is_of(const record_place& place, unsigned type) noexcept {
  return place.is_answer && place.type == type && place.of_class == internet_class;
}

// An answer that has nothing but addresses of the name that was asked. False: it is another one, and nothing was read.
bool read_plain_addresses(std::string_view asked, dns_record record, packet_view packet, dns_reply& reply) {
  message_reader message(packet);
  const std::size_t count = message.answers();
  if (message.questions() != 1 || count == 0 || count > most_addresses || !message.asks_for(asked))
    return false;
  std::vector<endpoint> addresses;
  addresses.reserve(count);
  auto ttl = std::chrono::seconds::max();
  for (std::size_t i = 0; i < count; ++i) {
    const auto each = message.next();
    if (!each || !message.points_to_question(each->owner) || !is_of(*each, static_cast<unsigned>(record)) ||
        each->end - each->data != octets_of(record))
      return false;
    addresses.push_back(endpoint_from(record, message.octets_at(each->data)));
    ttl = std::min(ttl, each->ttl);
  }
  reply.addresses = std::move(addresses);
  reply.ttl = ttl;
  return true;
}

// nullopt: there are too many, or one has a name that cannot be, or the message breaks off.
std::optional<std::vector<alias>> read_aliases(packet_view packet) {
  std::vector<alias> all;
  message_reader message(packet);
  while (!message.has_all_answers()) {
    const auto each = message.next();
    if (!each) return std::nullopt;
    if (!is_of(*each, alias_type)) continue;
    if (all.size() == most_aliases) return std::nullopt;
    all.push_back(
        {message.folded_name_at(each->owner), message.folded_name_at(each->data), each->data, each->ttl});
    if (all.back().from.empty() || all.back().to.empty()) return std::nullopt;
  }
  return all;
}

// From the name asked to the one that has what was asked for: those on the way are the aliases. nullopt: there is no end.
std::optional<chain_end> follow_aliases(std::string_view asked, packet_view packet, dns_reply& reply) {
  const auto all = read_aliases(packet);
  if (!all) return std::nullopt;
  const message_reader message(packet);
  chain_end reached{message.folded_name_at(message_reader::question_name)};
  for (std::size_t steps = 0; steps <= all->size(); ++steps) {
    const auto next = std::find_if(all->begin(), all->end(),
                                   [&reached](const alias& each) { return each.from == reached.name; });
    if (next == all->end()) return reached;
    auto text = message.host_name_at(next->target);
    if (!text) return std::nullopt;
    reply.aliases.emplace_back(reply.aliases.empty() ? asked : reply.canonical_name);
    reply.canonical_name = *std::move(text);
    reached.name = next->to;
    reached.ttl = std::min(reached.ttl, next->ttl);
  }
  return std::nullopt;
}

// The addresses or names of that name. False: one cannot be read.
bool read_records(dns_record record, const chain_end& of, packet_view packet, dns_reply& reply) {
  message_reader message(packet);
  reply.ttl = of.ttl;
  while (!message.has_all_answers()) {
    const auto each = message.next();
    if (!each) return false;
    if (!is_of(*each, static_cast<unsigned>(record))) continue;
    const bool is_plain = reply.aliases.empty() && message.points_to_question(each->owner);
    if (!is_plain && message.folded_name_at(each->owner) != of.name) continue;
    if (record != dns_record::pointer) {
      if (each->end - each->data != octets_of(record)) return false;
      if (reply.addresses.size() == most_addresses) {
        ++reply.left_out;
        continue;
      }
      reply.addresses.push_back(endpoint_from(record, message.octets_at(each->data)));
    } else if (reply.names.size() < most_names) {
      if (auto name = message.host_name_at(each->data)) reply.names.push_back(*std::move(name));
    }
    reply.ttl = std::min(reply.ttl, each->ttl);
  }
  return true;
}

// The aliases on the way to what is not there may be over before.
std::chrono::seconds read_negative_ttl(packet_view packet) {
  message_reader message(packet);
  auto least = std::chrono::seconds::max();
  while (const auto record = message.next()) {
    if (record->type == alias_type) least = std::min(least, record->ttl);
    if (record->type == authority_type) return std::min(least, message.negative_ttl(*record));
  }
  return {};
}

// An ARES_ code.
int read_answer(std::string_view asked, dns_record record, packet_view packet, dns_reply& reply) {
  if (record != dns_record::pointer && read_plain_addresses(asked, record, packet, reply))
    return ARES_SUCCESS;
  const auto end = follow_aliases(asked, packet, reply);
  if (!end || !read_records(record, *end, packet, reply)) return ARES_EBADRESP;
  return reply.addresses.empty() && reply.names.empty() ? ARES_ENODATA : ARES_SUCCESS;
}

}  // namespace

bool is_truncated(const unsigned char* packet, int size) noexcept {
  constexpr unsigned truncated = 0x02;
  return packet && size > 2 && (packet[2] & truncated) != 0;
}

bool is_about(packet_view packet, std::string_view asked, dns_record record) noexcept {
  const message_reader message(packet);
  return message.asks_for(asked) && message.question_type() == static_cast<unsigned>(record);
}

void read_reply(std::string_view asked, dns_record record, int status, const unsigned char* packet, int size,
                dns_reply& reply) {
  const packet_view whole(packet, packet ? static_cast<std::size_t>(size) : 0);
  // What comes back as it was sent says nothing, whatever 1.18.1 makes of it.
  if (packet && !message_reader(whole).is_reply()) status = ARES_EBADRESP;
  if (status == ARES_SUCCESS) status = read_answer(asked, record, whole, reply);
  if (status == ARES_SUCCESS) return;
  reply = {};
  reply.why = std::error_code(status, ares_category());
  if (packet && to_resolve_errc(reply.why) != resolve_errc::dns_failure) reply.ttl = read_negative_ttl(whole);
}

}  // namespace uvdial::detail
