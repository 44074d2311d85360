// Each class of error once, with its line: what a log will show, and a way to try out what a program does then. At the
// end some mistakes of the program itself. No network is needed. Names are answered by a resolver of our own, which says
// what we want to hear.
#include <uv.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "loopback_peer.hpp"
#include <uvdial/uvdial.hpp>

namespace {

using namespace std::chrono_literals;

uvdial::endpoint address(const char* text, std::uint16_t port) {
  return uvdial::endpoint::from_literal(text, port).value();
}

// Says the same about every name; without a reason it says nothing at all.
class scripted_resolver final : public uvdial::resolver {
 public:
  explicit scripted_resolver(std::error_code why) : why_(why) {}

  uvdial::lookup_handle lookup(const uvdial::question&, uvdial::answer_sink& sink) override {
    if (!why_) return {};
    for (const uvdial::ip_family family : {uvdial::ip_family::v6, uvdial::ip_family::v4}) {
      uvdial::answer told{family};
      told.why = why_;
      told.server = address("192.0.2.53", 53);
      sink.answered(std::move(told));
    }
    return {};
  }

 private:
  std::error_code why_;
};

uvdial::task<> fail_to_resolve(uv_loop_t& loop, std::error_code why) {
  uvdial::dialer dials(loop, {.names = std::make_shared<scripted_resolver>(why)});
  (void)co_await uvdial::connect(dials, {"db.test", 5432}, {.timeout = 50ms});
}

// Two addresses of one host that both refuse.
uvdial::task<> be_refused(uv_loop_t& loop) {
  const loopback_peer refusing(loop, {.refuses = true});
  const std::array both{address("127.0.0.1", refusing.port()), address("127.0.0.2", refusing.port())};
  uvdial::dialer dials(loop);
  (void)co_await uvdial::connect(dials, std::span<const uvdial::endpoint>(both));
}

// One refuses, the other is refused by a hook of the program.
uvdial::task<> fail_in_two_ways(uv_loop_t& loop) {
  const loopback_peer refusing(loop, {.refuses = true});
  const std::array both{address("127.0.0.1", refusing.port()), address("127.0.0.2", refusing.port())};
  const auto hook = [](uv_tcp_t&, const uvdial::endpoint& to) -> std::error_code {
    if (to.address_to_string() != "127.0.0.2") return {};
    return {UV_EPERM, uvdial::uv_category()};
  };
  uvdial::dialer dials(loop, {.before_connect = hook});
  (void)co_await uvdial::connect(dials, std::span<const uvdial::endpoint>(both));
}

// From an address that this machine does not have.
uvdial::task<> be_unreachable(uv_loop_t& loop) {
  uvdial::dialer dials(loop);
  (void)co_await uvdial::connect(dials, address("127.0.0.1", 9), {.bind_v4 = address("192.0.2.9", 0)});
}

uvdial::task<> be_blocked(uv_loop_t& loop) {
  uvdial::dialer dials(loop, {.policy = uvdial::address_policy::public_only()});
  (void)co_await uvdial::connect(dials, {"127.0.0.1", 9});
}

// What a machine says that has no descriptor left; here it is the hook that says so.
uvdial::task<> run_out_of_descriptors(uv_loop_t& loop) {
  const auto hook = [](uv_tcp_t&, const uvdial::endpoint&) -> std::error_code {
    return {UV_EMFILE, uvdial::uv_category()};
  };
  uvdial::dialer dials(loop, {.before_connect = hook});
  (void)co_await uvdial::connect(dials, address("127.0.0.1", 9));
}

uvdial::task<> be_cancelled(uv_loop_t& loop) {
  uvdial::dialer dials(loop, {.names = std::make_shared<scripted_resolver>(std::error_code())});
  std::stop_source stop;
  stop.request_stop();
  (void)co_await uvdial::connect(dials, {"db.test", 5432}, {}, stop.get_token());
}

// The peer ends the stream before the line is whole.
uvdial::task<> read_half_a_line(uv_loop_t& loop) {
  const loopback_peer peer(loop, {.greeting = "hel", .hangs_up = true});
  uvdial::dialer dials(loop);
  uvdial::tcp_stream stream = co_await uvdial::connect(dials, address("127.0.0.1", peer.port()));
  std::array<std::byte, 64> line{};
  (void)co_await uvdial::read_until(stream, "\n", line);
}

// The peer is gone; its machine says so when something is sent to it.
uvdial::task<> write_to_nobody(uv_loop_t& loop) {
  const loopback_peer peer(loop, {.turns_away = 1});
  uvdial::dialer dials(loop);
  uvdial::tcp_stream stream = co_await uvdial::connect(dials, address("127.0.0.1", peer.port()));
  std::array<std::byte, 64> rest{};
  while (co_await uvdial::read(stream, rest) != 0) {}
  for (;;) (void)co_await uvdial::write(stream, rest);
}

bool ends_as(uv_loop_t& loop, uvdial::task<> ending, uvdial::error_kind expected) {
  try {
    uvdial::run(loop, std::move(ending));
  } catch (const uvdial::error& why) {
    std::printf("%s, %s%s\n  %s\n", uvdial::kind_name(why.kind()).data(),
                uvdial::code_name(why.code()).data(), why.temporary() ? ", temporary" : "", why.what());
    return why.kind() == expected;
  }
  return false;
}

bool every_error(uv_loop_t& loop) {
  using uvdial::error_kind;
  using uvdial::resolve_errc;
  return ends_as(loop, fail_to_resolve(loop, resolve_errc::host_not_found), error_kind::host_not_found) &&
         ends_as(loop, fail_to_resolve(loop, resolve_errc::no_address), error_kind::no_address) &&
         ends_as(loop, fail_to_resolve(loop, resolve_errc::dns_failure), error_kind::dns_failure) &&
         ends_as(loop, fail_to_resolve(loop, resolve_errc::dns_timeout), error_kind::dns_timeout) &&
         ends_as(loop, be_refused(loop), error_kind::connection_refused) &&
         ends_as(loop, fail_in_two_ways(loop), error_kind::connect) &&
         ends_as(loop, be_unreachable(loop), error_kind::unreachable) &&
         ends_as(loop, be_blocked(loop), error_kind::address_blocked) &&
         ends_as(loop, run_out_of_descriptors(loop), error_kind::out_of_resources) &&
         ends_as(loop, fail_to_resolve(loop, {}), error_kind::timeout) &&
         ends_as(loop, be_cancelled(loop), error_kind::cancelled) &&
         ends_as(loop, read_half_a_line(loop), error_kind::stream) &&
         ends_as(loop, write_to_nobody(loop), error_kind::connection_reset);
}

// What a call throws at once, before anything has begun.
template <class Call>
bool is_misuse(Call call) {
  try {
    call();
  } catch (const std::logic_error& mistake) {  // std::invalid_argument is one
    std::printf("  %s\n", mistake.what());
    return true;
  }
  return false;
}

bool every_misuse(uv_loop_t& loop) {
  std::puts("misuse");
  uvdial::dialer dials(loop);
  const auto never = [](uvdial::outcome<uvdial::tcp_stream>) {};
  const auto too_soon = [&] { (void)dials.connect({"db.test", 5432}, {.attempt_delay = 5ms}, never); };
  const auto too_late = [&] {
    dials.close([](uvdial::outcome<uvdial::done>) {});
    (void)dials.connect({"db.test", 5432}, {}, never);
  };
  return is_misuse([] { (void)uvdial::target::parse("db.test"); }) &&
         is_misuse([] { (void)uvdial::target::parse("https://db.test:443"); }) &&
         is_misuse([] { (void)uvdial::target::parse("2001:db8::1:443"); }) &&
         is_misuse([] { (void)uvdial::address_policy().deny("10.0.0.1/8"); }) && is_misuse(too_soon) &&
         is_misuse(too_late);
}

}  // namespace

int main() {
  // As libuv asks for: a write to a socket that is gone would end the program.
  (void)std::signal(SIGPIPE, SIG_IGN);
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return 1;

  bool good = false;
  try {
    good = every_error(loop) && every_misuse(loop);
  } catch (const std::exception& other) {
    std::puts(other.what());
  }
  uv_run(&loop, UV_RUN_DEFAULT);  // what was destroyed closes its handles here
  return uv_loop_close(&loop) == 0 && good ? 0 : 1;
}
