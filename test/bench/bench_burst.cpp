// A burst of dials through the public API: N names, so many of them at a time.
//
//   bench_burst [--same] DNS-PORT TCP-PORT N CONCURRENCY
//
// The names are b0.test, b1.test, ..., or with --same all the same; the DNS server is 127.0.0.1:DNS-PORT (burst_world).
// Each connection is reset as soon as it is up. Prints one line, and the failures by kind on the error output:
//
//   uvdial wall_s 0.213 failed 0 cpu_us_per_dial 48.1 longest_turn_us 1873
//
// The longest turn is how long the loop was kept from anybody else's callbacks: the time between two looks for events,
// without the time that was spent waiting for them. The first dials are started before the loop runs and are no turn.
#include <sys/resource.h>
#include <uv.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "uvdial/uvdial.hpp"

using namespace uvdial;

namespace {

unsigned number_from(const char* text, unsigned most) {
  char* end = nullptr;
  const unsigned long value = std::strtoul(text, &end, 10);
  if (*text < '0' || *text > '9' || *end != '\0' || value == 0 || value > most)
    throw std::invalid_argument(std::string("not a number of 1..") + std::to_string(most) + ": \"" + text +
                                "\"");
  return static_cast<unsigned>(value);
}

struct settings {
  bool same_name = false;
  std::uint16_t dns_port = 0;
  std::uint16_t tcp_port = 0;
  unsigned dials = 0;
  unsigned at_once = 0;
};

settings settings_from(int count, char** words) {
  settings chosen;
  chosen.same_name = count > 1 && std::string(words[1]) == "--same";
  char** numbers = words + (chosen.same_name ? 2 : 1);
  if (count != (chosen.same_name ? 6 : 5))
    throw std::invalid_argument("usage: bench_burst [--same] DNS-PORT TCP-PORT N CONCURRENCY");
  chosen.dns_port = static_cast<std::uint16_t>(number_from(numbers[0], 65535));
  chosen.tcp_port = static_cast<std::uint16_t>(number_from(numbers[1], 65535));
  chosen.dials = number_from(numbers[2], 10'000'000);
  chosen.at_once = number_from(numbers[3], 10'000'000);
  return chosen;
}

// Watches how long each turn of the loop keeps it. Pinned; its handle does not keep the loop alive.
class turn_watch {
 public:
  explicit turn_watch(uv_loop_t& loop) {
    uv_prepare_init(&loop, &prepare_);
    prepare_.data = this;
    uv_prepare_start(&prepare_, on_prepare);
    uv_unref(reinterpret_cast<uv_handle_t*>(&prepare_));
  }
  turn_watch(const turn_watch&) = delete;
  turn_watch& operator=(const turn_watch&) = delete;

  void close() { uv_close(reinterpret_cast<uv_handle_t*>(&prepare_), nullptr); }
  std::uint64_t longest_microseconds() const { return longest_ / 1000; }

 private:
  static void on_prepare(uv_prepare_t* handle) noexcept { static_cast<turn_watch*>(handle->data)->note(); }
  void note() noexcept {
    const std::uint64_t now = uv_hrtime();
    const std::uint64_t idle = uv_metrics_idle_time(prepare_.loop);
    if (last_ != 0) {
      const std::uint64_t busy = now - last_ - (idle - last_idle_);
      if (busy > longest_) longest_ = busy;
    }
    last_ = now;
    last_idle_ = idle;
  }

  uv_prepare_t prepare_{};
  std::uint64_t last_ = 0;  // 0: there was no turn before
  std::uint64_t last_idle_ = 0;
  std::uint64_t longest_ = 0;
};

class burst {
 public:
  // `at_end` runs in the callback of the last dial.
  burst(uv_loop_t& loop, const settings& chosen, std::function<void()> at_end)
      : chosen_(chosen),
        at_end_(std::move(at_end)),
        dialer_(loop, {.names = names_for(loop, chosen.dns_port)}) {}

  void begin() {
    while (started_ < chosen_.dials && started_ < chosen_.at_once) start_next();
  }

  unsigned failed() const { return failed_; }
  const std::map<std::string, unsigned>& failures() const { return failures_; }

 private:
  static std::shared_ptr<resolver> names_for(uv_loop_t& loop, std::uint16_t port) {
    return std::make_shared<ares_resolver>(
        loop, ares_resolver_options{.servers = {*endpoint::from_literal("127.0.0.1", port)},
                                    .hosts_file = "",
                                    .search = std::vector<std::string>{}});
  }

  void start_next() {
    const std::string host = chosen_.same_name ? "b.test" : "b" + std::to_string(started_) + ".test";
    ++started_;
    dialer_
        .connect({host, chosen_.tcp_port}, {},
                 [this](outcome<tcp_stream> ended) {
                   if (const error* why = ended.failure()) {
                     note(*why);
                   } else {
                     reset(std::move(ended).value());
                   }
                   if (++ended_ == chosen_.dials) at_end_();
                   if (started_ < chosen_.dials) start_next();
                 })
        .detach();
  }

  void note(const error& why) {
    ++failed_;
    ++failures_[std::string(code_name(why.code()))];
  }

  // Without the wait for what was sent and the port that stays taken for a minute after it.
  static void reset(tcp_stream connected) {
    uv_tcp_t* socket = std::move(connected).release().release();
    uv_tcp_close_reset(socket, [](uv_handle_t* closed) { std::free(closed); });
  }

  settings chosen_;
  std::function<void()> at_end_;
  dialer dialer_;
  unsigned started_ = 0;
  unsigned ended_ = 0;
  unsigned failed_ = 0;
  std::map<std::string, unsigned> failures_;
};

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    throw std::system_error(errno, std::generic_category(), "getrlimit");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
    throw std::system_error(errno, std::generic_category(), "setrlimit");
}

double cpu_microseconds() {
  rusage used{};
  if (getrusage(RUSAGE_SELF, &used) != 0)
    throw std::system_error(errno, std::generic_category(), "getrusage");
  const auto in_microseconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return in_microseconds(used.ru_utime) + in_microseconds(used.ru_stime);
}

void run(const settings& chosen) {
  uv_loop_t loop;
  uv_loop_init(&loop);
  uv_loop_configure(&loop, UV_METRICS_IDLE_TIME);
  turn_watch turns(loop);
  double wall = 0, cpu = 0;
  const std::uint64_t start = uv_hrtime();
  const double cpu_start = cpu_microseconds();
  {
    burst dials(loop, chosen, [&] {
      wall = static_cast<double>(uv_hrtime() - start) / 1e9;
      cpu = (cpu_microseconds() - cpu_start) / chosen.dials;
    });
    dials.begin();
    uv_run(&loop, UV_RUN_DEFAULT);
    std::printf("uvdial wall_s %.3f failed %u cpu_us_per_dial %.1f longest_turn_us %llu\n", wall,
                dials.failed(), cpu, static_cast<unsigned long long>(turns.longest_microseconds()));
    for (const auto& [kind, count] : dials.failures())
      std::fprintf(stderr, "uvdial: %u %s\n", count, kind.c_str());
  }
  turns.close();
  uv_run(&loop, UV_RUN_DEFAULT);
  if (uv_loop_close(&loop) != 0) throw std::runtime_error("a handle was left on the loop");
}

}  // namespace

int main(int count, char** words) {
  try {
    raise_descriptor_limit();
    run(settings_from(count, words));
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench_burst: %s\n", failure.what());
    return 1;
  }
}
