// The loop of one run, and the scenarios.
#include "support/sweep_rig.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace sweep {

namespace {

using namespace std::chrono_literals;
using namespace uvdial;

constexpr int highest_watched = 500;
constexpr std::uint64_t hung_after = 10'000;  // ms

// libuv ends the program where its table of watchers cannot grow: it has grown before the faults begin.
void grow_watchers(uv_loop_t& loop) {
  const int made = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int high = ::dup3(made, highest_watched, O_CLOEXEC);
  (void)::close(made);
  uv_poll_t watched;
  if (high < 0 || uv_poll_init(&loop, &watched, high) != 0) throw std::runtime_error("no high descriptor");
  (void)uv_poll_start(&watched, UV_READABLE, [](uv_poll_t*, int, int) {});
  (void)uv_poll_stop(&watched);
  uv_close(reinterpret_cast<uv_handle_t*>(&watched), nullptr);
  (void)uv_run(&loop, UV_RUN_DEFAULT);
  (void)::close(high);
}

}  // namespace

rig::rig(const peers& its_peers) : with(its_peers) {
  if (uv_loop_init(&loop_) != 0) throw std::runtime_error("no loop");
  grow_watchers(loop_);
  options.timeout = 5s;
  options.attempt_delay = 2000ms;
}

heard& rig::call(std::string_view what, std::string_view usual) noexcept {
  heard& made = calls_[count_++];
  made = {};
  made.what = what;
  made.usual = usual;
  return made;
}

void rig::until(const heard& which) noexcept {
  uv_update_time(&loop_);
  const std::uint64_t end = uv_now(&loop_) + hung_after;
  while (which.begun && which.calls == 0 && uv_run(&loop_, UV_RUN_ONCE) != 0) {
    if (uv_now(&loop_) < end) continue;
    hung_ = true;
    return;
  }
}

int rig::close() {
  kernel_is_full(false);
  answer.reset();
  for (operation& each : operations) each = {};
  stream.reset();
  second.reset();
  pipe.reset();
  dials.reset();
  names.reset();
  system.reset();
  (void)uv_run(&loop_, UV_RUN_DEFAULT);
  return uv_loop_close(&loop_);
}

void rig::make_names(std::vector<std::string> search) {
  names = std::make_shared<ares_resolver>(
      loop_, ares_resolver_options{.servers = {*endpoint::from_literal("127.0.0.1", with.dns_port)},
                                   .resolv_conf = with.resolv_conf,
                                   .hosts_file = with.hosts,
                                   .search = std::move(search),
                                   .timeout = 10ms,
                                   .tries = 12});
}

void rig::make_dialer(dialer_config config) {
  if (!config.names) config.names = names;
  dials.emplace(loop_, std::move(config));
}

}  // namespace sweep
