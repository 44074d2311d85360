// Connect to a host by name on a loop that runs already, and say hello.
//   first_dial HOST PORT       without arguments it greets a listener of its own on the loopback
#include <uv.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <span>

#include <uvdial/uvdial.hpp>

namespace {

// Everything a connection needs, in one object that may die at any time.
class greeter {
 public:
  greeter(uv_loop_t& loop, const uvdial::target& to) : dialer_(loop) {
    using namespace std::chrono_literals;
    dial_ = dialer_.connect(to, {.timeout = 5s}, [this](uvdial::outcome<uvdial::tcp_stream> connected) {
      if (const uvdial::error* why = connected.failure()) return void(std::puts(why->what()));
      stream_ = std::make_unique<uvdial::tcp_stream>(std::move(connected).value());
      greet();
    });
  }
  bool greeted() const noexcept { return greeted_; }

 private:
  void greet() {
    static constexpr char hello[] = "hello\n";
    write_ = stream_->write(std::as_bytes(std::span(hello, std::strlen(hello))), [this](auto written) {
      if (const uvdial::error* why = written.failure()) return void(std::puts(why->what()));
      greeted_ = true;
      std::printf("greeted %s\n", stream_->peer().to_string().c_str());
      stream_.reset();
    });
  }

  uvdial::dialer dialer_;
  uvdial::operation dial_;
  std::unique_ptr<uvdial::tcp_stream> stream_;
  uvdial::operation write_;
  bool greeted_ = false;
};

// A listener for those who have nobody to greet. It keeps no connection.
void close_quietly(uv_handle_t*) {}

uint16_t listen_on_loopback(uv_tcp_t& listener) {
  sockaddr_in any{};
  int size = sizeof(any);
  if (uv_ip4_addr("127.0.0.1", 0, &any) != 0) return 0;
  if (uv_tcp_bind(&listener, reinterpret_cast<const sockaddr*>(&any), 0) != 0) return 0;
  if (uv_listen(reinterpret_cast<uv_stream_t*>(&listener), 8, [](uv_stream_t*, int) {}) != 0) return 0;
  if (uv_tcp_getsockname(&listener, reinterpret_cast<sockaddr*>(&any), &size) != 0) return 0;
  return ntohs(any.sin_port);
}

}  // namespace

int main(int count, char** words) {
  // As libuv asks for: a write to a socket that is gone would end the program.
  (void)std::signal(SIGPIPE, SIG_IGN);
  uv_loop_t loop;
  uv_tcp_t listener;
  if (uv_loop_init(&loop) != 0 || uv_tcp_init(&loop, &listener) != 0) return 1;
  uv_unref(reinterpret_cast<uv_handle_t*>(&listener));

  bool greeted = false;
  try {
    const uvdial::target to = count == 3 ? uvdial::target::parse(words[1], words[2])
                                         : uvdial::target("localhost", listen_on_loopback(listener));
    const greeter hello(loop, to);
    uv_run(&loop, UV_RUN_DEFAULT);
    greeted = hello.greeted();
  } catch (const std::exception& misuse) {  // a bad port, an empty host
    std::puts(misuse.what());
  }
  uv_close(reinterpret_cast<uv_handle_t*>(&listener), close_quietly);
  uv_run(&loop, UV_RUN_DEFAULT);
  return uv_loop_close(&loop) == 0 && greeted ? 0 : 1;
}
