#include "glue/dns_packet.hpp"

// What nearly all answers are, some addresses of the name that was asked, is read here, in the packet as it lies. Addresses
// behind aliases, and all that looks odd, are left to c-ares. The names are not: of a chain of two aliases 1.18.1 gives
// the first one's target as the canonical name, and the last name, which has the addresses, nowhere. Nor does it tell
// how long a negative answer holds.
#define CARES_NO_DEPRECATED  // the calls below are all that 1.18.1 has
#include <ares.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "logic/host_name.hpp"
#include "uvdial/error.hpp"

namespace uvdial::detail {

namespace {

// More than the race keeps of one answer; what is over is cut off by the parser.
constexpr int most_addresses = 256;
// More than any chain of aliases, or any address has names; what is over is not looked at. One that cannot be read
// counts, too: it may be thousands of pointers.
constexpr std::size_t most_names = 64;

constexpr int header_octets = 12;   // RFC 1035, 4.1.1
constexpr int question_octets = 4;  // behind its name: 4.1.2
constexpr int record_octets = 10;   // behind its name and before its data: 4.1.3
constexpr unsigned alias_type = 5;  // 3.2.2
constexpr unsigned authority_type = 6;
constexpr unsigned pointer_type = 12;
constexpr unsigned internet_class = 1;         // 3.2.4
constexpr unsigned name_of_question = 0xc00c;  // as a pointer to it: 4.1.4

struct alias {
  std::string from;
  std::string to;
};

struct record_place {
  bool is_answer;  // else it stands in the authority section
  int owner;
  unsigned type;
  unsigned of_class;
  std::chrono::seconds ttl;
  int data;
  int end;
};

// Goes through a message once, forwards; whatever runs over the end stops it.
class message_reader {
 public:
  message_reader(const unsigned char* packet, int size) : packet_(packet), size_(size) {
    const unsigned questions = number_at(4);
    authorities_ = number_at(8);
    left_ = number_at(6) + authorities_;  // the answer section, and the authority behind it
    at_ = header_octets;
    for (unsigned i = 0; i < questions; ++i) {
      if (!skip_name(at_) || !skip(question_octets)) at_ = size_;  // from where nothing can be read
    }
  }

  // The next record; nullopt: that was the last one, or it cannot be read.
  std::optional<record_place> next() {
    if (left_ == 0) return std::nullopt;
    const int owner = at_;
    if (!skip_name(at_)) return std::nullopt;
    const int record = at_;
    if (!skip(record_octets)) return std::nullopt;
    const int data = at_;
    if (!skip(static_cast<int>(number_at(record + 8)))) return std::nullopt;
    return record_place{left_-- > authorities_,
                        owner,
                        number_at(record),
                        number_at(record + 2),
                        seconds_at(record + 4),
                        data,
                        at_};
  }

  // Of the first question; 0 where there is none.
  unsigned question_type() const noexcept {
    int place = header_octets;
    return skip_name(place) ? number_at(place) : 0;
  }

  unsigned questions() const noexcept { return number_at(4); }
  unsigned answers() const noexcept { return number_at(6); }

  // Whether the first question is for this name, written out.
  bool asks_for(std::string_view name) const noexcept {
    int place = header_octets;
    while (!name.empty()) {
      const std::string_view label = name.substr(0, name.find('.'));
      const int begin = place + 1;
      place = begin + static_cast<int>(label.size());
      if (place >= size_ || packet_[begin - 1] != label.size()) return false;
      if (!same_name(label, {reinterpret_cast<const char*>(packet_ + begin), label.size()})) return false;
      name.remove_prefix(std::min(label.size() + 1, name.size()));
    }
    return place < size_ && packet_[place] == 0;
  }

  bool belongs_to_question(const record_place& record) const noexcept {
    return number_at(record.owner) == name_of_question;
  }

  // next() gave all that the header promises.
  bool was_read() const noexcept { return left_ == 0; }

  // The name that begins there; nullopt: it cannot be read.
  std::optional<std::string> name_at(int place) const {
    char* text = nullptr;
    long taken = 0;
    if (place >= size_ || ares_expand_name(packet_ + place, packet_, size_, &text, &taken) != ARES_SUCCESS)
      return std::nullopt;
    const std::unique_ptr<char, void (*)(char*)> owned(text, [](char* held) { ares_free_string(held); });
    return std::string(text);
  }

  // How long it holds that something is not there (RFC 2308, 5): the smaller one of the record's own time and of its
  // last field.
  std::chrono::seconds negative_ttl(const record_place& authority) const {
    int place = authority.data;
    constexpr int times_before = 16;  // serial, refresh, retry, expire
    if (!skip_name(place) || !skip_name(place) || place + times_before + 4 > authority.end) return {};
    return std::min(authority.ttl, seconds_at(place + times_before));
  }

 private:
  unsigned number_at(int at) const noexcept {
    return at + 2 <= size_ ? static_cast<unsigned>(packet_[at] << 8 | packet_[at + 1]) : 0;
  }
  // RFC 2181, 8: a time with the highest bit set counts as zero.
  std::chrono::seconds seconds_at(int at) const noexcept {
    const unsigned high = number_at(at);
    return high & 0x8000U ? std::chrono::seconds(0) : std::chrono::seconds(high << 16 | number_at(at + 2));
  }
  bool skip(int octets) noexcept {
    at_ += octets;
    return at_ <= size_;
  }
  // Moves `place` behind the name that begins there: labels up to an empty one, or to a pointer (RFC 1035, 4.1.4).
  bool skip_name(int& place) const noexcept {
    while (place < size_) {
      const unsigned length = packet_[place];
      place += length >= 0xc0 ? 2 : static_cast<int>(length) + 1;
      if (length == 0 || length >= 0xc0) return place <= size_;
    }
    return false;
  }

  const unsigned char* packet_;
  int size_;
  int at_ = 0;
  unsigned authorities_ = 0;
  unsigned left_ = 0;
};

// From the name asked along the chain to the name that has the addresses: those on the way are the aliases.
void take_names(std::string_view asked, const std::vector<alias>& chain, dns_reply& reply) {
  for (std::size_t steps = 0; steps < chain.size(); ++steps) {  // a chain in a circle ends too
    const std::string_view reached = reply.aliases.empty() ? asked : reply.canonical_name;
    const auto next = std::find_if(chain.begin(), chain.end(),
                                   [&reached](const alias& each) { return same_name(each.from, reached); });
    if (next == chain.end()) return;
    reply.aliases.emplace_back(reached);
    reply.canonical_name = next->to;
  }
}

endpoint v4_endpoint(const void* octets) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  std::memcpy(&address.sin_addr, octets, sizeof address.sin_addr);
  return endpoint(reinterpret_cast<const sockaddr&>(address));
}

endpoint v6_endpoint(const void* octets) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  std::memcpy(&address.sin6_addr, octets, sizeof address.sin6_addr);
  return endpoint(reinterpret_cast<const sockaddr&>(address));
}

endpoint to_endpoint(const ares_addrttl& record) { return v4_endpoint(&record.ipaddr); }
endpoint to_endpoint(const ares_addr6ttl& record) { return v6_endpoint(&record.ip6addr); }

// An answer that has nothing but addresses of the name that was asked. False: it is another one, and nothing was read.
bool read_plain_addresses(std::string_view asked, dns_record record, const unsigned char* packet, int size,
                          dns_reply& reply) {
  message_reader message(packet, size);
  const unsigned count = message.answers();
  if (message.questions() != 1 || count == 0 || count > most_addresses || !message.asks_for(asked))
    return false;
  const bool is_v4 = record == dns_record::v4_address;
  const int octets = is_v4 ? sizeof(in_addr) : sizeof(in6_addr);
  std::vector<endpoint> addresses;
  addresses.reserve(count);
  auto ttl = std::chrono::seconds::max();
  for (unsigned i = 0; i < count; ++i) {
    const auto each = message.next();
    if (!each || !message.belongs_to_question(*each) || each->type != static_cast<unsigned>(record) ||
        each->of_class != internet_class || each->end - each->data != octets)
      return false;
    addresses.push_back(is_v4 ? v4_endpoint(packet + each->data) : v6_endpoint(packet + each->data));
    ttl = std::min(ttl, each->ttl);
  }
  reply.addresses = std::move(addresses);
  reply.ttl = ttl;
  return true;
}

template <class Record, class Parse>
void read_records(Parse parse, const unsigned char* packet, int size, dns_reply& reply) {
  std::array<Record, most_addresses> records;
  int count = most_addresses;
  const int status = parse(packet, size, nullptr, records.data(), &count);
  if (status != ARES_SUCCESS) {
    reply.why = std::error_code(status, ares_category());
    return;
  }
  if (count <= 0) {  // only aliases: the name exists, without an address
    reply.why = std::error_code(ARES_ENODATA, ares_category());
    return;
  }
  int ttl = records[0].ttl;
  for (int i = 0; i < count; ++i) {
    const Record& record = records[static_cast<std::size_t>(i)];
    reply.addresses.push_back(to_endpoint(record));
    ttl = std::min(ttl, record.ttl);
  }
  reply.ttl = std::chrono::seconds(std::max(ttl, 0));
}

// What the records say that are not addresses: the aliases on the way, the names of a reverse question, and the
// smallest time of both. False: the message breaks off.
bool read_names(std::string_view asked, dns_record wanted, const unsigned char* packet, int size,
                dns_reply& reply) {
  message_reader message(packet, size);
  std::vector<alias> chain;
  std::size_t looked_at = 0;
  std::optional<std::chrono::seconds> ttl;
  while (const auto record = message.next()) {
    const bool is_alias = record->type == alias_type;
    const bool is_name = record->type == pointer_type && wanted == dns_record::pointer;
    if (!record->is_answer || (!is_alias && !is_name)) continue;
    if (looked_at++ >= most_names) continue;
    auto target = message.name_at(record->data);
    if (!target) continue;
    ttl = std::min(ttl.value_or(record->ttl), record->ttl);
    auto owner = is_alias ? message.name_at(record->owner) : std::nullopt;
    if (owner)
      chain.push_back({std::move(*owner), std::move(*target)});
    else if (is_name &&
             !why_impossible(*target))  // what nobody could ask for is of no use, and may be meant to harm
      reply.names.push_back(std::move(*target));
  }
  take_names(asked, chain, reply);
  if (ttl && (reply.addresses.empty() || *ttl < reply.ttl)) reply.ttl = *ttl;
  return message.was_read();
}

// The aliases on the way to what is not there may be over before.
std::chrono::seconds read_negative_ttl(const unsigned char* packet, int size) {
  message_reader message(packet, size);
  auto least = std::chrono::seconds::max();
  while (const auto record = message.next()) {
    if (record->type == alias_type) least = std::min(least, record->ttl);
    if (record->type == authority_type) return std::min(least, message.negative_ttl(*record));
  }
  return {};
}

}  // namespace

bool is_truncated(const unsigned char* packet, int size) noexcept {
  constexpr unsigned truncated = 0x02;
  return packet && size > 2 && (packet[2] & truncated) != 0;
}

bool is_about(std::span<const unsigned char> packet, std::string_view asked, dns_record record) {
  const message_reader message(packet.data(), static_cast<int>(packet.size()));
  const auto name = message.name_at(header_octets);
  return name && same_name(*name, asked) && message.question_type() == static_cast<unsigned>(record);
}

void read_reply(std::string_view asked, dns_record record, int status, const unsigned char* packet, int size,
                dns_reply& reply) {
  if (status == ARES_SUCCESS && record != dns_record::pointer &&
      read_plain_addresses(asked, record, packet, size, reply))
    return;
  if (status == ARES_SUCCESS) {
    if (record == dns_record::v4_address)
      read_records<ares_addrttl>(ares_parse_a_reply, packet, size, reply);
    else if (record == dns_record::v6_address)
      read_records<ares_addr6ttl>(ares_parse_aaaa_reply, packet, size, reply);
    const bool whole = reply.why || read_names(asked, record, packet, size, reply);
    if (!reply.why && record == dns_record::pointer && reply.names.empty())
      status = whole ? ARES_ENODATA : ARES_EBADRESP;
  }
  if (status != ARES_SUCCESS) reply.why = std::error_code(status, ares_category());
  if (packet && reply.why && to_resolve_errc(reply.why) != resolve_errc::dns_failure)
    reply.ttl = read_negative_ttl(packet, size);
}

}  // namespace uvdial::detail
