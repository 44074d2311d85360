// Dials of Unix-domain sockets: files and abstract names, full queues, and the rules of every operation.
#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "support/connected.hpp"
#include "support/scripted_resolver.hpp"
#include "support/unix_listener.hpp"
#include "uvdial/dialer.hpp"

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace uvdial;
using fixture::bytes_of;
using fixture::ending;
using fixture::read_all;
using fixture::recorder;
using fixture::unix_listener;

namespace {

struct world {
  fixture::socket_folder folder{};
  unix_listener alive{folder / "alive.sock"};
  unix_listener full{folder / "full.sock", 0};
  std::optional<dialer> dials{std::in_place, fixture::loop()};
  recorder<pipe_stream> end{};

  operation start(std::string_view path, const dial_options& options = {}) {
    return dials->connect_unix(path, options, end.callback());
  }
  void dial(std::string_view path, const dial_options& options = {}) {
    const operation running = start(path, options);
    TEST_ASSERT_EQUAL_MESSAGE(0, end.calls, "inside the call");
    fixture::run();
    TEST_ASSERT_EQUAL(1, end.calls);
  }
};

std::unique_ptr<world> w;

template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const std::invalid_argument& why) {
    return why.what();
  }
  return "accepted";
}

std::string refusal_of(std::string_view path) {
  return refusal([path] { const operation running = w->start(path); });
}

}  // namespace

void setUp() {
  fixture::open();
  w = std::make_unique<world>();
  w->full.fill();
}
void tearDown() {
  w.reset();
  fixture::close();
}

static void test_a_file_becomes_a_stream_that_reads_and_writes() {
  w->dial(w->alive.path());
  TEST_ASSERT_EQUAL_STRING("success", ending(w->end));
  pipe_stream stream = std::move(*w->end.result).value();
  const demo::descriptor peer = w->alive.accept();
  recorder<std::size_t> wrote;
  recorder<std::size_t> read;
  std::array<std::byte, 16> into{};
  const operation writing = stream.write(bytes_of("hello"), wrote.callback());
  const operation reading = stream.read(into, read.callback());
  TEST_ASSERT_EQUAL(2, ::send(peer.get(), "ho", 2, MSG_NOSIGNAL));
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("hello", read_all(peer));
  TEST_ASSERT_EQUAL(2u, *read.result->get_if());
}

static void test_an_abstract_name_is_written_with_a_zero_byte_or_an_at_sign() {
  const std::string name = "uvdial-test-" + std::to_string(::getpid());
  const unix_listener peer("\0"s + name);
  for (const std::string& path : {"\0"s + name, "@" + name}) {
    recorder<pipe_stream> end;
    const operation running = w->dials->connect_unix(path, {}, end.callback());
    fixture::run();
    TEST_ASSERT_EQUAL_STRING("success", ending(end));
    TEST_ASSERT_GREATER_OR_EQUAL(0, peer.accept().get());
  }
}

static void test_the_longest_names_are_taken_whole() {
  const std::string folder = w->folder / "";
  const unix_listener file(folder + std::string(107 - folder.size(), 'x'));
  w->dial(file.path());
  TEST_ASSERT_EQUAL_STRING("success", ending(w->end));
  const std::string name = std::to_string(::getpid());
  const unix_listener abstract("\0"s + name + std::string(107 - name.size(), 'x'));
  recorder<pipe_stream> end;
  const operation running = w->dials->connect_unix(abstract.path(), {}, end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("success", ending(end));
}

static void test_a_path_that_cannot_be_is_refused_and_quoted() {
  TEST_ASSERT_EQUAL_STRING("bad unix path \"\": it is empty", refusal_of(""));
  TEST_ASSERT_EQUAL_STRING("bad unix path \"/a\\x00b\": it has a zero byte in it", refusal_of("/a\0b"s));
  TEST_ASSERT_EQUAL_STRING("bad unix path \"@\": the abstract name is empty", refusal_of("@"));
  TEST_ASSERT_EQUAL_STRING("bad unix path \"\\x00\": the abstract name is empty", refusal_of("\0"s));
  TEST_ASSERT_CONTAINS_STRING("it is 108 bytes long; the longest has 107", refusal_of(std::string(108, 'x')));
  TEST_ASSERT_CONTAINS_STRING("the abstract name is 108 bytes long; the longest has 107",
                              refusal_of("@" + std::string(108, 'x')));
  fixture::run();
  TEST_ASSERT_EQUAL(0, w->end.calls);
}

static void test_a_file_that_begins_with_an_at_sign_is_written_with_its_folder() {
  w->dial("./@no-such-socket.test");
  TEST_ASSERT_EQUAL_STRING("connect unix:./@no-such-socket.test: no such file or directory",
                           w->end.failure()->what());
}

static void test_bad_options_and_a_missing_callback_are_misuse() {
  TEST_ASSERT_THROWS(std::invalid_argument, w->start(w->alive.path(), {.timeout = 0ms}));
  TEST_ASSERT_THROWS(std::invalid_argument, w->dials->connect_unix(w->alive.path(), {}, nullptr));
}

static void test_nobody_who_listens_is_connection_refused() {
  w->alive.deafen();
  w->dial(w->alive.path());
  TEST_ASSERT_EQUAL(error_kind::connection_refused, w->end.failure()->kind());
  TEST_ASSERT_TRUE(w->end.failure()->code() == std::errc::connection_refused);
  TEST_ASSERT_EQUAL("connect unix:" + w->alive.path() + ": connection refused", w->end.failure()->what());
}

static void test_an_abstract_name_that_nobody_has_is_refused_by_its_name() {
  w->dial("@uvdial\n-nobody.test");
  TEST_ASSERT_EQUAL_STRING("connect unix:@uvdial\\x0a-nobody.test: connection refused",
                           w->end.failure()->what());
}

static void test_no_such_file_is_a_connect_error_with_its_code_and_report() {
  dial_report report;
  w->dial(w->folder / "nosuch", {.report = &report});
  TEST_ASSERT_EQUAL(error_kind::connect, w->end.failure()->kind());
  TEST_ASSERT_EQUAL_STRING("ENOENT", code_name(w->end.failure()->code()));
  TEST_ASSERT_EQUAL("unix:" + w->folder / "nosuch", w->end.failure()->report().host);
  TEST_ASSERT_EQUAL("unix:" + w->folder / "nosuch", report.host);
  TEST_ASSERT_EQUAL(0u, report.attempts.size());
  TEST_ASSERT_EQUAL(0u, report.port);
}

static void test_a_socket_of_datagrams_is_a_connect_error() {
  const unix_listener other(w->folder / "datagrams", 0, SOCK_DGRAM);
  w->dial(other.path());
  TEST_ASSERT_EQUAL_STRING("EPROTOTYPE", code_name(w->end.failure()->code()));
}

static void test_a_full_queue_is_waited_for() {
  const operation running = w->start(w->full.path());
  for (int turn = 0; turn < 3; ++turn) fixture::run_turn();
  TEST_ASSERT_EQUAL(0, w->end.calls);
  const demo::descriptor first = w->full.accept();
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("success", ending(w->end));
}

static void test_a_queue_that_stays_full_is_a_timeout_error() {
  dial_report report;
  w->dial(w->full.path(), {.timeout = 20ms, .report = &report});
  TEST_ASSERT_EQUAL(error_kind::timeout, w->end.failure()->kind());
  TEST_ASSERT_TRUE(w->end.failure()->code() == std::errc::timed_out);
  TEST_ASSERT_GREATER_OR_EQUAL(20ms, report.elapsed);
  TEST_ASSERT_CONTAINS_STRING("full.sock: timed out after ", w->end.failure()->what());
  TEST_ASSERT_CONTAINS_STRING(" ms: the listener accepts nobody", w->end.failure()->what());
}

// The loop is held up past the deadline, and there is room by then.
static void test_time_does_not_beat_room_that_is_there() {
  const operation running = w->start(w->full.path(), {.timeout = 1ms});
  const demo::descriptor first = w->full.accept();
  const std::uint64_t until = uv_hrtime() + 5'000'000;
  while (uv_hrtime() < until) continue;
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("success", ending(w->end));
}

static void test_a_cancel_while_it_waits_is_cancelled_error_from_the_loop() {
  operation running = w->start(w->full.path());
  fixture::run_turn();
  running.cancel();
  running.cancel();
  TEST_ASSERT_EQUAL(0, w->end.calls);
  TEST_ASSERT_TRUE(running.running());
  fixture::run();
  TEST_ASSERT_EQUAL(1, w->end.calls);
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(w->end));
  TEST_ASSERT_FALSE(running.running());
  running.cancel();
  TEST_ASSERT_CONTAINS_STRING("full.sock: cancelled after ", w->end.failure()->what());
}

static void test_a_cancel_beats_a_success_that_waits() {
  operation running = w->start(w->alive.path());  // it is connected by now
  const demo::descriptor peer = w->alive.accept();
  TEST_ASSERT_GREATER_OR_EQUAL(0, peer.get());
  running.cancel();
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(w->end));
  char byte = 0;
  TEST_ASSERT_EQUAL(0, ::recv(peer.get(), &byte, 1, 0));
}

static void test_a_dropped_dial_stays_silent_and_frees_what_it_captured() {
  for (const std::string& path : {w->full.path(), w->alive.path()}) {
    const auto captured = std::make_shared<int>(1);
    operation running = w->dials->connect_unix(path, {}, [captured](outcome<pipe_stream>) { ++*captured; });
    fixture::run_turn();
    running = {};
    TEST_ASSERT_EQUAL(1, captured.use_count());
    fixture::run();
  }
  { const operation dropped = w->start(w->alive.path()); }
  fixture::run();
  TEST_ASSERT_EQUAL(0, w->end.calls);
}

static void test_destroying_the_dialer_cancels_from_the_loop() {
  w->start(w->full.path()).detach();
  w->dials.reset();
  TEST_ASSERT_EQUAL(0, w->end.calls);
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(w->end));
}

// With somebody else's resolver: the closing of its own would take a turn longer than the socket's.
static void test_close_cancels_and_says_when_no_handle_is_left() {
  w->dials.emplace(fixture::loop(), dialer_config{.names = std::make_shared<fixture::scripted_resolver>()});
  fixture::run();
  const operation waiting = w->start(w->full.path());
  recorder<pipe_stream> connected;
  const operation ready = w->dials->connect_unix(w->alive.path(), {}, connected.callback());
  std::size_t handles = 1;
  w->dials->close([&handles](outcome<done>) { handles = fixture::open_handles(); });
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(w->end));
  TEST_ASSERT_EQUAL_STRING("cancelled_error", ending(connected));
  TEST_ASSERT_EQUAL(0u, handles);
  TEST_ASSERT_THROWS(std::logic_error, w->start(w->alive.path()));
}

static void test_a_callback_may_dial_again_and_may_destroy_the_dialer() {
  int calls = 0;
  operation running;
  running = w->dials->connect_unix(w->alive.path(), {}, [&](outcome<pipe_stream>) {
    running = w->dials->connect_unix(w->folder / "nosuch", {}, [&](outcome<pipe_stream>) {
      ++calls;
      w->dials.reset();
    });
  });
  fixture::run();
  TEST_ASSERT_EQUAL(1, calls);
}

static void test_the_blocking_form_returns_or_throws() {
  const pipe_stream stream = w->dials->connect_unix_blocking(w->alive.path());
  const demo::descriptor peer = w->alive.accept();
  TEST_ASSERT_GREATER_OR_EQUAL(0, peer.get());
  TEST_ASSERT_THROWS(connect_error, w->dials->connect_unix_blocking(w->folder / "nosuch"));
  TEST_ASSERT_THROWS(timeout_error, w->dials->connect_unix_blocking(w->full.path(), {.timeout = 5ms}));
}

static void test_the_hook_and_the_trace_do_not_see_it() {
  int seen = 0;
  dialer dials(fixture::loop(), {.before_connect =
                                     [&seen](uv_tcp_t&, const endpoint&) {
                                       ++seen;
                                       return std::error_code{};
                                     },
                                 .trace = [&seen](const trace_event&) { ++seen; }});
  const operation running = dials.connect_unix(w->alive.path(), {}, w->end.callback());
  fixture::run();
  TEST_ASSERT_EQUAL_STRING("success", ending(w->end));
  TEST_ASSERT_EQUAL(0, seen);
}

int main() {
  UNITY_BEGIN();
  RUN_TEST(test_a_file_becomes_a_stream_that_reads_and_writes);
  RUN_TEST(test_an_abstract_name_is_written_with_a_zero_byte_or_an_at_sign);
  RUN_TEST(test_the_longest_names_are_taken_whole);
  RUN_TEST(test_a_path_that_cannot_be_is_refused_and_quoted);
  RUN_TEST(test_a_file_that_begins_with_an_at_sign_is_written_with_its_folder);
  RUN_TEST(test_bad_options_and_a_missing_callback_are_misuse);
  RUN_TEST(test_nobody_who_listens_is_connection_refused);
  RUN_TEST(test_an_abstract_name_that_nobody_has_is_refused_by_its_name);
  RUN_TEST(test_no_such_file_is_a_connect_error_with_its_code_and_report);
  RUN_TEST(test_a_socket_of_datagrams_is_a_connect_error);
  RUN_TEST(test_a_full_queue_is_waited_for);
  RUN_TEST(test_a_queue_that_stays_full_is_a_timeout_error);
  RUN_TEST(test_time_does_not_beat_room_that_is_there);
  RUN_TEST(test_a_cancel_while_it_waits_is_cancelled_error_from_the_loop);
  RUN_TEST(test_a_cancel_beats_a_success_that_waits);
  RUN_TEST(test_a_dropped_dial_stays_silent_and_frees_what_it_captured);
  RUN_TEST(test_destroying_the_dialer_cancels_from_the_loop);
  RUN_TEST(test_close_cancels_and_says_when_no_handle_is_left);
  RUN_TEST(test_a_callback_may_dial_again_and_may_destroy_the_dialer);
  RUN_TEST(test_the_blocking_form_returns_or_throws);
  RUN_TEST(test_the_hook_and_the_trace_do_not_see_it);
  return UNITY_END();
}
