#pragma once
// DNS over TCP (RFC 1035, 4.2.2): messages with their length in front, on connections that stay open.
#include <uv.h>

#include <cstdint>
#include <map>
#include <memory>
#include <span>

#include "demo/dns_message.hpp"
#include "demo/ports.hpp"
#include "glue/handle.hpp"

namespace uvdial::demo {

enum class connection_id : std::uint64_t {};

class dns_tcp_sink {
 public:
  virtual void query_over_tcp(std::span<const std::uint8_t> message, const endpoint& client,
                              connection_id connection) = 0;

 protected:
  ~dns_tcp_sink() = default;
};

// Pinned, loop thread only. None of its handles keeps the loop alive.
class dns_tcp_server {
 public:
  // `sink` outlives this object. Throws std::system_error.
  dns_tcp_server(uv_loop_t& loop, reserved_port port, dns_tcp_sink& sink);
  dns_tcp_server(const dns_tcp_server&) = delete;
  dns_tcp_server& operator=(const dns_tcp_server&) = delete;
  ~dns_tcp_server();

  // Does nothing where the client is gone.
  void send(connection_id to, const octets& message);
  void hang_up(connection_id on);

 private:
  class connection;
  static void on_connection(uv_stream_t* listening, int status) noexcept;
  void accept();
  void drop(connection_id gone);

  uv_loop_t& loop_;
  dns_tcp_sink& sink_;
  detail::uv_handle<uv_tcp_t> listening_;
  std::map<connection_id, std::unique_ptr<connection>> connections_;
  std::uint64_t accepted_ = 0;
};

}  // namespace uvdial::demo
