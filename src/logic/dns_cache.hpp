#pragma once
// What DNS said, for as long as it said that this holds.
#include <chrono>
#include <cstddef>
#include <string_view>

#include "logic/dns_reply.hpp"
#include "logic/linked_list.hpp"
#include "logic/name_index.hpp"
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
  ~dns_cache() { clear(); }

  // The reply that holds at `now`, with the ttl that is left, rounded up to whole seconds: at least 1 s, at
  // most what it came with. Null: none. Lives until the next call. Allocates nothing.
  const known_reply* find(std::string_view name, ip_family family, nanoseconds now) noexcept;

  // Addresses hold for their ttl, but at most one day; that the name does not exist, or has no address, holds
  // for its ttl, but at most 30 s. With a ttl of 0 such a reply is not kept, and the older one of the same
  // question goes. Any other reply is a failure, which says nothing of the name: it changes nothing. Where
  // memory runs out (std::bad_alloc) the cache is as it was, but for what had expired.
  void keep(std::string_view name, ip_family family, const shared_reply& reply, nanoseconds now);

  void clear() noexcept;
  std::size_t size() const noexcept { return size_; }  // with those that have expired unseen

 private:
  // In one block with its name.
  struct entry final : indexed_name, wake_entry, list_link<dns_cache> {  // waits for the time it expires
    entry(std::string_view its_name, ip_family family, const shared_reply& reply) noexcept
        : indexed_name(its_name, static_cast<std::uint16_t>(family)), known{reply} {}
    known_reply known;
  };

  void add(std::string_view name, ip_family family, const shared_reply& reply, nanoseconds until);
  void erase(entry& old) noexcept;

  std::size_t most_;
  std::size_t size_ = 0;
  linked_list<entry, dns_cache> by_use_{};  // the last used one first; owned
  name_index index_{};
  wake_queue expiry_{};
};

}  // namespace uvdial::detail
