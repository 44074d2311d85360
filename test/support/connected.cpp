#include "support/connected.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <csignal>
#include <cstring>

#include "uvdial/dialer.hpp"

namespace fixture {

using uvdial::ip_family;
using uvdial::tcp_stream;
using uvdial::demo::descriptor;

namespace {

uvdial::demo::listener_options lively(uvdial::demo::listener_options options) {
  options.keeps_loop_alive = true;
  return options;
}

}  // namespace

tcp_stream dial(const uvdial::endpoint& to) {
  recorder<tcp_stream> end;
  recorder<uvdial::done> closed;
  uvdial::dialer dials(loop());
  const uvdial::operation running = dials.connect(to, {}, end.callback());
  run_until([&end] { return end.called(); });
  dials.close(closed.callback());
  run_until([&closed] { return closed.called(); });
  return std::move(*end.result).value();
}

connected::connected(uvdial::demo::listener_options options)
    : peer(loop(), uvdial::demo::reserve(ip_family::v4), lively(std::move(options))),
      stream(dial(peer.address())) {
  run_until([this] { return peer.accepted() == 1; });
}

descriptor wired::listening_socket() {
  descriptor made =
      uvdial::demo::bound_socket(uvdial::demo::socket_kind::tcp, uvdial::demo::loopback(ip_family::v4));
  TEST_ASSERT_EQUAL(0, ::listen(made.get(), 1));
  return made;
}

// The member `peer` is the listening socket only until the stream stands.
wired::wired(descriptor listening)
    : peer(std::move(listening)), stream(dial(uvdial::demo::bound_address(peer))) {
  pollfd waited{peer.get(), POLLIN, 0};
  TEST_ASSERT_EQUAL(1, ::poll(&waited, 1, -1));
  peer = descriptor(::accept4(peer.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  TEST_ASSERT_GREATER_OR_EQUAL(0, peer.get());
}

void wired::send(std::string_view text) const {
  TEST_ASSERT_EQUAL(text.size(), ::send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL));
}

std::string wired::received(std::size_t most) {
  std::string text(most, '\0');
  const ssize_t count = ::recv(peer.get(), text.data(), text.size(), 0);
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

void wired::reset() {
  const linger at_once{1, 0};
  TEST_ASSERT_EQUAL(0, ::setsockopt(peer.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
  peer = descriptor(-1);
}

reading::reading(tcp_stream& from, std::size_t room) : into(room), running(from.read(into, end.callback())) {}

void reading::again(tcp_stream& from) {
  end.result.reset();
  end.calls = 0;
  running = from.read(into, end.callback());
}

std::string reading::text() const {
  if (!end.succeeded()) return {};
  return {reinterpret_cast<const char*>(into.data()), *end.result->get_if()};
}

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string long_text(std::size_t size) {
  std::string text(size, '\0');
  std::uint32_t state = 1;
  for (char& letter : text) {
    state = state * 1664525u + 1013904223u;  // a linear congruential generator
    letter = static_cast<char>(state >> 24);
  }
  return text;
}

std::size_t open_handles() {
  std::size_t count = 0;
  uv_walk(
      &loop(), [](uv_handle_t*, void* to) { ++*static_cast<std::size_t*>(to); }, &count);
  return count;
}

void ignore_broken_pipes() { (void)std::signal(SIGPIPE, SIG_IGN); }

}  // namespace fixture
