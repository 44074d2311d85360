// The awaitables of exact and delimited reads, gathered writes, room and Unix-domain dials: what they give and throw,
// how they are stopped, and what a dropped frame leaves behind.
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/coroutines.hpp"
#include "support/stream_ends.hpp"
#include "support/unix_listener.hpp"
#include "uvdial/coroutine.hpp"

using namespace std::chrono_literals;
using namespace uvdial;
using demo::descriptor;
using fixture::bytes_of;
using fixture::finish;
using fixture::foreign;
using fixture::next_bytes;
using fixture::over_both;
using fixture::read_all;
using fixture::send;
using fixture::text_of;

void setUp() {
  fixture::open();
  fixture::ignore_broken_pipes();
}
void tearDown() { fixture::close(); }

namespace {

std::string end_of(const foreign& running) {
  fixture::run_until([&running] { return running.ended(); });
  return text_of(running.thrown());
}

// The calls that can be made to wait, and how.
struct row {
  const char* name;
  foreign (*start)(byte_stream&, std::span<std::byte>, std::stop_token);
};

foreign wait_exactly(byte_stream& from, std::span<std::byte> into, std::stop_token stop) {
  (void)co_await read_exactly(from, into, std::move(stop));
}
foreign wait_until(byte_stream& from, std::span<std::byte> into, std::stop_token stop) {
  (void)co_await read_until(from, "\r\n", into, std::move(stop));
}
foreign wait_gather(byte_stream& to, std::span<std::byte>, std::stop_token stop) {
  const std::string much(fixture::more_than_fits, 'x');
  const std::array<std::span<const std::byte>, 2> both{bytes_of("head"), bytes_of(much)};
  (void)co_await write(to, both, std::move(stop));
}
foreign wait_room(byte_stream& in, std::span<std::byte>, std::stop_token stop) {
  const std::string much(fixture::more_than_fits, 'x');
  in.write(bytes_of(much), [](outcome<std::size_t>) {}).detach();
  co_await wait_for_room(in, std::move(stop));
}

constexpr row rows[] = {
    {"exactly", wait_exactly}, {"until", wait_until}, {"gather", wait_gather}, {"room", wait_room}};

struct unix_world {
  fixture::socket_folder folder{};
  fixture::unix_listener alive{folder / "alive.sock"};
  fixture::unix_listener full{folder / "full.sock", 0};
  std::optional<dialer> dials{std::in_place, fixture::loop()};
};

foreign dial_full(unix_world& w, std::stop_token stop) {
  (void)co_await connect_unix(*w.dials, w.full.path(), {}, std::move(stop));
}

}  // namespace

static void test_exact_and_delimited_reads_wait_for_all_of_it() {
  over_both([](byte_stream& stream, const descriptor& peer) {
    std::string log;
    auto body = [](byte_stream& from, std::string& to) -> foreign {
      std::array<std::byte, 8> into{};
      const std::size_t exact = co_await read_exactly(from, std::span(into).first(4));
      to.append(reinterpret_cast<const char*>(into.data()), exact);
      const std::size_t line = co_await read_until(from, "\r\n", into);
      to.append(reinterpret_cast<const char*>(into.data()), line);
    };
    const foreign running = body(stream, log);
    send(peer, "ab");
    fixture::run_turns(3);
    TEST_ASSERT_EQUAL_STRING("", log);
    send(peer, "cde\r");
    fixture::run_turns(3);
    TEST_ASSERT_EQUAL_STRING("abcd", log);
    send(peer, "\nrest");
    TEST_ASSERT_EQUAL_STRING("nothing", end_of(running));
    TEST_ASSERT_EQUAL_STRING("abcde\r\n", log);
    TEST_ASSERT_EQUAL_STRING("rest", next_bytes(stream));
  });
}

static void test_the_end_of_the_stream_is_a_stream_error_and_nothing_is_lost() {
  over_both([](byte_stream& stream, const descriptor& peer) {
    std::string log;
    auto body = [](byte_stream& from, std::string& to) -> foreign {
      std::array<std::byte, 8> into{};
      try {
        (void)co_await read_exactly(from, into);
      } catch (const stream_error& why) {
        to += why.code().value() == UV_EOF ? std::to_string(from.kept()) : why.what();
      }
      try {
        (void)co_await read_until(from, "\n", into);
      } catch (const stream_error& why) {
        to += why.code().value() == UV_EOF ? std::to_string(from.kept()) : why.what();
      }
      try {
        (void)co_await read_until(from, "\n", std::span(into).first(2));
      } catch (const stream_error& why) {
        to += why.code().value() == UV_EMSGSIZE ? " full" : why.what();
      }
    };
    send(peer, "abc");
    finish(peer);
    const foreign running = body(stream, log);
    TEST_ASSERT_EQUAL_STRING("nothing", end_of(running));
    TEST_ASSERT_EQUAL_STRING("33 full", log);
    TEST_ASSERT_EQUAL_STRING("abc", next_bytes(stream));
  });
}

static void test_misuse_comes_out_of_the_await() {
  over_both([](byte_stream& stream, const descriptor&) {
    auto body = [](byte_stream& from) -> foreign {
      std::array<std::byte, 8> into{};
      bool refused = false;
      try {
        (void)co_await read_exactly(from, {});
      } catch (const std::invalid_argument&) {
        refused = true;
      }
      if (refused) (void)co_await read_until(from, "", into);
    };
    const foreign running = body(stream);
    TEST_ASSERT_TRUE_MESSAGE(running.ended(), "nothing was waited for");
    TEST_ASSERT_THROWS(std::invalid_argument, std::rethrow_exception(running.thrown()));
  });
}

static void test_several_buffers_are_written_as_one_and_no_bytes_as_none() {
  over_both([](byte_stream& stream, const descriptor& peer) {
    std::string log;
    auto body = [](byte_stream& to, std::string& text) -> foreign {
      const std::vector<std::span<const std::byte>> parts{bytes_of("head "), {}, bytes_of("body")};
      text += std::to_string(co_await write(to, parts));
      text += std::to_string(co_await write(to, std::array{bytes_of(" and"), bytes_of(" tail")}));
      text += std::to_string(co_await write(to, {}));
      co_await shutdown(to);
      (void)co_await write(to, parts);
    };
    const foreign running = body(stream, log);
    fixture::run_until([&running] { return running.ended(); });
    TEST_ASSERT_THROWS(std::logic_error, std::rethrow_exception(running.thrown()));
    TEST_ASSERT_EQUAL_STRING("990", log);
    TEST_ASSERT_EQUAL_STRING("head body and tail", read_all(peer));
  });
}

static void test_room_is_waited_for_until_the_peer_has_read() {
  over_both([](byte_stream& stream, const descriptor& peer) {
    auto body = [](byte_stream& in) -> task<void> {
      co_await wait_for_room(in);  // there is some
      const std::string much(fixture::more_than_fits, 'x');
      in.write(bytes_of(much), [](outcome<std::size_t>) {}).detach();
      co_await wait_for_room(in);
      if (in.above_high_water_mark()) throw std::runtime_error("no room");
    };
    fixture::recorder<done> end;
    const operation running = spawn(fixture::loop(), body(stream), end.callback());
    fixture::run_turns(5);
    TEST_ASSERT_TRUE(stream.above_high_water_mark());
    TEST_ASSERT_FALSE(end.called());
    while (!end.called()) {
      while (!read_all(peer).empty()) {}
      fixture::run_turn();
    }
    TEST_ASSERT_TRUE(end.succeeded());
  });
}

static void test_a_reset_is_the_end_of_all_of_them() {
  for (const row& each : rows) {
    fixture::wired w;
    std::array<std::byte, 16> into{};
    const foreign running = each.start(w.stream, into, {});
    fixture::run_turn();
    w.reset();
    TEST_ASSERT_EQUAL_STRING_MESSAGE("connection_reset", end_of(running), each.name);
  }
}

static void test_a_stop_ends_them_from_the_loop_before_and_during_the_await() {
  for (const row& each : rows) {
    for (const bool before : {true, false}) {
      over_both([&](byte_stream& stream, const descriptor&) {
        std::array<std::byte, 16> into{};
        std::stop_source stop;
        if (before) stop.request_stop();
        const foreign running = each.start(stream, into, stop.get_token());
        if (!before) fixture::run_turn();
        stop.request_stop();
        TEST_ASSERT_FALSE_MESSAGE(running.ended(), each.name);
        TEST_ASSERT_EQUAL_STRING_MESSAGE("cancelled_error", end_of(running), each.name);
      });
    }
  }
}

static void test_a_stopped_or_dropped_read_gives_its_bytes_back() {
  for (const auto start : {wait_exactly, wait_until}) {
    for (const bool drops : {true, false}) {
      over_both([&](byte_stream& stream, const descriptor& peer) {
        std::array<std::byte, 16> into{};
        std::stop_source stop;
        std::optional<foreign> running(start(stream, into, stop.get_token()));
        send(peer, "part");
        fixture::run_turns(3);
        if (drops) {
          running.reset();
        } else {
          stop.request_stop();
          TEST_ASSERT_EQUAL_STRING("cancelled_error", end_of(*running));
        }
        TEST_ASSERT_EQUAL_STRING("part", next_bytes(stream));
      });
    }
  }
}

// tearDown proves the rest: the loop runs dry and closes.
static void test_a_dropped_frame_stops_what_it_awaits() {
  for (const row& each : rows) {
    for (const bool stopped : {true, false}) {
      over_both([&](byte_stream& stream, const descriptor&) {
        std::array<std::byte, 16> into{};
        std::stop_source stop;
        const foreign running = each.start(stream, into, stop.get_token());
        fixture::run_turn();
        if (stopped) stop.request_stop();
        TEST_ASSERT_FALSE_MESSAGE(running.ended(), each.name);
      });
    }
  }
}

static void test_the_end_of_the_stream_object_ends_them() {
  for (const row& each : rows) {
    std::optional<fixture::two_ends> ends(std::in_place);
    std::array<std::byte, 16> into{};
    const foreign running = each.start(ends->stream, into, {});
    fixture::run_turn();
    ends.reset();
    TEST_ASSERT_EQUAL_STRING_MESSAGE("cancelled_error", end_of(running), each.name);
  }
}

static void test_a_path_becomes_a_stream() {
  unix_world w;
  auto body = [](unix_world& with) -> task<void> {
    pipe_stream stream = co_await connect_unix(*with.dials, with.alive.path(), {.timeout = 5s});
    with.dials.reset();
    (void)co_await write(stream, bytes_of("hello"));
  };
  run(fixture::loop(), body(w));
  TEST_ASSERT_EQUAL_STRING("hello", read_all(w.alive.accept()));
}

static void test_a_path_that_nobody_serves_or_that_cannot_be_is_thrown() {
  unix_world w;
  w.alive.deafen();
  auto refused = [](unix_world& with) -> foreign {
    (void)co_await connect_unix(*with.dials, with.alive.path());
  };
  TEST_ASSERT_EQUAL_STRING("connection_refused", end_of(refused(w)));
  auto empty = [](unix_world& with) -> foreign { (void)co_await connect_unix(*with.dials, ""); };
  const foreign running = empty(w);
  TEST_ASSERT_TRUE(running.ended());
  TEST_ASSERT_THROWS(std::invalid_argument, std::rethrow_exception(running.thrown()));
}

static void test_a_dial_of_a_path_is_stopped_dropped_and_ends_with_its_dialer() {
  unix_world w;
  w.full.fill();
  std::stop_source stop;
  const foreign stopped = dial_full(w, stop.get_token());
  { const foreign dropped = dial_full(w, stop.get_token()); }
  const foreign orphaned = dial_full(w, {});
  fixture::run_turns(2);
  stop.request_stop();
  TEST_ASSERT_FALSE(stopped.ended());
  TEST_ASSERT_EQUAL_STRING("cancelled_error", end_of(stopped));
  TEST_ASSERT_EQUAL_STRING("cancelled_error", end_of(dial_full(w, stop.get_token())));
  w.dials.reset();
  TEST_ASSERT_EQUAL_STRING("cancelled_error", end_of(orphaned));
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_exact_and_delimited_reads_wait_for_all_of_it);
  RUN_TEST(test_the_end_of_the_stream_is_a_stream_error_and_nothing_is_lost);
  RUN_TEST(test_misuse_comes_out_of_the_await);
  RUN_TEST(test_several_buffers_are_written_as_one_and_no_bytes_as_none);
  RUN_TEST(test_room_is_waited_for_until_the_peer_has_read);
  RUN_TEST(test_a_reset_is_the_end_of_all_of_them);
  RUN_TEST(test_a_stop_ends_them_from_the_loop_before_and_during_the_await);
  RUN_TEST(test_a_stopped_or_dropped_read_gives_its_bytes_back);
  RUN_TEST(test_a_dropped_frame_stops_what_it_awaits);
  RUN_TEST(test_the_end_of_the_stream_object_ends_them);
  RUN_TEST(test_a_path_becomes_a_stream);
  RUN_TEST(test_a_path_that_nobody_serves_or_that_cannot_be_is_thrown);
  RUN_TEST(test_a_dial_of_a_path_is_stopped_dropped_and_ends_with_its_dialer);
  return UNITY_END();
}
