#pragma once
// A DNS server on the caller's loop, on the loopback unless told otherwise, that answers what it was told to.
//
//   dns_responder dns(loop);
//   dns.host("demo.test", {.addresses = {"::1", "127.0.0.1"}});
//   dns.answer("demo.test", record_type::aaaa, {.addresses = {"::1"}, .delay = 80ms});
//   dns.answer_in_turn("lossy.test", record_type::a, {{.fault = reply_fault::silent},
//                                                     {.addresses = {"127.0.0.1"}}});
//   dns.answer("7.2.0.192.in-addr.arpa", record_type::ptr, {.names = {"demo.test"}});
//   ares_resolver names(loop, {.servers = {dns.address()}, .hosts_file = "",
//                              .search = std::vector<std::string>{}});
//
// UDP and TCP listen on the same port. No handle keeps the loop alive, also not that of a delayed reply: the
// loop ends when the client's work does. Replies over UDP are sent whole, whatever their size.
#include <uv.h>

#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "demo/dns_script.hpp"
#include "demo/dns_tcp.hpp"

namespace uvdial::demo {

// What becomes of TCP connections to the server's port. A port that refuses is still taken.
enum class tcp_service : std::uint8_t { answering, refusing };

// Pinned, loop thread only. May be destroyed at any time outside its own callbacks; the loop then has to run
// on for its handles to close.
class dns_responder final : private dns_tcp_sink {
 public:
  // On the loopback, at a port that the kernel chooses. Throws std::system_error where none can be had.
  explicit dns_responder(uv_loop_t& loop, ip_family family = ip_family::v4);
  // At an address of this machine; port 0: the kernel chooses. Throws the same where it cannot be had.
  dns_responder(uv_loop_t& loop, const endpoint& at, tcp_service over_tcp = tcp_service::answering);
  dns_responder(const dns_responder&) = delete;
  dns_responder& operator=(const dns_responder&) = delete;
  ~dns_responder() = default;

  const endpoint& address() const noexcept { return address_; }

  // Each of these replaces what was said before about the name and type, and throws std::invalid_argument for
  // addresses and names that are none. Names are compared without regard to case.
  void answer(std::string_view name, record_type type, const dns_script& reply);
  // The n-th query gets the n-th reply, and all further ones the last. A query over TCP gets the reply that
  // the UDP query before it got.
  void answer_in_turn(std::string_view name, record_type type, std::vector<dns_script> replies);
  // A and AAAA alike; PTR questions for the name get no data.
  void host(std::string_view name, const dns_script& reply);
  // For names nobody spoke of; NXDOMAIN at first.
  void answer_unknown(const dns_script& reply);

  const std::vector<seen_question>& questions() const noexcept { return seen_; }  // in order of arrival
  std::size_t asked(std::string_view name, record_type type) const;               // both transports together

 private:
  struct entry {
    std::vector<dns_script> replies;
    std::size_t next = 0;
  };
  struct query {
    dns_question asked;
    endpoint client;
    std::optional<connection_id> connection;  // of TCP
  };
  struct outgoing {
    octets message;
    endpoint client;
    std::optional<connection_id> connection;
    bool from_stranger = false;
  };

  static void on_alloc(uv_handle_t* handle, std::size_t, uv_buf_t* into) noexcept;
  static void on_query(uv_udp_t* socket, ssize_t size, const uv_buf_t*, const sockaddr* from,
                       unsigned) noexcept;
  static void on_due(uv_timer_t* timer) noexcept;

  void open_udp(descriptor socket);
  void accept_script(const dns_script& script);
  void query_over_tcp(std::span<const std::uint8_t> message, const endpoint& client,
                      connection_id connection) override;
  void take(std::span<const std::uint8_t> message, const endpoint& client,
            std::optional<connection_id> connection);
  const dns_script& script_for(const query& what);
  void reply_to(const query& what, const dns_script& script);
  void send(const outgoing& reply);
  void send_later(outgoing reply, std::chrono::milliseconds delay);
  void send_due();
  void wake_for_first();

  uv_loop_t& loop_;
  endpoint address_;
  detail::uv_handle<uv_udp_t> udp_;
  detail::uv_handle<uv_timer_t> timer_;
  std::optional<dns_tcp_server> tcp_;
  std::optional<reserved_port> refusing_;  // where nobody answers over TCP
  std::optional<descriptor> stranger_;     // another port of the same address, once a script wants it
  std::array<char, 4096> into_{};
  std::map<std::pair<std::string, record_type>, entry> entries_;
  dns_script unknown_{.code = response_code::nxdomain};
  dns_script no_data_{};
  std::multimap<std::uint64_t, outgoing> delayed_;  // by when they are due, in the loop's milliseconds
  std::vector<seen_question> seen_;
};

}  // namespace uvdial::demo
