// What a programmer reads who called something that cannot be done: every std::invalid_argument and std::logic_error of
// dialers, resolvers, streams, sleeps and tasks. Those about values are in unit/value_messages_test.cpp, those about
// descriptors in adopt_test.cpp.
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/connected.hpp"
#include "support/scripted_resolver.hpp"
#include "uvdial/coroutine.hpp"
#include "uvdial/system_resolver.hpp"
#include "uvdial/uvdial.hpp"

using namespace std::chrono_literals;
using namespace uvdial;

void setUp() { fixture::open(); }
void tearDown() { fixture::close(); }

namespace {

struct row {
  std::function<void()> call;
  std::string text;
};

// Misuse is one of these two; a failure of the network is neither.
std::string misuse(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::invalid_argument& why) {
    return why.what();
  } catch (const std::logic_error& why) {
    return why.what();
  }
  return "accepted";
}

void check(const std::vector<row>& rows) {
  for (const row& each : rows) TEST_ASSERT_EQUAL_STRING(each.text, misuse(each.call));
}

const endpoint somewhere = endpoint::parse("127.0.0.1:9");
const target by_name("host.test", 9);

template <class Value>
callback<Value> ignored() {
  return [](const outcome<Value>&) {};
}

task<void> nothing() { co_return; }
task<void> forever() { co_await std::suspend_always(); }
task<void> nested() {
  run(fixture::loop(), nothing());
  co_return;
}

}  // namespace

static void test_a_dialer() {
  dialer dials(fixture::loop());
  dialer closed(fixture::loop());
  closed.close(ignored<done>());
  dialer moved(fixture::loop());
  const dialer taken(std::move(moved));
  check({
      {[&] { (void)dials.connect(by_name, {}, nullptr); }, "dialer: connect() without a callback"},
      {[&] { (void)dials.connect_unix("/x", {}, nullptr); }, "dialer: connect_unix() without a callback"},
      {[&] { (void)dials.connect(std::span<const endpoint>(), {}, ignored<tcp_stream>()); },
       "dialer: connect() with an empty list of endpoints"},
      {[&] { (void)dials.connect(somewhere.with_port(0), {}, ignored<tcp_stream>()); },
       "bad endpoint \"127.0.0.1:0\": port 0 cannot be connected to"},
      {[&] { (void)closed.connect(by_name, {}, ignored<tcp_stream>()); }, "dialer: connect() after close()"},
      {[&] { (void)closed.connect_unix("/x", {}, ignored<pipe_stream>()); },
       "dialer: connect_unix() after close()"},
      {[&] { closed.close(ignored<done>()); }, "dialer: close() twice"},
      {[&] { (void)moved.connect(by_name, {}, ignored<tcp_stream>()); },
       "dialer: used after it was moved from"},
  });
}

static void test_a_blocking_dial_in_a_callback() {
  const demo::reserved_port closed = demo::reserve(ip_family::v4);
  dialer dials(fixture::loop());
  std::vector<std::string> said;
  const operation dial = dials.connect(closed.address(), {}, [&](const outcome<tcp_stream>&) {
    said.push_back(misuse([&] { (void)dials.connect_blocking(by_name); }));
    said.push_back(misuse([&] { (void)dials.connect_unix_blocking("/x"); }));
  });
  fixture::run();
  TEST_ASSERT_EQUAL(2, said.size());
  TEST_ASSERT_EQUAL_STRING(
      "dialer: connect_blocking() inside a callback of the same loop, which cannot run inside itself",
      said[0]);
  TEST_ASSERT_EQUAL_STRING(
      "dialer: connect_unix_blocking() inside a callback of the same loop, which cannot run inside itself",
      said[1]);
}

static void test_a_resolver() {
  ares_resolver names(fixture::loop());
  ares_resolver closed(fixture::loop());
  closed.close(ignored<done>());
  system_resolver closed_system(fixture::loop());
  closed_system.close(ignored<done>());
  fixture::scripted_resolver plain;
  struct : answer_sink {
    void answered(answer) override {}
  } sink;
  using host = host_entry;
  check({
      {[&] { (void)names.resolve("host.test", {}, nullptr); }, "resolver: resolve() without a callback"},
      {[&] { (void)names.reverse(somewhere, {}, nullptr); }, "resolver: reverse() without a callback"},
      {[&] { (void)closed.resolve("host.test", {}, ignored<host>()); }, "resolver: resolve() after close()"},
      {[&] {
         (void)closed.lookup({"host.test", 0, family_policy::v4_only}, sink);
       },
       "ares_resolver: a lookup after close()"},
      {[&] { closed.close(ignored<done>()); }, "ares_resolver: close() twice"},
      {[&] {
         (void)closed_system.lookup({"host.test", 0, family_policy::v4_only}, sink);
       },
       "system_resolver: a lookup after close()"},
      {[&] { closed_system.close(ignored<done>()); }, "system_resolver: close() twice"},
      {[&] { (void)plain.resolve("host\n.test", {}, ignored<host>()); },
       "resolver: this one has no resolve() for \"host\\x0a.test\": it only looks up"},
      {[&] { (void)plain.reverse(somewhere, {}, ignored<std::vector<std::string>>()); },
       "resolver: this one has no reverse() for \"127.0.0.1\": it only looks up"},
  });
}

static void test_the_options_of_a_resolver() {
  const auto made = [](ares_resolver_options options) {
    return [options] { (void)ares_resolver(fixture::loop(), options); };
  };
  check({
      {made({.timeout = 0ms}), "ares_resolver_options: bad timeout 0 ms: it must be from 1 ms to 3600000 ms"},
      {made({.tries = 0}), "ares_resolver_options: bad tries 0: it must be from 1 to 100"},
      {made({.servers = std::vector<endpoint>(33, somewhere)}),
       "ares_resolver_options: bad servers: there are 33, and at most 32 are taken"},
  });
}

static void test_the_arguments_of_a_stream() {
  fixture::wired ends;
  tcp_stream& stream = ends.stream;
  std::byte room[4];
  const std::string delimiter(65, 'x');
  std::byte more[128];
  check({
      {[&] { (void)stream.read({}, ignored<std::size_t>()); }, "stream: read() into an empty buffer"},
      {[&] { (void)stream.read(room, nullptr); }, "stream: read() without a callback"},
      {[&] {
         (void)stream.receive(
             room, [](auto) {}, nullptr);
       },
       "stream: receive() without a callback"},
      {[&] { (void)stream.write(room, nullptr); }, "stream: write() without a callback"},
      {[&] { (void)stream.wait_for_room(nullptr); }, "stream: wait_for_room() without a callback"},
      {[&] { (void)stream.shutdown(nullptr); }, "stream: shutdown() without a callback"},
      {[&] { stream.close(nullptr); }, "stream: close() without a callback"},
      {[&] { stream.reset(nullptr); }, "stream: reset() without a callback; there is one that wants none"},
      {[&] { (void)stream.read_until("", room, ignored<std::size_t>()); },
       "stream: read_until() with an empty delimiter"},
      {[&] { (void)stream.read_until("12345", room, ignored<std::size_t>()); },
       "stream: read_until() with a delimiter of 5 bytes into a buffer of 4"},
      {[&] { (void)stream.read_until(delimiter, more, ignored<std::size_t>()); },
       "stream: read_until() with a delimiter of 65 bytes; the longest has 64"},
      {[&] { stream.set_read_timeout(0ms); }, "stream: bad read timeout 0 ms: it must be at least 1 ms"},
      {[&] { stream.set_write_timeout(-1ms); }, "stream: bad write timeout -1 ms: it must be at least 1 ms"},
      {[&] { stream.set_send_buffer_size(0); }, "stream: bad SO_SNDBUF 0: it must be at least 1"},
      {[&] { stream.keep_alive(0s, 1s, 1); },
       "tcp_stream: bad keep_alive idle 0 s: it must be from 1 to 32767 s"},
      {[] { (void)tcp_stream(tcp_handle()); }, "tcp_stream: there is no handle to adopt, it is null"},
  });
}

static void test_the_order_of_the_calls_of_a_stream() {
  fixture::wired ends;
  fixture::wired other;
  tcp_stream& stream = ends.stream;
  std::byte room[4];
  other.stream.close(ignored<done>());
  const operation reading = stream.read(room, ignored<std::size_t>());
  check({
      {[&] { (void)stream.read_exactly(room, ignored<std::size_t>()); },
       "stream: read_exactly() while another read runs"},
      {[&] { (void)std::move(stream).release(); }, "stream: release() while a call is in flight"},
      {[&] { (void)other.stream.local(); }, "stream: used after it was closed, released or moved from"},
  });
  const operation ending = stream.shutdown(ignored<done>());
  check({
      {[&] { (void)stream.write(room, ignored<std::size_t>()); }, "stream: write() after shutdown()"},
      {[&] { (void)stream.shutdown(ignored<done>()); }, "stream: shutdown() twice"},
  });
  stream.close(ignored<done>());
  fixture::run();
}

static void test_a_stream_that_still_has_bytes() {
  fixture::wired ends;
  std::byte room[4];
  ends.send("ab");
  ends.stream.set_read_timeout(20ms);
  fixture::recorder<std::size_t> end;
  const operation unfinished = ends.stream.read_exactly(room, end.callback());
  fixture::wait_for(end);
  check({{[&] { (void)std::move(ends.stream).release(); },
          "stream: release(): 2 bytes that an unfinished read had taken would be lost; read them first"}});
}

static void test_sleeps_and_tasks() {
  task<void> empty = nothing();
  const task<void> taken(std::move(empty));
  uv_loop_t& loop = fixture::loop();
  check({
      {[&] { (void)sleep(loop, -1ms, ignored<done>()); },
       "sleep: bad duration -1 ms: it must not be negative"},
      {[&] { (void)sleep(loop, 1ms, nullptr); }, "sleep: an empty callback"},
      {[&] { (void)spawn(loop, nothing(), nullptr); }, "spawn: an empty callback"},
      {[&] { (void)spawn(loop, task<void>(std::move(empty)), [](auto&&...) {}); }, "spawn: an empty task"},
      {[&] { run(loop, task<void>(std::move(empty))); }, "run: an empty task"},
      {[&] { (void)std::move(empty).operator co_await(); }, "task: an empty one is awaited"},
      {[&] { (void)first_of(std::vector<task<void>>()); }, "first_of: an empty list of tasks"},
      {[&] { run(loop, when_all(task<void>(std::move(empty)))); }, "when_all, first_of: an empty task"},
      {[&] { run(loop, nested()); },
       "run: inside another run() of the same loop: await the task there, or spawn() it"},
      {[&] { run(loop, forever()); },
       "run: the loop has nothing left to wait for, but the task has not ended"},
  });
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_dialer);
  RUN_TEST(test_a_blocking_dial_in_a_callback);
  RUN_TEST(test_a_resolver);
  RUN_TEST(test_the_options_of_a_resolver);
  RUN_TEST(test_the_arguments_of_a_stream);
  RUN_TEST(test_the_order_of_the_calls_of_a_stream);
  RUN_TEST(test_a_stream_that_still_has_bytes);
  RUN_TEST(test_sleeps_and_tasks);
  return UNITY_END();
}
