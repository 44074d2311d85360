// The packet of a DNS answer, as it lies in memory.
//
// The first octet says what was asked and how the packet is made: as it stands, or records behind a header and the
// question, so that most of what is tried is read to its end.
#include "glue/dns_packet.hpp"

#define CARES_NO_DEPRECATED
#include <ares.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "fuzz/fuzz_target.hpp"
#include "logic/host_name.hpp"
#include "logic/message_reader.hpp"
#include "support/dns_wire.hpp"
#include "uvdial/error.hpp"

using namespace uvdial;
using namespace uvdial::detail;

namespace {

constexpr std::size_t most_addresses = 256;
constexpr std::size_t most_names = 64;
const std::string asked = "www.test";

constexpr std::array records{dns_record::v4_address, dns_record::v6_address, dns_record::pointer};
constexpr std::array statuses{ARES_SUCCESS, ARES_SUCCESS,   ARES_SUCCESS,  ARES_ENOTFOUND,
                              ARES_ENODATA, ARES_ESERVFAIL, ARES_EBADRESP, ARES_EREFUSED};

std::string packet_of(fuzz::octets& input, dns_record record, bool as_it_stands) {
  using namespace fixture::wire;
  if (as_it_stands) return input.rest();
  const unsigned answers = input.octet();
  const unsigned authorities = input.octet() % 4;
  return u16(7) + u16(0x8180) + u16(1) + u16(answers) + u16(authorities) + u16(0) + name(asked) +
         u16(static_cast<unsigned>(record)) + u16(1) + input.rest();
}

// What c-ares reads of it: addresses as octets; nullopt: it cannot.
template <class Record>
std::optional<std::vector<std::string>> read_by_ares(int (*parse)(const unsigned char*, int, hostent**,
                                                                  Record*, int*),
                                                     std::span<const unsigned char> packet) {
  std::vector<Record> found(packet.size() / sizeof(in_addr));  // more than it can hold
  int count = static_cast<int>(found.size());
  const int status = parse(packet.data(), static_cast<int>(packet.size()), nullptr, found.data(), &count);
  if (status == ARES_ENODATA) count = 0;
  if (status != ARES_SUCCESS && status != ARES_ENODATA) return std::nullopt;
  std::vector<std::string> addresses;
  for (int i = 0; i < count; ++i)
    addresses.emplace_back(reinterpret_cast<const char*>(&found[static_cast<std::size_t>(i)]),
                           sizeof(Record) == sizeof(ares_addrttl) ? 4U : 16U);
  return addresses;
}

std::string octets_of(const endpoint& address) {
  if (address.family() == ip_family::v4) {
    sockaddr_in whole;
    std::memcpy(&whole, &address.native(), sizeof whole);
    return {reinterpret_cast<const char*>(&whole.sin_addr), sizeof whole.sin_addr};
  }
  sockaddr_in6 whole;
  std::memcpy(&whole, &address.native(), sizeof whole);
  return {reinterpret_cast<const char*>(&whole.sin6_addr), sizeof whole.sin6_addr};
}

bool is_part_of(const std::vector<std::string>& some, const std::vector<std::string>& all) {
  auto place = all.begin();
  for (const std::string& each : some) {
    place = std::find(place, all.end(), each);
    if (place == all.end()) return false;
    ++place;
  }
  return true;
}

bool has_aliases(std::span<const unsigned char> packet) {
  constexpr unsigned alias_type = 5;
  message_reader message(packet);
  while (const auto each = message.next())
    if (each->is_answer && each->type == alias_type) return true;
  return false;
}

// c-ares takes the addresses of whatever name. What we take is among them, wherever it can read the packet too; but an
// alias of another name makes it take none.
void check_addresses(const dns_reply& reply, dns_record record, std::span<const unsigned char> packet) {
  const auto theirs = record == dns_record::v4_address
                          ? read_by_ares<ares_addrttl>(ares_parse_a_reply, packet)
                          : read_by_ares<ares_addr6ttl>(ares_parse_aaaa_reply, packet);
  std::vector<std::string> ours;
  for (const endpoint& each : reply.addresses) {
    fuzz::require(family_of(record) == each.family() && each.port() == 0,
                  "addresses are of the family asked");
    ours.push_back(octets_of(each));
  }
  fuzz::require(!theirs || has_aliases(packet) || is_part_of(ours, *theirs),
                "the addresses are among those that c-ares reads, in their order");
}

void check(const dns_reply& reply, dns_record record, int status) {
  const bool has_any = !reply.addresses.empty() || !reply.names.empty();
  fuzz::require(has_any != static_cast<bool>(reply.why), "there is something, or a reason why not");
  fuzz::require(status == ARES_SUCCESS || reply.why.value() == status || reply.why.value() == ARES_EBADRESP,
                "what failed before is not read");
  fuzz::require(reply.addresses.size() <= most_addresses, "addresses are bounded");
  fuzz::require(reply.names.size() + reply.aliases.size() <= most_names, "names are bounded");
  fuzz::require(reply.ttl >= std::chrono::seconds(0), "no time is negative");
  fuzz::require(record == dns_record::pointer || reply.names.empty(), "only a reverse question has names");
  fuzz::require(record != dns_record::pointer || reply.addresses.empty(), "and it has no addresses");
  fuzz::require(reply.aliases.empty() || reply.aliases.front() == asked, "aliases begin with what was asked");
  for (const std::string& each : reply.names)
    fuzz::require(!why_impossible(each), "no host has a name that there cannot be", each);
}

}  // namespace

FUZZ_TARGET(dns_packet) {
  const unsigned what = input.octet();
  const dns_record record = records[what % records.size()];
  const int status = statuses[(what / 4) % statuses.size()];
  const std::string text = packet_of(input, record, (what & 0x80) != 0);
  const auto block = std::make_unique<unsigned char[]>(text.size());  // what is read behind its end is seen
  std::copy(text.begin(), text.end(), block.get());
  const std::span<const unsigned char> packet(block.get(), text.size());

  dns_reply reply;
  read_reply(asked, record, status, packet.data(), static_cast<int>(packet.size()), reply);
  check(reply, record, status);
  if (status == ARES_SUCCESS && record != dns_record::pointer) check_addresses(reply, record, packet);
  const bool about = is_about(packet, asked, record);
  fuzz::require(!about || packet.size() > 12, "a header alone is about nothing");
  fuzz::require(is_truncated(packet.data(), static_cast<int>(packet.size())) ==
                    (packet.size() > 2 && (packet[2] & 2) != 0),
                "truncation is one bit");
}
