// Dial hosts that other people chose, as a fetcher of links or a sender of webhooks does, without being led
// into one's own network: into the loopback, private addresses, or a cloud's metadata service.
//   public_only HOST PORT      without arguments it tries to reach a listener of its own in several disguises
#include <uv.h>

#include <cstdio>
#include <string>

#include "loopback_peer.hpp"
#include <uvdial/uvdial.hpp>

namespace {

enum class result { connected, blocked, failed };

// One dial, under the policy of its dialer.
result dial(uvdial::dialer& dialer, const uvdial::target& to) {
  try {
    const uvdial::tcp_stream stream = dialer.connect_blocking(to);
    std::printf("connected to %s\n", stream.peer().to_string().c_str());
    return result::connected;
  } catch (const uvdial::address_blocked& why) {  // before uvdial::error, which it is too
    std::puts(why.what());
    for (const uvdial::attempt& each : why.attempts())
      std::printf("  not tried: %s\n", each.to.address_to_string().c_str());
    return result::blocked;
  } catch (const uvdial::error& why) {  // no such name, refused, a deadline, ...
    std::puts(why.what());
    return result::failed;
  }
}

// Whatever the host is called, it is the address that counts. The second dialer makes an exception, and so
// shows that somebody listens there: what is said of a single address outranks what is said of a larger
// network.
bool everything_as_expected(uv_loop_t& loop) {
  const loopback_peer secret(loop, {});  // something in one's own network that strangers must not reach
  const std::uint16_t port = secret.port();
  uvdial::dialer guarded(loop, {.policy = uvdial::address_policy::public_only()});
  for (const char* host : {"127.0.0.1", "localhost", "0.0.0.0", "::1", "::ffff:127.0.0.1"}) {
    if (dial(guarded, {host, port}) != result::blocked) return false;
  }
  uvdial::dialer trusting(loop, {.policy = uvdial::address_policy::public_only().allow("127.0.0.1")});
  return dial(trusting, {"127.0.0.1", port}) == result::connected &&
         dial(trusting, {"127.0.0.2", port}) == result::blocked;
}

}  // namespace

int main(int count, char** words) {
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return 1;

  bool good = false;
  try {
    if (count == 3) {
      // The policy belongs to the dialer, so that no single dial can forget it.
      uvdial::dialer dialer(loop, {.policy = uvdial::address_policy::public_only()});
      good = dial(dialer, uvdial::target::parse(words[1], words[2])) == result::connected;
    } else {
      good = everything_as_expected(loop);
    }
  } catch (const std::exception& misuse) {  // a bad port, an empty host
    std::puts(misuse.what());
  }
  uv_run(&loop, UV_RUN_DEFAULT);  // what was destroyed closes its handles here
  return uv_loop_close(&loop) == 0 && good ? 0 : 1;
}
