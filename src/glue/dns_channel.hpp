#pragma once
// Questions to the DNS servers of one configuration: one name and one kind of record in, one reply out.
#include <uv.h>

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "glue/dns_servers.hpp"
#include "glue/dns_try.hpp"
#include "glue/ended_queries.hpp"
#include "glue/handle.hpp"
#include "glue/turn.hpp"
#include "logic/dns_reply.hpp"
#include "logic/linked_list.hpp"
#include "logic/question_pacer.hpp"
#include "logic/recycler.hpp"
#include "uvdial/endpoint.hpp"

namespace uvdial::detail {

class dns_channel final : private turn_client,
                          private channel_owner,
                          public std::enable_shared_from_this<dns_channel> {
 public:
  // Opens nothing before the first question. Made with make_shared: callbacks hold a share while they run.
  dns_channel(uv_loop_t& loop, const dns_channel_options& options,
              const std::shared_ptr<handle_count>& count);
  ~dns_channel();

  // Asks for the name as it is, no search list. The query does not run already. Not after close().
  void ask(dns_query& query) noexcept;
  // It will not be called. What is on its way is not called back; its answer is thrown away. The query must be one that
  // runs, and the channel not closed.
  void forget(dns_query& query) noexcept;
  // Calls it again with the same reply in the next turn, for one that could not do all at once.
  void tell_again(dns_query& query, const shared_reply& reply) noexcept;
  // Ends all: no query runs any more, and none is called. Idempotent.
  void close() noexcept;

 private:
  std::optional<instant> next_wake() noexcept override;
  void woken() noexcept override;
  void has_read() noexcept override;

  void pump(instant time) noexcept;
  void pump_and_tell() noexcept;
  bool flush() noexcept;
  void wake() noexcept;
  void wake_to_send() noexcept;
  void carry_out(const question_pacer::command& command, instant time) noexcept;
  void send(dns_query& query, std::size_t place, instant time) noexcept;
  void renew_sockets(const dns_query& unanswered) noexcept;
  bool take_news() noexcept;  // false: there was none
  void ask_over_tcp(dns_try& which) noexcept;
  void take_answer(dns_try& which) noexcept;
  bool take_troubles(std::size_t place) noexcept;
  void take_failure(dns_try& ended) noexcept;
  void fail(dns_query& query, const std::error_code& why) noexcept;
  void fail_all(const std::error_code& why) noexcept;
  void expire() noexcept;
  void shut() noexcept;  // all servers' sockets; they can be opened again
  void deliver() noexcept;
  void update() noexcept;  // after questions came or went

  turn turn_;
  bool tcp_only_;
  dns_servers servers_;
  question_pacer pacer_;
  recycler<dns_try> tries_;
  linked_list<dns_query, dns_channel> asked_{};  // those that the pacer has
  ended_queries ended_{};
  dns_try::list under_way_{};    // those that c-ares has
  dns_try::list ended_tries_{};  // those that it has ended, and the pacer does not know yet
  std::optional<instant> idle_since_{};
  instant expired_at_{0};
  std::optional<instant> unsent_since_{};  // what was gathered waits since then
  instant before_poll_{0};      // what was due then may be acted on: ready sockets have been read since
  bool woken_to_send_ = false;  // the turn is due for that, and for nothing else
  bool closed_ = false;
};

}  // namespace uvdial::detail
