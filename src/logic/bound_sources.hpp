#pragma once
// The source of a connection that is bound to an address is that address.
#include <optional>

#include "logic/source_finder.hpp"
#include "uvdial/options.hpp"

namespace uvdial::detail {

class bound_sources final : public source_finder {
 public:
  // `others` must outlive this object. It is asked where `options` bind to no address, or only to a port.
  bound_sources(source_finder& others, const dial_options& options);

  std::optional<endpoint> source_for(const endpoint& to) override;
  // What a socket of this family is bound to; null: nothing.
  const endpoint* local(ip_family family) const noexcept;
  bool usable(ip_family family) override { return others_.usable(family); }

 private:
  source_finder& others_;
  std::optional<endpoint> bind_v4_;
  std::optional<endpoint> bind_v6_;
  std::optional<endpoint> v4_;
  std::optional<endpoint> v6_;
};

}  // namespace uvdial::detail
