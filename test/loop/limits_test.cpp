// Where the machine has no more to give: descriptors that have run out and come back, and ten thousand dials at once.
#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "demo/dns_responder.hpp"
#include "demo/peers.hpp"
#include "support/connected.hpp"
#include "support/few_descriptors.hpp"
#include "support/plain_listener.hpp"
#include "support/temporary_file.hpp"
#include "uvdial/ares_resolver.hpp"
#include "uvdial/dialer.hpp"
#include "uvdial/sleep.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::listener;
using demo::reserve;
using fixture::ending;
using fixture::few_descriptors;
using fixture::open_descriptors;
using fixture::recorder;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

// Sanitizers bring an allocator of their own, of which this says nothing; they report what leaks by themselves.
std::size_t allocated() { return mallinfo2().uordblks; }

// Counts the turns of the loop, without keeping it alive.
class turn_counter {
 public:
  turn_counter() {
    TEST_ASSERT_EQUAL(
        0, handle_.open(nullptr, [](uv_prepare_t* made) { return uv_prepare_init(&fixture::loop(), made); }));
    handle_->data = this;
    TEST_ASSERT_EQUAL(0, uv_prepare_start(handle_.get(), on_turn));
    uv_unref(reinterpret_cast<uv_handle_t*>(handle_.get()));
  }
  int count() const noexcept { return count_; }

 private:
  static void on_turn(uv_prepare_t* handle) noexcept { ++static_cast<turn_counter*>(handle->data)->count_; }
  detail::uv_handle<uv_prepare_t> handle_{};
  int count_ = 0;
};

struct named_world {
  demo::dns_responder dns{fixture::loop()};
  listener peer{fixture::loop(), reserve(ip_family::v4)};
  ::temporary_file hosts{"127.0.0.1 local.test\n"};
  std::shared_ptr<ares_resolver> names = std::make_shared<ares_resolver>(
      fixture::loop(), ares_resolver_options{.servers = {dns.address()},
                                             .hosts_file = hosts.path(),
                                             .search = std::vector<std::string>{},
                                             .ndots = 1});
  dialer dials{fixture::loop(), {.names = names}};

  named_world() { dns.host("demo.test", {.addresses = {"127.0.0.1"}}); }
  std::string dial(const std::string& host) {
    recorder<tcp_stream> end;
    const operation running = dials.connect(target(host, peer.address().port()), {}, end.callback());
    fixture::run_until([&end] { return end.called(); });
    TEST_ASSERT_EQUAL(1, end.calls);
    if (end.succeeded()) return "success";
    return std::string(ending(end)) + ": " + std::string(code_name(end.failure()->code()));
  }
};

// Many dials at once, and how they ended.
struct many_dials {
  dialer dials{fixture::loop()};
  std::vector<operation> running{};
  std::vector<int> calls{};
  std::vector<tcp_stream> streams{};
  std::size_t connected = 0, cancelled = 0, short_of = 0, others = 0, ended = 0;

  void start(std::size_t count, const endpoint& to) {
    for (; count > 0; --count) {
      const std::size_t place = calls.size();
      calls.push_back(0);
      running.push_back(dials.connect(to, {.timeout = 60s}, [this, place](outcome<tcp_stream> end) {
        ++calls[place];
        ++ended;
        note(end);
      }));
    }
  }
  void note(outcome<tcp_stream>& end) {
    if (end) {
      ++connected;
      streams.push_back(std::move(end).value());
    } else if (end.failure()->kind() == error_kind::cancelled) {
      ++cancelled;
    } else {
      ++(end.failure()->kind() == error_kind::out_of_resources ? short_of : others);
    }
  }
  bool each_ended_once() const {
    for (const int count : calls) {
      if (count != 1) return false;
    }
    return true;
  }
};

// libuv keeps one descriptor from the first socket of a loop on.
void make_first_socket() {
  const demo::reserved_port refusing = reserve(ip_family::v4);
  recorder<tcp_stream> end;
  dialer dials(fixture::loop());
  const operation running = dials.connect(refusing.address(), {}, end.callback());
  fixture::run();
}

// libuv has a table of all descriptors, which doubles and never shrinks.
std::size_t what_a_loop_keeps(std::size_t descriptors) { return 2 * sizeof(void*) * descriptors + 64 * 1024; }

// Ten thousand where nobody asks for another number.
std::size_t dials_at_once() {
  const char* wanted = std::getenv("UVDIAL_DIALS_AT_ONCE");
  return wanted ? std::strtoul(wanted, nullptr, 10) : 10'000;
}

}  // namespace

static void test_without_descriptors_a_dial_is_out_of_resources_and_the_next_one_works() {
  named_world w;
  {
    const few_descriptors none;
    TEST_ASSERT_EQUAL_STRING("out_of_resources: EMFILE", w.dial("127.0.0.1"));
    TEST_ASSERT_EQUAL_STRING("out_of_resources: EMFILE", w.dial("127.0.0.1"));
  }
  TEST_ASSERT_EQUAL_STRING("success", w.dial("127.0.0.1"));
}

static void test_a_resolver_without_a_descriptor_for_its_socket_recovers() {
  named_world w;
  {
    const few_descriptors none;
    const turn_counter turns;
    TEST_ASSERT_EQUAL_STRING("out_of_resources: EMFILE", w.dial("demo.test"));
    TEST_ASSERT_EQUAL(0u, w.dns.questions().size());
    TEST_ASSERT_LESS_THAN_MESSAGE(20, turns.count(), "it does not try again and again");
  }
  TEST_ASSERT_EQUAL_STRING("success", w.dial("demo.test"));
}

static void test_a_name_that_was_resolved_without_a_descriptor_to_connect_with_is_out_of_resources() {
  named_world w;
  TEST_ASSERT_EQUAL_STRING("success", w.dial("demo.test"));  // the resolver has its socket
  {
    const few_descriptors none;
    TEST_ASSERT_EQUAL_STRING("out_of_resources: EMFILE", w.dial("demo.test"));
  }
  TEST_ASSERT_EQUAL_STRING("success", w.dial("demo.test"));
}

// What could not be read at the first look is read when descriptors are back, and not a second later.
static void test_a_hosts_file_that_found_no_descriptor_is_read_by_the_next_lookup() {
  named_world w;
  {
    const few_descriptors none;
    TEST_ASSERT_EQUAL_STRING("out_of_resources: EMFILE", w.dial("local.test"));
  }
  TEST_ASSERT_EQUAL_STRING("success", w.dial("local.test"));
  TEST_ASSERT_EQUAL(0u, w.dns.questions().size());
}

static void test_descriptors_that_run_out_among_many_dials_cost_those_and_no_others() {
  const fixture::plain_listener peer(demo::loopback(ip_family::v4), 1024);
  make_first_socket();
  const int before = open_descriptors();
  many_dials w;
  {
    const few_descriptors some(50);
    const turn_counter turns;
    w.start(200, peer.address());
    fixture::run_until([&w] { return w.ended == 200; });
    TEST_ASSERT_LESS_THAN(100, turns.count());
  }
  TEST_ASSERT_TRUE(w.each_ended_once());
  TEST_ASSERT_EQUAL(50u, w.connected);
  TEST_ASSERT_EQUAL(150u, w.short_of);
  w.streams.clear();
  fixture::run();
  TEST_ASSERT_EQUAL(before, open_descriptors());
  w.start(200, peer.address());
  fixture::run();
  TEST_ASSERT_EQUAL(250u, w.connected);
}

static void test_ten_thousand_dials_to_silent_peers_are_cancelled_each_once_and_all_is_back() {
  const std::size_t count = dials_at_once();
  if (!fixture::allow_descriptors(count + 100))
    TEST_IGNORE_MESSAGE("not so many descriptors for one process here");
  const demo::silent_listener silent(reserve(ip_family::v4));
  make_first_socket();
  const int before = open_descriptors();
  const std::size_t memory = allocated();
  {
    many_dials w;
    w.start(count, silent.address());
    for (int turn = 0; turn < 3; ++turn) fixture::run_turn();
    TEST_ASSERT_EQUAL(0u, w.ended);
    TEST_ASSERT_EQUAL(count, open_descriptors() - before);
    for (operation& each : w.running) each.cancel();
    TEST_ASSERT_EQUAL(0u, w.ended);
    fixture::run();
    TEST_ASSERT_EQUAL(count, w.cancelled);
    TEST_ASSERT_TRUE(w.each_ended_once());
    TEST_ASSERT_EQUAL(before, open_descriptors());
  }
  fixture::run();
  TEST_ASSERT_LESS_OR_EQUAL(memory + what_a_loop_keeps(count), allocated());
}

// In portions that the queue of the listener has room for: a first packet that it drops is sent again a second later.
static void test_ten_thousand_connections_stand_at_once_and_all_is_back() {
  const std::size_t count = dials_at_once();
  if (!fixture::allow_descriptors(count + 600))
    TEST_IGNORE_MESSAGE("not so many descriptors for one process here");
  make_first_socket();
  const int before = open_descriptors();
  const std::size_t memory = allocated();
  {
    listener peer(fixture::loop(), reserve(ip_family::v4), {.then = demo::behaviour::close});
    many_dials w;
    {
      // A listener alone does not keep the loop, and newer libuv takes one connection a turn out of its queue.
      const operation awake = sleep(fixture::loop(), 1h, [](const outcome<done>&) {});
      for (std::size_t started = 0; started < count; started += 100) {
        w.start(std::min<std::size_t>(100, count - started), peer.address());
        const std::size_t all = w.calls.size();
        fixture::run_until([&] { return w.ended == all && peer.accepted() == all; });
      }
    }
    fixture::run();
    TEST_ASSERT_EQUAL(count, w.connected);
    TEST_ASSERT_TRUE(w.each_ended_once());
    TEST_ASSERT_GREATER_OR_EQUAL(count, open_descriptors() - before);
  }
  fixture::run();
  TEST_ASSERT_EQUAL(before, open_descriptors());
  TEST_ASSERT_LESS_OR_EQUAL(memory + what_a_loop_keeps(count), allocated());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_without_descriptors_a_dial_is_out_of_resources_and_the_next_one_works);
  RUN_TEST(test_a_resolver_without_a_descriptor_for_its_socket_recovers);
  RUN_TEST(test_a_name_that_was_resolved_without_a_descriptor_to_connect_with_is_out_of_resources);
  RUN_TEST(test_a_hosts_file_that_found_no_descriptor_is_read_by_the_next_lookup);
  RUN_TEST(test_descriptors_that_run_out_among_many_dials_cost_those_and_no_others);
  RUN_TEST(test_ten_thousand_dials_to_silent_peers_are_cancelled_each_once_and_all_is_back);
  RUN_TEST(test_ten_thousand_connections_stand_at_once_and_all_is_back);
  return UNITY_END();
}
