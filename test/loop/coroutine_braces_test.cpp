// Braced temporaries inside co_await. g++ 12 destroys those of aggregate types twice, which is why nothing that these
// functions take is an aggregate that owns memory. The texts are longer than std::string holds without the heap, so
// that AddressSanitizer sees a second destruction; without it the C library's heap does, most of the time.
#include <memory>
#include <string>
#include <vector>

#include "demo/peers.hpp"
#include "support/coroutines.hpp"
#include "support/loop_fixture.hpp"
#include "support/scripted_resolver.hpp"
#include "uvdial/coroutine.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using fixture::foreign;
using fixture::foreign_transforming;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

constexpr const char* long_host = "a-host-whose-name-is-far-too-long-for-any-short-string.test";

// Notes what it was asked, and has no answer.
class deaf_resolver final : public resolver {
 public:
  std::vector<std::string> asked{};

  lookup_handle lookup(const question& one, answer_sink& sink) override {
    asked.push_back(one.host);
    sink.answered({ip_family::v6, {}, resolve_errc::host_not_found});
    sink.answered({ip_family::v4, {}, resolve_errc::host_not_found});
    return {};
  }
  operation resolve(const std::string& host, const resolve_options&, callback<host_entry> on_done) override {
    asked.push_back(host);
    return sleep(fixture::loop(), 0ms, [on_done = std::move(on_done)](outcome<done>) mutable {
      on_done(host_entry{long_host, {}, {}});
    });
  }
};

struct world {
  std::shared_ptr<deaf_resolver> names = std::make_shared<deaf_resolver>();
  dialer dials{fixture::loop(), {names}};
  int failed = 0;
};

template <class Coroutine>
Coroutine dial_with_braces(world& w) {
  try {
    const tcp_stream never = co_await connect(w.dials, {long_host, 80}, {.timeout = 2s});
  } catch (const host_not_found&) {
    ++w.failed;
  }
  try {
    const tcp_stream never =
        co_await connect(w.dials, target{std::string(long_host), 80},
                         dial_options{.timeout = 2s, .families = family_policy::v4_only});
  } catch (const host_not_found&) {
    ++w.failed;
  }
  std::stop_source stop;
  try {
    const tcp_stream never = co_await connect(w.dials, {long_host, 80}, {.timeout = 2s}, {stop.get_token()});
  } catch (const host_not_found&) {
    ++w.failed;
  }
  const host_entry found = co_await resolve(*w.names, {long_host}, {.timeout = 2s});
  if (found.canonical_name == long_host) ++w.failed;
}

template <class Coroutine>
void check() {
  world w;
  const Coroutine running = dial_with_braces<Coroutine>(w);
  fixture::run_until([&running] { return running.ended(); });
  TEST_ASSERT_FALSE(running.thrown());
  TEST_ASSERT_EQUAL(4, w.failed);
  TEST_ASSERT_EQUAL(4u, w.names->asked.size());
  for (const std::string& each : w.names->asked) TEST_ASSERT_EQUAL_STRING(long_host, each);
}

}  // namespace

static void test_in_a_foreign_coroutine() { check<foreign>(); }

static void test_in_a_foreign_coroutine_with_an_await_transform() { check<foreign_transforming>(); }

static void test_in_a_task() {
  world w;
  run(fixture::loop(), dial_with_braces<task<void>>(w));
  TEST_ASSERT_EQUAL(4, w.failed);
}

static void test_in_the_arguments_of_when_all_and_first_of() {
  world w;
  auto body = [](world& with) -> task<void> {
    try {
      (void)co_await when_all(connect(with.dials, {long_host, 80}, {.timeout = 2s}),
                              connect(with.dials, {long_host, 81}, {.timeout = 2s}));
    } catch (const host_not_found&) {
      ++with.failed;
    }
    const auto first =
        co_await first_of(resolve(*with.names, {long_host}, {.timeout = 2s}), sleep(fixture::loop(), {1h}));
    if (std::get<0>(first).canonical_name == long_host) ++with.failed;
  };
  run(fixture::loop(), body(w));
  TEST_ASSERT_EQUAL(2, w.failed);
}

static void test_a_coroutine_that_is_destroyed_while_braces_wait() {
  auto names = std::make_shared<fixture::scripted_resolver>();
  dialer dials(fixture::loop(), {names});
  auto body = [](dialer& with) -> task<void> {
    const tcp_stream never = co_await connect(with, {long_host, 80}, {.timeout = 1h});
  };
  operation running = spawn(fixture::loop(), body(dials), [](outcome<done>) {});
  fixture::run_turn();
  TEST_ASSERT_EQUAL_STRING(long_host, names->last.host);
  running = {};
  TEST_ASSERT_TRUE(names->running.empty());
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_in_a_foreign_coroutine);
  RUN_TEST(test_in_a_foreign_coroutine_with_an_await_transform);
  RUN_TEST(test_in_a_task);
  RUN_TEST(test_in_the_arguments_of_when_all_and_first_of);
  RUN_TEST(test_a_coroutine_that_is_destroyed_while_braces_wait);
  return UNITY_END();
}
