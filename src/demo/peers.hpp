#pragma once
// Real TCP peers on the loopback, for every way in which a peer can behave.
//
//   answers      listener l(loop, reserve(ip_family::v4));
//   refuses      reserved_port r = reserve(ip_family::v4);        (it refuses as long as it lives)
//   is silent    silent_listener s(reserve(ip_family::v6));
//
//   port_pair port = reserve_pair();                              one port number, two families:
//   silent_listener v6(std::move(port.v6));                       silent over IPv6,
//   listener v4(loop, std::move(port.v4));                        alive over IPv4
#include <uv.h>

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "demo/ports.hpp"
#include "glue/handle.hpp"

namespace uvdial::demo {

// What a listener does with a connection, after the greeting.
enum class behaviour : std::uint8_t {
  keep,    // holds it open and never reads
  read,    // reads to the end of the stream, then closes
  echo,    // the same, and sends back what comes as it comes
  answer,  // reads to the end of the stream, then sends everything back and FIN
  finish,  // sends FIN at once, and still reads to the end
  close,   // closes at once
  reset    // sends RST at once
};

struct listener_options {
  behaviour then = behaviour::keep;
  std::string greeting{};         // sent at once
  bool keeps_loop_alive = false;  // the listening socket and what it accepted
};

// Pinned, loop thread only. What is still open when it dies is closed.
class listener {
 public:
  // Throws std::system_error.
  listener(uv_loop_t& loop, reserved_port port, listener_options options = {});
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;
  ~listener();

  const endpoint& address() const noexcept { return address_; }

  std::size_t accepted() const noexcept { return accepted_; }  // since the start
  std::size_t open() const noexcept { return connections_.size(); }
  std::size_t ended() const noexcept { return ended_; }               // peers that sent FIN, where it reads
  std::size_t broken() const noexcept { return broken_; }             // peers that reset, where it reads
  const std::string& received() const noexcept { return received_; }  // from all of them, as it came

  void send(std::string_view bytes);  // on every open connection
  void finish();                      // FIN on every open connection
  void close_connections();           // those that are open now; it goes on listening
  void reset_connections();           // the same with RST

 private:
  class connection;
  static void on_connection(uv_stream_t* listening, int status) noexcept;
  void accept();
  void drop(const connection& gone);

  uv_loop_t& loop_;
  endpoint address_;
  listener_options options_;
  detail::uv_handle<uv_tcp_t> listening_;
  std::list<std::unique_ptr<connection>> connections_;
  std::string received_;
  std::size_t accepted_ = 0;
  std::size_t ended_ = 0;
  std::size_t broken_ = 0;
};

// An address that never answers a SYN. Nothing has to run for it, and nothing is sent.
//
// Firewalls that drop and routes to nowhere need root or a network. But a listening socket whose queue of
// accepted connections is full does the same: Linux drops further SYNs silently, and the client repeats them
// after 1, 3, 7 s. The queue of backlog 0 holds one connection, and it is our own.
class silent_listener {
 public:
  // Throws std::system_error, and std::runtime_error where the kernel answers all the same.
  explicit silent_listener(reserved_port port);

  const endpoint& address() const noexcept { return address_; }

 private:
  endpoint address_;
  descriptor listening_;
  std::vector<descriptor> filling_;
};

}  // namespace uvdial::demo
