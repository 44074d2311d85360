#pragma once
// floor 0
/// \file
/// What can go wrong after an operation has started. Misuse (an empty host, a zero delay) is not here:
/// the starting call throws std::invalid_argument or std::logic_error at once.
///
///   std::system_error
///   └─ error                     anything this library reports
///      ├─ resolve_error          no address came of the name
///      │  ├─ host_not_found      the name does not exist, or cannot
///      │  ├─ no_address          it exists, but not with an address of the families asked for
///      │  ├─ dns_failure         a server failed or none was reachable          temporary
///      │  └─ dns_timeout         no server answered                             temporary
///      ├─ connect_error          every address failed, for other or mixed reasons
///      │  ├─ connection_refused  all of them refused                           temporary
///      │  ├─ unreachable         no route to any of them                       temporary
///      │  ├─ address_blocked     the address policy let none through
///      │  └─ out_of_resources    descriptors, buffers, memory or ports ran out temporary
///      ├─ timeout_error          a deadline or an idle timeout passed          temporary
///      ├─ cancelled_error        cancel(), or the owner went away
///      └─ stream_error           after the connect
///         └─ connection_reset                                                  temporary
///
/// That no local port is left has the code EAGAIN, as datagram sockets have it. For connections systems say EADDRNOTAVAIL,
/// which also stands for a machine without an address to come from: that is unreachable, and not a shortage. A socket
/// that was given the port of this machine that it connects to, and so met itself, was refused.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "uvdial/report.hpp"

namespace uvdial {

/// libuv codes (negative, as libuv has them) and c-ares codes (positive). Both compare with std::errc:
///   e.code() == std::errc::connection_refused
UVDIAL_API const std::error_category& uv_category() noexcept;
UVDIAL_API const std::error_category& ares_category() noexcept;
UVDIAL_API const std::error_category& resolve_category() noexcept;

/// What any resolver, ours or a user's, may report. Codes of other categories count as dns_failure (those
/// of uv_category and ares_category by their meaning) and are kept in code().
enum class resolve_errc { host_not_found = 1, no_address, dns_failure, dns_timeout, out_of_resources };
UVDIAL_API std::error_code make_error_code(resolve_errc) noexcept;

/// The resolve_errc that a resolver's code comes to.
UVDIAL_API resolve_errc to_resolve_errc(const std::error_code& code) noexcept;

/// The short name of a code, for logs and JSON: libuv's ("ECONNREFUSED"), or NXDOMAIN, NODATA, SERVFAIL,
/// REFUSED, FORMERR, NOTIMP, BADRESP, DNSTIMEOUT, DNSUNREACHABLE. Lives for ever. "UNKNOWN" for others.
UVDIAL_API std::string_view code_name(const std::error_code& code) noexcept;

/// One value for each leaf and branch, so that a callback can switch without RTTI or a throw.
enum class error_kind : std::uint8_t {
  resolve,
  host_not_found,
  no_address,
  dns_failure,
  dns_timeout,
  connect,
  connection_refused,
  unreachable,
  address_blocked,
  out_of_resources,
  timeout,
  cancelled,
  stream,
  connection_reset
};

/// The class's name ("connection_refused", "timeout_error", ...). Lives for ever.
UVDIAL_API std::string_view kind_name(error_kind kind) noexcept;

/// Base of every asynchronous failure. Immutable; copying never throws. Any thread may read it.
class UVDIAL_API error : public std::system_error {
 public:
  ~error() override;
  error(const error&) noexcept = default;
  error& operator=(const error&) noexcept = default;

  error_kind kind() const noexcept { return kind_; }

  /// One complete line: what was tried, what failed, each address with its reason.
  ///   connect example.com:443: 2 attempts failed in 312 ms: [2001:db8::1]:443 connection refused (0 ms), ...
  const char* what() const noexcept override;

  /// Might work if tried again later, unchanged: a server or a network was in trouble, not the question. The
  /// leaves as marked above; resolve_error, connect_error and stream_error themselves go by their code().
  bool temporary() const noexcept;

  /// Every address tried, in start order, then the filtered ones. Lives as long as any copy of this error.
  std::span<const attempt> attempts() const noexcept;

  /// The same and the resolver's answers. Empty for errors of a stream. Lives as long as any copy.
  const dial_report& report() const noexcept;

  /// Throws a copy of this error as its own type.
  [[noreturn]] virtual void raise() const;

 protected:
  error(error_kind kind, std::error_code code, std::string text, dial_report report);
  error(error_kind kind, std::error_code code) noexcept;  ///< allocates nothing; what() is a fixed text

 private:
  struct details;
  error_kind kind_;
  std::shared_ptr<const details> details_;
};

#define UVDIAL_ERROR_CLASS(name, base, own_kind)                                       \
  class UVDIAL_API name : public base {                                                \
   public:                                                                             \
    name(std::error_code code, std::string text, dial_report report = {})              \
        : name(error_kind::own_kind, code, std::move(text), std::move(report)) {}      \
    explicit name(std::error_code code) noexcept : name(error_kind::own_kind, code) {} \
    ~name() override;                                                                  \
    name(const name&) noexcept = default;                                              \
    name& operator=(const name&) noexcept = default;                                   \
    [[noreturn]] void raise() const override;                                          \
                                                                                       \
   protected:                                                                          \
    name(error_kind kind, std::error_code code, std::string text, dial_report report)  \
        : base(kind, code, std::move(text), std::move(report)) {}                      \
    name(error_kind kind, std::error_code code) noexcept : base(kind, code) {}         \
  }

UVDIAL_ERROR_CLASS(resolve_error, error, resolve);
UVDIAL_ERROR_CLASS(host_not_found, resolve_error, host_not_found);
UVDIAL_ERROR_CLASS(no_address, resolve_error, no_address);
UVDIAL_ERROR_CLASS(dns_failure, resolve_error, dns_failure);
UVDIAL_ERROR_CLASS(dns_timeout, resolve_error, dns_timeout);
UVDIAL_ERROR_CLASS(connect_error, error, connect);
UVDIAL_ERROR_CLASS(connection_refused, connect_error, connection_refused);
UVDIAL_ERROR_CLASS(unreachable, connect_error, unreachable);
UVDIAL_ERROR_CLASS(address_blocked, connect_error, address_blocked);
UVDIAL_ERROR_CLASS(out_of_resources, connect_error, out_of_resources);
UVDIAL_ERROR_CLASS(timeout_error, error, timeout);
UVDIAL_ERROR_CLASS(cancelled_error, error, cancelled);
UVDIAL_ERROR_CLASS(stream_error, error, stream);
UVDIAL_ERROR_CLASS(connection_reset, stream_error, connection_reset);
#undef UVDIAL_ERROR_CLASS

/// The error of that kind, as its own class. Never null and never throws: where memory is gone it gives
/// a static out_of_resources, or for a cancel a static cancelled_error.
UVDIAL_API std::shared_ptr<const error> make_error(error_kind kind, std::error_code code, std::string text,
                                                   dial_report report = {}) noexcept;

}  // namespace uvdial

template <>
struct std::is_error_code_enum<uvdial::resolve_errc> : std::true_type {};
