// A list in the order of use, an index by name and family, and a queue by the time of expiry, over the same
// entries.
//
// Looking a name up is what a cached dial pays for, twice, so find() folds nothing into a copy: the hash and
// the comparison fold while they read, eight octets at a time. An entry that has expired is erased when it is
// found so; the others of its kind go with the next keep(), which therefore pushes out an entry that still
// holds only if all do: the one that was not used for longest.
//
// Somebody who chooses the names may choose them so that their hashes agree. Then a search compares with at
// most as many names as the cache may have entries.
#include "logic/dns_cache.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
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

constexpr std::uint64_t lower_case_bits = 0x2020202020202020;

std::uint64_t octets_at(const char* text, std::size_t count) noexcept {  // up to eight
  std::uint64_t octets = 0;
  std::memcpy(&octets, text, count);
  return octets;
}

constexpr std::uint64_t mixed(std::uint64_t value) noexcept {
  value *= 0x9e3779b97f4a7c15;  // 2 to the 64 through the golden ratio: odd, and without a pattern
  return value ^ (value >> 32);
}

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

// Letters of both cases differ in one bit, which is set here for all octets. That a few others become alike
// too ("@" and "`") costs nothing: same() tells them apart.
std::size_t dns_cache::hash_of::operator()(const key& of) const {
  std::uint64_t hash = of.name.size() * 2 + static_cast<std::uint64_t>(of.family);
  const char* text = of.name.data();
  std::size_t left = of.name.size();
  for (; left > 8; left -= 8, text += 8) hash = mixed(hash ^ (octets_at(text, 8) | lower_case_bits));
  if (left > 0) hash = mixed(hash ^ (octets_at(text, left) | lower_case_bits));
  return static_cast<std::size_t>(hash);
}

bool dns_cache::same::operator()(const key& left, const key& right) const noexcept {
  if (left.family != right.family || left.name.size() != right.name.size()) return false;
  if (left.name == right.name) return true;  // programs rarely change the case of a name
  return std::equal(left.name.begin(), left.name.end(), right.name.begin(),
                    [](char one, char other) { return to_lower(one) == to_lower(other); });
}

dns_cache::key dns_cache::key_of(std::string_view name, ip_family family) noexcept {
  return {without_final_dot(name), family};
}

const dns_reply* dns_cache::find(std::string_view name, ip_family family, nanoseconds now) noexcept {
  const auto found = index_.find(key_of(name, family));
  if (found == index_.end()) return nullptr;
  const entries::iterator place = found->second;
  const nanoseconds left = place->when() - now;
  if (left <= nanoseconds::zero()) {
    erase(place);
    return nullptr;
  }
  place->reply.ttl = std::chrono::ceil<seconds>(left);
  by_use_.splice(by_use_.begin(), by_use_, place);
  return &place->reply;
}

void dns_cache::keep(std::string_view name, ip_family family, const dns_reply& reply, nanoseconds now) {
  if (most_ == 0) return;
  const std::optional<seconds> lifetime = lifetime_of(reply);
  if (!lifetime) return;
  while (const wake_entry* due = expiry_.take_due(now)) {
    const auto* expired = static_cast<const entry*>(due);
    erase(index_.find(key{expired->name, expired->family})->second);
  }

  const key wanted = key_of(name, family);
  const auto found = index_.find(wanted);
  const bool lasts = *lifetime > seconds::zero();
  if (found == index_.end()) {
    if (lasts) add(wanted, reply, now + *lifetime);
    return;
  }
  const entries::iterator place = found->second;
  if (!lasts) return erase(place);
  dns_reply copy = reply;
  place->reply = std::move(copy);
  expiry_.set(*place, now + *lifetime);
  by_use_.splice(by_use_.begin(), by_use_, place);
}

void dns_cache::add(const key& of, const dns_reply& reply, nanoseconds until) {
  entries fresh;
  fresh.push_back(entry{{}, std::string(of.name), of.family, reply});
  const entries::iterator place = fresh.begin();
  const auto indexed = index_.emplace(key{place->name, place->family}, place).first;
  try {
    expiry_.set(*place, until);
  } catch (...) {
    index_.erase(indexed);
    throw;
  }
  by_use_.splice(by_use_.begin(), fresh);
  if (by_use_.size() > most_) erase(std::prev(by_use_.end()));
}

void dns_cache::erase(entries::iterator place) noexcept {
  expiry_.remove(*place);
  index_.erase(key{place->name, place->family});
  by_use_.erase(place);
}

void dns_cache::clear() noexcept {
  expiry_ = wake_queue{};
  index_.clear();
  by_use_.clear();
}

}  // namespace uvdial::detail
