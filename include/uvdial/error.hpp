#pragma once
// floor 0
/// \file
/// What can go wrong after an operation has started. Misuse (an empty host, a zero delay) is not here:
/// the starting call throws std::invalid_argument or std::logic_error at once.
///
/// ```{.unparsed}
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
///         └─ connection_reset     the peer ended it hard                        temporary
/// ```
///
/// A callback gets an error as a pointer and may switch by its kind() or look at its code(); outcome::value(),
/// coroutines and blocking calls throw it as its own type, so that a catch clause may name any class of the tree.
///
/// That no local port is left has the code EAGAIN, as datagram sockets have it. For connections systems say
/// EADDRNOTAVAIL, which also stands for a machine without an address to come from: that is unreachable, and not a
/// shortage. A socket that was given the port of this machine that it connects to, and so met itself, was refused.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "uvdial/report.hpp"

namespace uvdial {

/// The category of libuv's codes, which are negative, as libuv has them. They compare with std::errc, as those of the
/// other two categories do:
///
/// ```cpp
/// if (why->code() == std::errc::connection_refused) ...
/// ```
UVDIAL_API const std::error_category& uv_category() noexcept;
UVDIAL_API const std::error_category& ares_category() noexcept;     ///< of c-ares' codes, which are positive
UVDIAL_API const std::error_category& resolve_category() noexcept;  ///< of the values of resolve_errc

/// What any resolver, ours or a user's, may report. Codes of other categories count as dns_failure (those
/// of uv_category and ares_category by their meaning) and are kept in code().
enum class resolve_errc {
  host_not_found = 1,  ///< the name does not exist, or cannot
  no_address,          ///< it exists, but not with an address of that family
  dns_failure,         ///< a server failed, refused, or sent what cannot be read; or none was reachable
  dns_timeout,         ///< no server answered in time
  out_of_resources     ///< descriptors, buffers or memory ran out
};

/// Lets a resolve_errc be written where a std::error_code is wanted.
UVDIAL_API std::error_code make_error_code(resolve_errc) noexcept;

/// The resolve_errc that a resolver's code comes to.
UVDIAL_API resolve_errc to_resolve_errc(const std::error_code& code) noexcept;

/// The short name of a code, for logs and JSON: libuv's ("ECONNREFUSED"), or NXDOMAIN, NODATA, SERVFAIL,
/// REFUSED, FORMERR, NOTIMP, BADRESP, DNSTIMEOUT, DNSUNREACHABLE. Lives for ever. "UNKNOWN" for others.
UVDIAL_API std::string_view code_name(const std::error_code& code) noexcept;

/// One value for each leaf and branch, so that a callback can switch without RTTI or a throw.
enum class error_kind : std::uint8_t {
  resolve,         ///< resolve_error itself: no leaf below it fits
  host_not_found,  ///< host_not_found
  no_address,      ///< no_address
  dns_failure,     ///< dns_failure
  dns_timeout,     ///< dns_timeout
  connect,         ///< connect_error itself: the addresses failed for different reasons, or for another one
  connection_refused,  ///< connection_refused
  unreachable,         ///< unreachable
  address_blocked,     ///< address_blocked
  out_of_resources,    ///< out_of_resources
  timeout,             ///< timeout_error
  cancelled,           ///< cancelled_error
  stream,              ///< stream_error itself
  connection_reset     ///< connection_reset
};

/// The class's name ("connection_refused", "timeout_error", ...). Lives for ever.
UVDIAL_API std::string_view kind_name(error_kind kind) noexcept;

/// Base of every asynchronous failure; error.hpp draws what is derived from it. Immutable; copying never throws, and
/// any thread may read it.
///
/// Each derived class has the same two constructors, for resolvers and tests of your own:
/// `name(std::error_code code, std::string text, dial_report report = {})`, where `text` is what() as a whole, and
/// `name(std::error_code code) noexcept`, which allocates nothing and has a fixed text.
class UVDIAL_API error : public std::system_error {
 public:
  ~error() override;
  error(const error&) noexcept = default;             ///< shares the report
  error& operator=(const error&) noexcept = default;  ///< shares the report

  /// Which class this is.
  error_kind kind() const noexcept { return kind_; }

  /// One complete line: what was tried, what failed, each address with its reason. Lives as long as any copy.
  ///
  /// ```{.unparsed}
  /// connect example.com:443: 2 attempts failed in 312 ms: [2001:db8::1]:443 connection refused (0 ms), ...
  /// ```
  const char* what() const noexcept override;

  /// Might work if tried again later, unchanged: a server or a network was in trouble, not the question. The leaves as
  /// the tree in error.hpp marks them; resolve_error, connect_error and stream_error themselves go by their code().
  bool temporary() const noexcept;

  /// Every address tried, in start order, then the filtered ones. Lives as long as any copy of this error.
  std::span<const attempt> attempts() const noexcept;

  /// The same and the resolver's answers. Empty for errors of a stream. Lives as long as any copy.
  const dial_report& report() const noexcept;

  /// Throws a copy of this error as its own type, whatever the type of the reference is.
  [[noreturn]] virtual void raise() const;

 protected:
  /// For the classes of the tree. `text` is what() as a whole.
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

/// No address came of the name. The leaves below say more, where there is more to say.
UVDIAL_ERROR_CLASS(resolve_error, error, resolve);
/// The name does not exist (NXDOMAIN), or is none that could.
UVDIAL_ERROR_CLASS(host_not_found, resolve_error, host_not_found);
/// The name exists, but has no address of the families asked for; or none of the addresses given is of these families.
UVDIAL_ERROR_CLASS(no_address, resolve_error, no_address);
/// A server failed (SERVFAIL), refused, or sent what cannot be read; or none was reachable. Temporary.
UVDIAL_ERROR_CLASS(dns_failure, resolve_error, dns_failure);
/// No server answered in time. Temporary.
UVDIAL_ERROR_CLASS(dns_timeout, resolve_error, dns_timeout);

/// Every address failed, for different reasons or for one that no leaf stands for. attempts() has each.
UVDIAL_ERROR_CLASS(connect_error, error, connect);
/// Every address that there was a way to refused: nothing listens there. Temporary.
UVDIAL_ERROR_CLASS(connection_refused, connect_error, connection_refused);
/// There is no way to any of the addresses: no route, no such network, no address of ours of that family. Temporary.
UVDIAL_ERROR_CLASS(unreachable, connect_error, unreachable);
/// The address policy let none of the addresses through, and nothing was connected to. Its code is
/// std::errc::permission_denied.
UVDIAL_ERROR_CLASS(address_blocked, connect_error, address_blocked);
/// Descriptors, buffers, memory or local ports of this machine ran out, whatever was being done. Temporary.
UVDIAL_ERROR_CLASS(out_of_resources, connect_error, out_of_resources);

/// A deadline passed, or an idle timeout of a stream. what() says in which phase, attempts() has those that were still
/// open. Temporary.
UVDIAL_ERROR_CLASS(timeout_error, error, timeout);
/// Ended by cancel(), or because the dialer, the resolver or the stream went away.
UVDIAL_ERROR_CLASS(cancelled_error, error, cancelled);

/// Reading, writing or an option of a connected stream failed. The code UV_EOF: it ended before a read was satisfied.
UVDIAL_ERROR_CLASS(stream_error, error, stream);
/// The peer ended the connection hard, or is gone. Temporary.
UVDIAL_ERROR_CLASS(connection_reset, stream_error, connection_reset);
#undef UVDIAL_ERROR_CLASS

/// The error of that kind, as its own class. Never null and never throws: where memory is gone it gives
/// a static out_of_resources, or for a cancel a static cancelled_error.
UVDIAL_API std::shared_ptr<const error> make_error(error_kind kind, std::error_code code, std::string text,
                                                   dial_report report = {}) noexcept;

}  // namespace uvdial

namespace std {
template <>
struct is_error_code_enum<uvdial::resolve_errc> : true_type {};
}  // namespace std
