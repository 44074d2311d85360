#pragma once
// The servers of one configuration: a channel for datagrams and one for TCP to each.
#include <uv.h>

#include <memory>
#include <span>
#include <system_error>
#include <vector>

#include "glue/server_channel.hpp"

namespace uvdial::detail {

struct dns_server {
  dns_server(uv_loop_t& loop, channel_owner& owner, const endpoint& address, bool edns,
             const std::shared_ptr<handle_count>& count)
      : datagrams(loop, owner, {address, false, edns}, count),
        stream(loop, owner, {address, true, edns}, count) {}

  server_channel datagrams;
  server_channel stream;
  std::error_code trouble{};  // why no socket could be had for the tries that have just ended
};

class dns_servers {
 public:
  // Opens nothing. `owner` outlives this object.
  dns_servers(uv_loop_t& loop, channel_owner& owner, std::span<const endpoint> addresses, bool edns,
              const std::shared_ptr<handle_count>& count);

  dns_server& operator[](std::size_t place) const noexcept { return *all_[place]; }
  auto begin() const noexcept { return all_.begin(); }
  auto end() const noexcept { return all_.end(); }
  std::size_t size() const noexcept { return all_.size(); }

  bool is_open() const noexcept;  // any of them
  bool has_unsent() const noexcept;
  bool has_unread() const noexcept;
  // Sends what was gathered. True: something was noted that has to be looked at.
  bool flush() noexcept;
  void allow_reading() noexcept;
  void expire() noexcept;  // lets c-ares forget what nobody answered
  void shut() noexcept;

 private:
  std::vector<std::unique_ptr<dns_server>> all_;
};

}  // namespace uvdial::detail
