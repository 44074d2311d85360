// The servers that the dials of a benchmark meet, in a process of their own.
//
//   bench_world [--dns-port N | --no-dns] [--tcp-port N] [--delay MS] [--drop PERCENT] [--seed N]
//               [--receive-buffer BYTES] [--silent-v6 ADDRESS]
//
// Prints "DNS-PORT TCP-PORT" when it is ready (0 for a DNS server that was not wanted), serves until its standard input
// ends, then prints "questions N dropped N overruns N". Both are on 127.0.0.1; a port of 0 is any that is free.
//
// A questions are answered with 127.0.0.1, AAAA with no data, each after --delay. --drop leaves so many of a hundred
// without an answer, chosen by --seed. --silent-v6 names an address of this machine on which the TCP port is silent, and
// which is the AAAA record of names that begin with the label "half".
//
// What many of the benchmarks ask is whether a resolver gets on with a server of plain means. So the UDP socket has the
// receive buffer that the system gives everybody, unless --receive-buffer says otherwise, and what does not fit is lost,
// as on a real server: the number of overruns. Accepted connections only wait until the client has closed them.
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <iostream>
#include <optional>

#include "world/dns_server.hpp"
#include "world/settings.hpp"
#include "world/silent_port.hpp"
#include "world/sockets.hpp"

namespace {

using bench::check;

class world {
 public:
  explicit world(const bench::world_settings& chosen)
      : poll_(check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
        listening_(bench::bound_socket(SOCK_STREAM, bench::loopback_v4(chosen.tcp_port))) {
    check(listen(listening_, longest_queue), "listen");
    watch(listening_, EPOLLIN);
    watch(STDIN_FILENO, EPOLLIN);
    if (chosen.silent_v6) silent_.emplace(*chosen.silent_v6, bench::port_of(listening_));
    if (chosen.has_dns) watch(dns_.emplace(chosen).socket(), EPOLLIN);
  }

  void run() {
    std::cout << (dns_ ? dns_->port() : 0) << ' ' << bench::port_of(listening_) << std::endl;
    std::array<epoll_event, 256> ready{};
    while (!ended_) {
      const int count =
          epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), dns_ ? dns_->next_due() : -1);
      if (count < 0 && errno != EINTR) check(count, "epoll_wait");
      for (int i = 0; i < count; ++i) {
        serve(ready[static_cast<std::size_t>(i)].data.fd);
        if (dns_) dns_->read_all();  // between all others, so that only a burst can overrun the socket
      }
      if (dns_) dns_->send_due();
    }
    if (dns_) {
      std::cout << "questions " << dns_->questions() << " dropped " << dns_->dropped() << " overruns "
                << dns_->overruns() << std::endl;
    }
  }

 private:
  static constexpr int longest_queue = 65535;  // the system cuts it to its own limit

  void watch(int descriptor, std::uint32_t events) {
    epoll_event wanted{};
    wanted.events = events;
    wanted.data.fd = descriptor;
    check(epoll_ctl(poll_, EPOLL_CTL_ADD, descriptor, &wanted), "epoll_ctl");
  }

  void serve(int descriptor) {
    if (dns_ && descriptor == dns_->socket()) return;
    if (descriptor == STDIN_FILENO) {
      char bytes[64];
      ended_ = read(STDIN_FILENO, bytes, sizeof bytes) <= 0;
    } else if (descriptor == listening_) {
      accept_all();
    } else {
      (void)close(descriptor);  // the client has closed it; nothing was to be read
    }
  }

  void accept_all() {
    for (int made = 0; (made = accept4(listening_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;)
      watch(made, EPOLLIN | EPOLLRDHUP);
  }

  int poll_;
  int listening_;
  std::optional<bench::silent_port> silent_{};
  std::optional<bench::dns_server> dns_{};
  bool ended_ = false;
};

}  // namespace

int main(int count, char** words) {
  try {
    bench::raise_descriptor_limit();
    world(bench::world_settings_from(count, words)).run();
    return 0;
  } catch (const std::exception& failure) {
    std::cerr << "bench_world: " << failure.what() << '\n';
    return 1;
  }
}
