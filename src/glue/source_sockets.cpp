#include "glue/source_sockets.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>

#include "glue/shortage.hpp"
#include "logic/winner_memory.hpp"

namespace uvdial::detail {

namespace {

constexpr std::chrono::seconds memory{1};
constexpr std::size_t most_known = 256;
constexpr std::uint16_t any_port = 53;  // a datagram socket wants one; nothing is sent to it

int datagram_socket(ip_family family) noexcept {
  return socket(family == ip_family::v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

// False: there was nothing to ask with.
bool ask_kernel(const endpoint& to, std::optional<endpoint>& source) {
  const int descriptor = datagram_socket(to.family());
  if (descriptor < 0) return !is_shortage(errno);
  sockaddr_storage found{};
  socklen_t size = sizeof(found);
  const endpoint with_port = to.with_port(any_port);
  const bool connected = connect(descriptor, &with_port.native(), with_port.native_size()) == 0;
  const bool no_port_left = !connected && errno == EAGAIN;
  if (connected && getsockname(descriptor, reinterpret_cast<sockaddr*>(&found), &size) == 0)
    source = endpoint(reinterpret_cast<const sockaddr&>(found)).with_port(0);
  (void)close(descriptor);  // nothing was sent, so nothing can be lost
  return !no_port_left;
}

endpoint outside(ip_family family) {
  return *endpoint::from_literal(family == ip_family::v4 ? "192.0.2.1" : "2001:db8::1", 0);
}

}  // namespace

// Where ports for datagrams have run out, too, it is ports that are wanting.
bool has_source(const endpoint& to) noexcept {
  const int descriptor = datagram_socket(to.family());
  if (descriptor < 0) return false;
  const bool found = connect(descriptor, &to.native(), to.native_size()) == 0 || errno == EAGAIN;
  (void)close(descriptor);  // nothing was sent, so nothing can be lost
  return found;
}

const source_sockets::known_source* source_sockets::find(const endpoint& to) {
  const instant time = now();
  const endpoint address = to.with_port(0);
  std::erase_if(known_, [time](const known_source& old) { return old.until <= time; });
  for (const known_source& entry : known_) {
    if (entry.to == address) return &entry;
  }
  std::optional<endpoint> source;
  if (!ask_kernel(address, source)) return nullptr;
  try {
    if (known_.size() >= most_known) known_.clear();
    known_.push_back({address, source, time + memory});
    return &known_.back();
  } catch (const std::bad_alloc&) {  // what cannot be remembered is asked for again
    return &unremembered_.emplace(known_source{address, source, time});
  }
}

std::optional<endpoint> source_sockets::source_for(const endpoint& to) {
  const known_source* const found = find(to);
  return found ? found->source : std::nullopt;
}

// A machine with a way out over IPv4 only should not wait for IPv6 addresses, and the other way round. Where
// neither has one (a machine that talks to itself alone) nothing is known against either. The two addresses are
// those of the documentation ranges: any address behind the default route would do.
bool source_sockets::usable(ip_family family) {
  if (source_for(outside(family))) return true;
  return !source_for(outside(family == ip_family::v4 ? ip_family::v6 : ip_family::v4));
}

// A machine that is short of descriptors has not moved to another network.
std::uint64_t source_sockets::network() {
  std::uint64_t mark = 1;
  for (const ip_family family : {ip_family::v4, ip_family::v6}) {
    const known_source* const found = find(outside(family));
    if (!found) return network_;
    if (found->source) mark += mark_of(*found->source);
  }
  network_ = mark;
  return mark;
}

}  // namespace uvdial::detail
