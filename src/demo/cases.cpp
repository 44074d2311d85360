#include "demo/cases.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include "demo/dns_responder.hpp"
#include "demo/peers.hpp"
#include "uvdial/ares_resolver.hpp"
#include "uvdial/dialer.hpp"

namespace uvdial::demo {
namespace {

using namespace std::chrono_literals;
using step = trace_event::step;

constexpr auto patience = 3s;  // for dials that must end long before it
constexpr auto start_distance = 250ms;
constexpr auto deadline = 600ms;

// A DNS server of our own on the loopback, and a dialer that asks nobody else: no hosts file, no search list.
struct rig {
  explicit rig(uv_loop_t& on) : loop(on), dns(on) {}

  story dial(const target& to, std::chrono::milliseconds timeout);

  uv_loop_t& loop;
  dns_responder dns;
};

story rig::dial(const target& to, std::chrono::milliseconds timeout) {
  story told;
  auto names = std::make_shared<ares_resolver>(
      loop, ares_resolver_options{
                .servers = {dns.address()}, .hosts_file = "", .search = std::vector<std::string>{}});
  dialer dials(loop, {.names = std::move(names),
                      .trace = [&told](const trace_event& event) { told.steps.emplace_back(event); }});
  const operation running = dials.connect(to, {.timeout = timeout, .attempt_delay = start_distance},
                                          [&told](outcome<tcp_stream> ended) {
                                            if (const tcp_stream* stream = ended.get_if())
                                              told.winner = stream->peer();
                                            if (const error* why = ended.failure()) {
                                              told.failure = why->kind();
                                              told.text = why->what();
                                            }
                                          });
  while (running.running()) {
    if (uv_run(&loop, UV_RUN_ONCE) == 0)
      break;  // nothing is left that could end it: the complaint will say so
  }
  if (!told.steps.empty()) told.took = told.steps.back().at;
  return told;
}

std::vector<std::string> loopback_addresses() {
  if (!v6_loopback_available()) return {"127.0.0.1"};
  return {"::1", "127.0.0.1"};
}

story plain(uv_loop_t& loop) {
  rig set(loop);
  set.dns.host("demo.test", {.addresses = loopback_addresses()});
  if (!v6_loopback_available()) {
    const listener v4(loop, reserve(ip_family::v4));
    return set.dial({"demo.test", v4.address().port()}, patience);
  }
  port_pair port = reserve_pair();
  const listener v6(loop, std::move(port.v6));
  const listener v4(loop, std::move(port.v4));
  return set.dial({"demo.test", v6.address().port()}, patience);
}

story v6_refused(uv_loop_t& loop) {
  rig set(loop);
  set.dns.host("demo.test", {.addresses = loopback_addresses()});
  port_pair port = reserve_pair();
  const listener v4(loop, std::move(port.v4));
  return set.dial({"demo.test", v4.address().port()}, patience);
}

story v6_silent(uv_loop_t& loop) {
  rig set(loop);
  set.dns.host("demo.test", {.addresses = loopback_addresses()});
  port_pair port = reserve_pair();
  const silent_listener v6(std::move(port.v6));
  const listener v4(loop, std::move(port.v4));
  return set.dial({"demo.test", v4.address().port()}, patience);
}

story no_such_name(uv_loop_t& loop) {
  rig set(loop);
  return set.dial({"missing.test", 443}, patience);
}

story all_refused(uv_loop_t& loop) {
  rig set(loop);
  set.dns.host("demo.test", {.addresses = loopback_addresses()});
  if (!v6_loopback_available()) {
    const reserved_port v4 = reserve(ip_family::v4);
    return set.dial({"demo.test", v4.address().port()}, patience);
  }
  const port_pair port = reserve_pair();
  return set.dial({"demo.test", port.v4.address().port()}, patience);
}

story all_silent(uv_loop_t& loop) {
  rig set(loop);
  set.dns.host("demo.test", {.addresses = loopback_addresses()});
  if (!v6_loopback_available()) {
    const silent_listener v4(reserve(ip_family::v4));
    return set.dial({"demo.test", v4.address().port()}, deadline);
  }
  port_pair port = reserve_pair();
  const silent_listener v6(std::move(port.v6));
  const silent_listener v4(std::move(port.v4));
  return set.dial({"demo.test", v4.address().port()}, deadline);
}

using place = std::vector<cli::traced_step>::const_iterator;

place find(const story& ended, step what, ip_family family) {
  return std::find_if(ended.steps.begin(), ended.steps.end(), [what, family](const cli::traced_step& one) {
    return one.what == what && one.to && one.to->family() == family;
  });
}

std::string unless_won_by(const story& ended, ip_family family) {
  const endpoint wanted = loopback(family);
  if (ended.winner && ended.winner->with_port(0) == wanted) return {};
  return "it did not connect to " + wanted.address_to_string();
}

std::string unless_failed_as(const story& ended, error_kind kind) {
  if (ended.failure == kind) return {};
  return "it did not end with " + std::string(kind_name(kind));
}

std::string complaint_about_plain(const story& ended) {
  return unless_won_by(ended, v6_loopback_available() ? ip_family::v6 : ip_family::v4);
}

std::string complaint_about_refused(const story& ended) {
  const place failed = find(ended, step::fail, ip_family::v6);
  const place started = find(ended, step::start, ip_family::v4);
  if (failed == ended.steps.end() || started != failed + 1)
    return "IPv4 did not start right after IPv6 had failed";
  return unless_won_by(ended, ip_family::v4);
}

std::string complaint_about_silent(const story& ended) {
  const place first = find(ended, step::start, ip_family::v6);
  const place second = find(ended, step::start, ip_family::v4);
  if (first == ended.steps.end() || second <= first || second == ended.steps.end()) {
    return "IPv4 did not start after IPv6";
  }
  if (second->at - first->at < start_distance) return "IPv4 started less than 250 ms after IPv6";
  if (find(ended, step::abort, ip_family::v6) == ended.steps.end()) return "the IPv6 attempt was not closed";
  return unless_won_by(ended, ip_family::v4);
}

std::string complaint_about_missing(const story& ended) {
  return unless_failed_as(ended, error_kind::host_not_found);
}

std::string complaint_about_all_refused(const story& ended) {
  return unless_failed_as(ended, error_kind::connection_refused);
}

std::string complaint_about_deadline(const story& ended) {
  if (ended.took < deadline) return "it ended before its deadline";
  return unless_failed_as(ended, error_kind::timeout);
}

constexpr std::array<demo_case, 6> all_cases{{
    {"A plain dial", "Every address of demo.test answers. The first in RFC 6724's order wins.", false, plain,
     complaint_about_plain},
    {"IPv6 refuses, so IPv4 follows at once",
     "Nobody listens on ::1. A failure starts the next address without a wait.", true, v6_refused,
     complaint_about_refused},
    {"IPv6 is silent, so IPv4 starts after 250 ms",
     "Nothing comes back from ::1. Its attempt goes on while a second one joins.", true, v6_silent,
     complaint_about_silent},
    {"The name does not exist", "The DNS server says NXDOMAIN for missing.test.", false, no_such_name,
     complaint_about_missing},
    {"Every address refuses", "The error names each address, and why it failed.", false, all_refused,
     complaint_about_all_refused},
    {"A deadline of 600 ms, and nobody answers", "One deadline for the name and all attempts together.",
     false, all_silent, complaint_about_deadline},
}};

}  // namespace

std::span<const demo_case> cases() { return all_cases; }

}  // namespace uvdial::demo
