// The system's resolver, asked for what needs no network: localhost and literals.
#include "uvdial/system_resolver.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <vector>

#include "demo/peers.hpp"
#include "support/recording_sink.hpp"
#include "support/resolve_world.hpp"
#include "uvdial/dialer.hpp"
#include "values/international_name.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using fixture::cancelled;
using fixture::recorder;
using fixture::recording_sink;
using fixture::text_of;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

constexpr family_policy both = family_policy::v6_first;

// Work that holds the only thread of the pool until it is let go.
class busy_pool {
 public:
  busy_pool() {
    TEST_ASSERT_EQUAL(0, uv_sem_init(&held_, 0));
    work_.data = this;
    const auto wait = [](uv_work_t* work) { uv_sem_wait(&static_cast<busy_pool*>(work->data)->held_); };
    TEST_ASSERT_EQUAL(0, uv_queue_work(&fixture::loop(), &work_, wait, [](uv_work_t*, int) {}));
  }
  ~busy_pool() {
    let_go();
    fixture::run();
    uv_sem_destroy(&held_);
  }
  busy_pool(const busy_pool&) = delete;
  busy_pool& operator=(const busy_pool&) = delete;

  void let_go() {
    if (holds_) uv_sem_post(&held_);
    holds_ = false;
  }

 private:
  uv_sem_t held_{};
  uv_work_t work_{};
  bool holds_ = true;
};

// localhost has addresses of this machine only; whether of both families is the system's affair.
bool all_loopback(const std::vector<endpoint>& addresses) {
  return !addresses.empty() && std::all_of(addresses.begin(), addresses.end(),
                                           [](const endpoint& each) { return each.loopback(); });
}

bool each_once(std::vector<endpoint> addresses) {
  std::sort(addresses.begin(), addresses.end());
  return std::adjacent_find(addresses.begin(), addresses.end()) == addresses.end();
}

}  // namespace

void test_localhost_is_this_machine_for_each_family_asked() {
  system_resolver names(fixture::loop());
  recording_sink sink;
  const lookup_handle running = names.lookup({"localhost", 8080, both}, sink);
  TEST_ASSERT_EQUAL_STRING("", sink.all());
  fixture::run();
  TEST_ASSERT_EQUAL(2u, sink.answers.size());
  TEST_ASSERT_TRUE(sink.answers[0].family == ip_family::v6 && sink.answers[1].family == ip_family::v4);
  std::vector<endpoint> all;
  for (const answer& each : sink.answers) {
    TEST_ASSERT_EQUAL(each.endpoints.empty(), static_cast<bool>(each.why));
    TEST_ASSERT_TRUE(each_once(each.endpoints));
    for (const endpoint& address : each.endpoints) {
      TEST_ASSERT_EQUAL(8080u, address.port());
      TEST_ASSERT_TRUE(address.family() == each.family);
      all.push_back(address);
    }
  }
  TEST_ASSERT_TRUE(all_loopback(all));
}

void test_only_the_families_asked_are_answered() {
  system_resolver names(fixture::loop());
  recording_sink sink;
  const lookup_handle running = names.lookup({"localhost", 80, family_policy::v4_only}, sink);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("4:127.0.0.1", sink.all());
}

void test_localhost_resolves() {
  system_resolver names(fixture::loop());
  recorder<host_entry> end;
  const operation running = names.resolve("localhost", {}, end.callback());
  fixture::run();
  TEST_ASSERT_TRUE_MESSAGE(end.succeeded(), text_of(end));
  TEST_ASSERT_TRUE(all_loopback(end.result->get_if()->endpoints));
  TEST_ASSERT_FALSE(end.result->get_if()->canonical_name.empty());
}

void test_the_loopback_address_has_a_name() {
  system_resolver names(fixture::loop());
  recorder<std::vector<std::string>> end;
  const operation running = names.reverse(endpoint::parse("127.0.0.1:80"), {}, end.callback());
  fixture::run();
  TEST_ASSERT_TRUE(end.succeeded());
  TEST_ASSERT_EQUAL(1u, end.result->get_if()->size());
}

void test_a_dialer_connects_by_it() {
  demo::listener peer{fixture::loop(), demo::reserve(ip_family::v4)};
  dialer dials(fixture::loop(), {std::make_shared<system_resolver>(fixture::loop())});
  recorder<tcp_stream> end;
  const operation running = dials.connect(target("localhost", peer.address().port()), {}, end.callback());
  fixture::run_until([&] { return end.called(); });
  TEST_ASSERT_TRUE(end.succeeded());
}

// Old address parsers would make this machine of some of them.
void test_what_can_be_no_name_is_not_asked_for() {
  system_resolver names(fixture::loop());
  const struct {
    std::string host;
    const char* detail;
  } rows[] = {{"127.1", "a number as its last label"},
              {"2130706433", "a number as its last label"},
              {"0x7f.1", "a number as its last label"},
              {"a..test", "an empty label"},
              {std::string("localhost\0.a.test", 17), "a character that host names cannot have"},
              {std::string("localhost\0\xc3\xa4.test", 17),
               detail::knows_international_names() ? "an international name with a zero octet"
                                                   : "a non-ASCII name, and this build has no libidn2"}};
  for (const auto& row : rows) {
    recording_sink sink;
    const lookup_handle ended = names.lookup({row.host, 80, both}, sink);
    TEST_ASSERT_EQUAL_STRING_MESSAGE("6:NXDOMAIN 4:NXDOMAIN", sink.all(), row.host);
    TEST_ASSERT_EQUAL_STRING_MESSAGE(row.detail, sink.answers[0].detail, row.host);
  }
}

void test_a_dropped_lookup_is_silent() {
  system_resolver names(fixture::loop());
  recording_sink sink;
  lookup_handle running = names.lookup({"localhost", 80, both}, sink);
  recording_sink other;
  const lookup_handle neighbour = names.lookup({"localhost", 80, both}, other);
  running.reset();
  fixture::run();
  TEST_ASSERT_EQUAL(0u, sink.answers.size());
  TEST_ASSERT_EQUAL(2u, other.answers.size());
}

void test_a_sink_may_destroy_its_handle_between_two_answers() {
  system_resolver names(fixture::loop());
  recording_sink sink;
  lookup_handle running = names.lookup({"localhost", 80, both}, sink);
  sink.then = [&] { running.reset(); };
  fixture::run();
  TEST_ASSERT_EQUAL(1u, sink.answers.size());
}

void test_a_sink_may_destroy_the_resolver() {
  auto names = std::make_unique<system_resolver>(fixture::loop());
  recording_sink sink;
  sink.then = [&] { names.reset(); };
  const lookup_handle running = names->lookup({"localhost", 80, both}, sink);
  fixture::run();
  TEST_ASSERT_EQUAL(2u, sink.answers.size());

  names = std::make_unique<system_resolver>(fixture::loop());
  recording_sink told_at_once;
  told_at_once.then = [&] { names.reset(); };
  const lookup_handle ended = names->lookup({"127.1", 80, both}, told_at_once);
  TEST_ASSERT_EQUAL(2u, told_at_once.answers.size());
}

void test_lookups_go_on_when_the_resolver_is_destroyed() {
  auto names = std::make_unique<system_resolver>(fixture::loop());
  recording_sink sink;
  recorder<host_entry> end;
  const lookup_handle running = names->lookup({"localhost", 80, both}, sink);
  const operation resolving = names->resolve("localhost", {}, end.callback());
  names.reset();
  fixture::run();
  TEST_ASSERT_EQUAL(2u, sink.answers.size());
  TEST_ASSERT_TRUE(end.succeeded());
}

void test_a_deadline_does_not_wait_for_the_pool() {
  busy_pool pool;
  system_resolver names(fixture::loop());
  recorder<host_entry> end;
  const operation running = names.resolve("localhost", {.timeout = 5ms}, end.callback());
  fixture::run_until([&] { return end.called(); });
  TEST_ASSERT_EQUAL(error_kind::timeout, end.failure()->kind());
}

void test_a_dropped_lookup_that_has_no_thread_yet_is_taken_out_of_the_queue() {
  busy_pool pool;
  auto names = std::make_unique<system_resolver>(fixture::loop());
  recording_sink sink;
  recorder<done> closed;
  lookup_handle running = names->lookup({"localhost", 80, both}, sink);
  running.reset();
  names->close(closed.callback());
  fixture::run_until([&] { return closed.called(); });  // the pool is still held
  TEST_ASSERT_EQUAL(0u, sink.answers.size());
}

void test_close_ends_what_runs_and_says_so_last() {
  busy_pool pool;
  system_resolver names(fixture::loop());
  recording_sink sink;
  recorder<host_entry> end;
  std::size_t told_before = 0;
  bool closed = false;
  const lookup_handle running = names.lookup({"localhost", 80, both}, sink);
  const operation resolving = names.resolve("localhost", {}, end.callback());
  names.close([&](outcome<done>) {
    closed = true;
    told_before = sink.answers.size() + static_cast<std::size_t>(end.calls);
  });
  TEST_ASSERT_FALSE(closed);
  fixture::run_until([&] { return closed; });
  TEST_ASSERT_EQUAL(3u, told_before);
  TEST_ASSERT_EQUAL_STRING("6:ECANCELED 4:ECANCELED", sink.all());
  TEST_ASSERT_TRUE(to_resolve_errc(sink.answers[0].why) == resolve_errc::dns_failure);
  TEST_ASSERT_TRUE(cancelled(end));
}

void test_close_of_an_idle_resolver_calls_back_from_the_loop() {
  system_resolver names(fixture::loop());
  recorder<done> closed;
  names.close(closed.callback());
  TEST_ASSERT_FALSE(closed.called());
  fixture::run();
  TEST_ASSERT_TRUE(closed.called());
}

void test_the_promise_of_close_outlives_the_resolver() {
  busy_pool pool;
  auto names = std::make_unique<system_resolver>(fixture::loop());
  recorder<done> closed;
  recorder<host_entry> end;
  const operation resolving = names->resolve("localhost", {}, end.callback());
  names->close(closed.callback());
  names.reset();
  fixture::run_until([&] { return closed.called(); });
  TEST_ASSERT_TRUE(cancelled(end));
}

void test_nothing_starts_after_close() {
  system_resolver names(fixture::loop());
  recording_sink sink;
  names.close({});
  TEST_ASSERT_THROWS(std::logic_error, names.close({}));
  TEST_ASSERT_THROWS(std::logic_error, (void)names.lookup({"localhost", 80, both}, sink));
  recorder<host_entry> end;
  TEST_ASSERT_THROWS(std::logic_error, (void)names.resolve("localhost", {}, end.callback()));
  recorder<std::vector<std::string>> names_end;
  TEST_ASSERT_THROWS(std::logic_error,
                     (void)names.reverse(endpoint::parse("127.0.0.1:80"), {}, names_end.callback()));
}

int main() {
  (void)setenv("UV_THREADPOOL_SIZE", "1", 1);  // fails only where memory is gone: busy_pool would not hold
  UNITY_BEGIN();
  RUN_TEST(test_localhost_is_this_machine_for_each_family_asked);
  RUN_TEST(test_only_the_families_asked_are_answered);
  RUN_TEST(test_localhost_resolves);
  RUN_TEST(test_the_loopback_address_has_a_name);
  RUN_TEST(test_a_dialer_connects_by_it);
  RUN_TEST(test_what_can_be_no_name_is_not_asked_for);
  RUN_TEST(test_a_dropped_lookup_is_silent);
  RUN_TEST(test_a_sink_may_destroy_its_handle_between_two_answers);
  RUN_TEST(test_a_sink_may_destroy_the_resolver);
  RUN_TEST(test_lookups_go_on_when_the_resolver_is_destroyed);
  RUN_TEST(test_a_deadline_does_not_wait_for_the_pool);
  RUN_TEST(test_a_dropped_lookup_that_has_no_thread_yet_is_taken_out_of_the_queue);
  RUN_TEST(test_close_ends_what_runs_and_says_so_last);
  RUN_TEST(test_close_of_an_idle_resolver_calls_back_from_the_loop);
  RUN_TEST(test_the_promise_of_close_outlives_the_resolver);
  RUN_TEST(test_nothing_starts_after_close);
  return UNITY_END();
}
