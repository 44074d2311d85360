#pragma once
// Two machines and the wire between them, which does what the test says.
//
// A listener on the loopback answers before connect() returns, or not at all. To see what a slow, a lossy or a broken
// path does, a test needs a path. Here are two network namespaces, each with a TUN device, and the test's loop carries
// packets from one to the other: both ends are the kernel's own TCP and UDP, and only the wire is the test's. It can
// carry late, lose, lose what is long, and say what routers say.
//
//   int main() { fixture::enter_tun_world(); UNITY_BEGIN(); ... }
//   void setUp() { fixture::open_tun_world(); }               skips the test where no such machine can be had
//   void tearDown() { fixture::close(); }
//
//   tun_world world;                                          a network for this test
//   listener alive(loop(), world.far_port("192.0.2.10"));
//   world.towards("2001:db8:2::10", {.delay = 400ms});
//
//   here    198.51.100.1  2001:db8:1::1    everything else is behind the wire
//   there   192.0.2.10 .11 .53             2001:db8:2::10 ::11 ::53, and 64:ff9b::c000:20a, which is 192.0.2.10 (NAT64)
//
// Sockets stay in the network that they were made in. No handle keeps the loop alive.
#include <uv.h>

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "demo/ports.hpp"
#include "glue/handle.hpp"
#include "support/private_network.hpp"
#include "support/wire_packets.hpp"
#include "uvdial/endpoint.hpp"

namespace fixture {

void enter_tun_world();  // before the first test, and for good
void open_tun_world();   // a fresh loop
const private_network& this_machine();
void narrow_the_ports(int first, int last);  // those that the kernel chooses from, in this network

// What becomes of packets on their way to, or back from, one address.
struct path {
  std::chrono::milliseconds delay{0};  // on the way there
  bool loses = false;                  // everything on the way there
  std::optional<refusal> refuses{};    // what is lost on the way there is answered with that
  std::size_t longest = 65535;         // octets of a packet, in both directions; a longer one is lost
};

class tun_world {
 public:
  // In a fresh network. Throws std::system_error where the system has none, or no TUN device.
  tun_world();
  tun_world(const tun_world&) = delete;
  tun_world& operator=(const tun_world&) = delete;

  // Runs `make` in the far network: what sockets it makes belong there.
  template <class Make>
  auto there(Make make) {
    const visit away(*this);
    return make();
  }
  // Any free port of that far address, or this one.
  uvdial::demo::reserved_port far_port(std::string_view literal, std::uint16_t port = 0);

  void towards(std::string_view literal, const path& rule);

  // First packets of TCP connections to that address, repeated ones too.
  std::size_t knocks(std::string_view literal) const;
  // Here: the device, and with it the addresses of IPv6 and all routes. Coming back it has them all again.
  static void unplug();
  static void plug_in();
  // What leads out of here over IPv4 is gone; the address stays.
  static void forget_v4();

  static constexpr const char* interface = "tun0";  // on both sides

 private:
  // In the far network for as long as it lives.
  class visit {
   public:
    explicit visit(tun_world& world);
    ~visit();

   private:
    tun_world& world_;
  };
  struct side {
    uvdial::demo::descriptor network{-1};
    uvdial::demo::descriptor tun{-1};
    uvdial::detail::uv_handle<uv_poll_t> poll{};
  };
  struct late_packet {
    side* to;
    packet octets;
  };

  static void on_readable(uv_poll_t* poll, int, int) noexcept;
  static void on_due(uv_timer_t* timer) noexcept;
  void watch(side& from);
  void read_all(side& from);
  void carry(side& from, packet octets);
  void deliver_due();
  static void deliver(const side& to, const packet& octets);
  const path& path_of(const std::array<std::uint8_t, 16>& address) const;

  side near_{};
  side far_{};
  uvdial::detail::uv_handle<uv_timer_t> timer_{};
  std::multimap<std::uint64_t, late_packet> late_{};  // by when they are due, in the loop's milliseconds
  std::map<std::array<std::uint8_t, 16>, path> paths_{};
  std::map<std::array<std::uint8_t, 16>, std::size_t> knocks_{};
};

}  // namespace fixture
