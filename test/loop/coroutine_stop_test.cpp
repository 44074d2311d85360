// How a coroutine is stopped: by its token, by its end, by the end of what it uses. And nothing stays behind.
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "support/connected.hpp"
#include "support/coroutines.hpp"
#include "support/scripted_resolver.hpp"
#include "uvdial/ares_resolver.hpp"
#include "uvdial/coroutine.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using fixture::foreign;
using fixture::text_of;
using fixture::wired;

void setUp() {
  fixture::open();
  fixture::ignore_broken_pipes();
}
void tearDown() { fixture::close(); }

namespace {

// Everything there is to wait for, and nothing of it ever comes.
struct world {
  std::shared_ptr<fixture::scripted_resolver> names = std::make_shared<fixture::scripted_resolver>();
  std::unique_ptr<dialer> dials = std::make_unique<dialer>(fixture::loop(), dialer_config{names});
  demo::silent_listener silent{demo::reserve(ip_family::v4)};
  std::unique_ptr<wired> line = std::make_unique<wired>();
  std::array<std::byte, 16> into{};
  demo::descriptor deaf = demo::bound_socket(demo::socket_kind::udp, demo::loopback(ip_family::v4));
  ares_resolver own{fixture::loop(),
                    {.servers = {demo::bound_address(deaf)}, .resolv_conf = "", .hosts_file = ""}};
  std::string much = std::string(fixture::more_than_fits, 'x');
};

using starter = std::function<foreign(world&, std::stop_token)>;

struct row {
  const char* name;
  starter start;
};

foreign wait_connect(world& w, std::stop_token stop) {
  (void)co_await connect(*w.dials, {"host.test", 80}, {}, std::move(stop));
}
foreign wait_endpoint(world& w, std::stop_token stop) {
  (void)co_await connect(*w.dials, w.silent.address(), {}, std::move(stop));
}
foreign wait_list(world& w, std::stop_token stop) {
  const std::vector<endpoint> both(2, w.silent.address());
  (void)co_await connect(*w.dials, both, {}, std::move(stop));
}
foreign wait_resolve(world& w, std::stop_token stop) {
  (void)co_await resolve(w.own, "host.test", {}, std::move(stop));
}
foreign wait_reverse(world& w, std::stop_token stop) {
  (void)co_await reverse(w.own, endpoint::parse("192.0.2.1:1"), {}, std::move(stop));
}
foreign wait_read(world& w, std::stop_token stop) {
  (void)co_await read(w.line->stream, w.into, std::move(stop));
}
foreign wait_write(world& w, std::stop_token stop) {
  (void)co_await write(w.line->stream, fixture::bytes_of(w.much), std::move(stop));
}
foreign wait_shutdown(world& w, std::stop_token stop) {
  w.line->stream.write(fixture::bytes_of(w.much), [](outcome<std::size_t>) {}).detach();
  co_await shutdown(w.line->stream, std::move(stop));
}
foreign wait_sleep(world&, std::stop_token stop) { co_await sleep(fixture::loop(), 1h, std::move(stop)); }

const std::vector<row>& rows() {
  static const std::vector<row> all{
      {"connect", wait_connect}, {"endpoint", wait_endpoint}, {"list", wait_list},
      {"resolve", wait_resolve}, {"reverse", wait_reverse},   {"read", wait_read},
      {"write", wait_write},     {"shutdown", wait_shutdown}, {"sleep", wait_sleep}};
  return all;
}

std::string end_of(const foreign& running) {
  fixture::run_until([&running] { return running.ended(); });
  return text_of(running.thrown());
}

}  // namespace

static void test_a_stop_before_the_await_ends_it_from_the_loop() {
  for (const row& each : rows()) {
    world w;
    std::stop_source stop;
    stop.request_stop();
    const foreign running = each.start(w, stop.get_token());
    TEST_ASSERT_FALSE_MESSAGE(running.ended(), each.name);
    TEST_ASSERT_EQUAL_STRING_MESSAGE("cancelled_error", end_of(running), each.name);
  }
}

static void test_a_stop_during_the_await_ends_it_from_the_loop() {
  for (const row& each : rows()) {
    world w;
    std::stop_source stop;
    const foreign running = each.start(w, stop.get_token());
    fixture::run_turn();
    stop.request_stop();
    TEST_ASSERT_FALSE_MESSAGE(running.ended(), each.name);
    TEST_ASSERT_EQUAL_STRING_MESSAGE("cancelled_error", end_of(running), each.name);
  }
}

static void test_a_stop_after_the_await_does_nothing() {
  std::stop_source stop;
  auto body = [](std::stop_token token) -> foreign {
    co_await sleep(fixture::loop(), 0ms, token);
    co_await sleep(fixture::loop(), 2ms);
  };
  const foreign running = body(stop.get_token());
  fixture::run_turn();
  stop.request_stop();
  TEST_ASSERT_EQUAL_STRING("nothing", end_of(running));
}

static void test_one_token_stops_many() {
  std::stop_source stop;
  auto body = [](std::stop_token token) -> foreign { co_await sleep(fixture::loop(), 1h, token); };
  std::vector<foreign> all;
  for (int count = 0; count < 10; ++count) all.push_back(body(stop.get_token()));
  stop.request_stop();
  for (const foreign& each : all) TEST_ASSERT_EQUAL_STRING("cancelled_error", end_of(each));
}

static void test_a_stop_is_asked_by_a_coroutine_that_it_stops() {
  std::stop_source stop;
  auto body = [](std::stop_source& source) -> foreign {
    source.request_stop();
    co_await sleep(fixture::loop(), 1h, source.get_token());
  };
  TEST_ASSERT_EQUAL_STRING("cancelled_error", end_of(body(stop)));
}

// tearDown proves the rest: the loop runs dry and closes.
static void test_destroying_a_suspended_coroutine_stops_what_it_awaits() {
  for (const row& each : rows()) {
    world w;
    {
      const foreign running = each.start(w, {});
      fixture::run_turn();
      TEST_ASSERT_FALSE_MESSAGE(running.ended(), each.name);
    }
    TEST_ASSERT_TRUE_MESSAGE(w.names->running.empty(), each.name);
    w.line.reset();  // a write that is dropped goes on
    fixture::run();
  }
}

static void test_destroying_it_after_its_stop_is_silent() {
  for (const row& each : rows()) {
    world w;
    std::stop_source stop;
    {
      const foreign running = each.start(w, stop.get_token());
      fixture::run_turn();
      stop.request_stop();
    }
    w.line.reset();
    fixture::run();
  }
}

static void test_dropping_a_read_loses_no_bytes() {
  wired w;
  std::array<std::byte, 16> into{};
  auto body = [](tcp_stream& from, std::span<std::byte> to, std::size_t& got) -> foreign {
    got = co_await read(from, to);
  };
  std::size_t got = 0;
  {
    const foreign dropped = body(w.stream, into, got);
    w.send("kept");
  }
  const foreign running = body(w.stream, into, got);
  TEST_ASSERT_EQUAL_STRING("nothing", end_of(running));
  TEST_ASSERT_EQUAL(4u, got);
}

static void test_the_end_of_the_dialer_ends_its_awaits() {
  world w;
  const foreign running = wait_connect(w, {});
  fixture::run_turn();
  w.dials.reset();
  TEST_ASSERT_EQUAL_STRING("cancelled_error", end_of(running));
}

static void test_the_end_of_the_stream_object_ends_its_awaits() {
  world w;
  const foreign running = wait_read(w, {});
  fixture::run_turn();
  w.line.reset();
  TEST_ASSERT_EQUAL_STRING("cancelled_error", end_of(running));
}

static void test_a_coroutine_may_destroy_what_it_awaited() {
  demo::listener alive(fixture::loop(), demo::reserve(ip_family::v4), {.greeting = "x"});
  auto dials = std::make_unique<dialer>(fixture::loop());
  auto body = [](std::unique_ptr<dialer>& with, const endpoint& to) -> foreign {
    auto stream = std::make_unique<tcp_stream>(co_await connect(*with, to));
    with.reset();
    std::array<std::byte, 16> into{};
    (void)co_await read(*stream, into);
    stream.reset();
    co_await sleep(fixture::loop(), 0ms);
  };
  TEST_ASSERT_EQUAL_STRING("nothing", end_of(body(dials, alive.address())));
}

static void test_a_coroutine_may_destroy_the_object_that_owns_it() {
  struct owner {
    std::string& log;
    operation running{};
    explicit owner(std::string& to) : log(to) {}
    static task<void> inner(std::unique_ptr<owner>& self) {
      co_await sleep(fixture::loop(), 1ms);
      std::string& to = self->log;
      self.reset();
      to += "gone ";
      co_await sleep(fixture::loop(), 1ms);
      to += "never";
    }
    static task<void> live(std::unique_ptr<owner>& self) {
      const fixture::mark local(self->log, 'x');
      co_await inner(self);
      TEST_FAIL_MESSAGE("its operation was dropped");
    }
  };
  std::string log;
  auto self = std::make_unique<owner>(log);
  self->running = spawn(fixture::loop(), owner::live(self), [&log](outcome<done>) { log += "called"; });
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("gone x", log);
}

// The trace sink runs inside the call that starts a dial, so inside the co_await; there it may drop the task.
static void test_a_trace_sink_may_drop_the_task_that_starts_a_dial() {
  operation running;
  bool dropped = false;
  dialer_config config;
  config.trace = [&](const trace_event&) {
    if (std::exchange(dropped, true)) return;
    running = {};
  };
  demo::silent_listener silent(demo::reserve(ip_family::v4));
  dialer dials(fixture::loop(), std::move(config));
  std::string log;
  auto body = [](dialer& with, const endpoint& to, std::string& text) -> task<void> {
    const fixture::mark local(text, 'x');
    co_await sleep(fixture::loop(), 0ms);
    (void)co_await connect(with, to);
    text += "never";
  };
  running =
      spawn(fixture::loop(), body(dials, silent.address(), log), [&log](outcome<done>) { log += "called"; });
  fixture::run();
  TEST_ASSERT_TRUE(dropped);
  TEST_ASSERT_EQUAL_STRING("x", log);
}

static void test_a_read_with_a_timeout_is_the_first_of_two() {
  wired w;
  auto body = [](tcp_stream& from, std::string& to) -> task<void> {
    std::array<std::byte, 16> into{};
    const auto late = co_await first_of(read(from, into), sleep(fixture::loop(), 2ms));
    to += late.index() == 1 ? "timeout " : "read ";
    const auto soon = co_await first_of(read(from, into), sleep(fixture::loop(), 1h));
    to += soon.index() == 1 ? "timeout" : "read " + std::to_string(std::get<0>(soon));
  };
  std::string log;
  const operation running =
      spawn(fixture::loop(), body(w.stream, log), [&log](outcome<done>) { log += "."; });
  fixture::run_until([&log] { return !log.empty(); });
  w.send("abc");
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("timeout read 3.", log);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_stop_before_the_await_ends_it_from_the_loop);
  RUN_TEST(test_a_stop_during_the_await_ends_it_from_the_loop);
  RUN_TEST(test_a_stop_after_the_await_does_nothing);
  RUN_TEST(test_one_token_stops_many);
  RUN_TEST(test_a_stop_is_asked_by_a_coroutine_that_it_stops);
  RUN_TEST(test_destroying_a_suspended_coroutine_stops_what_it_awaits);
  RUN_TEST(test_destroying_it_after_its_stop_is_silent);
  RUN_TEST(test_dropping_a_read_loses_no_bytes);
  RUN_TEST(test_the_end_of_the_dialer_ends_its_awaits);
  RUN_TEST(test_the_end_of_the_stream_object_ends_its_awaits);
  RUN_TEST(test_a_coroutine_may_destroy_what_it_awaited);
  RUN_TEST(test_a_coroutine_may_destroy_the_object_that_owns_it);
  RUN_TEST(test_a_trace_sink_may_drop_the_task_that_starts_a_dial);
  RUN_TEST(test_a_read_with_a_timeout_is_the_first_of_two);
  return UNITY_END();
}
