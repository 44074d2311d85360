// Many dials, one after the other and at once: nothing is left behind.
#include <dirent.h>
#include <malloc.h>

#include <functional>
#include <vector>

#include "demo/dns_responder.hpp"
#include "demo/peers.hpp"
#include "support/loop_fixture.hpp"
#include "uvdial/uvdial.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::listener;
using demo::reserve;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

int open_descriptors() {
  int count = 0;
  DIR* const folder = opendir("/proc/self/fd");
  if (!folder) return -1;
  while (readdir(folder)) ++count;
  (void)closedir(folder);
  return count;
}

// Bytes that malloc has given out. Sanitizers bring an allocator of their own, of which this says nothing; they
// report what leaks by themselves.
std::size_t allocated() { return mallinfo2().uordblks; }

// Dials one after the other, each from the callback of the one before, and resets each connection.
struct dial_chain {
  dialer& dials;
  target to;
  int left;
  int failed = 0;
  operation running{};
  unique_function<void(int)> after_each{};

  void next() {
    running = dials.connect(to, {}, [this](outcome<tcp_stream> ended) {
      if (!ended) ++failed;
      if (ended) (void)uv_tcp_close_reset(std::move(ended).value().release().release(), free_handle);
      if (after_each) after_each(left);
      if (--left > 0) next();
    });
  }
  static void free_handle(uv_handle_t* handle) { std::free(handle); }
};

}  // namespace

void test_ten_thousand_dials_in_a_row_leave_nothing_behind() {
  listener peer(fixture::loop(), reserve(ip_family::v4), {.then = demo::behaviour::close});
  dialer dials(fixture::loop());
  constexpr int dials_in_all = 10'000;
  dial_chain chain{dials, target("127.0.0.1", peer.address().port()), dials_in_all};
  const int descriptors = open_descriptors();
  std::size_t after_a_thousand = 0;
  chain.after_each = [&after_a_thousand](int left) {
    if (left == dials_in_all - 1000) after_a_thousand = allocated();
  };
  chain.next();
  fixture::run_until([&chain] { return chain.left == 0; });
  const std::size_t at_the_end = allocated();
  fixture::run();
  TEST_ASSERT_EQUAL(0, chain.failed);
  TEST_ASSERT_EQUAL(descriptors, open_descriptors());
  TEST_ASSERT_LESS_OR_EQUAL(after_a_thousand + 4096, at_the_end);
}

void test_a_thousand_names_in_a_row_leave_nothing_behind() {
  listener peer(fixture::loop(), reserve(ip_family::v4), {.then = demo::behaviour::close});
  demo::dns_responder dns(fixture::loop());
  dns.host("demo.test", {.addresses = {"127.0.0.1"}});
  const int descriptors = open_descriptors();
  {
    const auto names = std::make_shared<ares_resolver>(
        fixture::loop(),
        ares_resolver_options{
            .servers = {dns.address()}, .hosts_file = "", .search = std::vector<std::string>{}, .ndots = 1});
    dialer dials(fixture::loop(), {names});
    dial_chain chain{dials, target("demo.test", peer.address().port()), 1000};
    chain.next();
    fixture::run_until([&chain] { return chain.left == 0; });
    TEST_ASSERT_EQUAL(0, chain.failed);
  }
  fixture::run();
  TEST_ASSERT_EQUAL(descriptors, open_descriptors());
}

void test_four_hundred_dials_at_once_all_end() {
  listener peer(fixture::loop(), reserve(ip_family::v4), {.then = demo::behaviour::close});
  dialer dials(fixture::loop());
  int connected = 0;
  std::vector<operation> running;
  for (int i = 0; i < 400; ++i) {
    running.push_back(dials.connect(peer.address(), {}, [&connected](outcome<tcp_stream> ended) {
      if (ended) ++connected;
    }));
  }
  fixture::run();
  TEST_ASSERT_EQUAL(400, connected);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_ten_thousand_dials_in_a_row_leave_nothing_behind);
  RUN_TEST(test_a_thousand_names_in_a_row_leave_nothing_behind);
  RUN_TEST(test_four_hundred_dials_at_once_all_end);
  return UNITY_END();
}
