// Errors told apart by their kind: no throw, no dynamic_cast. Compiled with -fno-rtti, against a library that has RTTI.
//   without_rtti HOST PORT        without arguments it dials a peer of its own, a port where nobody listens, and names
//                                 that a resolver of its own does not know
#include <uv.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "loopback_peer.hpp"
#include <uvdial/uvdial.hpp>

#ifdef __GXX_RTTI
#error "this is to be compiled with -fno-rtti"
#endif

namespace {

using namespace std::chrono_literals;

// What a program does about each. Leaves that want the same share a line; no kind is left to `default`, so that the
// compiler says when there is a new one.
const char* what_to_do(const uvdial::error& why) {
  switch (why.kind()) {
    case uvdial::error_kind::host_not_found:
    case uvdial::error_kind::no_address: return "ask whoever typed the name";
    case uvdial::error_kind::address_blocked: return "refuse the request";
    case uvdial::error_kind::cancelled: return "nothing: we wanted it";
    case uvdial::error_kind::out_of_resources: return "close something, then try again";
    case uvdial::error_kind::dns_failure:
    case uvdial::error_kind::dns_timeout:
    case uvdial::error_kind::connection_refused:
    case uvdial::error_kind::unreachable:
    case uvdial::error_kind::timeout:
    case uvdial::error_kind::connection_reset: return "try again later";
    case uvdial::error_kind::resolve:
    case uvdial::error_kind::connect:
    case uvdial::error_kind::stream: break;
  }
  return why.temporary() ? "try again later" : "tell the operator";
}

// Knows no name at all. Classes of a program without RTTI may derive from those of the library.
class no_names final : public uvdial::resolver {
 public:
  uvdial::lookup_handle lookup(const uvdial::question&, uvdial::answer_sink& sink) override {
    for (const auto family : {uvdial::ip_family::v6, uvdial::ip_family::v4})
      sink.answered({.family = family, .why = uvdial::resolve_errc::host_not_found});
    return {};
  }
};

struct ending {
  bool connected = false;
  uvdial::error_kind kind{};
};

ending dial(uv_loop_t& loop, const uvdial::target& to) {
  ending seen;
  uvdial::dialer dialer(loop, {.names = std::make_shared<no_names>()});
  dialer
      .connect(to, {.timeout = 10s},
               [&seen, &to](uvdial::outcome<uvdial::tcp_stream> ended) {
                 const uvdial::error* const why = ended.failure();
                 seen.connected = why == nullptr;
                 if (why) seen.kind = why->kind();
                 std::printf("%s: %s\n", to.to_string().c_str(), why ? what_to_do(*why) : "connected");
               })
      .detach();
  uv_run(&loop, UV_RUN_DEFAULT);
  return seen;
}

// Types are caught as ever: only typeid and dynamic_cast are gone.
bool caught_as_a_leaf(uv_loop_t& loop, const uvdial::target& to) {
  try {
    (void)uvdial::dialer(loop).connect_blocking(to, {.timeout = 10s});
  } catch (const uvdial::connection_refused& why) {
    return why.kind() == uvdial::error_kind::connection_refused;
  }
  return false;
}

bool every_ending(uv_loop_t& loop) {
  const loopback_peer refusing(loop, {.refuses = true});
  const uvdial::target nobody("127.0.0.1", refusing.port());
  {
    const loopback_peer peer(loop, {});
    if (!dial(loop, {"127.0.0.1", peer.port()}).connected) return false;
  }
  return dial(loop, nobody).kind == uvdial::error_kind::connection_refused &&
         dial(loop, {"host.test", 80}).kind == uvdial::error_kind::host_not_found &&
         caught_as_a_leaf(loop, nobody);
}

}  // namespace

int main(int count, char** words) {
  uv_loop_t* const loop = uv_default_loop();
  bool ended_well = false;
  if (count == 3)
    ended_well = dial(*loop, uvdial::target::parse(words[1], words[2])).connected;
  else
    ended_well = every_ending(*loop);
  uv_run(loop, UV_RUN_DEFAULT);
  return ended_well && uv_loop_close(loop) == 0 ? 0 : 1;
}
