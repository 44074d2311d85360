// A hash table of chains. Somebody who chooses the names may choose them so that their hashes agree; then a search
// compares with at most as many names as its owner lets in.
#include "logic/name_index.hpp"

#include <algorithm>

#include "logic/host_name.hpp"

namespace uvdial::detail {

namespace {

constexpr std::size_t first_places = 16;

std::uint32_t hash_of(std::string_view name, std::uint16_t kind) noexcept {
  const std::uint64_t hash = folded_hash(name) + kind;
  return static_cast<std::uint32_t>(hash ^ (hash >> 32));
}

}  // namespace

indexed_name::indexed_name(std::string_view name, std::uint16_t kind) noexcept
    : text_(name.data()),
      hash_(hash_of(without_final_dot(name), kind)),
      size_(static_cast<std::uint16_t>(name.size())),
      kind_(kind) {}

indexed_name* name_index::find(std::string_view name, std::uint16_t kind) const noexcept {
  if (size_ == 0) return nullptr;
  const std::string_view wanted = without_final_dot(name);
  const std::uint32_t hash = hash_of(wanted, kind);
  for (indexed_name* each = places_[place_of(hash)]; each; each = each->next_) {
    if (each->hash_ == hash && each->kind_ == kind && same_name(without_final_dot(each->text()), wanted))
      return each;
  }
  return nullptr;
}

void name_index::add(indexed_name& fresh) {
  if (size_ == places_.size()) grow();
  put(fresh);
  ++size_;
}

void name_index::put(indexed_name& each) noexcept {
  indexed_name*& first = places_[place_of(each.hash_)];
  each.next_ = std::exchange(first, &each);
}

void name_index::grow() {
  std::vector<indexed_name*> before(std::max(first_places, places_.size() * 2));
  before.swap(places_);
  for (indexed_name* each : before) {
    while (each) put(*std::exchange(each, each->next_));
  }
}

void name_index::remove(const indexed_name& old) noexcept {
  if (size_ == 0) return;
  for (indexed_name** link = &places_[place_of(old.hash_)]; *link; link = &(*link)->next_) {
    if (*link != &old) continue;
    *link = old.next_;
    --size_;
    return;
  }
}

void name_index::clear() noexcept {
  places_.clear();
  size_ = 0;
}

}  // namespace uvdial::detail
