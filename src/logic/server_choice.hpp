#pragma once
// Which of several DNS servers is asked: the first that answers, as resolv.conf(5) has it, or each in its turn.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace uvdial::detail {

// Some of the servers, a bit for each.
using server_set = std::uint32_t;
constexpr std::size_t most_servers = 32;

constexpr server_set only(std::size_t server) noexcept { return server_set{1} << server; }

// A server that is silent, or whose port is closed, is left alone for a while: ten seconds at first, twice as long
// each time, up to about five minutes. When the time is over nobody has to wait for it: one question goes to it
// beside the server that works, and an answer to that one, or to any older one, brings it back.
class server_choice {
 public:
  // `count` is 1 to most_servers.
  server_choice(std::size_t count, bool rotates);

  std::size_t count() const noexcept { return servers_.size(); }

  // For the next new question, one that is not among `without`; nullopt: there is none. Where all are left alone the
  // rest does not count.
  std::optional<std::size_t> first(server_set without) const noexcept;
  void first_was_taken() noexcept { ++turn_; }
  // For the repeat of one: the next in the circle that is not among `without`; nullopt where all are.
  std::optional<std::size_t> after(std::size_t server, server_set without) const noexcept;
  // One whose rest is over, to be asked beside the one that works. Gives each rest once.
  std::optional<std::size_t> take_probe(std::chrono::nanoseconds now) noexcept;

  void heard(std::size_t server) noexcept;
  // A question to it was lost, and nothing was heard since it was sent. Two in a row may be chance for
  // one question, but not for both of a dial. True: it is left alone from here on.
  bool was_silent(std::size_t server, std::chrono::nanoseconds now) noexcept;
  void refused(std::size_t server, std::chrono::nanoseconds now) noexcept;

  bool rests(std::size_t server) const noexcept;

 private:
  struct state {
    unsigned silences = 0;
    unsigned rests = 0;  // in a row
    std::optional<std::chrono::nanoseconds> rests_until{};
  };
  void rest(state& server, std::chrono::nanoseconds now) noexcept;

  std::vector<state> servers_;
  bool rotates_;
  std::size_t turn_ = 0;
};

}  // namespace uvdial::detail
