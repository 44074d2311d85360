#pragma once
// Which address of this machine a connection would come from: asked of the kernel with datagram sockets that
// are connected and never send.
#include <cstdint>
#include <optional>
#include <vector>

#include "glue/turn.hpp"
#include "logic/source_finder.hpp"

namespace uvdial::detail {

// Whether this machine has an address that it can reach that one from. Asks the kernel anew.
bool has_source(const endpoint& to) noexcept;

// Answers are remembered for about a second. Each new one costs four system calls that do not block. Where there is no
// descriptor, no port or no memory to ask with, nothing is known, and nothing is remembered.
class source_sockets final : public source_finder {
 public:
  std::optional<endpoint> source_for(const endpoint& to) override;
  bool usable(ip_family family) override;

  // Stands for the network that this machine is in, as far as its own addresses tell.
  std::uint64_t network();

 private:
  struct known_source {
    endpoint to;
    std::optional<endpoint> source;
    instant until;
  };
  // Null: the kernel could not be asked. Lives until the next call.
  const known_source* find(const endpoint& to);

  std::vector<known_source> known_;
  std::optional<known_source> unremembered_{};
  std::uint64_t network_ = 1;  // the last one that was known
};

}  // namespace uvdial::detail
