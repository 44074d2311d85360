#include "demo/dns_message.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <stdexcept>

#include "demo/dns_wire.hpp"

namespace uvdial::demo {
namespace {

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
  std::size_t authorities;
};

octets begin_message(const header& head, const dns_question& asked) {
  octets message;
  put_two(message, head.id);
  put_two(message, head.flags);
  put_two(message, 1);  // questions
  put_two(message, static_cast<std::uint16_t>(head.answers));
  put_two(message, static_cast<std::uint16_t>(head.authorities));
  put_two(message, 0);  // additional records
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

// RFC 2308, 3: how long "there is none" holds is the smaller of the record's ttl and its last field.
record authority_record(std::string_view zone, std::chrono::seconds negative_ttl) {
  octets data = name_on_wire("ns." + std::string(zone));
  put(data, name_on_wire("hostmaster." + std::string(zone)));
  put_four(data, 1);       // serial
  put_four(data, 3'600);   // refresh
  put_four(data, 600);     // retry
  put_four(data, 86'400);  // expire
  put_four(data, static_cast<std::uint32_t>(negative_ttl.count()));
  return {record_type::soa, negative_ttl, std::move(data)};
}

// The zone that a negative reply speaks for: the last label of the last name there is.
std::string zone_of(const dns_question& asked, const dns_reply& reply) {
  std::string_view name = reply.aliases.empty() ? asked.name : reply.aliases.back();
  if (name.ends_with('.')) name.remove_suffix(1);
  const std::size_t dot = name.rfind('.');
  return std::string(dot == std::string_view::npos ? name : name.substr(dot + 1));
}

std::uint16_t reply_flags(const dns_question& asked, const dns_reply& reply) {
  unsigned flags = flag_reply | flag_authoritative | flag_recursion_available;
  if (asked.recursion_desired) flags |= flag_recursion_desired;
  if (reply.truncated) flags |= flag_truncated;
  return static_cast<std::uint16_t>(flags | static_cast<unsigned>(reply.code));
}

octets pointer_to_question() { return {0xc0, header_size}; }  // RFC 1035, 4.1.4

}  // namespace

octets build_question(const dns_question& asked) {
  return begin_message({asked.id, flag_recursion_desired, 0, 0}, asked);
}

octets build_reply(const dns_question& asked, const dns_reply& reply) {
  const std::size_t records = reply.addresses.size() + reply.names.size();
  const bool says_none = records == 0 && reply.negative_ttl.has_value();
  octets message = begin_message(
      {asked.id, reply_flags(asked, reply), reply.aliases.size() + records, says_none ? 1U : 0U}, asked);
  octets owner = pointer_to_question();
  for (const std::string& alias : reply.aliases) {
    octets target = name_on_wire(alias);
    put_record(message, owner, {record_type::cname, reply.ttl, target});
    owner = std::move(target);
  }
  for (const endpoint& address : reply.addresses) {
    put_record(message, owner, address_record(address, reply.ttl));
  }
  for (const std::string& name : reply.names) {
    put_record(message, owner, {record_type::ptr, reply.ttl, name_on_wire(name)});
  }
  if (says_none) {
    const std::string zone = zone_of(asked, reply);
    put_record(message, name_on_wire(zone), authority_record(zone, *reply.negative_ttl));
  }
  return message;
}

octets build_garbage(const dns_question& asked) {
  octets message = begin_message({asked.id, reply_flags(asked, {}), 1, 0}, asked);
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
