#include "glue/dns_servers.hpp"

#include <algorithm>

namespace uvdial::detail {

dns_server::dns_server(uv_loop_t& loop, channel_owner& owner, const endpoint& address,
                       const dns_channel_options& options, const std::shared_ptr<handle_count>& count) {
  all_.reserve(most_ports + 1);
  while (all_.size() < most_ports) {
    all_.push_back(std::make_unique<server_channel>(
        loop, owner, server_channel_settings{address, false, options.edns}, count));
    all_.back()->sockets().gather();
    all_.back()->sockets().mix_case(options.mixed_case);
  }
  all_.push_back(std::make_unique<server_channel>(
      loop, owner, server_channel_settings{address, true, options.edns}, count));
}

server_channel& dns_server::datagrams(instant time) noexcept {
  if (!all_[current_]->is_worn(time)) return *all_[current_];
  for (std::size_t i = 0; i < most_ports; ++i) {
    if (all_[i]->unanswered() == 0) all_[i]->shut();
  }
  if (all_[current_]->is_open()) {
    current_ = (current_ + 1) % most_ports;
    all_[current_]->shut();
  }
  return *all_[current_];
}

void dns_server::shut_datagrams() noexcept {
  for (std::size_t i = 0; i < most_ports; ++i) all_[i]->shut();
}

void dns_server::was_respelled() noexcept {
  if (++respellings_ < most_respellings) return;
  for (const auto& each : all_) each->sockets().mix_case(false);
}

dns_servers::dns_servers(uv_loop_t& loop, channel_owner& owner, const dns_channel_options& options,
                         const std::shared_ptr<handle_count>& count) {
  all_.reserve(options.servers.size());
  for (const endpoint& address : options.servers)
    all_.push_back(std::make_unique<dns_server>(loop, owner, address, options, count));
}

bool dns_servers::is_open() const noexcept {
  return any([](const server_channel& each) { return each.is_open(); });
}

bool dns_servers::has_unsent() const noexcept {
  return any([](server_channel& each) { return each.sockets().has_unsent(); });
}

bool dns_servers::has_unread() const noexcept {
  return any([](server_channel& each) { return each.sockets().has_unread(); });
}

bool dns_servers::flush() noexcept {
  bool noted = false;
  for_all([&noted](server_channel& each) { noted = each.sockets().flush() || noted; });
  return noted;
}

void dns_servers::allow_reading() noexcept {
  for_all([](server_channel& each) { each.sockets().allow_reading(); });
}

void dns_servers::expire() noexcept {
  for_all([](server_channel& each) { each.expire(); });
}

void dns_servers::shut() noexcept {
  for_all([](server_channel& each) { each.shut(); });
}

}  // namespace uvdial::detail
