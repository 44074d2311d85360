#pragma once
// floor 4
/// \file
/// co_await for what this library does: connect, resolve, reverse, read, write, sleep and so on. With any coroutine
/// type; `task`, run(), spawn(), when_all() and first_of() are there for those who have none. Not for receive(), whose
/// place read() in a loop takes, and not for close() and reset(), which give no operation.
///
/// ```cpp
/// uvdial::task<void> greet(uv_loop_t& loop) {
///   uvdial::dialer dials(loop);
///   uvdial::tcp_stream stream = co_await uvdial::connect(dials, {"host.test", 80}, {.timeout = 2s});
///   co_await uvdial::write(stream, std::as_bytes(std::span("hello\n", 6)));
/// }
/// ```
///
/// For all of them:
///
/// - Nothing starts before the co_await. What the starting call throws (std::invalid_argument, std::logic_error) comes
///   out of the co_await, as does the operation's error, as its own type.
/// - The coroutine goes on from the loop, never inside the co_await. It may destroy anything then: the stream, the
///   dialer, and a spawned task also the object that owns it. (A running coroutine of another type is not ours to
///   protect: neither its own frame nor those of the tasks it awaits may be destroyed by what they run.)
/// - `stop`: request_stop() on the loop's thread, also before the co_await, ends it with cancelled_error.
/// - Destroying the suspended coroutine stops what it awaits, silently.
/// - References and spans are borrowed, until the co_await is over; everything else is copied. A dialer that is
///   destroyed meanwhile, or a stream, ends its calls with cancelled_error, from the loop.
/// - Loop thread only.
///
/// Each is a call of the callback form and nothing else: what is said there about errors and arguments holds here.
///
/// They are templates only so that who includes this and uses few of them does not compile them all.
#include <chrono>
#include <cstddef>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "uvdial/awaitable.hpp"
#include "uvdial/dialer.hpp"
#include "uvdial/first_of.hpp"
#include "uvdial/resolver.hpp"
#include "uvdial/run.hpp"
#include "uvdial/sleep.hpp"
#include "uvdial/spawn.hpp"
#include "uvdial/stream.hpp"
#include "uvdial/task.hpp"
#include "uvdial/when_all.hpp"

namespace uvdial {

/// Connects to a target and gives a tcp_stream. As dialer::connect().
template <int = 0>
auto connect(dialer& with, target to, const dial_options& options = {}, std::stop_token stop = {}) {
  return await_operation<tcp_stream>(
      [&with, to = std::move(to), options](callback<tcp_stream> on_done) {
        return with.connect(to, options, std::move(on_done));
      },
      std::move(stop));
}

/// Connects to one known address and gives a tcp_stream. As dialer::connect().
template <int = 0>
auto connect(dialer& with, const endpoint& to, const dial_options& options = {}, std::stop_token stop = {}) {
  return await_operation<tcp_stream>(
      [&with, to, options](callback<tcp_stream> on_done) {
        return with.connect(to, options, std::move(on_done));
      },
      std::move(stop));
}

/// Connects to one of several known addresses, which race, and gives a tcp_stream. As dialer::connect(); the list is
/// borrowed until this is awaited.
template <int = 0>
auto connect(dialer& with, std::span<const endpoint> to, const dial_options& options = {},
             std::stop_token stop = {}) {
  return await_operation<tcp_stream>(
      [&with, to, options](callback<tcp_stream> on_done) {
        return with.connect(to, options, std::move(on_done));
      },
      std::move(stop));
}

/// Looks a name up and gives a host_entry. As resolver::resolve().
template <int = 0>
auto resolve(resolver& with, std::string host, const resolve_options& options = {},
             std::stop_token stop = {}) {
  return await_operation<host_entry>(
      [&with, host = std::move(host), options](callback<host_entry> on_done) {
        return with.resolve(host, options, std::move(on_done));
      },
      std::move(stop));
}

/// Looks an address up and gives its names, a std::vector<std::string>. As resolver::reverse().
template <int = 0>
auto reverse(resolver& with, const endpoint& address, const resolve_options& options = {},
             std::stop_token stop = {}) {
  return await_operation<std::vector<std::string>>(
      [&with, address, options](callback<std::vector<std::string>> on_done) {
        return with.reverse(address, options, std::move(on_done));
      },
      std::move(stop));
}

/// Connects to a Unix-domain socket and gives a pipe_stream. As dialer::connect_unix().
template <int = 0>
auto connect_unix(dialer& with, std::string path, const dial_options& options = {},
                  std::stop_token stop = {}) {
  return await_operation<pipe_stream>(
      [&with, path = std::move(path), options](callback<pipe_stream> on_done) {
        return with.connect_unix(path, options, std::move(on_done));
      },
      std::move(stop));
}

/// Reads what is there, at least a byte, and gives how many bytes arrived; 0 is the end of the stream. As
/// byte_stream::read(): stopping it, or the two below, loses no bytes.
template <int = 0>
auto read(byte_stream& from, std::span<std::byte> into, std::stop_token stop = {}) {
  return await_operation<std::size_t>(
      [&from, into](callback<std::size_t> on_done) { return from.read(into, std::move(on_done)); },
      std::move(stop));
}

/// Reads until `into` is full, and gives its size. As byte_stream::read_exactly().
template <int = 0>
auto read_exactly(byte_stream& from, std::span<std::byte> into, std::stop_token stop = {}) {
  return await_operation<std::size_t>(
      [&from, into](callback<std::size_t> on_done) { return from.read_exactly(into, std::move(on_done)); },
      std::move(stop));
}

/// Reads up to a delimiter, and gives the number of bytes up to its end. As byte_stream::read_until().
template <int = 0>
auto read_until(byte_stream& from, std::string delimiter, std::span<std::byte> into,
                std::stop_token stop = {}) {
  return await_operation<std::size_t>(
      [&from, delimiter = std::move(delimiter), into](callback<std::size_t> on_done) {
        return from.read_until(delimiter, into, std::move(on_done));
      },
      std::move(stop));
}

/// Sends bytes, and gives their number, which is all. As byte_stream::write(): stopping it unsends nothing.
inline auto write(byte_stream& to, std::span<const std::byte> bytes, std::stop_token stop = {}) {
  return await_operation<std::size_t>(
      [&to, bytes](callback<std::size_t> on_done) { return to.write(bytes, std::move(on_done)); },
      std::move(stop));
}

/// Sends several buffers, one behind the other. write(to, {}) means the write above, which is no template.
template <int = 0>
auto write(byte_stream& to, std::span<const std::span<const std::byte>> buffers, std::stop_token stop = {}) {
  return await_operation<std::size_t>(
      [&to, buffers](callback<std::size_t> on_done) { return to.write(buffers, std::move(on_done)); },
      std::move(stop));
}

/// Waits until unsent() is at most the high-water mark; gives nothing. As byte_stream::wait_for_room().
template <int = 0>
auto wait_for_room(byte_stream& in, std::stop_token stop = {}) {
  return await_operation<done>([&in](callback<done> on_done) { return in.wait_for_room(std::move(on_done)); },
                               std::move(stop));
}

/// Half-closes, after earlier writes; gives nothing. As byte_stream::shutdown().
template <int = 0>
auto shutdown(byte_stream& to, std::stop_token stop = {}) {
  return await_operation<done>([&to](callback<done> on_done) { return to.shutdown(std::move(on_done)); },
                               std::move(stop));
}

/// Waits until so much time has passed; gives nothing. As sleep() with a callback.
template <int = 0>
auto sleep(uv_loop_t& loop, std::chrono::milliseconds duration, std::stop_token stop = {}) {
  return await_operation<done>(
      [&loop, duration](callback<done> on_done) { return sleep(loop, duration, std::move(on_done)); },
      std::move(stop));
}

}  // namespace uvdial
