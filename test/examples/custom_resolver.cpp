// A resolver of one's own: some names come from a table, all others from DNS as ever.
//   custom_resolver HOST PORT       without arguments it dials a listener of its own by both ways
#include <uv.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "loopback_peer.hpp"
#include <uvdial/uvdial.hpp>

namespace {

using namespace std::chrono_literals;
using table = std::map<std::string, std::vector<uvdial::endpoint>>;

bool asks_for(uvdial::family_policy families, uvdial::ip_family family) {
  return families !=
         (family == uvdial::ip_family::v6 ? uvdial::family_policy::v4_only : uvdial::family_policy::v6_only);
}

// Names are found as they were typed: the table folds no case.
class table_resolver final : public uvdial::resolver {
 public:
  table_resolver(table known, std::shared_ptr<uvdial::resolver> others)
      : known_(std::move(known)), others_(std::move(others)) {}

  // Each family that is asked for gets one answer, addresses or a reason. It may come in here or later; the
  // dialer defers what has to be deferred. The handle owns a running lookup; an empty one is a lookup that
  // has ended.
  uvdial::lookup_handle lookup(const uvdial::question& asked, uvdial::answer_sink& sink) override {
    const auto found = known_.find(asked.host);
    if (found == known_.end()) return others_->lookup(asked, sink);
    for (const uvdial::ip_family family : {uvdial::ip_family::v6, uvdial::ip_family::v4})
      if (asks_for(asked.families, family)) sink.answered(answer_for(family, asked.port, found->second));
    return {};
  }

 private:
  static uvdial::answer answer_for(uvdial::ip_family family, std::uint16_t port,
                                   const std::vector<uvdial::endpoint>& all) {
    uvdial::answer made{family};
    for (const uvdial::endpoint& one : all)
      if (one.family() == family) made.endpoints.push_back(one.with_port(port));
    if (made.endpoints.empty()) made.why = uvdial::resolve_errc::no_address;
    return made;
  }

  table known_;
  std::shared_ptr<uvdial::resolver> others_;
};

uvdial::endpoint endpoint_of(const char* address) {
  return uvdial::endpoint::from_literal(address, 0).value();  // the port comes with the question
}

// Dials and hangs up.
bool reaches(uv_loop_t& loop, uvdial::dialer& dialer, const uvdial::target& to) {
  bool reached = false;
  const uvdial::operation dial =
      dialer.connect(to, {.timeout = 5s}, [&](uvdial::outcome<uvdial::tcp_stream> connected) {
        if (const uvdial::error* why = connected.failure()) return void(std::puts(why->what()));
        const uvdial::tcp_stream stream = std::move(connected).value();
        std::printf("%s is %s\n", to.to_string().c_str(), stream.peer().to_string().c_str());
        reached = true;
      });
  uv_run(&loop, UV_RUN_DEFAULT);
  return reached;
}

bool run(uv_loop_t& loop, int count, char** words) {
  const table known{{"database.test", {endpoint_of("::1"), endpoint_of("127.0.0.1")}}};
  const auto dns = std::make_shared<uvdial::ares_resolver>(loop);
  uvdial::dialer dialer(loop, {.names = std::make_shared<table_resolver>(known, dns)});
  if (count == 3) return reaches(loop, dialer, uvdial::target::parse(words[1], words[2]));

  const loopback_peer peer(loop, {});
  return reaches(loop, dialer, {"database.test", peer.port()}) &&  // from the table
         reaches(loop, dialer, {"localhost", peer.port()});        // from the other resolver
}

}  // namespace

int main(int count, char** words) {
  // As libuv asks for: a write to a socket that is gone would end the program.
  (void)std::signal(SIGPIPE, SIG_IGN);
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return 1;

  bool worked = false;
  try {
    worked = run(loop, count, words);
  } catch (const std::exception& misuse) {  // a bad port, an empty host
    std::puts(misuse.what());
  }
  uv_run(&loop, UV_RUN_DEFAULT);  // what was destroyed closes its handles here
  return uv_loop_close(&loop) == 0 && worked ? 0 : 1;
}
