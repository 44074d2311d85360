#pragma once
// Dials under an address policy, with listeners where it must let nobody through. 127.0.0.9 is allowed in
// these tests and plays the public address.
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "demo/dns_responder.hpp"
#include "demo/peers.hpp"
#include "support/loop_fixture.hpp"
#include "support/temporary_file.hpp"
#include "uvdial/ares_resolver.hpp"
#include "uvdial/dialer.hpp"

namespace fixture {

constexpr const char* public_address = "127.0.0.9";

inline uvdial::address_policy guard() { return uvdial::address_policy::public_only().allow(public_address); }

// One port number, and who listens there: on the addresses that are forbidden, and on the one that is not.
struct peers {
  std::vector<uvdial::demo::reserved_port> ports = reserved();
  uvdial::demo::listener public_one{loop(), std::move(ports[0])};
  uvdial::demo::listener inside{loop(), std::move(ports[1])};
  std::optional<uvdial::demo::listener> inside_v6{};

  peers() {
    if (ports.size() > 2) inside_v6.emplace(loop(), std::move(ports[2]));
  }
  std::uint16_t port() const { return inside.address().port(); }
  std::size_t arrived() const { return inside.accepted() + (inside_v6 ? inside_v6->accepted() : 0); }

 private:
  static std::vector<uvdial::demo::reserved_port> reserved() {
    if (!uvdial::demo::v6_loopback_available())
      return uvdial::demo::reserve_same({public_address, "127.0.0.1"});
    return uvdial::demo::reserve_same({public_address, "127.0.0.1", "::1"});
  }
};

struct guarded_world {
  temporary_file hosts{
      "127.0.0.1 hosts4.test www.example.test\n::1 hosts6.test\n::ffff:127.0.0.1 hosts-mapped.test\n"};
  uvdial::demo::dns_responder dns{loop()};
  peers at{};
  std::shared_ptr<uvdial::resolver> names = std::make_shared<uvdial::ares_resolver>(
      loop(), uvdial::ares_resolver_options{.servers = {dns.address()},
                                            .hosts_file = hosts.path(),
                                            .search = std::vector<std::string>{"inside.test"},
                                            .ndots = 1,
                                            .cache_entries = 0});
  recorder<uvdial::tcp_stream> end{};
  uvdial::dial_report report{};

  // "connected 127.0.0.1", the kind of the error, or "bad argument".
  std::string dial(const std::string& host, const uvdial::address_policy& policy) {
    uvdial::dialer dials(loop(), {.names = names, .policy = policy});
    end = {};
    try {
      const uvdial::operation running =
          dials.connect(uvdial::target(host, at.port()),
                        {.timeout = std::chrono::seconds(5), .report = &report}, end.callback());
      run_until([this] { return end.called(); });
    } catch (const std::invalid_argument&) {
      return "bad argument";
    }
    if (const uvdial::error* why = end.failure()) return std::string(uvdial::kind_name(why->kind()));
    return "connected " + end.result->get_if()->peer().address_to_string();
  }
  std::string guarded(const std::string& host) { return dial(host, guard()); }
};

}  // namespace fixture
