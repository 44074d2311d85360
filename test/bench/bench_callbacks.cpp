// The longest time that the loop is held up by one callback of this library, while it does the work of bench_run.hpp as
// bench_dial does it.
//
//   bench_callbacks PATTERN PORT N CONCURRENCY
//
// Each function by which the library gives libuv a callback is replaced by the linker (-Wl,--wrap): libuv gets one that
// finds the real one, calls it and notes how long that took. What the program itself does in the callbacks of its dials
// counts too: it resets the connection and starts the next dial. Beside it beats a timer of 1 ms on the same loop. The
// largest gap between two beats, less that millisecond, also shows what nobody has wrapped; libuv's clock of whole
// milliseconds alone makes it up to 1 ms. Prints one line:
//
//   uvdial longest_callback_us 812.4 kind check heartbeat_gap_us 1204.0 cpu_us 810.2 first_dials_us 9120.4 failed 0
//
// cpu_us is the most processor time in one callback: where it is much less, the kernel ran something else. The first
// dials are started before the loop runs and are timed together. All of it by kind goes to the error output, with the
// line of bench_dial. Streams and the system's own resolver are not used, so their functions are not wrapped.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <unordered_map>
#include <utility>

#include "callback_times.hpp"
#include "uvdial_dials.hpp"

namespace {

// The real callbacks of one kind, by the handle or request that they belong to.
template <class Subject, class Callback>
class wrapped_callbacks : public bench::callback_times {
 public:
  using bench::callback_times::callback_times;

  void remember(const void* subject, Callback real) { real_[subject] = real; }
  void forget(const void* subject) noexcept { real_.erase(subject); }

  template <class... More>
  void call(Subject* subject, More... more) {
    const Callback real = real_.at(subject);
    add(bench::time_of([&] {
      if (real) real(subject, more...);
    }));
  }
  template <class... More>
  void call_last(Subject* subject, More... more) {
    const Callback real = real_.extract(subject).mapped();
    add(bench::time_of([&] {
      if (real) real(subject, more...);
    }));
  }

 private:
  std::unordered_map<const void*, Callback> real_{};
};

wrapped_callbacks<uv_timer_t, uv_timer_cb> timers{"timer"};
wrapped_callbacks<uv_idle_t, uv_idle_cb> idles{"idle"};
wrapped_callbacks<uv_prepare_t, uv_prepare_cb> prepares{"prepare"};
wrapped_callbacks<uv_poll_t, uv_poll_cb> polls{"poll"};
wrapped_callbacks<uv_connect_t, uv_connect_cb> connects{"connect"};
wrapped_callbacks<uv_check_t, uv_check_cb> checks{"check"};
wrapped_callbacks<uv_handle_t, uv_close_cb> closes{"close"};

template <class Action>
void for_each_kind(Action action) {
  action(timers);
  action(idles);
  action(prepares);
  action(polls);
  action(connects);
  action(checks);
  action(closes);
}

}  // namespace

extern "C" {

int __real_uv_timer_start(uv_timer_t* handle, uv_timer_cb real, std::uint64_t timeout, std::uint64_t repeat);
int __real_uv_idle_start(uv_idle_t* handle, uv_idle_cb real);
int __real_uv_prepare_start(uv_prepare_t* handle, uv_prepare_cb real);
int __real_uv_check_start(uv_check_t* handle, uv_check_cb real);
int __real_uv_poll_start(uv_poll_t* handle, int events, uv_poll_cb real);
int __real_uv_tcp_connect(uv_connect_t* request, uv_tcp_t* handle, const sockaddr* to, uv_connect_cb real);
void __real_uv_close(uv_handle_t* handle, uv_close_cb real);

int __wrap_uv_timer_start(uv_timer_t* handle, uv_timer_cb real, std::uint64_t timeout, std::uint64_t repeat) {
  timers.remember(handle, real);
  return __real_uv_timer_start(
      handle, [](uv_timer_t* due) { timers.call(due); }, timeout, repeat);
}

int __wrap_uv_idle_start(uv_idle_t* handle, uv_idle_cb real) {
  idles.remember(handle, real);
  return __real_uv_idle_start(handle, [](uv_idle_t* due) { idles.call(due); });
}

int __wrap_uv_prepare_start(uv_prepare_t* handle, uv_prepare_cb real) {
  prepares.remember(handle, real);
  return __real_uv_prepare_start(handle, [](uv_prepare_t* due) { prepares.call(due); });
}

int __wrap_uv_check_start(uv_check_t* handle, uv_check_cb real) {
  checks.remember(handle, real);
  return __real_uv_check_start(handle, [](uv_check_t* due) { checks.call(due); });
}

int __wrap_uv_poll_start(uv_poll_t* handle, int events, uv_poll_cb real) {
  polls.remember(handle, real);
  const auto timed = [](uv_poll_t* ready, int status, int seen) { polls.call(ready, status, seen); };
  return __real_uv_poll_start(handle, events, timed);
}

int __wrap_uv_tcp_connect(uv_connect_t* request, uv_tcp_t* handle, const sockaddr* to, uv_connect_cb real) {
  connects.remember(request, real);
  const auto timed = [](uv_connect_t* ended, int status) { connects.call_last(ended, status); };
  const int status = __real_uv_tcp_connect(request, handle, to, timed);
  if (status < 0) connects.forget(request);
  return status;
}

void __wrap_uv_close(uv_handle_t* handle, uv_close_cb real) {
  closes.remember(handle, real);
  __real_uv_close(handle, [](uv_handle_t* closed) {
    for_each_kind([closed](auto& kind) {
      if (static_cast<bench::callback_times*>(&kind) != &closes) kind.forget(closed);
    });
    closes.call_last(closed);
  });
}
}

namespace {

class heartbeat {
 public:
  explicit heartbeat(uv_loop_t& loop) {
    bench::check_uv(uv_timer_init(&loop, &timer_), "uv_timer_init");
    timer_.data = this;
    const auto beat = [](uv_timer_t* timer) { static_cast<heartbeat*>(timer->data)->beat(); };
    bench::check_uv(__real_uv_timer_start(&timer_, beat, 1, 1), "uv_timer_start");
  }

  // From now on; what came before is forgotten.
  void begin() noexcept {
    last_ = uv_hrtime();
    largest_ = 0;
  }
  void stop() noexcept { __real_uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr); }
  // Also the one that still lasts.
  double largest_gap() const noexcept {
    const std::uint64_t largest = std::max(largest_, uv_hrtime() - last_);
    return largest > usual ? bench::in_microseconds(largest - usual) : 0;
  }
  unsigned beats() const noexcept { return beats_; }

 private:
  static constexpr std::uint64_t usual = 1'000'000;

  void beat() noexcept {
    const std::uint64_t now = uv_hrtime();
    if (now - last_ > largest_) largest_ = now - last_;
    last_ = now;
    ++beats_;
  }

  uv_timer_t timer_{};
  std::uint64_t last_ = uv_hrtime();
  std::uint64_t largest_ = 0;
  unsigned beats_ = 0;
};

double undisturbed_gap(uv_loop_t& loop, heartbeat& beats) {
  constexpr unsigned enough = 200;
  beats.begin();
  while (beats.beats() < enough) uv_run(&loop, UV_RUN_ONCE);
  return beats.largest_gap();
}

void print(const bench::duration_of_call& first, double undisturbed, double gap, unsigned failed) {
  bench::callback_times::print_header(stderr);
  const bench::callback_times* slowest = nullptr;
  std::uint64_t most_cpu = 0;
  for_each_kind([&](auto& kind) {
    if (kind.none()) return;
    kind.print(stderr);
    if (!slowest || kind.longest().passed > slowest->longest().passed) slowest = &kind;
    most_cpu = std::max(most_cpu, kind.longest_cpu());
  });
  if (!slowest) throw std::runtime_error("no callback was called");
  std::fprintf(stderr, "how many took up to so many us\n");
  for_each_kind([](auto& kind) {
    if (!kind.none()) kind.print_histogram(stderr);
  });
  std::fprintf(stderr, "first dials, before the loop ran: %.1f us (cpu %.1f)\n",
               bench::in_microseconds(first.passed), bench::in_microseconds(first.cpu));
  std::fprintf(stderr, "heartbeat gap: %.1f us, with nothing else on the loop %.1f\n", gap, undisturbed);
  std::printf(
      "uvdial longest_callback_us %.1f kind %s heartbeat_gap_us %.1f cpu_us %.1f first_dials_us %.1f failed "
      "%u\n",
      bench::in_microseconds(slowest->longest().passed), slowest->name().c_str(), gap,
      bench::in_microseconds(most_cpu), bench::in_microseconds(first.passed), failed);
}

void dial_all(const bench::work& wanted) {
  uv_loop_t loop;
  bench::check_uv(uv_loop_init(&loop), "uv_loop_init");
  heartbeat beats(loop);
  const double undisturbed = undisturbed_gap(loop, beats);
  bench::duration_of_call first;
  double gap = 0;
  unsigned failed = 0;
  {
    bench::uvdial_dials all(loop, wanted, stderr);
    first = bench::time_of([&all] { all.begin(); });
    beats.begin();  // the first dials are no callback
    while (!all.over()) uv_run(&loop, UV_RUN_ONCE);
    gap = beats.largest_gap();
    failed = all.failed();
  }
  beats.stop();
  uv_run(&loop, UV_RUN_DEFAULT);
  bench::check_uv(uv_loop_close(&loop), "a handle was left on the loop");
  print(first, undisturbed, gap, failed);
}

}  // namespace

int main(int count, char** words) { return bench::main_of(count, words, dial_all); }
