// Each feature of uvdial once, from an installed copy: what compiles and runs here is there for everybody.
// One line for each; the exit status is 0 when all of them said what they should.
#include <unistd.h>
#include <uv.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <uvdial/uvdial.hpp>

using namespace std::chrono_literals;
using uvdial::task;

namespace {

int failures = 0;

void check(bool right, const char* what) {
  std::printf("%s %s\n", right ? "ok  " : "FAIL", what);
  if (!right) ++failures;
}

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string_view text(std::span<const std::byte> of, std::size_t size) {
  return {reinterpret_cast<const char*>(of.data()), size};
}

// A peer in plain libuv: greets with two lines, then sends back what it gets.
class echo_server {
 public:
  echo_server(uv_loop_t& loop, const char* path) {
    sockaddr_in any{};
    uv_ip4_addr("127.0.0.1", 0, &any);
    uv_tcp_init(&loop, &tcp_);
    uv_tcp_bind(&tcp_, reinterpret_cast<const sockaddr*>(&any), 0);
    uv_listen(reinterpret_cast<uv_stream_t*>(&tcp_), 8, accept<uv_tcp_t, uv_tcp_init>);
    uv_pipe_init(&loop, &pipe_, 0);
    uv_pipe_bind(&pipe_, path);
    uv_listen(reinterpret_cast<uv_stream_t*>(&pipe_), 8, accept<uv_pipe_t, init_pipe>);
  }
  void close() {
    uv_close(reinterpret_cast<uv_handle_t*>(&tcp_), nullptr);
    uv_close(reinterpret_cast<uv_handle_t*>(&pipe_), nullptr);
  }
  uvdial::endpoint address() const {
    sockaddr_storage found{};
    int size = sizeof found;
    uv_tcp_getsockname(&tcp_, reinterpret_cast<sockaddr*>(&found), &size);
    return uvdial::endpoint(reinterpret_cast<const sockaddr&>(found));
  }

 private:
  static void freed(uv_handle_t* handle) { std::free(handle); }
  static int init_pipe(uv_loop_t* loop, uv_pipe_t* pipe) { return uv_pipe_init(loop, pipe, 0); }
  template <class Handle, int (*init)(uv_loop_t*, Handle*)>
  static void accept(uv_stream_t* listener, int) {
    auto* peer = static_cast<Handle*>(std::malloc(sizeof(Handle)));
    init(listener->loop, peer);
    auto* stream = reinterpret_cast<uv_stream_t*>(peer);
    uv_accept(listener, stream);
    send(stream, "hello\nworld\n");
    uv_read_start(stream, room, echo);
  }
  static void send(uv_stream_t* to, std::string_view what) {
    uv_buf_t buffer = uv_buf_init(const_cast<char*>(what.data()), static_cast<unsigned>(what.size()));
    uv_try_write(to, &buffer, 1);
  }
  static void room(uv_handle_t*, std::size_t, uv_buf_t* buffer) {
    static char space[65536];
    *buffer = uv_buf_init(space, sizeof space);
  }
  static void echo(uv_stream_t* peer, ssize_t count, const uv_buf_t* buffer) {
    if (count > 0) return send(peer, {buffer->base, static_cast<std::size_t>(count)});
    if (count < 0) uv_close(reinterpret_cast<uv_handle_t*>(peer), freed);
  }

  uv_tcp_t tcp_;
  uv_pipe_t pipe_;
};

// A resolver of one's own: every name is the server.
class one_host final : public uvdial::resolver {
 public:
  explicit one_host(const uvdial::endpoint& there) : there_(there) {}
  uvdial::lookup_handle lookup(const uvdial::question& asked, uvdial::answer_sink& sink) override {
    sink.answered({.family = uvdial::ip_family::v6, .why = uvdial::resolve_errc::no_address});
    sink.answered({.family = uvdial::ip_family::v4, .endpoints = {there_.with_port(asked.port)}});
    return {};
  }

 private:
  uvdial::endpoint there_;
};

task<> streams(uv_loop_t& loop, uvdial::dialer& dials, uvdial::endpoint there) {
  uvdial::tcp_stream stream = co_await connect(dials, there, {.timeout = 5s, .bind_v4 = there.with_port(0)});
  std::byte space[64];
  stream.set_read_timeout(5s);
  std::size_t size = co_await read_until(stream, "\n", space);
  check(text(space, size) == "hello\n", "read_until");
  size = co_await read_exactly(stream, std::span(space, 6));
  check(text(space, size) == "world\n", "read_exactly");

  stream.no_delay(true);
  stream.keep_alive(60s, 10s, 5);
  stream.set_send_buffer_size(64 * 1024);
  stream.set_high_water_mark(1024);
  const std::span<const std::byte> parts[] = {bytes("one "), bytes("two\n")};
  co_await write(stream, parts);
  co_await wait_for_room(stream);
  size = co_await read_until(stream, "\n", space);
  check(text(space, size) == "one two\n", "a gathered write");

  auto silence = co_await first_of(read(stream, space), uvdial::sleep(loop, 5ms));
  check(silence.index() == 1, "first_of a read and a sleep");
  std::stop_source stop;
  stop.request_stop();
  try {
    co_await read(stream, space, stop.get_token());
    check(false, "a stopped read");
  } catch (const uvdial::cancelled_error&) {
    check(true, "a stopped read");
  }

  stream = uvdial::tcp_stream::adopt(loop, std::move(stream).release_socket());
  co_await write(stream, bytes("adopted\n"));
  co_await shutdown(stream);
  size = co_await read(stream, space);
  check(text(space, size) == "adopted\n", "release, adopt, half-close");
  const uvdial::tcp_handle raw = std::move(stream).release();
  check(raw && raw->data == nullptr, "release to plain libuv");
}

task<> names(uvdial::ares_resolver& ares, uv_loop_t& loop) {
  auto [entry, back] =
      co_await when_all(resolve(ares, "localhost"), reverse(ares, uvdial::endpoint::parse("127.0.0.1:1")));
  check(!entry.endpoints.empty() && !back.empty(), "resolve and reverse, both at once");
  uvdial::system_resolver system(loop);
  check(!(co_await resolve(system, "localhost")).endpoints.empty(), "the system's resolver");
}

task<> unix_socket(uvdial::dialer& dials, std::string path) {
  uvdial::pipe_stream stream = co_await connect_unix(dials, path);
  std::byte space[6];
  co_await read_exactly(stream, space);
  check(text(space, 6) == "hello\n", "connect_unix");
}

void dial_options_one_by_one(uv_loop_t& loop, const uvdial::endpoint& there) {
  int steps = 0, hooks = 0;
  uvdial::confirm_step yes = [](uvdial::tcp_stream&, const uvdial::endpoint&, uvdial::confirmation answer) {
    answer.yes();
  };
  uvdial::dial_report report;
  uvdial::dialer dials(loop, {.names = std::make_shared<one_host>(there),
                              .before_connect =
                                  [&](uv_tcp_t&, const uvdial::endpoint&) {
                                    ++hooks;
                                    return std::error_code();
                                  },
                              .trace = [&](const uvdial::trace_event&) { ++steps; }});
  uvdial::tcp_stream stream = dials.connect_blocking(
      {"anything.test", there.port()},
      {.timeout = 5s, .attempt_timeout = 1s, .remember = false, .confirm = &yes, .report = &report});
  check(steps > 4 && hooks == 1, "a resolver of one's own, the trace, the hook before the connect");
  check(report.winner == 0u && !uvdial::explain_win(report).empty(), "a confirmed dial and its report");

  std::byte space[64];
  std::size_t total = 0;
  bool ended = false;
  auto reading = stream.receive(
      space,
      [&](auto chunk) {
        total += chunk.size();
        if (total == 12) stream.pause();
      },
      [&](auto) { ended = true; });
  while (total < 12) uv_run(&loop, UV_RUN_ONCE);
  stream.resume();
  reading.cancel();
  while (!ended) uv_run(&loop, UV_RUN_ONCE);
  check(total == 12, "receive, pause, resume, cancel");
  stream.reset();
}

void errors(uv_loop_t& loop, const uvdial::endpoint& there) {
  uvdial::dialer guarded(loop, {.policy = uvdial::address_policy::public_only().allow("192.0.2.0/24")});
  try {
    (void)guarded.connect_blocking(there);
  } catch (const uvdial::address_blocked& why) {
    check(why.attempts().size() == 1, why.what());
  }
  try {
    (void)guarded.connect_blocking({"name.invalid", 0});
  } catch (const std::invalid_argument& wrong) {
    check(true, wrong.what());
  }
}

}  // namespace

int main() {
  (void)std::signal(SIGPIPE, SIG_IGN);
  const std::string path = "/tmp/uvdial-every-feature." + std::to_string(getpid());
  uv_loop_t loop;
  uv_loop_init(&loop);
  echo_server server(loop, path.c_str());
  {
    auto ares = std::make_shared<uvdial::ares_resolver>(loop);
    uvdial::dialer dials(loop, {.names = ares});
    run(loop, streams(loop, dials, server.address()));
    run(loop, names(*ares, loop));
    bool spawned = false;
    auto work =
        spawn(loop, unix_socket(dials, path), [&](auto ended) { spawned = ended.failure() == nullptr; });
    while (work.running()) uv_run(&loop, UV_RUN_ONCE);
    check(spawned, "spawn");
    dial_options_one_by_one(loop, server.address());
    errors(loop, server.address());
  }
  server.close();
  uv_run(&loop, UV_RUN_DEFAULT);
  check(uv_loop_close(&loop) == 0, "the loop is empty");
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
