#include "support/tun_world.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <fstream>
#include <memory>
#include <system_error>

#include "demo/uv_check.hpp"
#include "support/loop_fixture.hpp"
#include "support/netlink.hpp"

namespace fixture {

namespace {

using uvdial::demo::check_uv;
using uvdial::demo::descriptor;

constexpr std::size_t most_octets = 65536;

descriptor checked(int number, const std::string& step) {
  if (number < 0) throw std::system_error(errno, std::generic_category(), step);
  return descriptor(number);
}

descriptor present_network() {
  return checked(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), "the network");
}

descriptor open_tun() {
  descriptor made = checked(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC), "/dev/net/tun");
  ifreq request{};
  std::strncpy(request.ifr_name, tun_world::interface, sizeof request.ifr_name - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (::ioctl(made.get(), TUNSETIFF, &request) < 0)
    throw std::system_error(errno, std::generic_category(), "a TUN device");
  netlink::set_up(tun_world::interface, true);
  return made;
}

const netlink::route everything_v4{.prefix = "0.0.0.0", .interface = tun_world::interface};
const netlink::route everything_v6{.prefix = "::", .interface = tun_world::interface};

std::unique_ptr<private_network> network;
std::string why_skipped;

std::array<std::uint8_t, 16> octets_of(std::string_view literal) {
  const std::string text(literal);
  std::array<std::uint8_t, 16> octets{};
  const int family = text.find(':') == std::string::npos ? AF_INET : AF_INET6;
  if (inet_pton(family, text.c_str(), octets.data()) != 1)
    throw std::system_error(EINVAL, std::generic_category(), text);
  return octets;
}

}  // namespace

void enter_tun_world() {
  try {
    network = std::make_unique<private_network>();
    (void)open_tun();
  } catch (const std::system_error& failure) {
    network.reset();
    why_skipped = std::string("no network of its own for this test: ") + failure.what();
  }
}

void open_tun_world() {
  open();
  if (!network) TEST_IGNORE_MESSAGE(why_skipped);
}

const private_network& this_machine() { return *network; }

void narrow_the_ports(int first, int last) {
  std::ofstream file("/proc/sys/net/ipv4/ip_local_port_range");
  file << first << " " << last << std::flush;
  if (!file) throw std::system_error(EIO, std::generic_category(), "the range of local ports");
}

// Failing to come back would leave the test in a network that is not its own.
tun_world::visit::visit(tun_world& world) : world_(world) {
  if (::setns(world_.far_.network.get(), CLONE_NEWNET) != 0)
    throw std::system_error(errno, std::generic_category(), "the way there");
}
tun_world::visit::~visit() {
  if (::setns(world_.near_.network.get(), CLONE_NEWNET) != 0) std::terminate();
}

tun_world::tun_world() {
  private_network::renew();
  far_.network = present_network();
  far_.tun = open_tun();
  for (const char* each : {"192.0.2.10", "192.0.2.11", "192.0.2.53"})
    netlink::add_address(interface, each, 32);
  for (const char* each : {"2001:db8:2::10", "2001:db8:2::11", "2001:db8:2::53", "64:ff9b::c000:20a"})
    netlink::add_address(interface, each, 128);
  netlink::add_route(everything_v4);
  netlink::add_route(everything_v6);

  private_network::renew();
  near_.network = present_network();
  near_.tun = open_tun();
  netlink::add_address(interface, "198.51.100.1", 32);
  plug_in();

  watch(near_);
  watch(far_);
  check_uv(timer_.open(nullptr, [](uv_timer_t* timer) { return uv_timer_init(&loop(), timer); }),
           "uv_timer_init");
  timer_->data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(timer_.get()));
}

void tun_world::unplug() { netlink::set_up(interface, false); }

void tun_world::plug_in() {
  netlink::set_up(interface, true);
  netlink::add_address(interface, "2001:db8:1::1", 128);
  netlink::add_route(everything_v4);
  netlink::add_route(everything_v6);
}

void tun_world::forget_v4() { netlink::remove_route(everything_v4); }

void tun_world::watch(side& from) {
  check_uv(from.poll.open(nullptr,
                          [&from](uv_poll_t* poll) { return uv_poll_init(&loop(), poll, from.tun.get()); }),
           "uv_poll_init");
  from.poll->data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(from.poll.get()));
  check_uv(uv_poll_start(from.poll.get(), UV_READABLE, on_readable), "uv_poll_start");
}

uvdial::demo::reserved_port tun_world::far_port(std::string_view literal, std::uint16_t port) {
  const visit away(*this);
  return uvdial::demo::reserved_port(uvdial::endpoint::from_literal(literal, port).value());
}

void tun_world::towards(std::string_view literal, const path& rule) { paths_[octets_of(literal)] = rule; }

std::size_t tun_world::knocks(std::string_view literal) const {
  const auto found = knocks_.find(octets_of(literal));
  return found == knocks_.end() ? 0 : found->second;
}

const path& tun_world::path_of(const std::array<std::uint8_t, 16>& address) const {
  static constexpr path plain{};
  const auto found = paths_.find(address);
  return found == paths_.end() ? plain : found->second;
}

void tun_world::on_readable(uv_poll_t* poll, int, int) noexcept {
  auto* self = static_cast<tun_world*>(poll->data);
  if (self) self->read_all(poll == self->near_.poll.get() ? self->near_ : self->far_);
}

void tun_world::read_all(side& from) {
  packet octets(most_octets);
  for (;;) {
    const ssize_t size = ::read(from.tun.get(), octets.data(), octets.size());
    if (size <= 0) return;  // nothing more, or the device is down
    carry(from, packet(octets.begin(), octets.begin() + size));
  }
}

void tun_world::carry(side& from, packet octets) {
  const auto seen = look_at(octets);
  if (!seen) return;
  if (&from == &far_) {
    if (octets.size() <= path_of(seen->from).longest) deliver(near_, octets);
    return;
  }
  if (seen->begins_tcp) ++knocks_[seen->to];
  const path& rule = path_of(seen->to);
  const bool is_lost = rule.loses || octets.size() > rule.longest;
  if (rule.refuses && (is_lost || rule.longest == path{}.longest)) {
    const auto mtu = static_cast<std::uint16_t>(rule.longest);
    return deliver(near_, refuse(octets, *rule.refuses, mtu));
  }
  if (is_lost) return;
  if (rule.delay.count() == 0) return deliver(far_, octets);
  uv_update_time(&loop());
  late_.emplace(uv_now(&loop()) + static_cast<std::uint64_t>(rule.delay.count()),
                late_packet{&far_, std::move(octets)});
  deliver_due();
}

void tun_world::on_due(uv_timer_t* timer) noexcept {
  if (auto* self = static_cast<tun_world*>(timer->data)) self->deliver_due();
}

void tun_world::deliver_due() {
  const std::uint64_t time = uv_now(&loop());
  while (!late_.empty() && late_.begin()->first <= time) {
    deliver(*late_.begin()->second.to, late_.begin()->second.octets);
    late_.erase(late_.begin());
  }
  if (late_.empty()) return;
  check_uv(uv_timer_start(timer_.get(), on_due, late_.begin()->first - time, 0), "uv_timer_start");
}

// What the other side will not have is lost, as on any wire.
void tun_world::deliver(const side& to, const packet& octets) {
  (void)!::write(to.tun.get(), octets.data(), octets.size());
}

}  // namespace fixture
