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

#include "loopback_peer.hpp"
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

}  // namespace

int main(int count, char** words) {
  // As libuv asks for: a write to a socket that is gone would end the program.
  (void)std::signal(SIGPIPE, SIG_IGN);
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return 1;

  bool greeted = false;
  try {
    const loopback_peer peer(loop, {});
    const uvdial::target to =
        count == 3 ? uvdial::target::parse(words[1], words[2]) : uvdial::target("localhost", peer.port());
    const greeter hello(loop, to);
    uv_run(&loop, UV_RUN_DEFAULT);
    greeted = hello.greeted();
  } catch (const std::exception& misuse) {  // a bad port, an empty host
    std::puts(misuse.what());
  }
  uv_run(&loop, UV_RUN_DEFAULT);  // what was destroyed closes its handles here
  return uv_loop_close(&loop) == 0 && greeted ? 0 : 1;
}
