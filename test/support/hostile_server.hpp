#pragma once
// A DNS server that answers with whatever octets a test wants, over datagrams and over TCP on one port of the loopback.
//
//   hostile_server server(loop(), [](hostile_server& s, const heard& q) { s.send(q, q.reply({q.address(1)})); });
//
// Nothing of it keeps the loop alive. Pinned.
#include <uv.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "demo/ports.hpp"
#include "glue/handle.hpp"
#include "support/dns_wire.hpp"

namespace fixture {

// A question, as it came.
struct heard {
  std::string packet{};
  uvdial::endpoint client;
  int connection = -1;  // its descriptor; -1: a datagram

  std::string id() const { return packet.substr(0, 2); }
  std::string question() const;  // name, type and class
  std::string name() const;      // as text, as it was spelled
  unsigned type() const;
  bool over_tcp() const { return connection >= 0; }

  // An answer to it with these records.
  std::string reply(const wire::parts& answers, unsigned flags = 0x8180) const;
  // The usual one: an address of the type asked; of A it is 127.0.0.1, of AAAA ::1.
  std::string good() const { return reply({address()}); }
  // A record of the type asked for the name asked, or another one.
  std::string address(const std::string& owner = "\xc0\x0c", unsigned ttl = 60) const;
};

enum class tcp_port : std::uint8_t { listening, refusing };

class hostile_server {
 public:
  using script = std::function<void(hostile_server&, const heard&)>;
  // Also of another address of this machine; port 0: the kernel chooses.
  hostile_server(uv_loop_t& loop, script on_question, tcp_port over_tcp = tcp_port::listening,
                 const uvdial::endpoint& at = uvdial::demo::loopback(uvdial::ip_family::v4));
  hostile_server(const hostile_server&) = delete;
  hostile_server& operator=(const hostile_server&) = delete;
  ~hostile_server();

  const uvdial::endpoint& address() const noexcept { return address_; }

  void use(script on_question) { script_ = std::move(on_question); }
  // The way that the question came; over TCP with the length in front.
  void send(const heard& to, const std::string& packet) const;
  // Octets as they are.
  void send_raw(const heard& to, const std::string& octets) const;
  void hang_up(const heard& on);
  // An octet each millisecond, until the client is gone.
  void drip(const heard& to);

  std::size_t questions() const noexcept { return questions_; }
  const std::vector<std::uint16_t>& ports() const noexcept {
    return ports_;
  }  // of the clients' datagrams, as they came

 private:
  struct watched {
    uvdial::demo::descriptor socket;
    uvdial::detail::uv_handle<uv_poll_t> poll{};
    std::string received{};
  };

  static void on_ready(uv_poll_t* poll, int status, int events) noexcept;
  static void on_drip(uv_timer_t* timer) noexcept;
  void take_port(const uvdial::endpoint& at);
  void watch(watched& what);
  void ready(int descriptor);
  void read_datagrams();
  void accept_all();
  void read_stream(watched& from);
  void take(heard&& question);

  uv_loop_t& loop_;
  script script_;
  uvdial::endpoint address_;
  watched datagrams_;
  watched listening_;
  std::map<int, watched> connections_{};
  std::vector<int> dripping_{};
  uvdial::detail::uv_handle<uv_timer_t> drips_{};
  std::size_t questions_ = 0;
  std::vector<std::uint16_t> ports_{};
};

}  // namespace fixture
