#include "glue/dns_servers.hpp"

#include <algorithm>

namespace uvdial::detail {

dns_servers::dns_servers(uv_loop_t& loop, channel_owner& owner, std::span<const endpoint> addresses,
                         bool edns, const std::shared_ptr<handle_count>& count) {
  all_.reserve(addresses.size());
  for (const endpoint& address : addresses) {
    all_.push_back(std::make_unique<dns_server>(loop, owner, address, edns, count));
    all_.back()->datagrams.sockets().gather();
  }
}

bool dns_servers::is_open() const noexcept {
  return std::any_of(begin(), end(),
                     [](const auto& each) { return each->datagrams.is_open() || each->stream.is_open(); });
}

bool dns_servers::has_unsent() const noexcept {
  return std::any_of(begin(), end(), [](const auto& each) { return each->datagrams.sockets().has_unsent(); });
}

bool dns_servers::has_unread() const noexcept {
  return std::any_of(begin(), end(), [](const auto& each) {
    return each->datagrams.sockets().has_unread() || each->stream.sockets().has_unread();
  });
}

bool dns_servers::flush() noexcept {
  bool noted = false;
  for (const auto& each : all_) noted = each->datagrams.sockets().flush() || noted;
  return noted;
}

void dns_servers::allow_reading() noexcept {
  for (const auto& each : all_) {
    each->datagrams.sockets().allow_reading();
    each->stream.sockets().allow_reading();
  }
}

void dns_servers::expire() noexcept {
  for (const auto& each : all_) {
    each->datagrams.expire();
    each->stream.expire();
  }
}

void dns_servers::shut() noexcept {
  for (const auto& each : all_) {
    each->datagrams.shut();
    each->stream.shut();
  }
}

}  // namespace uvdial::detail
