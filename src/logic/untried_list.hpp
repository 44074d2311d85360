#pragma once
// The addresses of one race that no attempt was started for yet, in the order they are worth trying.
#include <cstddef>
#include <optional>

#include "logic/address_order.hpp"
#include "logic/few.hpp"
#include "logic/source_finder.hpp"
#include "uvdial/endpoint.hpp"

namespace uvdial::detail {

class untried_list {
 public:
  // `sources` must outlive this object. `ahead`: the family that goes before the other one whatever RFC 6724
  // says of it.
  untried_list(source_finder& sources, std::optional<ip_family> ahead) noexcept;

  bool empty() const noexcept { return places_.empty(); }
  std::size_t size() const noexcept { return places_.size(); }
  bool holds(const endpoint& address) const noexcept;

  void add(const endpoint& address);
  // Drops the last of the family that has most, so that neither family can push the other one out.
  void drop_one() noexcept;
  // To be called when all new ones were added.
  void order();
  // This one, which is borrowed, goes before all others, whatever their order; null: none does. Takes effect with
  // order().
  void favour(const endpoint* address) noexcept { favourite_ = address; }

  // Removes and gives the one to try next, after an attempt to an address of the family `last`. Not empty.
  endpoint take(std::optional<ip_family> last) noexcept;

 private:
  source_finder* sources_;
  std::optional<ip_family> ahead_;
  const endpoint* favourite_ = nullptr;
  few<destination, 1> places_{};
};

}  // namespace uvdial::detail
