#pragma once
// A client of the scripted DNS server over plain sockets, on the fixture's loop.
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>

#include "demo/dns_responder.hpp"
#include "support/loop_fixture.hpp"

namespace fixture {

constexpr std::chrono::milliseconds soon{2'000};      // for what must happen
constexpr std::chrono::milliseconds long_enough{60};  // for what must not

inline void on_tick(uv_timer_t*) noexcept {}

// No handle of the responder holds the loop, so a timer does.
template <class Ready>
bool run_until(Ready ready, std::chrono::milliseconds limit) {
  uvdial::detail::uv_handle<uv_timer_t> tick;
  TEST_ASSERT_EQUAL_INT(0,
                        tick.open(nullptr, [](uv_timer_t* timer) { return uv_timer_init(&loop(), timer); }));
  TEST_ASSERT_EQUAL_INT(0, uv_timer_start(tick.get(), on_tick, 1, 1));
  const std::uint64_t end = uv_hrtime() + static_cast<std::uint64_t>(std::chrono::nanoseconds(limit).count());
  while (!ready()) {
    if (uv_hrtime() > end) return false;
    uv_run(&loop(), UV_RUN_ONCE);
  }
  return true;
}

inline uvdial::demo::descriptor connected(uvdial::demo::socket_kind kind, const uvdial::endpoint& server) {
  auto made = uvdial::demo::bound_socket(kind, uvdial::demo::loopback(server.family()));
  const int result = ::connect(made.get(), &server.native(), server.native_size());
  TEST_ASSERT_TRUE(result == 0 || errno == EINPROGRESS);
  return made;
}

inline void send_all(const uvdial::demo::descriptor& to, const uvdial::demo::octets& message) {
  TEST_ASSERT_EQUAL_INT(message.size(), ::send(to.get(), message.data(), message.size(), MSG_NOSIGNAL));
}

// What comes at once; empty at the end of a TCP stream. nullopt: nothing came.
inline std::optional<uvdial::demo::octets> receive(const uvdial::demo::descriptor& from,
                                                   std::chrono::milliseconds limit = soon) {
  uvdial::demo::octets message(4096);
  ssize_t size = -1;
  const auto read = [&] { return (size = ::recv(from.get(), message.data(), message.size(), 0)) >= 0; };
  if (!run_until(read, limit)) return std::nullopt;
  message.resize(static_cast<std::size_t>(size));
  return message;
}

// As it goes over TCP.
inline uvdial::demo::octets framed(const uvdial::demo::octets& message) {
  uvdial::demo::octets frame(2 + message.size());
  frame[0] = static_cast<std::uint8_t>(message.size() >> 8);
  frame[1] = static_cast<std::uint8_t>(message.size());
  std::copy(message.begin(), message.end(), frame.begin() + 2);
  return frame;
}

// One client with one UDP socket.
struct client {
  explicit client(const uvdial::demo::dns_responder& dns)
      : socket(connected(uvdial::demo::socket_kind::udp, dns.address())) {}

  std::optional<uvdial::demo::octets> ask(const uvdial::demo::dns_question& what,
                                          std::chrono::milliseconds limit = soon) {
    send_all(socket, uvdial::demo::build_question(what));
    return receive(socket, limit);
  }
  // The rcode and the number of records, as in "3/0".
  std::string outline(const std::string& name, uvdial::demo::record_type type) {
    const auto reply = ask({1, name, type});
    if (!reply) return "silence";
    return std::to_string((*reply)[3] & 15) + "/" + std::to_string((*reply)[7]);
  }
  uvdial::demo::descriptor socket;
};

}  // namespace fixture
