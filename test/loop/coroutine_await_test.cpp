// Each awaitable in coroutines of foreign types: its value, its typed error, and what its starting call throws.
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "support/connected.hpp"
#include "support/coroutines.hpp"
#include "support/scripted_resolver.hpp"
#include "uvdial/coroutine.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using fixture::foreign;
using fixture::foreign_transforming;
using fixture::text_of;
using fixture::wired;

void setUp() {
  fixture::open();
  fixture::ignore_broken_pipes();
}
void tearDown() { fixture::close(); }

namespace {

struct world {
  std::shared_ptr<fixture::scripted_resolver> names = std::make_shared<fixture::scripted_resolver>();
  dialer dials{fixture::loop(), {names}};
  demo::listener alive{fixture::loop(), demo::reserve(ip_family::v4)};
  demo::reserved_port refusing = demo::reserve(ip_family::v4);

  void answer_at_once() { names->at_once = {{ip_family::v6, {}}, {ip_family::v4, {alive.address()}}}; }
};

std::string finish(const foreign& running) {
  fixture::run_until([&running] { return running.ended(); });
  return text_of(running.thrown());
}

// A resolver that knows one host both ways.
class one_host final : public resolver {
 public:
  lookup_handle lookup(const question&, answer_sink&) override { return {}; }
  operation resolve(const std::string& host, const resolve_options&, callback<host_entry> on_done) override {
    return sleep(fixture::loop(), 0ms, [host, on_done = std::move(on_done)](outcome<done>) mutable {
      on_done(host_entry{host + ".", {}, {}});
    });
  }
  operation reverse(const endpoint&, const resolve_options&,
                    callback<std::vector<std::string>> on_done) override {
    return sleep(fixture::loop(), 0ms, [on_done = std::move(on_done)](outcome<done>) mutable {
      on_done(make_error(error_kind::host_not_found, resolve_errc::host_not_found, "no name"));
    });
  }
};

}  // namespace

static void test_connect_gives_a_stream_for_a_name_an_address_and_a_list() {
  world w;
  w.answer_at_once();
  int connected = 0;
  auto body = [](world& with, int& count) -> foreign {
    const tcp_stream named = co_await connect(with.dials, target("host.test", with.alive.address().port()));
    count += named.peer() == with.alive.address();
    const tcp_stream known = co_await connect(with.dials, with.alive.address(), {.timeout = 5s});
    count += known.peer() == with.alive.address();
    const std::vector<endpoint> both{with.refusing.address(), with.alive.address()};
    const tcp_stream listed = co_await connect(with.dials, both);
    count += listed.peer() == with.alive.address();
  };
  const foreign running = body(w, connected);
  TEST_ASSERT_EQUAL_MESSAGE(0, connected, "not inside the co_await");
  TEST_ASSERT_EQUAL_STRING("nothing", finish(running));
  TEST_ASSERT_EQUAL(3, connected);
}

static void test_a_failed_connect_is_thrown_as_its_own_type() {
  world w;
  bool refused = false;
  std::size_t attempts = 0;
  auto body = [](world& with, bool& caught, std::size_t& tried) -> foreign {
    try {
      (void)co_await connect(with.dials, with.refusing.address());
    } catch (const connection_refused& why) {
      caught = true;
      tried = why.attempts().size();
    }
  };
  const foreign running = body(w, refused, attempts);
  TEST_ASSERT_EQUAL_STRING("nothing", finish(running));
  TEST_ASSERT_TRUE(refused);
  TEST_ASSERT_EQUAL(1u, attempts);
}

static void test_what_a_starting_call_throws_comes_out_of_the_await() {
  world w;
  std::string log;
  auto body = [](world& with, std::string& to) -> foreign {
    try {
      (void)co_await connect(with.dials, with.alive.address(), {.timeout = 0ms});
    } catch (const std::invalid_argument& why) {
      to += why.what();
    }
    try {
      (void)co_await connect(with.dials, std::span<const endpoint>());
    } catch (const std::invalid_argument&) {
      to += " empty";
    }
    try {
      co_await sleep(fixture::loop(), -1ms);
    } catch (const std::invalid_argument&) {
      to += " negative";
    }
    co_await sleep(fixture::loop(), 1ms);  // and the coroutine is as good as before
    to += " slept";
  };
  const foreign running = body(w, log);
  TEST_ASSERT_EQUAL_STRING("nothing", finish(running));
  TEST_ASSERT_CONTAINS_STRING("timeout", log);
  TEST_ASSERT_CONTAINS_STRING(" empty negative slept", log);
}

static void test_resolve_and_reverse_give_what_the_resolver_says() {
  one_host names;
  std::string log;
  auto body = [](resolver& with, std::string& to) -> foreign {
    to += (co_await resolve(with, "host.test")).canonical_name;
    try {
      (void)co_await reverse(with, endpoint::parse("192.0.2.1:1"));
    } catch (const host_not_found& why) {
      to += std::string(" ") + why.what();
    }
  };
  const foreign running = body(names, log);
  TEST_ASSERT_EQUAL_STRING("nothing", finish(running));
  TEST_ASSERT_EQUAL_STRING("host.test. no name", log);
}

static void test_a_resolver_that_cannot_says_so_at_the_await() {
  fixture::scripted_resolver names;
  bool caught = false;
  auto body = [](resolver& with, bool& to) -> foreign {
    try {
      (void)co_await resolve(with, "host.test");
    } catch (const std::logic_error&) {
      to = true;
    }
  };
  const foreign running = body(names, caught);
  TEST_ASSERT_TRUE_MESSAGE(running.ended(), "nothing was waited for");
  TEST_ASSERT_TRUE(caught);
}

static void test_a_stream_is_read_written_and_shut_down() {
  wired w;
  w.send("hello");
  std::string log;
  auto body = [](tcp_stream& stream, std::string& to) -> foreign {
    std::array<std::byte, 16> into{};
    const std::size_t got = co_await read(stream, into);
    to.assign(reinterpret_cast<const char*>(into.data()), got);
    to += std::to_string(co_await write(stream, fixture::bytes_of("good bye")));
    co_await shutdown(stream);
    to += co_await read(stream, into) == 0 ? " end" : " more";
  };
  const foreign running = body(w.stream, log);
  fixture::run_until([&log] { return log.size() > 5; });
  TEST_ASSERT_EQUAL_STRING("good bye", w.received());
  w.peer = demo::descriptor(-1);
  TEST_ASSERT_EQUAL_STRING("nothing", finish(running));
  TEST_ASSERT_EQUAL_STRING("hello8 end", log);
}

static void test_a_stream_that_was_reset_throws_connection_reset() {
  wired w;
  auto body = [](tcp_stream& stream) -> foreign {
    std::array<std::byte, 16> into{};
    (void)co_await read(stream, into);
  };
  const foreign running = body(w.stream);
  w.reset();
  TEST_ASSERT_EQUAL_STRING("connection_reset", finish(running));
}

static void test_misuse_of_a_stream_comes_out_of_the_await() {
  wired w;
  std::string log;
  auto body = [](tcp_stream& stream, std::string& to) -> foreign {
    try {
      (void)co_await read(stream, {});
    } catch (const std::invalid_argument&) {
      to += "empty ";
    }
    co_await shutdown(stream);
    try {
      (void)co_await write(stream, fixture::bytes_of("x"));
    } catch (const std::logic_error&) {
      to += "shut down";
    }
  };
  const foreign running = body(w.stream, log);
  TEST_ASSERT_EQUAL_STRING("nothing", finish(running));
  TEST_ASSERT_EQUAL_STRING("empty shut down", log);
}

static void test_sleep_sleeps() {
  auto body = []() -> foreign {
    co_await sleep(fixture::loop(), 2ms);
    co_await sleep(fixture::loop(), 0ms);
  };
  const std::uint64_t start = uv_hrtime();
  const foreign running = body();
  TEST_ASSERT_EQUAL_STRING("nothing", finish(running));
  TEST_ASSERT_GREATER_OR_EQUAL(2'000'000u, uv_hrtime() - start);
}

static void test_an_await_transform_that_changes_nothing_changes_nothing() {
  world w;
  std::string log;
  auto body = [](world& with, std::string& to) -> foreign_transforming {
    const tcp_stream stream = co_await connect(with.dials, with.alive.address());
    to += "connected ";
    try {
      (void)co_await connect(with.dials, {"host.test", 80}, {.timeout = 0ms});
    } catch (const std::invalid_argument&) {
      to += "refused ";
    }
    auto child = []() -> task<int> {
      co_await sleep(fixture::loop(), 1ms);
      co_return 4;
    };
    to += std::to_string(co_await child());
  };
  const foreign_transforming running = body(w, log);
  fixture::run_until([&running] { return running.ended(); });
  TEST_ASSERT_EQUAL_STRING("nothing", text_of(running.thrown()));
  TEST_ASSERT_EQUAL_STRING("connected refused 4", log);
}

static void test_callbacks_of_ones_own_are_awaited() {
  std::string log;
  auto body = [](std::string& to) -> foreign {
    to += std::to_string(co_await await_operation<int>([](callback<int> on_done) {
      return sleep(fixture::loop(), 1ms,
                   [on_done = std::move(on_done)](outcome<done>) mutable { on_done(3); });
    }));
    // One that calls back inside itself does no harm.
    to += std::to_string(co_await await_operation<int>([](callback<int> on_done) {
      on_done(4);
      return operation();
    }));
  };
  const foreign running = body(log);
  TEST_ASSERT_EQUAL_STRING("nothing", finish(running));
  TEST_ASSERT_EQUAL_STRING("34", log);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_connect_gives_a_stream_for_a_name_an_address_and_a_list);
  RUN_TEST(test_a_failed_connect_is_thrown_as_its_own_type);
  RUN_TEST(test_what_a_starting_call_throws_comes_out_of_the_await);
  RUN_TEST(test_resolve_and_reverse_give_what_the_resolver_says);
  RUN_TEST(test_a_resolver_that_cannot_says_so_at_the_await);
  RUN_TEST(test_a_stream_is_read_written_and_shut_down);
  RUN_TEST(test_a_stream_that_was_reset_throws_connection_reset);
  RUN_TEST(test_misuse_of_a_stream_comes_out_of_the_await);
  RUN_TEST(test_sleep_sleeps);
  RUN_TEST(test_an_await_transform_that_changes_nothing_changes_nothing);
  RUN_TEST(test_callbacks_of_ones_own_are_awaited);
  return UNITY_END();
}
