#include "support/hostile_server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace fixture {

using uvdial::endpoint;
namespace demo = uvdial::demo;

std::string heard::question() const {
  std::size_t at = 12;
  while (at < packet.size() && packet[at] != '\0') at += 1 + static_cast<unsigned char>(packet[at]);
  return packet.substr(12, at + 5 - 12);
}

std::string heard::name() const {
  std::string text;
  for (std::size_t at = 12; at < packet.size() && packet[at] != '\0';) {
    const auto length = static_cast<unsigned char>(packet[at]);
    text += (text.empty() ? "" : ".") + packet.substr(at + 1, length);
    at += 1U + length;
  }
  return text;
}

unsigned heard::type() const {
  const std::string asked = question();
  return static_cast<unsigned char>(asked[asked.size() - 3]);
}

std::string heard::reply(const wire::parts& answers, unsigned flags) const {
  std::string made = id() + wire::u16(flags) + wire::u16(1) +
                     wire::u16(static_cast<unsigned>(answers.size())) + wire::u32(0) + question();
  for (const std::string& each : answers) made += each;
  return made;
}

std::string heard::address(const std::string& owner, unsigned ttl) const {
  const std::string data =
      type() == wire::a ? std::string("\x7f\0\0\x01", 4) : std::string(15, '\0') + '\x01';
  const std::string where = owner == "\xc0\x0c" ? owner : wire::name(owner);
  return where + wire::u16(type()) + wire::u16(1) + wire::u32(ttl) +
         wire::u16(static_cast<unsigned>(data.size())) + data;
}

hostile_server::hostile_server(uv_loop_t& loop, script on_question, tcp_port over_tcp, const endpoint& at)
    : loop_(loop),
      script_(std::move(on_question)),
      address_(at),
      datagrams_{demo::descriptor(-1)},
      listening_{demo::descriptor(-1)} {
  take_port(at);
  watch(datagrams_);
  if (over_tcp == tcp_port::refusing) return;
  if (::listen(listening_.socket.get(), 64) != 0) throw std::runtime_error("no server can listen");
  watch(listening_);
}

// A port that is free for the one may be taken for the other.
void hostile_server::take_port(const endpoint& at) {
  for (int left = 50;; --left) {
    try {
      listening_.socket = demo::bound_socket(demo::socket_kind::tcp, at, demo::address_reuse::yes);
      address_ = demo::bound_address(listening_.socket);
      datagrams_.socket = demo::bound_socket(demo::socket_kind::udp, address_);
      return;
    } catch (const std::system_error&) {
      if (left == 0) throw;
    }
  }
}

hostile_server::~hostile_server() {
  for (auto& [number, each] : connections_) each.poll.reset();  // before its descriptor is closed
  datagrams_.poll.reset();
  listening_.poll.reset();
}

void hostile_server::watch(watched& what) {
  const int number = what.socket.get();
  const int status =
      what.poll.open(nullptr, [this, number](uv_poll_t* poll) { return uv_poll_init(&loop_, poll, number); });
  if (status < 0) throw std::runtime_error("a server's socket cannot be watched");
  what.poll->data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(what.poll.get()));
  (void)uv_poll_start(what.poll.get(), UV_READABLE, on_ready);
}

void hostile_server::on_ready(uv_poll_t* poll, int, int) noexcept {
  uv_os_fd_t number = -1;
  if (poll->data && uv_fileno(reinterpret_cast<uv_handle_t*>(poll), &number) == 0)
    static_cast<hostile_server*>(poll->data)->ready(number);
}

void hostile_server::ready(int descriptor) {
  if (descriptor == datagrams_.socket.get()) return read_datagrams();
  if (descriptor == listening_.socket.get()) return accept_all();
  if (const auto found = connections_.find(descriptor); found != connections_.end())
    read_stream(found->second);
}

void hostile_server::read_datagrams() {
  std::array<char, 1024> into;
  for (;;) {
    sockaddr_storage from{};
    socklen_t from_size = sizeof from;
    auto* sender = reinterpret_cast<sockaddr*>(&from);
    const ssize_t size = ::recvfrom(datagrams_.socket.get(), into.data(), into.size(), 0, sender, &from_size);
    if (size < 0) return;
    const endpoint client(*sender);
    ports_.push_back(client.port());
    take({std::string(into.data(), static_cast<std::size_t>(size)), client, -1});
  }
}

void hostile_server::accept_all() {
  for (;;) {
    demo::descriptor made(::accept4(listening_.socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (made.get() < 0) return;
    const int number = made.get();
    watch(connections_.emplace(number, watched{std::move(made)}).first->second);
  }
}

void hostile_server::read_stream(watched& from) {
  const int number = from.socket.get();
  std::array<char, 4096> into;
  const ssize_t size = ::recv(number, into.data(), into.size(), 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0) return hang_up({{}, address_, number});
  from.received.append(into.data(), static_cast<std::size_t>(size));
  for (;;) {
    const auto found = connections_.find(number);  // a script may have hung up
    if (found == connections_.end()) return;
    std::string& received = found->second.received;
    if (received.size() < 2) return;
    const std::size_t length =
        static_cast<unsigned char>(received[0]) * 256U + static_cast<unsigned char>(received[1]);
    if (received.size() < 2 + length) return;
    heard question{received.substr(2, length), address_, number};
    received.erase(0, 2 + length);
    take(std::move(question));
  }
}

void hostile_server::take(heard&& question) {
  ++questions_;
  if (script_) script_(*this, question);
}

void hostile_server::send(const heard& to, const std::string& packet) const {
  send_raw(to, to.over_tcp() ? wire::u16(static_cast<unsigned>(packet.size())) + packet : packet);
}

void hostile_server::send_raw(const heard& to, const std::string& octets) const {
  if (to.over_tcp())
    (void)::send(to.connection, octets.data(), octets.size(), MSG_NOSIGNAL);
  else
    (void)::sendto(datagrams_.socket.get(), octets.data(), octets.size(), 0, &to.client.native(),
                   to.client.native_size());
}

void hostile_server::hang_up(const heard& on) {
  const auto found = connections_.find(on.connection);
  if (found == connections_.end()) return;
  std::erase(dripping_, on.connection);
  found->second.poll.reset();
  connections_.erase(found);
}

void hostile_server::drip(const heard& to) {
  dripping_.push_back(to.connection);
  if (drips_) return;
  (void)drips_.open(nullptr, [this](uv_timer_t* timer) { return uv_timer_init(&loop_, timer); });
  drips_->data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(drips_.get()));
  (void)uv_timer_start(drips_.get(), on_drip, 1, 1);
}

void hostile_server::on_drip(uv_timer_t* timer) noexcept {
  if (!timer->data) return;
  for (const int each : static_cast<hostile_server*>(timer->data)->dripping_)
    (void)::send(each, "\x10", 1, MSG_NOSIGNAL);
}

}  // namespace fixture
