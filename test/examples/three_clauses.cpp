// The blocking form, for programs that come from a synchronous socket API: one call, three catch clauses.
//   three_clauses HOST PORT       without arguments it goes once through each way to end, on the loopback
#include <uv.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

#include "loopback_peer.hpp"
#include <uvdial/uvdial.hpp>

namespace {

using namespace std::chrono_literals;

enum class ending { connected, misuse, failed, other };

// The call runs the loop until the dial has ended, and so all else that lives on this loop. It is not for
// callbacks: uv_run does not nest.
ending dial(uv_loop_t& loop, const std::string& host, const std::string& port) {
  try {
    uvdial::dialer dialer(loop);
    const uvdial::tcp_stream stream =
        dialer.connect_blocking(uvdial::target::parse(host, port), {.timeout = 10s});
    std::printf("connected to %s\n", stream.peer().to_string().c_str());
    return ending::connected;
  } catch (const std::invalid_argument& bad_text) {  // no network was touched: the text quotes what is wrong
    std::printf("misuse: %s\n", bad_text.what());
    return ending::misuse;
  } catch (const uvdial::error& why) {  // what() is a whole line; the same facts are there as values
    std::printf("%s%s\n", why.what(), why.temporary() ? " (might work later)" : "");
    for (const uvdial::attempt& tried : why.attempts())
      std::printf("  %s: %s\n", tried.to.to_string().c_str(), tried.why.message().c_str());
    return ending::failed;
  } catch (const std::exception& other) {  // std::bad_alloc, or a call from a callback
    std::printf("%s\n", other.what());
    return ending::other;
  }
}

// The clauses stand in this order because a std::invalid_argument and a uvdial::error are std::exceptions
// too.
bool every_clause(uv_loop_t& loop) {
  const loopback_peer peer(loop, {});
  const loopback_peer refusing(loop, {.refuses = true});
  return dial(loop, "127.0.0.1", "80x") == ending::misuse &&
         dial(loop, "127.0.0.1", std::to_string(refusing.port())) == ending::failed &&
         dial(loop, "127.0.0.1", std::to_string(peer.port())) == ending::connected;
}

}  // namespace

int main(int count, char** words) {
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return 1;

  bool worked = false;
  try {
    worked = count == 3 ? dial(loop, words[1], words[2]) == ending::connected : every_clause(loop);
  } catch (const std::exception& no_peer) {
    std::puts(no_peer.what());
  }
  uv_run(&loop, UV_RUN_DEFAULT);  // what was destroyed closes its handles here
  return uv_loop_close(&loop) == 0 && worked ? 0 : 1;
}
