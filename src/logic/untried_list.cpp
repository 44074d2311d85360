#include "logic/untried_list.hpp"

#include <algorithm>

namespace uvdial::detail {

untried_list::untried_list(source_finder& sources, std::optional<ip_family> ahead) noexcept
    : sources_(&sources), ahead_(ahead) {}

bool untried_list::holds(const endpoint& address) const noexcept {
  return std::any_of(places_.begin(), places_.end(),
                     [&address](const destination& known) { return known.to == address; });
}

void untried_list::add(const endpoint& address) { places_.add(address); }

void untried_list::drop_one() noexcept {
  const auto v6 =
      static_cast<std::size_t>(std::count_if(places_.begin(), places_.end(), [](const destination& known) {
        return known.to.family() == ip_family::v6;
      }));
  const std::size_t v4 = places_.size() - v6;
  const auto loses = [v4, v6](const destination& known) {
    return v4 == v6 || known.to.family() == (v4 > v6 ? ip_family::v4 : ip_family::v6);
  };
  for (destination* last = places_.end(); last != places_.begin();) {
    if (loses(*--last)) return places_.erase(last);
  }
}

void untried_list::order() {
  // A source costs a socket or two, and a single address has no order.
  if (places_.size() < 2) return;
  for (destination& place : places_) {
    if (place.asked) continue;
    place.asked = true;
    place.source = sources_->source_for(place.to);
  }
  // RFC 8305, 4: the client MUST sort the addresses received so far by RFC 6724, section 6.
  order_addresses({places_.begin(), places_.end()}, ahead_);
  if (!favourite_) return;
  auto* const found = std::find_if(places_.begin(), places_.end(),
                                   [this](const destination& known) { return known.to == *favourite_; });
  if (found != places_.end()) std::rotate(places_.begin(), found, found + 1);
}

endpoint untried_list::take(std::optional<ip_family> last) noexcept {
  // RFC 8305, 4: the client SHOULD interleave the families of the sorted list. Taking the first of the other
  // family each time does that, with a First Address Family Count of 1, and a family that comes late has its
  // turn next, ahead of what is left of the earlier one.
  auto* const other = std::find_if(places_.begin(), places_.end(), [last](const destination& known) {
    return last && known.to.family() != *last;
  });
  auto* const chosen = other == places_.end() ? places_.begin() : other;
  const endpoint address = chosen->to;
  places_.erase(chosen);
  return address;
}

}  // namespace uvdial::detail
