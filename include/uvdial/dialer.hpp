#pragma once
// floor 4
/// \file
/// From a target to a connected stream: Happy Eyeballs (RFC 8305) over uv_tcp_connect.
///
/// ```cpp
/// uvdial::dialer dials(loop);
/// dial_ = dials.connect({"host.test", 443}, {.timeout = 5s}, [this](uvdial::outcome<uvdial::tcp_stream> connected) {
///   if (const uvdial::error* why = connected.failure()) return log(why->what());
///   stream_ = std::make_unique<uvdial::tcp_stream>(std::move(connected).value());
/// });
/// ```
#include <memory>
#include <span>
#include <string_view>
#include <system_error>

#include "uvdial/address_policy.hpp"
#include "uvdial/operation.hpp"
#include "uvdial/options.hpp"
#include "uvdial/resolver.hpp"
#include "uvdial/stream.hpp"
#include "uvdial/trace.hpp"

typedef struct uv_loop_s uv_loop_t;

namespace uvdial {

/// What belongs to all dials of a dialer, and owns memory.
struct dialer_config {
  /// Share one among dialers of the same loop; null: an ares_resolver of its own.
  std::shared_ptr<resolver> names{};

  /// Which addresses its dials may connect to, whether they came from a name or were given.
  address_policy policy{};

  /// Sees the socket of each attempt before it is bound and connected, with the address that it is for: the place to
  /// set its interface (SO_BINDTODEVICE), its mark (SO_MARK) or its type of service through uv_fileno(). A code refuses
  /// the address: the attempt has failed with it, and the race goes on. The handle is borrowed: do not close it or
  /// touch its data. Runs on the loop's thread, also inside connect(); there it may drop or cancel operations, but not
  /// destroy or close the dialer. Must not throw: that is std::terminate. connect_unix() does not come here.
  unique_function<std::error_code(uv_tcp_t&, const endpoint&)> before_connect{};

  /// Told each step of each dial. Runs on the loop's thread, also inside connect(); there it may drop or
  /// cancel operations, but not destroy or close the dialer. Must not throw.
  unique_function<void(const trace_event&)> trace{};
};

/// Starts dials on a loop that somebody else owns and runs. Many may run at once. Move-only; loop thread only.
class UVDIAL_API dialer {
 public:
  /// `loop` is borrowed: it must outlive this object and run until idle after it is gone. Throws std::bad_alloc or
  /// out_of_resources. No socket is opened before the first dial.
  explicit dialer(uv_loop_t& loop, dialer_config config = {});
  dialer(dialer&&) noexcept;  ///< running dials go on; calls of the other one throw std::logic_error
  dialer& operator=(dialer&&) noexcept;  ///< ends the dials of this one as the destructor does
  ~dialer();  ///< running dials end with cancelled_error, from the loop; dropped ones stay silent

  /// Starts a dial to a name or a literal. Arguments are copied, what the options point to is borrowed. Throws
  /// std::invalid_argument for a bad target or option and for an empty callback, std::logic_error on a dialer that was
  /// closed or moved from, std::bad_alloc where there is no memory to begin with, and what a resolver of yours throws.
  /// Ends with a stream, or an error of the hierarchy.
  operation connect(const target& to, const dial_options& options, callback<tcp_stream> on_done);

  /// The same for one known address: no name is looked up.
  operation connect(const endpoint& to, const dial_options& options, callback<tcp_stream> on_done);

  /// The same for several known addresses of one host, which race like those of a name. Not empty.
  operation connect(std::span<const endpoint> to, const dial_options& options, callback<tcp_stream> on_done);

  /// Connects to a Unix-domain stream socket. `path` is a file, or after a first '@' or '\0' the name of an abstract
  /// socket (Linux); a file whose name starts with @ is written "./@x". Throws std::invalid_argument for a path that is
  /// empty, longer than the system has room for (107 bytes on Linux), or of a file and with a zero byte in it; else as
  /// connect() does. Of the options timeout and report are used. There is no race, no port, no policy, no hook and no
  /// trace: the report has "unix:/run/x.sock" as its host, and no attempts. While a listener's queue is full, this
  /// tries again until the timeout.
  operation connect_unix(std::string_view path, const dial_options& options, callback<pipe_stream> on_done);

  /// connect(), blocking: runs the loop until the dial ends, and so everything else on it. Returns the stream
  /// or throws the error, as its own type. Never call it from a callback of the same loop: uv_run does not nest. From a
  /// callback of this dialer's dials it throws std::logic_error.
  tcp_stream connect_blocking(const target& to, const dial_options& options = {});

  /// The same for one known address.
  tcp_stream connect_blocking(const endpoint& to, const dial_options& options = {});

  /// connect_unix(), blocking in the same way.
  pipe_stream connect_unix_blocking(std::string_view path, const dial_options& options = {});

  /// Ends running dials with cancelled_error, and says when the last handle is closed: for loops that never run dry.
  /// `on_closed` may be empty. A resolver of the dialer's own is closed with it, a shared one is not. Once, else
  /// std::logic_error.
  void close(callback<done> on_closed);

 private:
  class core;
  core& alive() const;
  std::shared_ptr<core> core_;
};

}  // namespace uvdial
