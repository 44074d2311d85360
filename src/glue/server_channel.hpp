#pragma once
// One c-ares channel to one DNS server, over datagrams or over TCP, on the loop.
#include <uv.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "glue/handle.hpp"
#include "glue/server_sockets.hpp"
#include "uvdial/endpoint.hpp"

struct ares_channeldata;

namespace uvdial::detail {

enum class dns_record : std::uint16_t {
  v4_address = 1,
  pointer = 12,
  v6_address = 28
};  // RFC 1035, RFC 3596

// The kind of record that has a family's addresses, and back; nullopt: it has names.
constexpr dns_record record_of(ip_family family) noexcept {
  return family == ip_family::v4 ? dns_record::v4_address : dns_record::v6_address;
}
constexpr std::optional<ip_family> family_of(dns_record record) noexcept {
  if (record == dns_record::pointer) return std::nullopt;
  return record == dns_record::v4_address ? ip_family::v4 : ip_family::v6;
}

class server_channel;

// What c-ares points to while it has a question.
class channel_question {
 public:
  // Once for each ask() that worked, also inside it, with an ARES_ code and the packet, if one came. c-ares is on
  // the stack: this may only note it.
  virtual void ended(int status, const unsigned char* packet, int size) noexcept = 0;

 protected:
  ~channel_question() = default;
  server_channel* asked_through() const noexcept { return channel_; }  // last; also where that failed

 private:
  friend class server_channel;
  server_channel* channel_ = nullptr;
};

class channel_owner {
 public:
  // A socket was read, and what ended by it has been told. Outside of c-ares; may do anything.
  virtual void has_read() noexcept = 0;

 protected:
  ~channel_owner() = default;
};

struct server_channel_settings {
  endpoint server;
  bool over_tcp = false;
  bool edns = false;
};

class server_channel {
 public:
  // Opens nothing. `owner` and the questions outlive this object.
  server_channel(uv_loop_t& loop, channel_owner& owner, server_channel_settings settings,
                 std::shared_ptr<handle_count> count);
  server_channel(const server_channel&) = delete;
  server_channel& operator=(const server_channel&) = delete;
  ~server_channel() { shut(); }

  // Asks once for the name as it is. An ARES_ code: where it is none of success the question is not held.
  int ask(const char* name, dns_record record, channel_question& question) noexcept;
  // Ends the questions that nobody answered for ten seconds; since 1.32 for five, or less where the server is fast.
  void expire() noexcept;
  // Ends every question and closes the sockets. The next ask() opens new ones, from other ports.
  void shut() noexcept;

  bool is_open() const noexcept { return ares_ != nullptr; }
  // It has asked so much, or for so long, that who looks for its port has had time enough. It still works.
  bool is_worn(instant time) const noexcept {
    return is_open() && (asked_ >= most_questions || time - opened_at_ >= longest_use);
  }
  std::size_t unanswered() const noexcept { return unanswered_; }
  server_sockets& sockets() noexcept { return sockets_; }
  // Why the loop would not watch a socket, a libuv code; 0: it does. Told once.
  int take_watch_failure() noexcept { return std::exchange(watch_failure_, 0); }

 private:
  static constexpr std::size_t most_questions = question_log::most;
  static constexpr std::chrono::seconds longest_use{1};
  struct callbacks;  // the C side
  struct watched_socket {
    uv_handle<uv_poll_t> poll;
    int events = 0;
  };

  int open() noexcept;  // an ARES_ code
  int name_server() noexcept;
  void process(int readable, int writable) noexcept;
  void read_on(int descriptor) noexcept;
  void socket_changed(int descriptor, bool readable, bool writable) noexcept;
  int watch(int descriptor, watched_socket& socket) noexcept;  // a libuv code
  void socket_ready(int descriptor, int status, int events) noexcept;

  uv_loop_t& loop_;
  channel_owner& owner_;
  server_channel_settings settings_;
  std::shared_ptr<handle_count> count_;
  server_sockets sockets_;
  ares_channeldata* ares_ = nullptr;
  std::unordered_map<int, watched_socket> watched_;
  int watch_failure_ = 0;
  instant opened_at_{0};
  std::size_t asked_ = 0;  // since then
  std::size_t unanswered_ = 0;
};

}  // namespace uvdial::detail
