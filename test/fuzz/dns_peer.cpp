#include "fuzz/dns_peer.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "demo/ports.hpp"
#include "support/dns_wire.hpp"

namespace fuzz {

namespace {

namespace wire = fixture::wire;
using uvdial::endpoint;
using uvdial::ip_family;
using uvdial::demo::descriptor;
using uvdial::demo::socket_kind;

constexpr std::size_t header_size = 12;
constexpr int backlog = 64;

unsigned number_at(const std::string& packet, std::size_t at) {
  const auto octet = [&packet](std::size_t place) { return static_cast<unsigned char>(packet.at(place)); };
  return static_cast<unsigned>(octet(at) << 8 | octet(at + 1));
}

// The question as it stands in a packet that asks: its name, type and class.
std::string question_in(const std::string& packet) {
  const std::size_t name_end = packet.find('\0', header_size);
  if (packet.size() < header_size || name_end == std::string::npos || packet.size() < name_end + 5)
    fail("the questions that are asked are whole");
  return packet.substr(header_size, name_end + 5 - header_size);
}

std::string truth_for(const std::string& packet) {
  const std::string question = question_in(packet);
  const unsigned type = number_at(question, question.size() - 4);
  std::string data = wire::name("host.test");
  if (type == wire::a) data = std::string("\xc0\x00\x02\x01", 4);
  if (type == wire::aaaa) data = std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + '\x01';
  return packet.substr(0, 2) + wire::u16(0x8180) + wire::u16(1) + wire::u16(1) + wire::u16(0) + wire::u16(0) +
         question + wire::u16(0xc00c) + wire::u16(type) + wire::u16(1) + wire::u32(60) +
         wire::u16(static_cast<unsigned>(data.size())) + data;
}

// The packet of the script, made into one that fits the question as well as its form says.
std::string fitted(std::string packet, unsigned form, const std::string& asked) {
  if (form == as_it_stands) return packet;
  if (form == with_header) {
    packet.resize(std::max<std::size_t>(packet.size(), 2));
    const auto count = [&packet](std::size_t at) {
      return wire::u16(static_cast<unsigned char>(packet[at]));
    };
    return asked.substr(0, 2) + wire::u16(0x8180) + wire::u16(1) + count(0) + count(1) + wire::u16(0) +
           question_in(asked) + packet.substr(2);
  }
  packet.replace(0, 2, asked, 0, 2);
  if (form == with_question && packet.size() >= header_size) packet.insert(header_size, question_in(asked));
  return packet;
}

}  // namespace

dns_peer::dns_peer() : address_(uvdial::demo::loopback(ip_family::v4)) {
  while (datagrams_.get() < 0) open();
}

// The port that is free for TCP nearly always is for datagrams, too.
void dns_peer::open() {
  listening_ = uvdial::demo::bound_socket(socket_kind::tcp, uvdial::demo::loopback(ip_family::v4));
  address_ = uvdial::demo::bound_address(listening_);
  try {
    datagrams_ = uvdial::demo::bound_socket(socket_kind::udp, address_);
  } catch (const std::system_error&) {
    return;
  }
  require(::listen(listening_.get(), backlog) == 0, "a loopback port can be listened at");
}

void dns_peer::begin(octets& script) {
  octets nothing({});
  script_ = &nothing;
  while (look()) {}  // what the last input left in the sockets
  connections_.clear();
  asked_.clear();
  script_ = &script;
}

bool dns_peer::look() {
  const bool any = look_for_datagrams();
  return look_for_connections() || any;
}

bool dns_peer::look_for_datagrams() {
  std::array<char, 4096> room;
  sockaddr_in from{};
  for (bool any = false;; any = true) {
    socklen_t from_size = sizeof from;
    const ssize_t size = ::recvfrom(datagrams_.get(), room.data(), room.size(), 0,
                                    reinterpret_cast<sockaddr*>(&from), &from_size);
    if (size < 0) return any;
    take({std::string(room.data(), static_cast<std::size_t>(size)),
          endpoint(reinterpret_cast<const sockaddr&>(from))});
  }
}

bool dns_peer::look_for_connections() {
  bool any = false;
  for (;;) {
    descriptor accepted(::accept4(listening_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted.get() < 0) break;
    const linger at_once{1, 0};  // a port that is closed otherwise is not free for a minute
    (void)::setsockopt(accepted.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    connections_.push_back({std::move(accepted)});
    any = true;
  }
  for (std::size_t i = 0; i < connections_.size(); ++i) any = look_at(connections_[i]) || any;
  return any;
}

bool dns_peer::look_at(connection& which) {
  std::array<char, 4096> room;
  const int number = which.socket.get();
  const ssize_t size = ::recv(number, room.data(), room.size(), 0);
  if (size <= 0) return false;
  which.waiting.append(room.data(), static_cast<std::size_t>(size));
  while (which.waiting.size() >= 2 && which.waiting.size() >= 2 + number_at(which.waiting, 0)) {
    const std::size_t length = number_at(which.waiting, 0);
    question whole{which.waiting.substr(2, length), address_, number};
    which.waiting.erase(0, 2 + length);
    take(std::move(whole));
  }
  return true;
}

void dns_peer::take(question&& asked) {
  asked_.push_back(std::move(asked));
  const question latest = asked_.back();
  if (script_)
    answer(latest);
  else
    send(latest, truth_for(latest.packet), true);
}

void dns_peer::answer(const question& asked) {
  for (unsigned what = and_another; (what & and_another) != 0;) {
    if (script_->spent()) return send(asked, truth_for(asked.packet), true);
    what = script_->octet();
    const std::size_t length = script_->octet();
    std::string packet = length == 255 ? script_->rest() : script_->text(length);
    packet = fitted(std::move(packet), what & form_bits, asked.packet);
    send(asked, packet, (what & unframed) == 0);
    if (asked.connection && (what & hangs_up) != 0) return close(*asked.connection);
  }
}

// What does not fit into the kernel is lost, as it may be on any way.
void dns_peer::send(const question& to, const std::string& packet, bool framed) {
  if (!to.connection) {
    (void)::sendto(datagrams_.get(), packet.data(), packet.size(), 0, &to.from.native(),
                   to.from.native_size());
    return;
  }
  const auto is_it = [&to](const connection& each) { return each.socket.get() == *to.connection; };
  if (std::none_of(connections_.begin(), connections_.end(), is_it)) return;
  const std::string whole =
      (framed ? wire::u16(static_cast<unsigned>(packet.size())) : std::string()) + packet;
  (void)::send(*to.connection, whole.data(), whole.size(), MSG_NOSIGNAL);
}

void dns_peer::close(int number) {
  const auto is_it = [number](const connection& each) { return each.socket.get() == number; };
  const auto found = std::find_if(connections_.begin(), connections_.end(), is_it);
  if (found != connections_.end()) (void)::shutdown(number, SHUT_WR);
}

void dns_peer::tell_the_truth() {
  script_ = nullptr;
  for (const question& each : asked_) send(each, truth_for(each.packet), true);
}

}  // namespace fuzz
