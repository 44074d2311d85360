// A DNS server at a link-local address, which means nothing without its interface, in a network of its own.
#include <memory>
#include <string>
#include <system_error>

#include "demo/dns_responder.hpp"
#include "support/loop_fixture.hpp"
#include "support/private_network.hpp"
#include "support/temporary_file.hpp"
#include "uvdial/ares_resolver.hpp"

using namespace uvdial;
using demo::dns_responder;

namespace {

constexpr auto server_literal = "fe80::53%lo";

std::unique_ptr<fixture::private_network> network;
std::string why_skipped;

// The address needs a moment where the kernel looks for others that have it; on the loopback it does not look.
void make_network() {
  try {
    network = std::make_unique<fixture::private_network>();
    fixture::private_network::add_v6("fe80::53");
    (void)demo::bound_socket(demo::socket_kind::udp, endpoint::from_literal(server_literal, 53).value());
  } catch (const std::system_error& failure) {
    network.reset();
    why_skipped = std::string("no private network with a link-local address here: ") + failure.what();
  }
}

// What a resolver comes to that finds `text` in its resolv.conf.
std::string resolved(const std::string& text, const std::string& host) {
  const temporary_file file(text);
  ares_resolver_options options;
  options.resolv_conf = file.path();
  options.hosts_file = "";
  ares_resolver names(fixture::loop(), options);
  fixture::recorder<host_entry> end;
  const operation running = names.resolve(host, {}, end.callback());
  fixture::run();
  if (const error* why = end.failure()) return why->what();
  std::string all;
  for (const endpoint& each : end.result->get_if()->endpoints)
    all += (all.empty() ? "" : " ") + each.address_to_string();
  return all;
}

}  // namespace

void setUp() {
  fixture::open();
  if (!network) TEST_IGNORE_MESSAGE(why_skipped);
}
void tearDown() { fixture::close(); }

void test_a_link_local_server_with_its_interface_is_asked() {
  dns_responder dns(fixture::loop(), endpoint::from_literal(server_literal, 53).value());
  dns.host("demo.test", {.addresses = {"192.0.2.1"}});
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", resolved("nameserver fe80::53%lo\n", "demo.test"));
  TEST_ASSERT_GREATER_OR_EQUAL(2u, dns.questions().size());
}

void test_its_truncated_answer_is_fetched_over_tcp() {
  dns_responder dns(fixture::loop(), endpoint::from_literal(server_literal, 53).value());
  dns.host("demo.test", {.addresses = {"192.0.2.1"}, .fault = demo::reply_fault::truncated});
  TEST_ASSERT_EQUAL_STRING("192.0.2.1", resolved("nameserver fe80::53%lo\n", "demo.test"));
  TEST_ASSERT_TRUE(dns.questions().back().over == demo::transport::tcp);
}

void test_a_link_local_server_beside_another_one_is_asked_when_that_fails() {
  dns_responder dns(fixture::loop(), endpoint::from_literal(server_literal, 53).value());
  dns.host("demo.test", {.addresses = {"192.0.2.1"}});
  TEST_ASSERT_EQUAL_STRING("192.0.2.1",
                           resolved("nameserver 127.0.0.1\nnameserver fe80::53%lo\n", "demo.test"));
}

int main() {
  make_network();
  UNITY_BEGIN();
  RUN_TEST(test_a_link_local_server_with_its_interface_is_asked);
  RUN_TEST(test_its_truncated_answer_is_fetched_over_tcp);
  RUN_TEST(test_a_link_local_server_beside_another_one_is_asked_when_that_fails);
  return UNITY_END();
}
