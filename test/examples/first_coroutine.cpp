// Dial and read a line, as a coroutine.
//   first_coroutine HOST PORT       without arguments it reads from a listener of its own on the loopback
#include <uv.h>

#include <array>
#include <cstdio>
#include <span>
#include <string>
#include <variant>

#include "uvdial/uvdial.hpp"

namespace {

using namespace std::chrono_literals;

// The first line that a server says.
uvdial::task<std::string> first_line(uv_loop_t& loop, uvdial::target from) {
  uvdial::dialer dials(loop);
  uvdial::tcp_stream stream = co_await uvdial::connect(dials, from, {.timeout = 5s});
  std::array<std::byte, 512> buffer{};
  const auto got =
      co_await uvdial::first_of(uvdial::read_until(stream, "\n", buffer), uvdial::sleep(loop, 5s));
  if (got.index() == 1) throw std::runtime_error("the server says no line");
  co_return std::string(reinterpret_cast<const char*>(buffer.data()), std::get<0>(got) - 1);
}

// A server for those who have none: every connection is sent one line in two pieces.
class greeting_server {
 public:
  explicit greeting_server(uv_loop_t& loop) {
    sockaddr_in any{};
    int size = sizeof(any);
    auto* const name = reinterpret_cast<sockaddr*>(&any);
    if (uv_tcp_init(&loop, &listening_) != 0 || uv_tcp_init(&loop, &accepted_) != 0) return;
    uv_unref(reinterpret_cast<uv_handle_t*>(&listening_));
    listening_.data = this;
    if (uv_ip4_addr("127.0.0.1", 0, &any) != 0 || uv_tcp_bind(&listening_, name, 0) != 0) return;
    if (uv_listen(reinterpret_cast<uv_stream_t*>(&listening_), 8, on_connection) != 0) return;
    if (uv_tcp_getsockname(&listening_, name, &size) == 0) port_ = ntohs(any.sin_port);
  }
  void close() {
    uv_close(reinterpret_cast<uv_handle_t*>(&listening_), nullptr);
    uv_close(reinterpret_cast<uv_handle_t*>(&accepted_), nullptr);
  }
  uint16_t port() const noexcept { return port_; }

 private:
  static void on_connection(uv_stream_t* listening, int status) {
    auto* const self = static_cast<greeting_server*>(listening->data);
    auto* const stream = reinterpret_cast<uv_stream_t*>(&self->accepted_);
    if (status != 0 || uv_accept(listening, stream) != 0) return;
    self->say(stream, "220 hello ");
    self->say(stream, "there\n");
  }
  void say(uv_stream_t* to, const char* text) {
    uv_buf_t bytes = uv_buf_init(const_cast<char*>(text), static_cast<unsigned>(std::string(text).size()));
    if (uv_try_write(to, &bytes, 1) < 0) std::puts("the server cannot write");
  }

  uv_tcp_t listening_{};
  uv_tcp_t accepted_{};
  uint16_t port_ = 0;
};

}  // namespace

int main(int count, char** words) {
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return 1;
  greeting_server server(loop);

  std::string line;
  try {
    const uvdial::target from =
        count == 3 ? uvdial::target::parse(words[1], words[2]) : uvdial::target("localhost", server.port());
    line = uvdial::run(loop, first_line(loop, from));
    std::printf("%s\n", line.c_str());
  } catch (const std::exception& why) {  // uvdial::error is one, and so is what a bad argument throws
    std::puts(why.what());
  }
  server.close();
  uv_run(&loop, UV_RUN_DEFAULT);
  if (uv_loop_close(&loop) != 0) return 1;
  return count == 3 || line == "220 hello there" ? 0 : 1;
}
