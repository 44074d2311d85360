#pragma once
// What a dns_channel keeps of a question, of a datagram that carries it, and of a server.
#include <list>
#include <memory>
#include <string>
#include <system_error>

#include "glue/server_channel.hpp"
#include "glue/turn.hpp"
#include "logic/dns_reply.hpp"
#include "logic/question_pacer.hpp"

namespace uvdial::detail {

class dns_waiter;

struct dns_query final : paced_question {
  dns_query(std::string its_name, dns_record its_record, dns_waiter& its_waiter)
      : name(std::move(its_name)), record(its_record), waiter(&its_waiter) {}

  std::string name;
  dns_record record;
  dns_waiter* waiter;  // null: forgotten
  dns_reply reply{};   // the last server's that could not answer, or the one to be told
  bool has_ended = false;
  int troubles = 0;
  int breaks = 0;
  instant asked_at = now();
  std::list<dns_query>::iterator self{};
};

// One question on its way to one server, as c-ares and the pacing know it.
class dns_try final : public paced_try, private channel_question {
 public:
  enum class answer : std::uint8_t {
    usable,       // it says what the name has, or that it has nothing
    truncated,    // to be asked for again over TCP
    inability,    // another server may do better
    unreachable,  // or the connection broke
    broken,       // c-ares could not read an answer, and ended all who used the socket
    gone,         // c-ares gave it up
    withdrawn,    // its channel was shut
    failed        // for a reason of this machine
  };

  // Moves itself from `under_way`, where it is at `self`, to `ended` when it has ended.
  dns_try(std::list<dns_try>& under_way, std::list<dns_try>& ended) : under_way_(under_way), ended_(ended) {}

  // Through `to`, which may end it at once.
  void send(server_channel& to, bool over_tcp) noexcept;

  dns_query* query() const noexcept { return static_cast<dns_query*>(asked()); }
  answer what() const noexcept;  // when it has ended
  std::error_code code() const noexcept;
  bool over_tcp() const noexcept { return over_tcp_; }

  std::list<dns_try>::iterator self{};
  instant arrived{0};
  dns_reply reply{};

 private:
  void ended(int status, const unsigned char* packet, int size) noexcept override;

  std::list<dns_try>& under_way_;
  std::list<dns_try>& ended_;
  server_channel* sent_to_ = nullptr;
  bool over_tcp_ = false;
  bool truncated_ = false;
  bool is_broken_ = false;  // by an answer to another question
  int status_ = 0;          // an ARES_ code
};

struct dns_server {
  dns_server(uv_loop_t& loop, channel_owner& owner, const endpoint& address, bool edns,
             const std::shared_ptr<handle_count>& count)
      : datagrams(loop, owner, {address, false, edns}, count),
        stream(loop, owner, {address, true, edns}, count) {}

  server_channel datagrams;
  server_channel stream;
  std::error_code trouble{};  // why no socket could be had for the tries that have just ended
};

}  // namespace uvdial::detail
