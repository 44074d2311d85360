// A client that stays connected: it dials again when a dial fails or a connection ends, waiting longer each
// time.
//   reconnecting_client HOST PORT       prints what comes, until it is interrupted; without arguments it has
//                                       a peer of its own, which refuses, hangs up twice, and then serves
#include <uv.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "loopback_peer.hpp"
#include "timer.hpp"
#include <uvdial/uvdial.hpp>

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

// Full jitter: any time between nothing and a limit that doubles with each failure up to the cap. Clients
// that have lost the same server do not all come back at the same moment.
class backoff {
 public:
  backoff(milliseconds base, milliseconds cap) : base_(base), cap_(cap) {}
  void reset() noexcept { limit_ = base_; }
  milliseconds next() {
    const milliseconds limit = std::min(limit_, cap_);
    limit_ = limit * 2;
    return milliseconds(std::uniform_int_distribution<std::int64_t>(0, limit.count())(random_));
  }

 private:
  milliseconds base_, cap_, limit_{base_};
  std::mt19937_64 random_{std::random_device{}()};
};

struct client_options {
  milliseconds base{500};       // the longest first wait
  milliseconds cap{60'000};     // the longest wait of all
  milliseconds proven{30'000};  // a connection that stood so long starts the waits anew
};

// May be destroyed at any time but inside its own handlers; they may call start() and stop().
class reconnecting_client {
 public:
  using received_handler = uvdial::unique_function<void(std::string_view bytes)>;
  using lost_handler = uvdial::unique_function<void(std::string_view why, bool goes_on)>;

  reconnecting_client(uv_loop_t& loop, uvdial::target to, client_options options,
                      received_handler on_received, lost_handler on_lost)
      : loop_(loop),
        to_(std::move(to)),
        options_(options),
        on_received_(std::move(on_received)),
        on_lost_(std::move(on_lost)),
        backoff_(options.base, options.cap),
        dialer_(loop) {}

  void start() {
    if (retry_) return;
    retry_.emplace(loop_);
    backoff_.reset();
    dial();
  }

  // Whatever runs is dropped: no handler is called any more, and nothing of ours keeps the loop alive.
  void stop() noexcept {
    dial_ = {};
    read_ = {};
    stream_.reset();
    retry_.reset();
  }

 private:
  void dial() {
    dial_ = dialer_.connect(to_, {.timeout = 10s}, [this](uvdial::outcome<uvdial::tcp_stream> connected) {
      if (const uvdial::error* why = connected.failure()) return lose(why->what(), why->temporary());
      stream_.emplace(std::move(connected).value());
      connected_at_ = std::chrono::steady_clock::now();
      read();
    });
  }

  void read() {
    read_ = stream_->read(buffer_, [this](uvdial::outcome<std::size_t> arrived) {
      if (const uvdial::error* why = arrived.failure()) return lose(why->what(), why->temporary());
      const std::size_t count = std::move(arrived).value();
      if (count == 0) return lose("the peer has hung up", true);
      on_received_({reinterpret_cast<const char*>(buffer_.data()), count});
      if (stream_) read();  // unless the handler stopped us
    });
  }

  // A name that does not exist, an address that is forbidden: waiting mends neither, so the client gives up.
  void lose(std::string why, bool goes_on) {
    if (stream_ && std::chrono::steady_clock::now() - connected_at_ >= options_.proven) backoff_.reset();
    stream_.reset();
    if (goes_on)
      retry_->start(backoff_.next(), [this] { dial(); });
    else
      stop();
    on_lost_(why, goes_on);  // last: the handler may stop us
  }

  uv_loop_t& loop_;
  uvdial::target to_;
  client_options options_;
  received_handler on_received_;
  lost_handler on_lost_;
  backoff backoff_;
  std::chrono::steady_clock::time_point connected_at_{};
  std::array<std::byte, 4096> buffer_{};
  uvdial::dialer dialer_;
  std::optional<uvdial::tcp_stream> stream_{};
  uvdial::operation dial_{};
  uvdial::operation read_{};
  std::optional<timer> retry_{};  // empty: stopped
};

void print(std::string_view text) { std::printf("%.*s\n", static_cast<int>(text.size()), text.data()); }

bool stay_connected(uv_loop_t& loop, const uvdial::target& to) {
  reconnecting_client client(loop, to, {}, print, [](std::string_view why, bool) { print(why); });
  client.start();
  uv_run(&loop, UV_RUN_DEFAULT);
  return false;  // it has given up
}

bool reconnect_to_ourselves(uv_loop_t& loop) {
  loopback_peer peer(loop, {.greeting = "welcome\n", .turns_away = 2, .refuses = true});
  std::string received;
  int losses = 0;
  std::optional<reconnecting_client> client;
  const auto on_received = [&](std::string_view bytes) {
    received += bytes;
    if (received.ends_with('\n')) client->stop();
  };
  const auto on_lost = [&](std::string_view why, bool) {
    print(why);
    if (++losses == 1) peer.listen();
  };
  client.emplace(loop, uvdial::target("127.0.0.1", peer.port()), client_options{5ms, 40ms, 1h}, on_received,
                 on_lost);

  client->start();
  client->stop();  // before anything has happened
  uv_run(&loop, UV_RUN_DEFAULT);
  if (losses != 0) return false;

  client->start();
  uv_run(&loop, UV_RUN_DEFAULT);
  std::printf("after %d losses: %s", losses, received.c_str());
  return losses == 3 && received == "welcome\n";
}

}  // namespace

int main(int count, char** words) {
  // As libuv asks for: a write to a socket that is gone would end the program.
  (void)std::signal(SIGPIPE, SIG_IGN);
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return 1;

  bool worked = false;
  try {
    worked = count == 3 ? stay_connected(loop, uvdial::target::parse(words[1], words[2]))
                        : reconnect_to_ourselves(loop);
  } catch (const std::exception& misuse) {  // a bad port, an empty host
    std::puts(misuse.what());
  }
  uv_run(&loop, UV_RUN_DEFAULT);  // what was destroyed closes its handles here
  return uv_loop_close(&loop) == 0 && worked ? 0 : 1;
}
