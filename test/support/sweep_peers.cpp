#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "demo/dns_responder.hpp"
#include "demo/peers.hpp"
#include "support/sweep_rig.hpp"
#include "support/unix_listener.hpp"

namespace sweep {

namespace {

using namespace uvdial;

struct ports {
  std::uint16_t dns, open, closed;
};

// A socket outside of libuv whose readiness calls `act`.
void watch(uv_loop_t& loop, uv_poll_t& handle, int descriptor, void* context, uv_poll_cb act) {
  if (uv_poll_init(&loop, &handle, descriptor) != 0) throw std::runtime_error("no uv_poll_init");
  handle.data = context;
  if (uv_poll_start(&handle, UV_READABLE, act) != 0) throw std::runtime_error("no uv_poll_start");
}

// Until the other end of `until` is closed.
void serve(const std::string& path, int tell, int until) {
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) throw std::runtime_error("no loop");
  const std::vector<std::string> both = demo::v6_loopback_available()
                                            ? std::vector<std::string>{"::1", "127.0.0.1"}
                                            : std::vector<std::string>{"127.0.0.1"};
  demo::dns_responder dns(loop);
  dns.host("both.test", {.addresses = both});
  dns.host("large.test", {.addresses = both, .fault = demo::reply_fault::truncated});
  dns.host("alias.test", {.addresses = both, .aliases = {"on.the.way.test", "at.last.test"}});
  dns.host("short.second.test", {.addresses = {"127.0.0.1"}});
  dns.answer("7.2.0.192.in-addr.arpa", demo::record_type::ptr, {.names = {"both.test"}});
  auto taken =
      both.size() == 2 ? demo::reserve_same({"127.0.0.1", "::1"}) : demo::reserve_same({"127.0.0.1"});
  std::list<demo::listener> open;
  for (demo::reserved_port& each : taken)
    open.emplace_back(loop, std::move(each), demo::listener_options{.then = demo::behaviour::echo});
  const demo::reserved_port closed = demo::reserve(ip_family::v4);
  const fixture::unix_listener at_path(path);

  const ports found{dns.address().port(), open.front().address().port(), closed.address().port()};
  if (::write(tell, &found, sizeof found) != sizeof found) throw std::runtime_error("nobody reads");
  uv_poll_t waiting;
  struct acceptor {
    const fixture::unix_listener& from;
    uv_poll_t ready;
  } unix_side{at_path, {}};
  watch(loop, waiting, until, nullptr, [](uv_poll_t* handle, int, int) { uv_stop(handle->loop); });
  // accept4() is called on what the listener has; the descriptor is closed at once.
  watch(loop, unix_side.ready, at_path.number(), &unix_side,
        [](uv_poll_t* handle, int, int) { (void)static_cast<acceptor*>(handle->data)->from.accept(); });
  (void)uv_run(&loop, UV_RUN_DEFAULT);
}

std::string made_file(const char* text) {
  char path[] = "/tmp/uvdial-test-XXXXXX";
  const int descriptor = mkstemp(path);
  if (descriptor < 0) throw std::runtime_error("no temporary file");
  (void)::close(descriptor);  // empty so far
  std::ofstream(path) << text;
  return path;
}

}  // namespace

// All are in place before the first thread of this process is.
peers::peers()
    : path(std::string("@uvdial-sweep-") + std::to_string(::getpid())),
      hosts(made_file(
          "192.0.2.1 other.test\n127.0.0.1 written.test alias.of.it.test\n192.0.2.8 reversed.test\n")),
      resolv_conf(made_file("nameserver 192.0.2.53\noptions ndots:1\n")) {
  if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) throw std::runtime_error("SIGPIPE");  // on both sides
  int told[2];
  int until[2];
  if (::pipe(told) != 0 || ::pipe(until) != 0) throw std::runtime_error("no pipe");
  child_ = ::fork();
  if (child_ < 0) throw std::runtime_error("no fork");
  if (child_ == 0) {
    (void)::close(until[1]);
    try {
      std::string abstract = path;
      abstract.front() = '\0';
      serve(abstract, told[1], until[0]);
    } catch (const std::exception& why) {
      std::fprintf(stderr, "peers: %s\n", why.what());
    }
    ::_exit(0);
  }
  (void)::close(told[1]);
  (void)::close(until[0]);
  until_ = until[1];
  ports found{};
  if (::read(told[0], &found, sizeof found) != sizeof found) throw std::runtime_error("no peers");
  (void)::close(told[0]);
  dns_port = found.dns;
  port = found.open;
  closed_port = found.closed;
}

peers::~peers() {
  (void)::close(until_);
  (void)::waitpid(child_, nullptr, 0);
  (void)std::remove(hosts.c_str());
  (void)std::remove(resolv_conf.c_str());
}

}  // namespace sweep
