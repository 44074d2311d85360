#include "logic/bound_sources.hpp"

namespace uvdial::detail {

namespace {

std::optional<endpoint> address_of(const std::optional<endpoint>& local) {
  if (!local) return std::nullopt;
  const endpoint address = local->with_port(0);
  const bool is_v4 = local->family() == ip_family::v4;
  if (address == endpoint::from_literal(is_v4 ? "0.0.0.0" : "::", 0)) return std::nullopt;
  return address;
}

}  // namespace

bound_sources::bound_sources(source_finder& others, const dial_options& options)
    : others_(others),
      bind_v4_(options.bind_v4),
      bind_v6_(options.bind_v6),
      v4_(address_of(options.bind_v4)),
      v6_(address_of(options.bind_v6)) {}

const endpoint* bound_sources::local(ip_family family) const noexcept {
  const std::optional<endpoint>& bound = family == ip_family::v4 ? bind_v4_ : bind_v6_;
  return bound ? &*bound : nullptr;
}

// That there is no way from that address to this one shows when it is tried.
std::optional<endpoint> bound_sources::source_for(const endpoint& to) {
  const std::optional<endpoint>& local = to.family() == ip_family::v4 ? v4_ : v6_;
  return local ? local : others_.source_for(to);
}

}  // namespace uvdial::detail
