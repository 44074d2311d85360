#pragma once
// One c-ares channel on the loop: a question for one name and one family in, one reply out.
#include <uv.h>

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "glue/handle.hpp"
#include "glue/turn.hpp"
#include "logic/dns_reply.hpp"
#include "logic/host_name.hpp"
#include "uvdial/endpoint.hpp"

struct ares_channeldata;

namespace uvdial::detail {

class dns_waiter {
 public:
  // From the loop, never inside ask(), once for each question that was not forgotten. May do anything to the
  // channel.
  virtual void replied(ip_family family, dns_reply reply) = 0;

 protected:
  ~dns_waiter() = default;
};

struct dns_channel_options {
  std::vector<endpoint> servers{};  // port 0: 53; empty: as the system has them
  std::chrono::milliseconds timeout{2000};
  unsigned tries = 3;
};

struct dns_query;  // a running question; its address is its identity

class dns_channel final : private turn_client, public std::enable_shared_from_this<dns_channel> {
 public:
  // Opens nothing before the first question. Made with make_shared: callbacks hold a share while they run.
  dns_channel(uv_loop_t& loop, dns_channel_options options, std::shared_ptr<handle_count> count);
  ~dns_channel();

  // Asks for the name as it is, no search list. Throws std::bad_alloc only. Not after close().
  dns_query* ask(const std::string& name, ip_family family, dns_waiter& waiter);
  // The waiter will not be called. c-ares cannot stop one question alone; its answer is thrown away.
  // The query must be one whose waiter was not called yet, and the channel not closed.
  void forget(dns_query* query) noexcept;
  // What the system says about short names; the defaults where that cannot be read. Lives until the next call.
  const search_rules& system_search() noexcept;
  // Ends all: no waiter is called any more. Idempotent.
  void close() noexcept;

 private:
  std::optional<instant> next_wake() noexcept override;
  void woken() noexcept override;

  int open() noexcept;                // an ARES_ code
  int open_with(int flags) noexcept;  // the same
  bool has_one_server() const noexcept;
  void shut() noexcept;          // destroys the c-ares channel and its sockets; it can be opened again
  int apply_servers() noexcept;  // an ARES_ code
  void read_search() noexcept;
  void process(int readable, int writable) noexcept;
  void deliver() noexcept;
  void update() noexcept;  // after questions came or went
  void fail_all(const std::error_code& why) noexcept;

  void socket_changed(int descriptor, bool readable, bool writable) noexcept;
  void socket_ready(int descriptor, int status, int events) noexcept;
  void query_ended(dns_query& query, int status, const unsigned char* packet, int size) noexcept;

  struct callbacks;  // the C side

  struct watched_socket {
    uv_handle<uv_poll_t> poll;
    int events = 0;
  };

  turn turn_;
  uv_loop_t& loop_;
  std::shared_ptr<handle_count> count_;
  dns_channel_options options_;
  ares_channeldata* ares_ = nullptr;
  search_rules search_{};  // as the system had it when the c-ares channel was opened
  std::unordered_map<int, watched_socket> sockets_;
  std::list<dns_query> asked_;  // those that c-ares has
  std::list<dns_query> ended_;  // those whose waiter, if any, has not heard of it yet
  std::size_t awaited_ = 0;     // of both, those that somebody waits for
  std::optional<instant> ares_due_{};
  bool ares_due_known_ = false;  // false: questions or answers since it was computed
  std::optional<instant> idle_since_{};
  instant before_poll_{0};    // what was due then may be acted on: ready sockets have been read since
  int watch_failure_ = 0;     // a socket that the loop would not watch: a libuv code
  bool unreachable_ = false;  // some question found no server at all
  bool one_server_ = false;
  bool closed_ = false;
};

}  // namespace uvdial::detail
