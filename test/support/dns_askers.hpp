#pragma once
// What the tests of one DNS channel share: a waiter that records, and a server that answers by hand.
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "demo/dns_message.hpp"
#include "demo/ports.hpp"
#include "glue/dns_channel.hpp"
#include "support/loop_fixture.hpp"
#include "uvdial/error.hpp"

namespace fixture {

// Records each reply as text: the name of its code, or its addresses.
struct recording_waiter {
  std::vector<std::string> heard{};
  uvdial::detail::dns_reply last{};
  std::function<void()> then{};  // called last
  bool inside = false;           // while one of its callbacks runs
  bool nested = false;           // one was called inside another

  void replied(const uvdial::detail::dns_reply& reply) {
    nested = nested || inside;
    inside = true;
    heard.push_back(text_of(reply));
    last = reply;
    if (then) then();
    inside = false;
  }

  std::string all() const {
    std::string text;
    for (const std::string& each : heard) text += (text.empty() ? "" : " ") + each;
    return text;
  }

  static std::string text_of(const uvdial::detail::dns_reply& reply) {
    if (reply.why) return std::string(uvdial::code_name(reply.why));
    std::string text;
    for (const uvdial::endpoint& address : reply.addresses) {
      text += (text.empty() ? "" : ",") + address.address_to_string();
    }
    return text;
  }
};

// A DNS channel together with the questions that it was asked.
class asked_channel {
 public:
  explicit asked_channel(uvdial::detail::dns_channel_options options)
      : channel_(std::make_shared<uvdial::detail::dns_channel>(
            loop(), options, std::make_shared<uvdial::detail::handle_count>())) {}
  asked_channel(const asked_channel&) = delete;
  asked_channel& operator=(const asked_channel&) = delete;
  ~asked_channel() { close(); }

  uvdial::detail::dns_query* ask(const std::string& name, uvdial::detail::dns_record record,
                                 recording_waiter& waiter) {
    query& made = *running_.emplace_back(std::make_unique<query>(name, record, waiter, *this));
    channel_->ask(made);
    return &made;
  }
  void forget(uvdial::detail::dns_query* asked) {
    channel_->forget(*asked);
    (void)take(asked);
  }
  void close() {
    channel_->close();
    running_.clear();
  }

 private:
  struct named {
    std::string text;
  };
  struct query final : private named, public uvdial::detail::dns_query {
    query(const std::string& its_name, uvdial::detail::dns_record its_record, recording_waiter& its_waiter,
          asked_channel& its_owner)
        : named{its_name}, dns_query(text, its_record), waiter(its_waiter), owner(its_owner) {}
    void replied(const uvdial::detail::shared_reply& reply) override {
      const auto self = owner.take(this);
      self->waiter.replied(*reply);
    }
    recording_waiter& waiter;
    asked_channel& owner;
  };
  std::unique_ptr<query> take(const uvdial::detail::dns_query* asked) {
    const auto found = std::find_if(running_.begin(), running_.end(),
                                    [asked](const auto& each) { return each.get() == asked; });
    auto taken = std::move(*found);
    running_.erase(found);
    return taken;
  }

  std::shared_ptr<uvdial::detail::dns_channel> channel_;
  std::list<std::unique_ptr<query>> running_{};
};

inline std::shared_ptr<asked_channel> make_channel(uvdial::detail::dns_channel_options options) {
  return std::make_shared<asked_channel>(std::move(options));
}

// A DNS server without a loop: it takes and answers questions when it is told to, and can refuse datagrams.
class hand_server {
 public:
  // Answers the first `count` questions that wait, all with the same A records.
  int answer(int count, const std::string& address) {
    std::array<std::uint8_t, 512> message;
    int answered = 0;
    while (answered < count) {
      sockaddr_storage from{};
      socklen_t from_size = sizeof from;
      auto* sender = reinterpret_cast<sockaddr*>(&from);
      const ssize_t size = ::recvfrom(socket_.get(), message.data(), message.size(), 0, sender, &from_size);
      if (size < 0) break;
      const auto asked = uvdial::demo::parse_question({message.data(), static_cast<std::size_t>(size)});
      if (!asked) continue;
      const auto reply = uvdial::demo::build_reply(
          *asked, {.addresses = {uvdial::endpoint::from_literal(address, 0).value()}});
      if (::sendto(socket_.get(), reply.data(), reply.size(), 0, sender, from_size) < 0) break;
      ++answered;
    }
    return answered;
  }

  // A datagram socket that is connected to somebody else keeps its port and has the kernel refuse all others.
  void refuse() {
    const uvdial::endpoint nobody = uvdial::demo::loopback(uvdial::ip_family::v4, 9);
    connect_to(nobody.native(), nobody.native_size());
  }
  void accept_again() {
    sockaddr nobody{};
    nobody.sa_family = AF_UNSPEC;
    connect_to(nobody, sizeof nobody);
  }

  const uvdial::endpoint& address() const noexcept { return address_; }

 private:
  void connect_to(const sockaddr& to, socklen_t size) {
    if (::connect(socket_.get(), &to, size) < 0)
      throw std::runtime_error("a datagram socket cannot be connected");
  }

  // A port that the kernel chose goes when the socket is disconnected; one that was named stays. So a second socket
  // is bound to the port by name, while the first still keeps it from everybody else.
  static uvdial::demo::descriptor make_socket() {
    using namespace uvdial::demo;
    const descriptor chosen = bound_socket(socket_kind::udp, loopback(uvdial::ip_family::v4));
    const uvdial::endpoint address = bound_address(chosen);
    descriptor named(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    for (const int each : {chosen.get(), named.get()}) {
      if (::setsockopt(each, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        throw std::runtime_error("a datagram socket cannot share its port");
    }
    if (::bind(named.get(), &address.native(), address.native_size()) < 0)
      throw std::runtime_error("a datagram socket cannot be bound");
    return named;
  }

  uvdial::demo::descriptor socket_ = make_socket();
  uvdial::endpoint address_ = uvdial::demo::bound_address(socket_);
};

inline std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

// A foreign callback that holds the loop up.
inline void hold_for(std::chrono::nanoseconds time) {
  const uvdial::detail::instant end = uvdial::detail::now() + time;
  while (uvdial::detail::now() < end) {}
}

}  // namespace fixture
