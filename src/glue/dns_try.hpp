#pragma once
// What a dns_channel keeps of a question, of a datagram that carries it, and of a server.
#include <cstdint>
#include <memory>
#include <string_view>
#include <system_error>

#include "glue/server_channel.hpp"
#include "glue/turn.hpp"
#include "logic/dns_reply.hpp"
#include "logic/linked_list.hpp"
#include "logic/question_pacer.hpp"

namespace uvdial::detail {

// One question, from dns_channel::ask() until it is answered or forgotten. Whoever asks derives from it and owns it; it
// is pinned while it runs, and may not be destroyed then.
class dns_query : public paced_question, public list_link<class dns_channel> {
 public:
  // `its_name` lives as long, and has a zero behind its end.
  dns_query(std::string_view its_name, dns_record its_record) noexcept : name(its_name), record(its_record) {}

  const std::string_view name;
  const dns_record record;

 protected:
  ~dns_query() = default;

 private:
  friend class dns_channel;
  friend class ended_queries;
  // From the loop, never inside ask(), once for each ask() that was not forgotten. It runs no more then, so that this
  // may destroy it, ask it again, and do anything to the channel.
  virtual void replied(const shared_reply& reply) = 0;

  shared_reply reply_{};  // the last server's that could not answer, or the one to be told
  bool has_ended_ = false;
  std::uint8_t troubles_ = 0;
  std::uint8_t breaks_ = 0;
  // Of its socket, by one who guesses what is asked through it. It is asked again from another port, and then over TCP:
  // there is nothing to guess where the answer comes on a connection that we have made.
  std::uint8_t sieges_ = 0;
  static constexpr int bearable_sieges = 1;
  bool is_respelled_ = false;   // that was the reason
  bool goes_over_tcp_ = false;  // as it was sent last
};

// One question on its way to one server, as c-ares and the pacing know it.
class dns_try final : public paced_try, public list_link<dns_try>, private channel_question {
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

  using list = linked_list<dns_try, dns_try>;

  // Moves itself to `ended` when it has ended.
  explicit dns_try(list& ended) noexcept : ended_(ended) {}

  // Through `to`, which may end it at once.
  void send(server_channel& to, bool over_tcp) noexcept;

  dns_query* query() const noexcept { return static_cast<dns_query*>(asked()); }
  answer what() const noexcept;  // when it has ended
  std::error_code code() const noexcept;
  bool over_tcp() const noexcept { return over_tcp_; }
  bool has_packet() const noexcept { return has_packet_; }
  // It ended because somebody has found its port, or its answer was spelled otherwise.
  bool was_besieged() const noexcept { return was_besieged_; }
  bool was_respelled() const noexcept { return was_respelled_; }

  instant arrived{0};
  shared_reply reply{};

 private:
  void ended(int status, const unsigned char* packet, int size) noexcept override;

  list& ended_;
  bool over_tcp_ = false;
  bool truncated_ = false;
  bool is_broken_ = false;  // by an answer to another question
  bool has_packet_ = false;
  bool was_besieged_ = false;
  bool was_respelled_ = false;
  int status_ = 0;  // an ARES_ code
};

}  // namespace uvdial::detail
