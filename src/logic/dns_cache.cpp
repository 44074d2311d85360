// A list in the order of use, an index by name and family, and a queue by the time of expiry, over the same
// entries.
//
// An entry that has expired is erased when it is found so; the others of its kind go with the next keep(), which therefore
// pushes out an entry that still holds only if all do: the one that was not used for longest.
#include "logic/dns_cache.hpp"

#include <algorithm>
#include <optional>

#include "logic/host_name.hpp"
#include "uvdial/error.hpp"

namespace uvdial::detail {

namespace {

using std::chrono::seconds;

// RFC 8767, 4 recommends a limit of seven days. The resolver that we ask may keep that to itself; what stands
// wrong in a program that runs for years should be gone the next day.
constexpr seconds longest_with_addresses = std::chrono::hours(24);

// RFC 2308, 5 allows up to three hours. But the caller knows better when to ask again: it has just made the
// name, or put up the network, and waits for it to be there.
constexpr seconds longest_without{30};

// How long a reply holds; nullopt: it is a failure, and says nothing.
std::optional<seconds> lifetime_of(const dns_reply& reply) {
  if (!reply.why) {
    if (reply.addresses.empty()) return std::nullopt;
    return std::min(reply.ttl, longest_with_addresses);
  }
  const resolve_errc meaning = to_resolve_errc(reply.why);
  if (meaning != resolve_errc::host_not_found && meaning != resolve_errc::no_address) return std::nullopt;
  return std::min(reply.ttl, longest_without);
}

}  // namespace

const known_reply* dns_cache::find(std::string_view name, ip_family family, nanoseconds now) noexcept {
  auto* found = static_cast<entry*>(index_.find(name, static_cast<std::uint16_t>(family)));
  if (!found) return nullptr;
  const nanoseconds left = found->when() - now;
  if (left <= nanoseconds::zero()) {
    erase(*found);
    return nullptr;
  }
  found->known.ttl = std::chrono::ceil<seconds>(left);
  by_use_.push_front(*found);
  return &found->known;
}

void dns_cache::keep(std::string_view name, ip_family family, const shared_reply& reply, nanoseconds now) {
  if (most_ == 0) return;
  const std::optional<seconds> lifetime = lifetime_of(*reply);
  if (!lifetime) return;
  while (wake_entry* due = expiry_.take_due(now)) erase(static_cast<entry&>(*due));

  auto* found = static_cast<entry*>(index_.find(name, static_cast<std::uint16_t>(family)));
  const bool lasts = *lifetime > seconds::zero();
  if (!found) {
    if (lasts) add(name, family, reply, now + *lifetime);
    return;
  }
  if (!lasts) return erase(*found);
  found->known.what = reply;
  expiry_.set(*found, now + *lifetime);
  by_use_.push_front(*found);
}

void dns_cache::add(std::string_view name, ip_family family, const shared_reply& reply, nanoseconds until) {
  auto fresh = make_named<entry>(name, family, reply);
  index_.add(*fresh);
  try {
    expiry_.set(*fresh, until);
  } catch (...) {
    index_.remove(*fresh);
    throw;
  }
  by_use_.push_front(*fresh.release());
  if (++size_ > most_) erase(by_use_.back());
}

void dns_cache::erase(entry& old) noexcept {
  const named<entry> gone(&old);
  expiry_.remove(old);
  index_.remove(old);
  --size_;
}

void dns_cache::clear() noexcept {
  while (!by_use_.empty()) erase(by_use_.front());
}

}  // namespace uvdial::detail
