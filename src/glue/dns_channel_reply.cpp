#include "glue/dns_channel_reply.hpp"

// The addresses are left to c-ares. The names are not: of a chain of two aliases 1.18.1 gives the first one's target
// as the canonical name, and the last name, which has the addresses, nowhere.
#define CARES_NO_DEPRECATED  // the calls below are all that 1.18.1 has
#include <ares.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "uvdial/error.hpp"

namespace uvdial::detail {

namespace {

// More than the race keeps of one answer; what is over is cut off by the parser.
constexpr int most_addresses = 256;

constexpr int header_octets = 12;     // RFC 1035, 4.1.1
constexpr int question_octets = 4;    // behind its name: 4.1.2
constexpr int record_octets = 10;     // behind its name and before its data: 4.1.3
constexpr unsigned alias_record = 5;  // 3.2.2

struct alias {
  std::string from;
  std::string to;
};

// Goes through a message once, forwards; whatever runs over the end stops it.
class message_reader {
 public:
  message_reader(const unsigned char* packet, int size) : packet_(packet), size_(size) {}

  // The CNAME records of the answer section, as far as the message can be read.
  std::vector<alias> aliases() {
    std::vector<alias> found;
    const unsigned questions = number_at(4);
    const unsigned answers = number_at(6);
    at_ = header_octets;
    for (unsigned i = 0; i < questions; ++i) {
      if (!take_name() || !skip(question_octets)) return found;
    }
    for (unsigned i = 0; i < answers; ++i) {
      auto owner = take_name();
      const int record = at_;
      if (!owner || !skip(record_octets)) return found;
      const int data_end = at_ + static_cast<int>(number_at(record + 8));
      auto target = number_at(record) == alias_record ? take_name() : std::nullopt;
      if (target) found.push_back({std::move(*owner), std::move(*target)});
      at_ = data_end;
    }
    return found;
  }

 private:
  unsigned number_at(int at) const noexcept {
    return at + 2 <= size_ ? static_cast<unsigned>(packet_[at] << 8 | packet_[at + 1]) : 0;
  }
  bool skip(int octets) noexcept {
    at_ += octets;
    return at_ <= size_;
  }
  std::optional<std::string> take_name() {
    if (at_ >= size_) return std::nullopt;
    char* text = nullptr;
    long taken = 0;
    if (ares_expand_name(packet_ + at_, packet_, size_, &text, &taken) != ARES_SUCCESS) return std::nullopt;
    const std::unique_ptr<char, void (*)(char*)> owned(text, [](char* held) { ares_free_string(held); });
    at_ += static_cast<int>(taken);
    return std::string(text);
  }

  const unsigned char* packet_;
  int size_;
  int at_ = 0;
};

bool same_name(const std::string& one, const std::string& other) noexcept {
  return strcasecmp(one.c_str(), other.c_str()) == 0;
}

// From the name asked along the chain to the name that has the addresses: those on the way are the aliases.
void take_names(const std::string& asked, const std::vector<alias>& chain, dns_reply& reply) {
  reply.canonical_name = asked;
  for (std::size_t steps = 0; steps < chain.size(); ++steps) {  // a chain in a circle ends too
    const auto next = std::find_if(chain.begin(), chain.end(), [&reply](const alias& each) {
      return same_name(each.from, reply.canonical_name);
    });
    if (next == chain.end()) return;
    reply.aliases.push_back(std::exchange(reply.canonical_name, next->to));
  }
}

endpoint to_endpoint(const ares_addrttl& record) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr = record.ipaddr;
  return endpoint(reinterpret_cast<const sockaddr&>(address));
}

endpoint to_endpoint(const ares_addr6ttl& record) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  std::copy_n(reinterpret_cast<const unsigned char*>(&record.ip6addr), sizeof(address.sin6_addr),
              reinterpret_cast<unsigned char*>(&address.sin6_addr));
  return endpoint(reinterpret_cast<const sockaddr&>(address));
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

}  // namespace

std::error_code failure_code(int status) noexcept {
  if (status != ARES_ECONNREFUSED && status != ARES_EFILE) return {status, ares_category()};
  const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM))
    return {uv_translate_sys_error(errno), uv_category()};
  if (descriptor >= 0) (void)::close(descriptor);  // it has no data to lose
  return {status, ares_category()};
}

void read_reply(const std::string& asked, ip_family family, const unsigned char* packet, int size,
                dns_reply& reply) {
  if (family == ip_family::v4)
    read_records<ares_addrttl>(ares_parse_a_reply, packet, size, reply);
  else
    read_records<ares_addr6ttl>(ares_parse_aaaa_reply, packet, size, reply);
  if (!reply.why) take_names(asked, message_reader(packet, size).aliases(), reply);
}

}  // namespace uvdial::detail
