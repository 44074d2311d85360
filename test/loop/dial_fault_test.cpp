// libuv calls that fail under a dial: each becomes a typed error from the loop, and the next dial works.
#include <uv.h>

#include <vector>

#include "demo/peers.hpp"
#include "support/faults.hpp"
#include "support/loop_fixture.hpp"
#include "uvdial/dialer.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::listener;
using demo::reserve;
using fixture::recorder;

extern "C" {

int __real_uv_tcp_init(uv_loop_t* loop, uv_tcp_t* handle);
int __wrap_uv_tcp_init(uv_loop_t* loop, uv_tcp_t* handle) {
  if (const auto scripted = faults::next("uv_tcp_init")) return static_cast<int>(*scripted);
  return __real_uv_tcp_init(loop, handle);
}

int __real_uv_tcp_connect(uv_connect_t* request, uv_tcp_t* handle, const sockaddr* to, uv_connect_cb done);
int __wrap_uv_tcp_connect(uv_connect_t* request, uv_tcp_t* handle, const sockaddr* to, uv_connect_cb done) {
  if (const auto scripted = faults::next("uv_tcp_connect")) return static_cast<int>(*scripted);
  return __real_uv_tcp_connect(request, handle, to, done);
}

int __real_uv_tcp_nodelay(uv_tcp_t* handle, int enable);
int __wrap_uv_tcp_nodelay(uv_tcp_t* handle, int enable) {
  if (const auto scripted = faults::next("uv_tcp_nodelay")) return static_cast<int>(*scripted);
  return __real_uv_tcp_nodelay(handle, enable);
}

// Inside libuv: the socket of a connect.
int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol) {
  if (const auto scripted = faults::next("socket")) {
    errno = static_cast<int>(*scripted);
    return -1;
  }
  return __real_socket(domain, type, protocol);
}
}

namespace {

struct world {
  dialer dials{fixture::loop()};
  listener alive{fixture::loop(), reserve(ip_family::v4)};
  recorder<tcp_stream> end;

  std::vector<endpoint> addresses(std::size_t count) const {
    std::vector<endpoint> all;
    for (std::size_t i = 0; i < count; ++i)
      all.push_back(*endpoint::from_literal("127.0.0." + std::to_string(i + 1), alive.address().port()));
    return all;
  }
  void dial(const std::vector<endpoint>& to) {
    const operation running = dials.connect(to, {}, end.callback());
    TEST_ASSERT_EQUAL(0, end.calls);
    fixture::run();
    TEST_ASSERT_EQUAL(1, end.calls);
  }
  error_kind kind() const { return end.failure() ? end.failure()->kind() : error_kind::stream; }
  void next_dial_works() {
    faults::clear();
    recorder<tcp_stream> next;
    const operation running = dials.connect(alive.address(), {}, next.callback());
    fixture::run();
    TEST_ASSERT_TRUE(next.succeeded());
  }
};

std::unique_ptr<world> w;

}  // namespace

void setUp() {
  fixture::open();
  w = std::make_unique<world>();
  faults::clear();  // forgets the calls that made the world
}

void tearDown() {
  faults::clear();
  w.reset();
  fixture::close();
}

void test_no_route_is_unreachable() {
  faults::fail("uv_tcp_connect", 1, UV_ENETUNREACH);
  w->dial(w->addresses(1));
  TEST_ASSERT_EQUAL(error_kind::unreachable, w->kind());
  TEST_ASSERT_TRUE(w->end.failure()->code() == std::errc::network_unreachable);
  w->next_dial_works();
}

void test_an_address_that_fails_at_once_starts_the_next_one_in_the_same_turn() {
  faults::fail("uv_tcp_connect", 1, UV_ENETUNREACH);
  w->dial({*endpoint::from_literal("127.0.0.2", w->alive.address().port()), w->alive.address()});
  TEST_ASSERT_TRUE(w->end.succeeded());
  TEST_ASSERT_EQUAL(2u, faults::calls("uv_tcp_connect"));
}

void test_sixty_addresses_that_fail_at_once_do_not_recurse() {
  faults::fail_from("uv_tcp_connect", 1, UV_EHOSTUNREACH);
  w->dial(w->addresses(60));
  TEST_ASSERT_EQUAL(error_kind::unreachable, w->kind());
  TEST_ASSERT_EQUAL(60u, w->end.failure()->attempts().size());
  w->next_dial_works();
}

void test_no_descriptor_left_is_out_of_resources() {
  const auto to = w->addresses(2);  // before the fault: the order asks the kernel with sockets too
  faults::fail_from("socket", 1, EMFILE);
  w->dial({to[0]});
  TEST_ASSERT_EQUAL(error_kind::out_of_resources, w->kind());
  TEST_ASSERT_TRUE(w->end.failure()->code() == std::errc::too_many_files_open);
  w->next_dial_works();
}

void test_no_socket_for_the_order_still_tries_every_address() {
  faults::fail("socket", 1, EMFILE);
  faults::fail("socket", 2, EMFILE);
  w->dial({*endpoint::from_literal("127.0.0.2", 1), w->alive.address()});
  TEST_ASSERT_TRUE(w->end.succeeded());
}

void test_no_memory_for_a_socket_is_out_of_resources() {
  faults::fail("uv_tcp_init", 1, UV_ENOMEM);
  w->dial(w->addresses(1));
  TEST_ASSERT_EQUAL(error_kind::out_of_resources, w->kind());
  w->next_dial_works();
}

void test_a_socket_option_that_fails_does_not_fail_the_dial() {
  faults::fail("uv_tcp_nodelay", 1, UV_EINVAL);
  w->dial({w->alive.address()});
  TEST_ASSERT_TRUE(w->end.succeeded());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_no_route_is_unreachable);
  RUN_TEST(test_an_address_that_fails_at_once_starts_the_next_one_in_the_same_turn);
  RUN_TEST(test_sixty_addresses_that_fail_at_once_do_not_recurse);
  RUN_TEST(test_no_descriptor_left_is_out_of_resources);
  RUN_TEST(test_no_socket_for_the_order_still_tries_every_address);
  RUN_TEST(test_no_memory_for_a_socket_is_out_of_resources);
  RUN_TEST(test_a_socket_option_that_fails_does_not_fail_the_dial);
  return UNITY_END();
}
