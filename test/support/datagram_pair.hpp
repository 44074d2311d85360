#pragma once
// A server_sockets with its datagram socket open, and the peer that it is connected to.
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <vector>

#include "demo/ports.hpp"
#include "glue/server_sockets.hpp"
#include "support/unity.hpp"

namespace fixture {

struct datagram_pair {
  datagram_pair() { open(); }
  ~datagram_pair() { close(); }
  datagram_pair(const datagram_pair&) = delete;
  datagram_pair& operator=(const datagram_pair&) = delete;

  void open() {
    descriptor = sockets.open(SOCK_DGRAM);
    TEST_ASSERT_GREATER_OR_EQUAL(0, descriptor);
    TEST_ASSERT_EQUAL(0, sockets.connect(descriptor));
    uvdial::demo::descriptor held(descriptor);
    own = uvdial::demo::bound_address(held);
    (void)held.release();
  }
  void close() {
    if (descriptor >= 0) (void)sockets.close(descriptor);
    descriptor = -1;
  }

  // The peer sends that many, each with its number as the text, after those that went before.
  void arrive(int count) {
    for (int i = 0; i < count; ++i) arrive(std::to_string(sent_++));
  }
  void arrive(const std::string& text) const {
    TEST_ASSERT_EQUAL(text.size(),
                      ::sendto(peer.get(), text.data(), text.size(), 0, &own.native(), own.native_size()));
  }

  // As c-ares reads: until it fails. The errno is in `last_error`.
  std::vector<std::string> read_all(std::size_t room = 65'535) {
    std::vector<std::string> all;
    std::string into(room, '\0');
    for (;;) {
      const ssize_t size = sockets.receive(descriptor, into.data(), into.size(), nullptr, nullptr);
      last_error = size < 0 ? errno : 0;
      if (size < 0) return all;
      all.emplace_back(into.data(), static_cast<std::size_t>(size));
    }
  }

  uvdial::demo::descriptor peer = uvdial::demo::bound_socket(uvdial::demo::socket_kind::udp,
                                                             uvdial::demo::loopback(uvdial::ip_family::v4));
  uvdial::detail::server_sockets sockets{uvdial::demo::bound_address(peer)};
  int descriptor = -1;
  uvdial::endpoint own = uvdial::demo::loopback(uvdial::ip_family::v4);
  int last_error = 0;

 private:
  int sent_ = 0;
};

}  // namespace fixture
