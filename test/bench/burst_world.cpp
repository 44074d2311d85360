// The world that a burst of dials happens in: a slow DNS server and a TCP server, in a process of their own.
//
//   burst_world [--delay MS] [--drop PERCENT] [--seed N] [--both]
//
// Prints "DNS-PORT TCP-PORT" when it is ready, serves until its standard input ends, then prints
// "questions N dropped N overruns N". A and AAAA questions are answered after --delay (20 ms): A with 127.0.0.1, AAAA
// with no data, or with ::1 under --both. --drop leaves so many of a hundred without an answer, chosen by --seed.
//
// What is measured is whether a resolver gets on with a server of plain means. So the UDP socket has the receive buffer
// that the system gives everybody, and what does not fit is lost, as on a real server; the kernel's count of that is
// the number of overruns. Everything else is made to cost little: batches of datagrams, replies of one delay in a
// plain queue, and accepted connections that only wait until the client has closed them.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;

struct settings {
  std::chrono::milliseconds delay{20};
  unsigned drop_percent = 0;
  unsigned seed = 1;
  bool both_families = false;
};

int check(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

unsigned number_from(const char* text, unsigned most) {
  char* end = nullptr;
  const unsigned long value = std::strtoul(text, &end, 10);
  if (*text < '0' || *text > '9' || *end != '\0' || value > most)
    throw std::invalid_argument(std::string("not a number of 0..") + std::to_string(most) + ": \"" + text +
                                "\"");
  return static_cast<unsigned>(value);
}

settings settings_from(int count, char** words) {
  settings chosen;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const char* value = i + 1 < count ? words[i + 1] : "";
    if (word == "--both") {
      chosen.both_families = true;
      continue;
    }
    if (word == "--delay") {
      chosen.delay = std::chrono::milliseconds(number_from(value, 60'000));
    } else if (word == "--drop") {
      chosen.drop_percent = number_from(value, 100);
    } else if (word == "--seed") {
      chosen.seed = number_from(value, 1'000'000);
    } else {
      throw std::invalid_argument("unknown option \"" + word + "\"");
    }
    ++i;
  }
  return chosen;
}

sockaddr_in loopback_v4(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

sockaddr_in6 loopback_v6(std::uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  address.sin6_addr = in6addr_loopback;
  return address;
}

template <class Address>
int bound_socket(int type, const Address& to) {
  const auto* generic = reinterpret_cast<const sockaddr*>(&to);
  const int made = check(socket(generic->sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
  check(bind(made, generic, sizeof to), "bind");
  return made;
}

std::uint16_t port_of(int bound) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  check(getsockname(bound, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  return ntohs(address.sin_port);
}

// ---- one message

constexpr std::size_t header_size = 12;
constexpr std::size_t largest_question = 512;
constexpr std::uint8_t type_a = 1, type_aaaa = 28;

// The size of header and question; 0 where this is no question.
std::size_t question_size(const std::uint8_t* message, std::size_t size) {
  std::size_t at = header_size;
  while (at < size && message[at] != 0) at += message[at] + std::size_t{1};
  at += 5;  // the root, the type, the class
  return at <= size && (message[2] & 0x80) == 0 && message[5] == 1 ? at : 0;
}

using octets = std::vector<std::uint8_t>;

// Without what followed the question: EDNS is not spoken here.
octets reply_to(const std::uint8_t* question, std::size_t size, bool both_families) {
  octets reply(question, question + size);
  reply[2] = static_cast<std::uint8_t>(0x84 | (question[2] & 1));  // a reply, authoritative, RD as it was
  reply[3] = 0x80;                                                 // recursion available
  std::memset(&reply[6], 0, 6);                                    // no records so far
  const std::uint8_t type = question[size - 3];
  if (type != type_a && !(type == type_aaaa && both_families)) return reply;
  reply[7] = 1;
  const std::uint8_t record[] = {0xc0, header_size, 0, type, 0, 1, 0, 0, 0, 60, 0};
  reply.insert(reply.end(), std::begin(record), std::end(record));
  octets address = {127, 0, 0, 1};
  if (type == type_aaaa) {
    address.assign(16, 0);
    address.back() = 1;
  }
  reply.push_back(static_cast<std::uint8_t>(address.size()));
  reply.insert(reply.end(), address.begin(), address.end());
  return reply;
}

// ---- the DNS server

class dns_server {
 public:
  explicit dns_server(const settings& chosen)
      : chosen_(chosen), random_(chosen.seed), socket_(bound_socket(SOCK_DGRAM, loopback_v4(0))) {
    for (std::size_t i = 0; i < batch; ++i) {
      pieces_[i] = {buffers_[i].data(), buffers_[i].size()};
      messages_[i].msg_hdr.msg_iov = &pieces_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
      messages_[i].msg_hdr.msg_name = &senders_[i];
    }
  }

  int socket() const { return socket_; }

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
      const auto* to = reinterpret_cast<const sockaddr*>(&first.to);
      (void)sendto(socket_, first.message.data(), first.message.size(), 0, to,
                   sizeof first.to);  // it may be gone
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
    own << port_of(socket_);
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
  static constexpr std::size_t batch = 64;

  struct reply {
    clock_type::time_point due;
    sockaddr_in to;
    octets message;
  };

  void take(std::size_t index, clock_type::time_point due) {
    const std::size_t size = question_size(buffers_[index].data(), messages_[index].msg_len);
    if (size == 0) return;
    ++questions_;
    if (chosen_.drop_percent > 0 && random_() % 100 < chosen_.drop_percent) {
      ++dropped_;
      return;
    }
    waiting_.push_back({due, senders_[index], reply_to(buffers_[index].data(), size, chosen_.both_families)});
  }

  settings chosen_;
  std::minstd_rand random_;
  int socket_;
  std::array<std::array<std::uint8_t, largest_question>, batch> buffers_{};
  std::array<iovec, batch> pieces_{};
  std::array<sockaddr_in, batch> senders_{};
  std::array<mmsghdr, batch> messages_{};
  std::deque<reply> waiting_;
  unsigned long questions_ = 0;
  unsigned long dropped_ = 0;
};

// ---- the loop

class world {
 public:
  explicit world(const settings& chosen)
      : dns_(chosen), poll_(check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {
    listening_v4_ = listening(bound_socket(SOCK_STREAM, loopback_v4(0)));
    if (chosen.both_families)
      listening_v6_ = listening(bound_socket(SOCK_STREAM, loopback_v6(port_of(listening_v4_))));
    watch(STDIN_FILENO, EPOLLIN);
    watch(dns_.socket(), EPOLLIN);
  }

  void run() {
    std::cout << port_of(dns_.socket()) << ' ' << port_of(listening_v4_) << std::endl;
    std::array<epoll_event, 256> ready{};
    while (!ended_) {
      const int count = epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), dns_.next_due());
      if (count < 0 && errno != EINTR) check(count, "epoll_wait");
      for (int i = 0; i < count; ++i) {
        serve(ready[static_cast<std::size_t>(i)].data.fd);
        dns_.read_all();  // between all others, so that only a burst can overrun the socket
      }
      dns_.send_due();
    }
    std::cout << "questions " << dns_.questions() << " dropped " << dns_.dropped() << " overruns "
              << dns_.overruns() << std::endl;
  }

 private:
  int listening(int bound) {
    check(listen(bound, SOMAXCONN), "listen");
    watch(bound, EPOLLIN);
    return bound;
  }

  void watch(int descriptor, std::uint32_t events) {
    epoll_event wanted{};
    wanted.events = events;
    wanted.data.fd = descriptor;
    check(epoll_ctl(poll_, EPOLL_CTL_ADD, descriptor, &wanted), "epoll_ctl");
  }

  void serve(int descriptor) {
    if (descriptor == dns_.socket()) return;
    if (descriptor == STDIN_FILENO) {
      char bytes[64];
      ended_ = read(STDIN_FILENO, bytes, sizeof bytes) <= 0;
    } else if (descriptor == listening_v4_ || descriptor == listening_v6_) {
      accept_all(descriptor);
    } else {
      (void)close(descriptor);  // the client has closed it; nothing was to be read
    }
  }

  void accept_all(int listening) {
    for (int made = 0; (made = accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;)
      watch(made, EPOLLIN | EPOLLRDHUP);
  }

  dns_server dns_;
  int poll_;
  int listening_v4_ = -1;
  int listening_v6_ = -1;
  bool ended_ = false;
};

void raise_descriptor_limit() {
  rlimit limit{};
  check(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
  limit.rlim_cur = limit.rlim_max;
  check(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
}

}  // namespace

int main(int count, char** words) {
  try {
    raise_descriptor_limit();
    world(settings_from(count, words)).run();
    return 0;
  } catch (const std::exception& failure) {
    std::cerr << "burst_world: " << failure.what() << '\n';
    return 1;
  }
}
