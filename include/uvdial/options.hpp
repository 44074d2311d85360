#pragma once
// floor 0
/// \file
/// What one dial may want differently from the next.
#include <chrono>
#include <optional>
#include <type_traits>

#include "uvdial/endpoint.hpp"
#include "uvdial/export.hpp"
#include "uvdial/function.hpp"
#include "uvdial/report.hpp"

namespace uvdial {

class confirmation;
class tcp_stream;

/// A check of a fresh connection before it may win: a TLS handshake, a banner. See confirm.hpp.
using confirm_step = unique_function<void(tcp_stream& fresh, const endpoint& to, confirmation answer)>;

/// Which families of addresses are asked for, and which of them goes first.
enum class family_policy : std::uint8_t {
  v6_first,  ///< both; waits a moment for IPv6; the order is that of RFC 6724
  v4_first,  ///< both; waits a moment for IPv4, which goes first
  v6_only,   ///< IPv4 is neither asked for nor tried
  v4_only    ///< IPv6 is neither asked for nor tried
};

/// What one dial may want differently from the next. An aggregate that owns nothing, on purpose: g++ 12 destroys braced
/// temporaries twice inside co_await. What is borrowed must live until the callback runs or the operation is destroyed.
struct dial_options {
  /// Name, connects and all else together, from the start of the dial; nullopt: no deadline. 1 ms to 365 days.
  /// A timeout shorter than attempt_delay leaves no time for a second address unless the first one fails.
  std::optional<std::chrono::milliseconds> timeout{30'000};

  /// How long after one attempt the next one STARTS; it never ends an attempt. 10..2000 ms (RFC 8305, 8).
  std::chrono::milliseconds attempt_delay{250};

  /// How long addresses of the other family wait for those of the preferred one. 0..2000 ms; RFC 8305, 3
  /// recommends 50.
  std::chrono::milliseconds resolution_delay{50};

  /// How long one attempt may take, its confirm step included, before it fails with ETIMEDOUT; 1 ms to 365
  /// days. nullopt: as long as the dial. A limit ends attempts that would have succeeded a little later; what a dead
  /// address costs is bounded by attempt_delay already.
  std::optional<std::chrono::milliseconds> attempt_timeout{};

  /// Which families, and which first. A literal or an endpoint of a family that is excluded is not tried: where nothing
  /// else is left the dial ends with no_address.
  family_policy families = family_policy::v6_first;

  /// The address of this machine that IPv4 connections come from; its port 0: any free one. nullopt: the system
  /// chooses. An address that this machine does not have fails each attempt of its family with EADDRNOTAVAIL, a port
  /// in use with EADDRINUSE, and the race goes on. A port of its own is shared by all attempts of its family, and by
  /// connections of other programs only where those allow it (SO_REUSEADDR). An address of the other family is a
  /// std::invalid_argument.
  std::optional<endpoint> bind_v4{};
  std::optional<endpoint> bind_v6{};  ///< the same for IPv6

  /// Whether the address that won lately goes first, and whether this dial's is remembered (RFC 8305, 4).
  bool remember = true;

  bool no_delay = true;  ///< TCP_NODELAY on each connection

  /// TCP keep-alive on each connection: the idle time before the first probe, 1 to 32767 s (as much as
  /// Linux takes). nullopt: off.
  std::optional<std::chrono::seconds> keep_alive{};

  /// A look at each fresh connection before it may win; confirm.hpp says how. Borrowed; it must live until the callback
  /// runs, or until the operation is destroyed. Null: a connection that stands is taken as it is.
  confirm_step* confirm = nullptr;

  /// Where to write what the dial did. Borrowed; filled in just before the callback runs, on success and on failure. It
  /// must live until then, or until the operation is destroyed. Null: no report on success. Where there is no memory
  /// for it, it is empty.
  dial_report* report = nullptr;
};
static_assert(std::is_trivially_destructible_v<dial_options>);

/// Checks the options as each dial does: throws std::invalid_argument that names the option and quotes the value.
UVDIAL_API void validate(const dial_options& options);

}  // namespace uvdial
