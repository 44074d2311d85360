#pragma once
// Streams that the dialer made, with the other end in the hands of the test.
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "demo/peers.hpp"
#include "support/loop_fixture.hpp"
#include "uvdial/tcp_stream.hpp"

namespace fixture {

// Runs the loop until the connection stands; the dialer is gone and its handles are closed by then.
uvdial::tcp_stream dial(const uvdial::endpoint& to);

// The other end is a listener, which keeps the loop alive as long as it lives.
struct connected {
  explicit connected(uvdial::demo::listener_options options = {.then = uvdial::demo::behaviour::read});

  uvdial::demo::listener peer;
  uvdial::tcp_stream stream;
};

// The other end is a plain socket that nobody reads but the test; nothing but the stream is on the loop.
struct wired {
  wired() : wired(listening_socket()) {}

  void send(std::string_view text) const;  // fails the test where not all of it is taken
  std::string received(
      std::size_t most = 1 << 20);  // what is there, without waiting; empty: nothing, or the end
  void reset();                     // closes with RST

  uvdial::demo::descriptor peer;
  uvdial::tcp_stream stream;

 private:
  explicit wired(uvdial::demo::descriptor listening);
  static uvdial::demo::descriptor listening_socket();
};

// One read and the buffer it goes to. Pinned: the running read points to it.
struct reading {
  explicit reading(uvdial::tcp_stream& from, std::size_t room = 64);
  reading(const reading&) = delete;
  reading& operator=(const reading&) = delete;

  void again(uvdial::tcp_stream& from);  // the next read into the same buffer
  std::string text() const;              // what it gave; empty at the end of the stream

  std::vector<std::byte> into;
  recorder<std::size_t> end{};
  uvdial::operation running;
};

// "not called", "success", or the class of the error.
template <class Value>
std::string_view ending(const recorder<Value>& end) {
  if (!end.called()) return "not called";
  return end.succeeded() ? "success" : uvdial::kind_name(end.failure()->kind());
}

std::span<const std::byte> bytes_of(std::string_view text);
std::string long_text(std::size_t size);  // no part of it is like its neighbours
std::size_t open_handles();               // on the loop, those that are closing too

// More than the kernel's buffers of a connection hold: a write of it stays unfinished until the peer reads.
constexpr std::size_t more_than_fits = 32u << 20;

// Writing to a peer that is gone raises SIGPIPE in libuv, as everywhere else.
void ignore_broken_pipes();

}  // namespace fixture
