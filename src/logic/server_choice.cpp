#include "logic/server_choice.hpp"

#include <algorithm>

namespace uvdial::detail {

namespace {

using std::chrono::nanoseconds;
using namespace std::chrono_literals;

constexpr unsigned silences_of_a_dead_server = 2;
constexpr nanoseconds first_rest = 10s;
constexpr unsigned most_doublings = 5;

}  // namespace

server_choice::server_choice(std::size_t count, bool rotates) : servers_(count), rotates_(rotates) {}

bool server_choice::rests(std::size_t server) const noexcept {
  return servers_[server].rests_until.has_value();
}

std::optional<std::size_t> server_choice::first(server_set without) const noexcept {
  const std::size_t preferred = rotates_ ? turn_ % count() : 0;
  bool all_rest = true;
  for (std::size_t step = 0; step < count(); ++step) {
    const std::size_t server = (preferred + step) % count();
    if (rests(server)) continue;
    if (!(without & only(server))) return server;
    all_rest = false;
  }
  if (!all_rest || (without & only(preferred))) return std::nullopt;
  return preferred;
}

std::optional<std::size_t> server_choice::after(std::size_t server, server_set without) const noexcept {
  std::optional<std::size_t> resting;
  for (std::size_t step = 1; step <= count(); ++step) {
    const std::size_t next = (server + step) % count();
    if (without & only(next)) continue;
    if (!rests(next)) return next;
    if (!resting) resting = next;
  }
  return resting;
}

std::optional<std::size_t> server_choice::take_probe(nanoseconds now) noexcept {
  for (std::size_t server = 0; server < count(); ++server) {
    const auto until = servers_[server].rests_until;
    if (!until || *until > now) continue;
    rest(servers_[server], now);  // an answer ends it
    return server;
  }
  return std::nullopt;
}

void server_choice::heard(std::size_t server) noexcept { servers_[server] = state{}; }

bool server_choice::was_silent(std::size_t server, nanoseconds now) noexcept {
  state& silent = servers_[server];
  if (silent.rests_until || ++silent.silences < silences_of_a_dead_server) return false;
  rest(silent, now);
  return true;
}

// One closed port is told as often as there are questions on the way to it.
void server_choice::refused(std::size_t server, nanoseconds now) noexcept {
  if (!rests(server)) rest(servers_[server], now);
}

void server_choice::rest(state& server, nanoseconds now) noexcept {
  server.rests_until = now + first_rest * (1U << std::min(server.rests, most_doublings));
  ++server.rests;
}

}  // namespace uvdial::detail
