#include "support/private_network.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "demo/ports.hpp"

namespace fixture {

namespace {

using uvdial::demo::descriptor;

// RFC 6724, 2.1, as gai.conf(5) wants it.
constexpr std::string_view rfc_6724_table =
    "label ::1/128 0\n"
    "label ::/0 1\n"
    "label ::ffff:0:0/96 4\n"
    "label 2002::/16 2\n"
    "label 2001::/32 5\n"
    "label fc00::/7 13\n"
    "label ::/96 3\n"
    "label fec0::/10 11\n"
    "label 3ffe::/16 12\n"
    "precedence ::1/128 50\n"
    "precedence ::/0 40\n"
    "precedence ::ffff:0:0/96 35\n"
    "precedence 2002::/16 30\n"
    "precedence 2001::/32 5\n"
    "precedence fc00::/7 3\n"
    "precedence ::/96 1\n"
    "precedence fec0::/10 1\n"
    "precedence 3ffe::/16 1\n";

[[noreturn]] void stop(int code, const std::string& step) {
  throw std::system_error(code, std::generic_category(), step);
}

void check(int result, const std::string& step) {
  if (result < 0) stop(errno, step);
}

void put(const std::string& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text << std::flush;
  if (!file) stop(EIO, path);
}

// Whoever is not root becomes root of a user namespace that holds nobody else.
void become_root() {
  const std::string user = std::to_string(geteuid());
  const std::string group = std::to_string(getegid());
  check(unshare(CLONE_NEWUSER), "a user namespace");
  put("/proc/self/setgroups", "deny");
  put("/proc/self/uid_map", "0 " + user + " 1");
  put("/proc/self/gid_map", "0 " + group + " 1");
}

descriptor control_socket(int family) {
  descriptor made(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  check(made.get(), "socket");
  return made;
}

ifreq request_for(const char* name) {
  ifreq request{};
  std::strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
  return request;
}

void bring_up_loopback() {
  const descriptor control = control_socket(AF_INET);
  ifreq request = request_for("lo");
  check(::ioctl(control.get(), SIOCGIFFLAGS, &request), "the flags of lo");
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  check(::ioctl(control.get(), SIOCSIFFLAGS, &request), "lo up");
}

// As in <linux/ipv6.h>, which cannot be included beside <netinet/in.h> everywhere.
struct v6_address_request {
  in6_addr address;
  std::uint32_t prefix_length;
  int interface;
};

std::string make_folder() {
  const char* parent = std::getenv("TMPDIR");
  std::string path = std::string(parent ? parent : "/tmp") + "/uvdial-etc-XXXXXX";
  if (!mkdtemp(path.data())) stop(errno, path);
  return path;
}

}  // namespace

private_network::private_network() : folder_(make_folder()) {
  try {
    if (geteuid() != 0) become_root();
    check(unshare(CLONE_NEWNS), "a mount namespace");
    // Otherwise what is mounted here would be mounted for everybody.
    check(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "private mounts");
    check(unshare(CLONE_NEWUTS), "a name of its own");
    set_host_name("machine");
    renew();
    cover("resolv.conf", "");
    cover("hosts", "");
    cover("nsswitch.conf", "hosts: files dns\n");
    cover_what_else_counts();
  } catch (...) {
    std::error_code ignored;  // the first failure is the one to tell
    std::filesystem::remove_all(folder_, ignored);
    throw;
  }
}

// One address a line or all, the order of addresses, a cache: each where it is there.
void private_network::cover_what_else_counts() {
  if (std::filesystem::exists("/etc/host.conf")) cover("host.conf", "multi on\n");
  has_order_ = std::filesystem::exists("/etc/gai.conf");
  if (has_order_) cover("gai.conf", rfc_6724_table);
  if (std::filesystem::exists("/run/nscd")) {
    check(mount("none", "/run/nscd", "tmpfs", 0, nullptr), "a file system over /run/nscd");
  }
}

private_network::~private_network() {
  std::error_code ignored;  // a temporary folder that stays is no failure of a test
  std::filesystem::remove_all(folder_, ignored);
}

void private_network::renew() {
  check(unshare(CLONE_NEWNET), "a network namespace");
  bring_up_loopback();
}

void private_network::set_host_name(const std::string& name) {
  check(sethostname(name.data(), name.size()), "the host name");
}

void private_network::add_v4(std::string_view literal) {
  const descriptor control = control_socket(AF_INET);
  ifreq request = request_for("lo:1");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (inet_pton(AF_INET, std::string(literal).c_str(), &address.sin_addr) != 1)
    stop(EINVAL, std::string(literal));
  std::memcpy(&request.ifr_addr, &address, sizeof address);
  check(::ioctl(control.get(), SIOCSIFADDR, &request), "an address of lo");
  address.sin_addr.s_addr = htonl(0xffffff00);
  std::memcpy(&request.ifr_netmask, &address, sizeof address);
  check(::ioctl(control.get(), SIOCSIFNETMASK, &request), "a netmask of lo");
}

void private_network::add_v6(std::string_view literal) {
  const descriptor control = control_socket(AF_INET6);
  v6_address_request request{};
  if (inet_pton(AF_INET6, std::string(literal).c_str(), &request.address) != 1)
    stop(EINVAL, std::string(literal));
  request.prefix_length = 128;
  request.interface = static_cast<int>(if_nametoindex("lo"));
  check(::ioctl(control.get(), SIOCSIFADDR, &request), "an IPv6 address of lo");
}

void private_network::write(const std::string& name, std::string_view text) const {
  put(folder_ + "/" + name, text);  // in place: the mount shows this very file
}

void private_network::cover(const std::string& name, std::string_view text) const {
  write(name, text);
  const std::string target = "/etc/" + name;
  check(mount((folder_ + "/" + name).c_str(), target.c_str(), nullptr, MS_BIND, nullptr),
        "a file over " + target);
}

}  // namespace fixture
