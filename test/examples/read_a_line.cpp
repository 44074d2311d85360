// Connect, and read one line: what arrives goes straight into a buffer of ours.
//   read_a_line HOST PORT       without arguments it reads from a listener of its own on the loopback
#include <uv.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "loopback_peer.hpp"
#include <uvdial/uvdial.hpp>

namespace {

using namespace std::chrono_literals;

// Holds all that its callbacks touch, the buffer too. Destroying it at any time is safe: the operations are
// members, and a callback never runs after its operation is gone.
class line_reader {
 public:
  line_reader(uv_loop_t& loop, const uvdial::target& from) : dialer_(loop) {
    dial_ = dialer_.connect(from, {.timeout = 5s}, [this](uvdial::outcome<uvdial::tcp_stream> connected) {
      if (const uvdial::error* why = connected.failure()) return fail(why->what());
      stream_.emplace(std::move(connected).value());
      read_line();
    });
  }

  const std::optional<std::string>& line() const noexcept { return line_; }

 private:
  // A line that is too long, and a stream that ends before it does, are failures; so is a peer that says nothing
  // for five seconds. What comes behind the line stays in the socket.
  void read_line() {
    stream_->set_read_timeout(5s);
    read_ = stream_->read_until("\n", buffer_, [this](uvdial::outcome<std::size_t> arrived) {
      if (const uvdial::error* why = arrived.failure()) return fail(why->what());
      got_line({reinterpret_cast<const char*>(buffer_.data()), std::move(arrived).value()});
    });
  }

  void got_line(std::string_view text) {
    text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
    line_ = text;
    std::printf("%s says: %s\n", stream_->peer().to_string().c_str(), line_->c_str());
    stream_.reset();  // closes; inside a callback of this very stream that is allowed
  }

  void fail(const char* why) {
    std::puts(why);
    stream_.reset();
  }

  uvdial::dialer dialer_;
  std::array<std::byte, 512> buffer_{};
  std::optional<std::string> line_{};
  std::optional<uvdial::tcp_stream> stream_{};
  uvdial::operation dial_{};
  uvdial::operation read_{};
};

std::optional<std::string> read_from(uv_loop_t& loop, const uvdial::target& from) {
  const line_reader reader(loop, from);
  uv_run(&loop, UV_RUN_DEFAULT);
  return reader.line();
}

bool read_from_ourselves(uv_loop_t& loop) {
  const loopback_peer peer(loop, {.greeting = "good morning\r\nand more\r\n"});
  return read_from(loop, uvdial::target("127.0.0.1", peer.port())) == "good morning";
}

}  // namespace

int main(int count, char** words) {
  // As libuv asks for: a write to a socket that is gone would end the program.
  (void)std::signal(SIGPIPE, SIG_IGN);
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return 1;

  bool worked = false;
  try {
    worked = count == 3 ? read_from(loop, uvdial::target::parse(words[1], words[2])).has_value()
                        : read_from_ourselves(loop);
  } catch (const std::exception& misuse) {  // a bad port, an empty host
    std::puts(misuse.what());
  }
  uv_run(&loop, UV_RUN_DEFAULT);  // what was destroyed closes its handles here
  return uv_loop_close(&loop) == 0 && worked ? 0 : 1;
}
