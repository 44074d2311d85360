// Dials with the bare system calls, and nothing between them: below this nobody gets. See bench_run.hpp.
//
// A batch of questions is sent on one UDP socket, all answers are received, and one connection after the other is made
// and reset. There is no loop, and connections do not wait side by side, which costs no call: on the loopback each is
// there at once. What is not answered after a second is asked again, five times in all. An address is only connected
// to.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <vector>

#include "dials.hpp"
#include "dns_message.hpp"

namespace {

int check(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

struct address {
  sockaddr_storage bytes{};
  socklen_t size = 0;  // 0: none

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
};

address address_of(bench::octets data, std::uint16_t port) {
  address made;
  if (data.size() == 4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, data.data(), 4);
    std::memcpy(&made.bytes, &v4, made.size = sizeof v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&v6.sin6_addr, data.data(), 16);
    std::memcpy(&made.bytes, &v6, made.size = sizeof v6);
  }
  return made;
}

address literal(const std::string& text, std::uint16_t port) {
  std::array<std::uint8_t, 16> data{};
  if (inet_pton(AF_INET, text.c_str(), data.data()) == 1) return address_of({data.data(), 4}, port);
  if (inet_pton(AF_INET6, text.c_str(), data.data()) == 1) return address_of({data.data(), 16}, port);
  return {};
}

// ADDRESS:PORT, with brackets around an IPv6 address.
address server_from(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  address made;
  if (colon != std::string::npos)
    made = literal(host, static_cast<std::uint16_t>(bench::number_from(text.c_str() + colon + 1, 65535)));
  if (made.size == 0) throw std::invalid_argument("not ADDRESS:PORT: \"" + text + '"');
  return made;
}

address name_server() {
  if (const char* chosen = bench::chosen_server()) return server_from(chosen);
  std::ifstream file("/etc/resolv.conf");
  std::string key, value, line;
  while (file >> key) {
    if (key == "nameserver" && file >> value) {
      const address made = literal(value, 53);
      if (made.size > 0) return made;
    }
    std::getline(file, line);
  }
  throw std::runtime_error("no name server in /etc/resolv.conf");
}

// The pair of questions of one dial.
struct pair {
  std::string host;
  std::array<bool, 2> answered{};
  std::array<address, 2> found{};
  std::string trouble = "no answer";
};

constexpr std::array<std::uint16_t, 2> types = {bench::type_aaaa, bench::type_a};

class questions {
 public:
  questions() : socket_(open(name_server())) {}
  questions(const questions&) = delete;
  questions& operator=(const questions&) = delete;
  ~questions() { close(socket_); }

  void ask(std::vector<pair>& batch, std::uint16_t port) {
    first_id_ = static_cast<std::uint16_t>(first_id_ + 2 * bench::pairs_at_once);
    std::size_t open = 2 * batch.size();
    for (int tries = 5; open > 0 && tries > 0; --tries) {
      send_open(batch);
      while (open > 0 && receive(batch, port, open)) {}
    }
  }

 private:
  static int open(const address& server) {
    const int made = check(socket(server.bytes.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
    const timeval patience{.tv_sec = 1, .tv_usec = 0};
    check(setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), "SO_RCVTIMEO");
    check(connect(made, server.get(), server.size), "connect to the name server");
    return made;
  }

  void send_open(std::vector<pair>& batch) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (batch[i].answered[0] && batch[i].answered[1]) continue;
      bench::question asked(batch[i].host);
      for (std::size_t family = 0; family < 2; ++family) {
        if (batch[i].answered[family]) continue;
        const bench::octets message = asked.message(id_of(2 * i + family), types[family]);
        // A refusal that came for an earlier question; this one is asked again like a lost one.
        if (send(socket_, message.data(), message.size(), 0) < 0 && errno != ECONNREFUSED) check(-1, "send");
      }
    }
  }

  std::uint16_t id_of(std::size_t index) const { return static_cast<std::uint16_t>(first_id_ + index); }

  // False when nothing has come for a second.
  bool receive(std::vector<pair>& batch, std::uint16_t port, std::size_t& open) {
    std::array<std::uint8_t, 4096> buffer;
    const ssize_t size = recv(socket_, buffer.data(), buffer.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
    if (size < 0 && errno == ECONNREFUSED) return true;  // of one question; the others may be answered
    const bench::octets message(buffer.data(),
                                static_cast<std::size_t>(check(static_cast<int>(size), "recv")));
    if (!bench::is_answer(message)) return true;
    const auto index = static_cast<std::uint16_t>(bench::number_at(message, 0) - first_id_);
    if (index >= 2 * batch.size()) return true;  // of an earlier batch
    pair& asked = batch[index / 2];
    const std::size_t family = index % 2;
    if (asked.answered[family]) return true;
    asked.answered[family] = true;
    --open;
    note(asked, family, message, port);
    return true;
  }

  static void note(pair& asked, std::size_t family, bench::octets message, std::uint16_t port) {
    if (bench::answer_code(message) != 0)
      asked.trouble = "answer code " + std::to_string(bench::answer_code(message));
    else if (const auto data = bench::first_address(message, types[family]))
      asked.found[family] = address_of(*data, port);
    else
      asked.trouble = bench::is_truncated(message) ? "truncated answer" : "no address";
  }

  int socket_;
  std::uint16_t first_id_ = 0;
};

void dial(const address& to, bench::tally& tally) {
  const int made = check(socket(to.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  if (connect(made, to.get(), to.size) < 0) {
    tally.failed(std::generic_category().message(errno));
  } else {
    const int yes = 1;
    const linger none{.l_onoff = 1, .l_linger = 0};
    check(setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes), "TCP_NODELAY");
    check(setsockopt(made, SOL_SOCKET, SO_LINGER, &none, sizeof none), "SO_LINGER");
  }
  check(close(made), "close");
}

void dial_names(const bench::work& wanted, bench::tally& tally) {
  questions asked;
  std::vector<pair> batch;
  for (unsigned done = 0; done < wanted.dials; done += static_cast<unsigned>(batch.size())) {
    batch.assign(std::min({wanted.at_once, bench::pairs_at_once, wanted.dials - done}), {});
    for (unsigned i = 0; i < batch.size(); ++i) wanted.write_host(done + i, batch[i].host);
    asked.ask(batch, wanted.port);
    for (const pair& one : batch) {
      const auto chosen = std::ranges::find_if(one.found, [](const address& some) { return some.size > 0; });
      if (chosen == one.found.end())
        tally.failed(one.trouble);
      else
        dial(*chosen, tally);
    }
  }
}

void dial_all(const bench::work& wanted) {
  bench::tally tally;
  std::string host;
  wanted.write_host(0, host);
  const address known = literal(host, wanted.port);
  if (known.size > 0)
    for (unsigned i = 0; i < wanted.dials; ++i) dial(known, tally);
  else
    dial_names(wanted, tally);
  tally.print("floor", wanted);
}

}  // namespace

int main(int count, char** words) { return bench::main_of(count, words, dial_all); }
