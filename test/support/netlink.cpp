#include "support/netlink.hpp"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

#include "demo/ports.hpp"

namespace fixture::netlink {

namespace {

using uvdial::demo::descriptor;

[[noreturn]] void stop(int code, const std::string& step) {
  throw std::system_error(code, std::generic_category(), step);
}

struct raw_literal {
  explicit raw_literal(std::string_view literal) {
    const std::string text(literal);
    family = text.find(':') == std::string::npos ? AF_INET : AF_INET6;
    size = family == AF_INET ? 4 : 16;
    if (inet_pton(family, text.c_str(), octets.data()) != 1) stop(EINVAL, text);
  }
  int family;
  std::size_t size;
  std::array<unsigned char, 16> octets{};
};

int number_of(const std::string& interface) {
  const unsigned number = if_nametoindex(interface.c_str());
  if (number == 0) stop(errno, "the interface " + interface);
  return static_cast<int>(number);
}

// One message to the kernel: a header, a fixed part, attributes.
class request {
 public:
  template <class Body>
  request(int type, int flags, const Body& body) : bytes_(NLMSG_ALIGN(sizeof(nlmsghdr) + sizeof body)) {
    header_.nlmsg_type = static_cast<std::uint16_t>(type);
    header_.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
    std::memcpy(bytes_.data() + sizeof header_, &body, sizeof body);
  }

  request& add(int type, const void* value, std::size_t size) {
    rtattr attribute{};
    attribute.rta_type = static_cast<std::uint16_t>(type);
    attribute.rta_len = static_cast<std::uint16_t>(RTA_LENGTH(size));
    const std::size_t at = bytes_.size();
    bytes_.resize(at + RTA_SPACE(size));
    std::memcpy(bytes_.data() + at, &attribute, sizeof attribute);
    std::memcpy(bytes_.data() + at + RTA_LENGTH(0), value, size);
    return *this;
  }

  void send(const std::string& step) {
    header_.nlmsg_len = static_cast<std::uint32_t>(bytes_.size());
    std::memcpy(bytes_.data(), &header_, sizeof header_);
    const descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (socket.get() < 0) stop(errno, "a netlink socket");
    if (::send(socket.get(), bytes_.data(), bytes_.size(), 0) < 0) stop(errno, step);
    std::array<char, 4096> reply{};
    const ssize_t size = ::recv(socket.get(), reply.data(), reply.size(), 0);
    if (size < static_cast<ssize_t>(sizeof(nlmsghdr) + sizeof(nlmsgerr))) stop(size < 0 ? errno : EIO, step);
    nlmsgerr answer{};
    std::memcpy(&answer, reply.data() + sizeof(nlmsghdr), sizeof answer);
    if (answer.error != 0) stop(-answer.error, step);
  }

 private:
  nlmsghdr header_{};
  std::vector<char> bytes_;
};

std::uint8_t type_of(route_kind kind) {
  switch (kind) {
    case route_kind::blackhole: return RTN_BLACKHOLE;
    case route_kind::local: return RTN_LOCAL;
    case route_kind::unreachable: return RTN_UNREACHABLE;
    case route_kind::prohibit: return RTN_PROHIBIT;
    case route_kind::unicast: break;
  }
  return RTN_UNICAST;
}

void route_message(int type, int flags, const route& what) {
  const raw_literal prefix(what.prefix);
  rtmsg body{};
  body.rtm_family = static_cast<std::uint8_t>(prefix.family);
  body.rtm_dst_len = static_cast<std::uint8_t>(what.length);
  body.rtm_table = what.kind == route_kind::local ? RT_TABLE_LOCAL : RT_TABLE_MAIN;
  body.rtm_protocol = RTPROT_STATIC;
  body.rtm_type = type_of(what.kind);
  body.rtm_scope = what.kind == route_kind::unicast ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  request made(type, flags, body);
  if (what.length > 0) made.add(RTA_DST, prefix.octets.data(), prefix.size);
  if (!what.interface.empty()) {
    const int number = number_of(what.interface);
    made.add(RTA_OIF, &number, sizeof number);
  }
  made.send("a route to " + std::string(what.prefix) + "/" + std::to_string(what.length));
}

}  // namespace

void set_up(const std::string& interface, bool up) {
  ifinfomsg body{};
  body.ifi_index = number_of(interface);
  body.ifi_change = IFF_UP;
  body.ifi_flags = up ? IFF_UP : 0;
  request(RTM_NEWLINK, 0, body).send(interface + (up ? " up" : " down"));
}

void add_address(const std::string& interface, std::string_view literal, int prefix) {
  const raw_literal address(literal);
  ifaddrmsg body{};
  body.ifa_family = static_cast<std::uint8_t>(address.family);
  body.ifa_prefixlen = static_cast<std::uint8_t>(prefix);
  body.ifa_index = static_cast<std::uint32_t>(number_of(interface));
  body.ifa_flags = IFA_F_NODAD;  // nobody else is there
  request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, body)
      .add(IFA_LOCAL, address.octets.data(), address.size)
      .add(IFA_ADDRESS, address.octets.data(), address.size)
      .send("the address " + std::string(literal));
  if (address.family == AF_INET) return;
  // The kernel's own route to an address of IPv6 comes when it finds time, and packets are lost until then.
  add_route({.prefix = literal, .length = 128, .kind = route_kind::local, .interface = interface});
}

void add_route(const route& wanted) { route_message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, wanted); }

void remove_route(const route& unwanted) { route_message(RTM_DELROUTE, 0, unwanted); }

}  // namespace fixture::netlink
