#include "logic/winner_memory.hpp"

#include <cstddef>
#include <cstring>
#include <utility>

namespace uvdial::detail {

namespace {

constexpr std::chrono::minutes lifetime{10};  // RFC 6555, 4.2

}  // namespace

// FNV-1a, and then stirred, since the marks of a set are added up.
answer_mark mark_of(const endpoint& address) noexcept {
  unsigned char bytes[sizeof(endpoint)];
  const std::size_t size = address.native_size();
  std::memcpy(bytes, &address.native(), size);
  answer_mark mark = 0xcbf29ce484222325U;
  for (std::size_t at = 0; at < size; ++at) mark = (mark ^ bytes[at]) * 0x100000001b3U;
  mark = (mark ^ (mark >> 32)) * 0xd6e8feb86659fd93U;
  return mark ^ (mark >> 32);
}

void winner_memory::enter(std::uint64_t network) noexcept {
  if (network == network_) return;
  network_ = network;
  places_.clear();
  order_.clear();
}

std::optional<remembered_winner> winner_memory::recall(const std::string& host, std::uint64_t network,
                                                       instant now) {
  enter(network);
  while (!order_.empty() && order_.front().until <= now) {
    places_.erase(order_.front().host);
    order_.pop_front();
  }
  const auto found = places_.find(host);
  if (found == places_.end()) return std::nullopt;
  return found->second->what;
}

void winner_memory::remember(const std::string& host, const remembered_winner& what, std::uint64_t network,
                             instant now) {
  enter(network);
  std::list<entry> fresh;
  fresh.push_back({host, what, now + lifetime});
  const auto [place, is_new] = places_.try_emplace(host, fresh.begin());
  if (!is_new) order_.erase(std::exchange(place->second, fresh.begin()));
  order_.splice(order_.end(), fresh);
  if (order_.size() <= most_) return;
  places_.erase(order_.front().host);
  order_.pop_front();
}

void winner_memory::forget(const std::string& host) noexcept {
  const auto found = places_.find(host);
  if (found == places_.end()) return;
  order_.erase(found->second);
  places_.erase(found);
}

}  // namespace uvdial::detail
