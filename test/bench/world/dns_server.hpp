#pragma once
// A DNS server over UDP that answers each question after the same delay, or leaves it without an answer. It is made to
// cost little: batches of datagrams, and replies in a plain queue, because all wait equally long.
#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <fstream>
#include <random>
#include <sstream>
#include <string>

#include "dns_reply.hpp"
#include "settings.hpp"
#include "sockets.hpp"

namespace bench {

class dns_server {
 public:
  explicit dns_server(const world_settings& chosen)
      : chosen_(chosen),
        random_(chosen.seed),
        socket_(bound_socket(SOCK_DGRAM, loopback_v4(chosen.dns_port))) {
    if (chosen.receive_buffer > 0) set_receive_buffer(socket_, chosen.receive_buffer);
    for (std::size_t i = 0; i < batch; ++i) {
      pieces_[i] = {buffers_[i].data(), buffers_[i].size()};
      messages_[i].msg_hdr.msg_iov = &pieces_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
      messages_[i].msg_hdr.msg_name = &senders_[i];
    }
  }

  int socket() const { return socket_; }
  std::uint16_t port() const { return port_of(socket_); }

  // All that waits in the socket.
  void read_all() {
    int count = 0;
    do {
      for (auto& each : messages_) each.msg_hdr.msg_namelen = sizeof(sockaddr_in);
      count = recvmmsg(socket_, messages_.data(), batch, 0, nullptr);
      const auto due = clock_type::now() + chosen_.delay;
      for (int i = 0; i < count; ++i) take(static_cast<std::size_t>(i), due);
    } while (count == static_cast<int>(batch));
  }

  void send_due() {
    const auto now = clock_type::now();
    for (; !waiting_.empty() && waiting_.front().due <= now; waiting_.pop_front()) {
      const reply& first = waiting_.front();
      // Whoever asked may be gone, which is no concern of a server.
      (void)sendto(socket_, first.message.data(), first.message.size(), 0, generic(first.to),
                   sizeof first.to);
    }
  }

  // Milliseconds until something is due, rounded up; -1: nothing is.
  int next_due() const {
    if (waiting_.empty()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(waiting_.front().due - clock_type::now());
    return left.count() > 0 ? static_cast<int>(left.count()) : 0;
  }

  // The kernel's count of datagrams that found the receive buffer full; -1 where it does not tell.
  long overruns() const {
    std::ostringstream own;
    own << std::hex << std::uppercase;
    own.fill('0');
    own.width(4);
    own << port();
    std::ifstream table("/proc/net/udp");
    for (std::string line; std::getline(table, line);) {
      std::istringstream words(line);
      std::string slot, local, last;
      words >> slot >> local;
      if (!local.ends_with(":" + own.str())) continue;
      while (words >> last) {}
      return std::strtol(last.c_str(), nullptr, 10);
    }
    return -1;
  }

  unsigned long questions() const { return questions_; }
  unsigned long dropped() const { return dropped_; }

 private:
  using clock_type = std::chrono::steady_clock;
  static constexpr std::size_t batch = 64;

  struct reply {
    clock_type::time_point due;
    sockaddr_in to;
    octets message;
  };

  void take(std::size_t index, clock_type::time_point due) {
    const std::uint8_t* message = buffers_[index].data();
    const std::size_t size =
        question_size(message, std::min<std::size_t>(messages_[index].msg_len, largest_question));
    if (size == 0) return;
    ++questions_;
    if (chosen_.drop_percent > 0 && random_() % 100 < chosen_.drop_percent) {
      ++dropped_;
      return;
    }
    waiting_.push_back({due, senders_[index], reply_to(message, size, chosen_.silent_v6)});
  }

  world_settings chosen_;
  std::minstd_rand random_;
  int socket_;
  std::array<std::array<std::uint8_t, largest_question>, batch> buffers_{};
  std::array<iovec, batch> pieces_{};
  std::array<sockaddr_in, batch> senders_{};
  std::array<mmsghdr, batch> messages_{};
  std::deque<reply> waiting_{};
  unsigned long questions_ = 0;
  unsigned long dropped_ = 0;
};

}  // namespace bench
