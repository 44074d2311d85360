#pragma once
// Which address won lately, by host: what RFC 8305, 4 calls historical data.
//
// A host whose first address is silent costs one attempt delay at every dial, unless somebody remembers what
// worked. So the winner of a dial that had to go past its first choice is remembered, and goes first next time.
// Put where RFC 8305 has it, between rules 8 and 9 of RFC 6724, it could not do that for a silent IPv6: rule 6
// has put all of IPv6 ahead by then. So it goes before them all.
//
// What is remembered must not outlive its reasons. It is forgotten
// - ten minutes after it was learned (RFC 6555, 4.2 gives that time), whether it was used meanwhile or not: so an
//   address that recovered is found again, at the price of one attempt delay in ten minutes if it did not;
// - when a family's answer is not the same set of addresses any more;
// - when this machine's own addresses change, since it may be another network: all of it then;
// - when it was tried, and did not win.
#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>

#include "uvdial/endpoint.hpp"

namespace uvdial::detail {

// Stands for a set of addresses, whatever their order.
using answer_mark = std::uint64_t;

// Each address adds its own.
answer_mark mark_of(const endpoint& address) noexcept;

struct remembered_winner {
  endpoint winner;
  std::array<std::optional<answer_mark>, 2> answers{};  // by family; nullopt: it had not answered yet
};

class winner_memory {
 public:
  using instant = std::chrono::nanoseconds;  // of any clock that does not go backwards

  explicit winner_memory(std::size_t most = 1024) noexcept : most_(most) {}

  bool empty() const noexcept { return order_.empty(); }
  // `network` stands for the network that this machine is in.
  std::optional<remembered_winner> recall(const std::string& host, std::uint64_t network, instant now);
  // Forgets the oldest where there is no room. Throws std::bad_alloc.
  void remember(const std::string& host, const remembered_winner& what, std::uint64_t network, instant now);
  void forget(const std::string& host) noexcept;

 private:
  struct entry {
    std::string host;
    remembered_winner what;
    instant until;
  };
  void enter(std::uint64_t network) noexcept;

  std::size_t most_;
  std::uint64_t network_ = 0;
  std::list<entry> order_{};  // the oldest first; all live equally long
  std::unordered_map<std::string, std::list<entry>::iterator> places_{};
};

}  // namespace uvdial::detail
