// scenes FOLDER [--guide]    Makes pictures with the program itself, one FOLDER/NAME.svg for each scene.
//
// The dials go to a second machine behind a wire (support/tun_world.hpp), so that they have addresses and times as one
// meets them. Where no such machine can be had, and for what no dial does in a few seconds, there are made-up ones.
// With --guide only the pictures of the guide are made, and the race is also written to standard output as --trace
// shows it.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/svg_dial.hpp"
#include "cli/svg_distribution.hpp"
#include "demo/dns_responder.hpp"
#include "demo/peers.hpp"
#include "support/child.hpp"
#include "support/loop_fixture.hpp"
#include "support/traced_dial.hpp"
#include "support/tun_world.hpp"

// A test program has them; this one has no tests.
void setUp() {}
void tearDown() {}

using namespace uvdial;
using namespace std::chrono_literals;
using demo::dns_script;
using demo::record_type;
using fixture::uv_code;
using step = trace_event::step;
using words = std::vector<std::string>;

namespace {

constexpr const char* far_v4 = "192.0.2.10";
constexpr const char* far_v6 = "2001:db8:2::10";
constexpr const char* dns_server = "192.0.2.53";
constexpr std::chrono::milliseconds to_v6{26}, to_v4{31}, to_dns{8};

class stage {
 public:
  explicit stage(std::string folder) : folder_(std::move(folder)) {
    wire_.towards(dns_server, {.delay = to_dns});
    wire_.towards(far_v4, {.delay = to_v4});
    wire_.towards(far_v6, {.delay = to_v6});
    dns_.host("www.example.test", {.addresses = {far_v6, far_v4}});
  }

  demo::dns_responder& dns() { return dns_; }
  fixture::tun_world& wire() { return wire_; }

  child::result play(const std::string& name, words more) {
    more.insert(more.begin(), {UVDIAL_PROGRAM, "-z", "--hosts=/dev/null", "--dns-server", dns_server, "--svg",
                               folder_ + "/" + name + ".svg"});
    return child::run(more);
  }

 private:
  std::string folder_;
  fixture::tun_world wire_{};
  demo::dns_responder dns_ = wire_.there(
      [] { return demo::dns_responder(fixture::loop(), endpoint::parse(std::string(dns_server) + ":53")); });
  demo::listener v4_{fixture::loop(), wire_.far_port(far_v4, 443)};
  demo::listener v4_alone_{fixture::loop(), wire_.far_port(far_v4, 8080)};
  demo::listener v6_{fixture::loop(), wire_.far_port(far_v6, 443)};
};

// IPv6 is silent, and IPv4 wins. The text is that of --trace.
std::string race(stage& on) {
  on.wire().towards(far_v6, {.loses = true});
  const child::result ended = on.play("race", {"--trace", "www.example.test", "443"});
  on.wire().towards(far_v6, {.delay = to_v6});
  return ended.err;
}

// Most names are answered soon; some answers are late, some have no IPv6 address, and a few lead to nobody.
void many_dials(stage& on, const std::string& name, int count) {
  std::vector<dns_script> v6, v4;
  for (int each = 0; each < count; ++each) {
    const std::chrono::milliseconds late(each * 7 % 13 + (each % 9 == 0 ? 40 : 0) +
                                         (each % 17 == 5 ? 90 : 0));
    const bool only_v4 = each % 6 == 1;
    const bool nobody = each % 31 == 30;
    const std::string v4_address = nobody ? "192.0.2.11" : far_v4;
    v6.push_back({.addresses = only_v4 || nobody ? words{} : words{far_v6}, .delay = late});
    v4.push_back({.addresses = {v4_address}, .delay = late});
  }
  on.dns().answer_in_turn("many.example.test", record_type::aaaa, std::move(v6));
  on.dns().answer_in_turn("many.example.test", record_type::a, std::move(v4));
  (void)on.play(name, {"--repeat", std::to_string(count), "many.example.test", "443"});
}

words many_addresses() {
  words all;
  for (int each = 1; each <= 64; ++each) all.push_back("198.18.0." + std::to_string(each));
  return all;
}

void all_scenes(stage& on) {
  const std::string long_name =
      std::string(60, 'a') + "." + std::string(60, 'b') + "." + std::string(60, 'c') + ".test";
  on.dns().answer("half.example.test", record_type::aaaa, {.code = demo::response_code::servfail});
  on.dns().answer("half.example.test", record_type::a, {.addresses = {"10.0.0.7", far_v4}});
  on.dns().answer("many-addresses.example.test", record_type::a, {.addresses = many_addresses()});
  on.dns().answer("many-addresses.example.test", record_type::aaaa, {});
  on.dns().host(long_name, {.addresses = {"2001:db8:85a3:18d3:1319:8a2e:1370:7348", far_v4}});

  (void)race(on);
  (void)on.play("plain", {"www.example.test", "443"});
  (void)on.play("v6_refused", {"www.example.test", "8080"});
  (void)on.play("no_such_name", {"missing.example.test", "443"});
  (void)on.play("all_refused", {"www.example.test", "81"});
  (void)on.play("half", {"--deny=private", "half.example.test", "443"});
  (void)on.play("literal", {far_v4, "443"});
  (void)on.play("long_name", {"--attempt-delay=60", long_name, "443"});
  (void)on.play("markup", {"a&b;\"'.test", "443"});
  (void)on.play("many_addresses",
                {"--attempt-delay=10", "--timeout=800", "many-addresses.example.test", "65535"});
  on.wire().towards(far_v6, {.loses = true});
  on.wire().towards(far_v4, {.loses = true});
  (void)on.play("deadline", {"--timeout=600", "www.example.test", "443"});
  on.wire().towards(far_v4, {.delay = 1ms});
  (void)on.play("repeat_v6_silent", {"--repeat=3", "--attempt-delay=40", "www.example.test", "443"});
  on.wire().towards(far_v6, {.delay = to_v6});
  many_dials(on, "repeat", 45);
  (void)on.play("repeat_refused", {"--repeat=3", "www.example.test", "81"});
}

void put(const std::string& folder, const std::string& name, const std::string& drawing) {
  std::ofstream(folder + "/" + name + ".svg") << drawing;
}

// What takes a day, or an address that no machine has.
void made_up(const std::string& folder) {
  const char* long_v6 = "[2001:db8:85a3:18d3:1319:8a2e:1370:7348]:65535";
  fixture::dial day;
  day.asks(ip_family::v6, 0us)
      .hears(ip_family::v6, 9'000'000ms, resolve_errc::dns_timeout, long_v6)
      .does(step::start, 20ms, long_v6)
      .does(step::confirm, 30ms, long_v6)
      .does(step::fail, 86'400'000ms, long_v6, uv_code(std::errc::network_unreachable))
      .ends(86'400'000ms, uv_code(std::errc::network_unreachable));
  put(folder, "day", cli::draw_svg(day.steps, {"demo.test:65535", {"it took a day"}}));
  fixture::dial sudden;
  sudden.does(step::start, 0us, "[::1]:80").does(step::win, 0us, "[::1]:80").ends(0us);
  put(folder, "sudden", cli::draw_svg(sudden.steps, {"[::1]:80", {}}));

  std::vector<cli::timed_dial> late, slow;
  for (int each = 1; each <= 300; ++each)
    late.push_back({each % 3 ? ip_family::v6 : ip_family::v4, each * 21us});
  late.push_back({ip_family::v4, 29s});
  put(folder, "repeat_late",
      cli::draw_svg(cli::spread(late), {"demo.test:443", {"301 dials, 0 failed"}}, {}));
  for (int each = 1; each <= 9000; ++each) slow.push_back({ip_family::v4, 80'000s + each * 700ms});
  put(folder, "repeat_slow",
      cli::draw_svg(cli::spread(slow), {"demo.test:443", {"9000 dials, 1 failed"}},
                    {"1  timeout_error (ETIMEDOUT): " + std::string(300, 'x')}));
}

}  // namespace

int main(int count, char** given) try {
  if (count < 2) throw std::invalid_argument("usage: scenes FOLDER [--guide]");
  const std::string folder = given[1];
  const bool guide = count > 2;
  fixture::enter_tun_world();
  std::filesystem::create_directories(folder);
  std::unique_ptr<stage> on;
  try {
    fixture::open_tun_world();
    on = std::make_unique<stage>(folder);
  } catch (...) {
    std::cerr << "scenes: no second machine can be had here, so there are only made-up dials\n";
    if (guide) return 1;
  }
  if (guide) {
    std::cout << race(*on);
    many_dials(*on, "distribution", 150);
    return 0;
  }
  if (on) all_scenes(*on);
  made_up(folder);
  return 0;
} catch (const std::exception& failure) {
  std::cerr << "scenes: " << failure.what() << "\n";
  return 1;
}
