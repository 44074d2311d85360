#pragma once
// Streams of both kinds, with the other end a plain socket in the hands of the test.
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "support/connected.hpp"
#include "uvdial/pipe_stream.hpp"

namespace fixture {

// Takes the descriptor over.
inline uvdial::pipe_stream pipe_on(int descriptor) {
  auto* made = static_cast<uv_pipe_t*>(std::malloc(sizeof(uv_pipe_t)));
  TEST_ASSERT_EQUAL(0, uv_pipe_init(&loop(), made, 0));
  uvdial::pipe_handle owned(made);
  TEST_ASSERT_EQUAL(0, uv_pipe_open(made, descriptor));
  return uvdial::pipe_stream(std::move(owned));
}

struct two_ends {
  two_ends() : two_ends(made()) {}
  uvdial::demo::descriptor peer;
  uvdial::pipe_stream stream;

 private:
  struct numbers {
    int pair[2];
  };
  static numbers made() {
    numbers ends{};
    TEST_ASSERT_EQUAL(0, ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.pair));
    return ends;
  }
  explicit two_ends(numbers ends) : peer(ends.pair[0]), stream(pipe_on(ends.pair[1])) {}
};

// The same test over TCP and over a Unix-domain socket.
template <class Test>
void over_both(Test test) {
  {
    wired over_tcp;
    test(static_cast<uvdial::byte_stream&>(over_tcp.stream), over_tcp.peer);
  }
  run();
  two_ends over_a_pipe;
  test(static_cast<uvdial::byte_stream&>(over_a_pipe.stream), over_a_pipe.peer);
}

inline void send(const uvdial::demo::descriptor& from, std::string_view text) {
  TEST_ASSERT_EQUAL(text.size(), ::send(from.get(), text.data(), text.size(), MSG_NOSIGNAL));
}

inline void finish(const uvdial::demo::descriptor& end) {
  TEST_ASSERT_EQUAL(0, ::shutdown(end.get(), SHUT_WR));
}

inline void run_turns(int count) {
  for (int turn = 0; turn < count; ++turn) run_turn();
}

// One read of any form and its buffer. Pinned: the running read points to it.
struct taking {
  explicit taking(std::size_t room) : into(room, std::byte{'~'}) {}
  taking(const taking&) = delete;
  taking& operator=(const taking&) = delete;

  taking& some(uvdial::byte_stream& from) {
    running = from.read(into, fresh());
    return *this;
  }
  taking& exactly(uvdial::byte_stream& from) {
    running = from.read_exactly(into, fresh());
    return *this;
  }
  taking& until(uvdial::byte_stream& from, std::string_view delimiter) {
    running = from.read_until(delimiter, into, fresh());
    return *this;
  }
  taking& wait() {
    run_until([this] { return end.called(); });
    return *this;
  }
  std::string text() const {
    if (!end.succeeded()) return end.failure() ? end.failure()->what() : "not called";
    return {reinterpret_cast<const char*>(into.data()), *end.result->get_if()};
  }

  std::vector<std::byte> into;
  recorder<std::size_t> end{};
  uvdial::operation running{};

 private:
  uvdial::callback<std::size_t> fresh() {
    end.result.reset();
    end.calls = 0;
    return end.callback();
  }
};

// What the next read gives.
inline std::string next_bytes(uvdial::byte_stream& from, std::size_t room = 64) {
  taking next(room);
  return next.some(from).wait().text();
}

// Keeps the loop busy once, for so long, in the check phase: what comes meanwhile is in the sockets when timers run,
// before anybody has looked for it.
class held_up {
 public:
  explicit held_up(
      std::chrono::milliseconds time, std::function<void()> meanwhile = [] {})
      : time_(time), meanwhile_(std::move(meanwhile)) {
    TEST_ASSERT_EQUAL(0, uv_check_init(&loop(), &handle_));
    handle_.data = this;
    TEST_ASSERT_EQUAL(0, uv_check_start(&handle_, on_check));
    uv_unref(reinterpret_cast<uv_handle_t*>(&handle_));
  }
  held_up(const held_up&) = delete;
  held_up& operator=(const held_up&) = delete;
  ~held_up() {
    uv_close(reinterpret_cast<uv_handle_t*>(&handle_), nullptr);
    run_turn();
  }

 private:
  static void on_check(uv_check_t* handle) {
    auto* self = static_cast<held_up*>(handle->data);
    (void)uv_check_stop(handle);
    const auto microseconds = std::chrono::microseconds(self->time_).count();
    (void)::usleep(static_cast<useconds_t>(microseconds));
    self->meanwhile_();
  }

  std::chrono::milliseconds time_;
  std::function<void()> meanwhile_;
  uv_check_t handle_{};
};

}  // namespace fixture
