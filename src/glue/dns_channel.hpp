#pragma once
// Questions to the DNS servers of one configuration: one name and one kind of record in, one reply out.
#include <uv.h>

#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "glue/handle.hpp"
#include "glue/server_channel.hpp"
#include "glue/turn.hpp"
#include "logic/dns_reply.hpp"
#include "logic/question_pacer.hpp"
#include "uvdial/endpoint.hpp"

namespace uvdial::detail {

struct dns_query;  // a running question; its address is its identity
struct dns_server;
class dns_try;

class dns_waiter {
 public:
  // From the loop, never inside ask(), once for each question that was not forgotten; `asked` is gone with the
  // return. May do anything to the channel.
  virtual void replied(dns_query* asked, dns_reply reply) = 0;

 protected:
  ~dns_waiter() = default;
};

struct dns_channel_options {
  std::vector<endpoint> servers{};          // 1 to most_servers; port 0: 53
  std::chrono::milliseconds timeout{2000};  // the longest wait for one try
  unsigned tries = 3;                       // so many timeouts long silence is borne
  bool rotates = false;                     // each question begins with the next server
  bool tcp_only = false;
  bool edns = false;
};

class dns_channel final : private turn_client,
                          private channel_owner,
                          public std::enable_shared_from_this<dns_channel> {
 public:
  // Opens nothing before the first question. Made with make_shared: callbacks hold a share while they run.
  dns_channel(uv_loop_t& loop, const dns_channel_options& options,
              const std::shared_ptr<handle_count>& count);
  ~dns_channel();

  // Asks for the name as it is, no search list. Throws std::bad_alloc only. Not after close().
  dns_query* ask(const std::string& name, dns_record record, dns_waiter& waiter);
  // The waiter will not be called. What is on its way is not called back; its answer is thrown away. The query must
  // be one whose waiter was not called yet, and the channel not closed.
  void forget(dns_query* query) noexcept;
  // Ends all: no waiter is called any more. Idempotent.
  void close() noexcept;

 private:
  std::optional<instant> next_wake() noexcept override;
  void woken() noexcept override;
  void has_read() noexcept override;

  void pump() noexcept;
  void carry_out(const question_pacer::command& command) noexcept;
  void send(dns_query& query, std::size_t place) noexcept;
  void renew_sockets(const dns_query& unanswered) noexcept;
  bool take_news() noexcept;  // false: there was none
  void ask_over_tcp(std::list<dns_try>& from, std::list<dns_try>::iterator which) noexcept;
  void take_answer(std::list<dns_try>& from, std::list<dns_try>::iterator which) noexcept;
  bool take_troubles(std::size_t place) noexcept;
  void take_failure(dns_try& ended) noexcept;
  void end(dns_query& query) noexcept;  // with the reply that it has
  void fail(dns_query& query, const std::error_code& why) noexcept;
  void fail_all(const std::error_code& why) noexcept;
  void expire() noexcept;
  void shut() noexcept;  // all servers' sockets; they can be opened again
  bool is_open() const noexcept;
  void deliver() noexcept;
  void update() noexcept;  // after questions came or went

  turn turn_;
  bool tcp_only_;
  std::vector<std::unique_ptr<dns_server>> servers_;
  question_pacer pacer_;
  std::list<dns_query> asked_;      // those that the pacer has
  std::list<dns_query> ended_;      // those whose waiter has not heard of it yet
  std::list<dns_try> under_way_;    // those that c-ares has
  std::list<dns_try> ended_tries_;  // those that it has ended, and the pacer does not know yet
  std::size_t awaited_ = 0;         // of asked_ and ended_, those that somebody waits for
  std::optional<instant> idle_since_{};
  instant expired_at_{0};
  instant before_poll_{0};  // what was due then may be acted on: ready sockets have been read since
  bool closed_ = false;
};

}  // namespace uvdial::detail
