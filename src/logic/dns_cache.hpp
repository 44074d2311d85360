#pragma once
// What DNS said, for as long as it said that this holds.
#include <chrono>
#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "logic/dns_reply.hpp"
#include "logic/wake_queue.hpp"
#include "uvdial/endpoint.hpp"

namespace uvdial::detail {

// Times are those of one clock that never goes backwards. Names are compared without regard to ASCII case and
// to a final dot. Pinned: its entries point to each other.
class dns_cache {
 public:
  using nanoseconds = std::chrono::nanoseconds;

  explicit dns_cache(std::size_t most_entries) noexcept : most_(most_entries) {}  // 0: keeps nothing
  dns_cache(const dns_cache&) = delete;
  dns_cache& operator=(const dns_cache&) = delete;
  ~dns_cache() = default;

  // The reply that holds at `now`, with the ttl that is left, rounded up to whole seconds: at least 1 s, at
  // most what it came with. Null: none. Lives until the next call. Allocates nothing.
  const dns_reply* find(std::string_view name, ip_family family, nanoseconds now) noexcept;

  // Addresses hold for their ttl, but at most one day; that the name does not exist, or has no address, holds
  // for its ttl, but at most 30 s. With a ttl of 0 such a reply is not kept, and the older one of the same
  // question goes. Any other reply is a failure, which says nothing of the name: it changes nothing. Where
  // memory runs out (std::bad_alloc) the cache is as it was, but for what had expired.
  void keep(std::string_view name, ip_family family, const dns_reply& reply, nanoseconds now);

  void clear() noexcept;
  std::size_t size() const noexcept { return by_use_.size(); }  // with those that have expired unseen

 private:
  struct entry : wake_entry {  // waits for the time it expires
    std::string name;
    ip_family family;
    dns_reply reply;
  };
  using entries = std::list<entry>;

  struct key {
    std::string_view name;  // without a final dot; in the index it points into the entry
    ip_family family;
  };
  // Not noexcept, on purpose: then libstdc++ keeps each entry's hash, and a search computes its own one only.
  struct hash_of {
    std::size_t operator()(const key& of) const;
  };
  struct same {
    bool operator()(const key& left, const key& right) const noexcept;
  };

  static key key_of(std::string_view name, ip_family family) noexcept;
  void add(const key& of, const dns_reply& reply, nanoseconds until);
  void erase(entries::iterator place) noexcept;

  std::size_t most_;
  entries by_use_{};  // the last used one first
  std::unordered_map<key, entries::iterator, hash_of, same> index_{};
  wake_queue expiry_{};
};

}  // namespace uvdial::detail
