#pragma once
// The servers of one configuration: a channel for TCP to each, and some for datagrams, of which one is asked.
#include <uv.h>

#include <chrono>
#include <memory>
#include <system_error>
#include <vector>

#include "glue/server_channel.hpp"

namespace uvdial::detail {

struct dns_channel_options {
  std::vector<endpoint> servers{};          // 1 to most_servers; port 0: 53
  std::chrono::milliseconds timeout{2000};  // the longest wait for one try
  unsigned tries = 3;                       // so many timeouts long silence is borne
  bool rotates = false;                     // each question begins with the next server
  bool tcp_only = false;
  bool edns = false;
  bool mixed_case = false;
};

class dns_server {
 public:
  dns_server(uv_loop_t& loop, channel_owner& owner, const endpoint& address,
             const dns_channel_options& options, const std::shared_ptr<handle_count>& count);

  // Where the next question goes. A channel whose port has been in use for long enough makes room for another one:
  // its own unanswered questions have time until all others had their turn. May end questions.
  server_channel& datagrams(instant time) noexcept;
  server_channel& stream() noexcept { return *all_.back(); }
  // All of them.
  auto begin() const noexcept { return all_.begin(); }
  auto end() const noexcept { return all_.end(); }
  const endpoint& address() const noexcept { return all_.back()->sockets().server(); }
  bool owns_datagrams(const server_channel& which) const noexcept { return &which != all_.back().get(); }

  void shut_datagrams() noexcept;
  // It has not repeated how a name was spelled; where it never does it is asked without.
  void was_respelled() noexcept;

  instant stream_heard_at{0};
  std::error_code trouble{};  // why no socket could be had for the tries that have just ended

 private:
  static constexpr int most_respellings = 3;  // each may be a forger's lucky guess
  static constexpr std::size_t most_ports =
      4;  // with the questions of each, more than the pacing has on the way

  std::vector<std::unique_ptr<server_channel>> all_{};  // for datagrams, and behind them the one for TCP
  std::size_t current_ = 0;
  int respellings_ = 0;
};

class dns_servers {
 public:
  // Opens nothing. `owner` outlives this object.
  dns_servers(uv_loop_t& loop, channel_owner& owner, const dns_channel_options& options,
              const std::shared_ptr<handle_count>& count);

  dns_server& operator[](std::size_t place) const noexcept { return *all_[place]; }
  auto begin() const noexcept { return all_.begin(); }
  auto end() const noexcept { return all_.end(); }
  std::size_t size() const noexcept { return all_.size(); }

  bool is_open() const noexcept;  // any of them
  bool has_unsent() const noexcept;
  bool has_unread() const noexcept;
  // Sends what was gathered. True: something was noted that has to be looked at.
  bool flush() noexcept;
  void allow_reading() noexcept;
  void expire() noexcept;  // lets c-ares forget what nobody answered
  void shut() noexcept;

 private:
  template <class Predicate>
  bool any(Predicate holds) const noexcept {
    for (const auto& server : all_) {
      for (const auto& each : *server) {
        if (holds(*each)) return true;
      }
    }
    return false;
  }
  template <class Action>
  void for_all(Action act) const noexcept {
    for (const auto& server : all_) {
      for (const auto& each : *server) act(*each);
    }
  }

  std::vector<std::unique_ptr<dns_server>> all_;
};

}  // namespace uvdial::detail
