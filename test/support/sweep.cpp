#include "support/sweep.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <uv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <limits>
#include <memory>

#include "support/sweep_rig.hpp"

namespace sweep {

namespace {

struct plan {
  bool armed = false;
  way how{};
  std::size_t at = 0;     // the call that fails, from 1; 0: none
  std::size_t code = 0;   // which of the codes that it may fail with
  std::size_t calls = 0;  // so far
  bool struck = false;
  bool more_codes = false;
  const char* function = nullptr;  // that was struck
  int given = 0;                   // what it failed with
};

thread_local plan now{};
bool full = false;
thread_local long long bytes_out = 0;

constexpr int no_memory = std::numeric_limits<int>::min();
constexpr int most_descriptors = 128;
constexpr std::size_t most_losses = 10;  // of a scenario: what follows says nothing new

std::string name_of(std::string_view function, int code) {
  if (code == no_memory) return "null";
  if (function.starts_with("ares_")) return "ARES_ENOMEM";
  char name[64];
  return uv_err_name_r(code < 0 ? code : uv_translate_sys_error(code), name, sizeof name);
}

bool is_shortage(std::string_view function, int code) {
  if (code == UV_EAI_MEMORY || function.starts_with("ares_")) return true;
  const int positive = code < 0 ? -code : code;
  for (const int each : {EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC})
    if (positive == each) return true;
  return false;
}

bool is_one_of(std::string_view how, std::initializer_list<std::string_view> fitting) {
  return std::find(fitting.begin(), fitting.end(), how) != fitting.end();
}

// Whether a call may end so that usually does not. What fails on the way of datagrams is a datagram that was lost.
bool fits(std::string_view how, const plan& fault) {
  if (fault.how.what == kind::memory || is_shortage(fault.function, fault.given)) {
    const bool on_the_way =
        fault.how.what == kind::calls && is_one_of(fault.function, {"sendmmsg", "sendmsg"});
    return is_one_of(how, {"out_of_resources", "thrown bad_alloc", "thrown out_of_resources"}) ||
           (on_the_way && how == "dns_timeout");
  }
  // Of a machine that has addresses: there is no port left.
  const bool may_be_ports = fault.given == EADDRNOTAVAIL || fault.given == UV_EADDRNOTAVAIL;
  return is_one_of(how, {"connect_error", "connection_refused", "unreachable", "dns_failure", "dns_timeout",
                         "stream_error", "connection_reset"}) ||
         (may_be_ports && how == "out_of_resources");
}

int open_descriptors() noexcept {
  int count = 0;
  for (int each = 0; each < most_descriptors; ++each) count += ::fcntl(each, F_GETFD) >= 0 ? 1 : 0;
  return count;
}

// What one run left behind. Nothing of it is on the heap, whose bytes are counted.
struct record {
  plan fault{};
  std::array<heard, rig::most_calls> acted{};
  std::array<heard, rig::most_calls> again{};
  std::size_t acted_count = 0;
  std::size_t again_count = 0;
  bool hung = false;
  int closed = 0;  // by uv_loop_close
  int descriptors = 0;
  long long bytes = 0;
};

record carry_out(const scenario& what, const peers& with, const plan& planned) {
  record left;
  left.descriptors = -open_descriptors();
  left.bytes = -bytes_out;
  {
    const auto on = std::make_unique<rig>(with);
    what.prepare(*on);
    now = planned;
    now.armed = true;
    what.act(*on);
    on->until_all();
    now.armed = false;
    left.fault = now;
    left.acted_count = on->take_calls(left.acted);
    what.again(*on);
    on->until_all();
    left.again_count = on->take_calls(left.again);
    left.hung = on->hung();
    left.closed = on->close();
  }
  left.descriptors += open_descriptors();
  left.bytes += bytes_out;
  return left;
}

// Peers that did not answer in time may not have run at all, on a machine that is busy; and what is left on the heap may
// be a constant that is made when it is needed first. Both say nothing unless they happen again.
bool is_doubtful(const record& of) noexcept {
  const auto timed_out = [](const heard& one) {
    return one.how != one.usual && one.how != one.otherwise &&
           (one.how == "dns_timeout" || one.how == "timeout_error");
  };
  return of.bytes != 0 || std::any_of(of.acted.begin(), of.acted.begin() + of.acted_count, timed_out) ||
         std::any_of(of.again.begin(), of.again.begin() + of.again_count, timed_out);
}

// Counts a run, and what was lost in it.
class judge {
 public:
  judge(const scenario& what, const record& of, result& into) : what_(what), of_(of), into_(into) {
    ++into_.runs;
    if (struck()) {
      ++into_.faults;
      into_.functions.insert(of_.fault.function);
    }
    for (std::size_t at = 0; at < of_.acted_count; ++at) look_at(of_.acted[at], true);
    for (std::size_t at = 0; at < of_.again_count; ++at) look_at(of_.again[at], false);
    if (of_.hung) lose("the loop", "goes on and on");
    if (of_.closed != 0) lose("uv_loop_close", uv_err_name(of_.closed));
    if (of_.descriptors != 0) lose("descriptors left", std::to_string(of_.descriptors));
    if (of_.bytes != 0) lose("bytes left", std::to_string(of_.bytes));
  }

 private:
  bool struck() const noexcept { return of_.fault.struck; }
  void look_at(const heard& one, bool may_fail) {
    ++into_.calls;
    const std::string name = std::string(one.what) + (may_fail ? "" : " again");
    if (one.calls != (one.begun ? 1 : 0)) lose(name + ": callbacks", std::to_string(one.calls));
    const bool as_usual = one.how == one.usual;
    if (may_fail) ++into_.ended[std::string(one.how)];
    if (may_fail && struck())
      ++into_.by_fault[std::string(of_.fault.function) + " " + name_of(of_.fault.function, of_.fault.given) +
                       ": " + std::string(as_usual ? "as usual" : one.how)];
    const bool fitting =
        one.how == one.otherwise || (struck() && fits(one.how, of_.fault) && !(one.always && one.begun));
    if (!as_usual && !(may_fail && fitting)) lose(name, one.how);
  }
  void lose(const std::string& what, std::string_view how) {
    ++into_.losses;
    const plan& fault = of_.fault;
    const std::string met =
        struck() ? std::string(fault.function) + " " + name_of(fault.function, fault.given) : "no fault";
    std::fprintf(stderr, "sweep: %s, call %zu (%s%s): %s: %.*s\n", what_.name, fault.at, met.c_str(),
                 fault.how.length == lasting::on ? ", and on" : "", what.c_str(),
                 static_cast<int>(how.size()), how.data());
  }

  const scenario& what_;
  const record& of_;
  result& into_;
};

}  // namespace

int strike(const char* function, std::initializer_list<int> codes) noexcept {
  if (!now.armed || now.how.what != kind::calls) return 0;
  if (now.struck) {
    // One handle may have no descriptor; that none has is another world.
    const bool goes_on = now.how.length == lasting::on && now.given != UV_EBADF;
    return goes_on && std::string_view(function) == now.function ? now.given : 0;
  }
  if (++now.calls != now.at) return 0;
  now.struck = true;
  now.function = function;
  // What is the n-th call may differ from run to run: the kernel decides what is ready first.
  now.given = std::data(codes)[std::min(now.code, codes.size() - 1)];
  now.more_codes = now.code + 1 < codes.size();
  return now.given;
}

bool strike_memory() noexcept {
  if (!now.armed || now.how.what != kind::memory) return false;
  if (now.struck) return now.how.length == lasting::on;
  if (++now.calls != now.at) return false;
  now.struck = true;
  now.function = "memory";
  now.given = no_memory;
  return true;
}

void kernel_is_full(bool now_it_is) noexcept { full = now_it_is; }
bool kernel_is_full() noexcept { return full; }

void given(const void* memory) noexcept {
  if (memory) bytes_out += static_cast<long long>(malloc_usable_size(const_cast<void*>(memory)));
}
void taken(const void* memory) noexcept {
  if (memory) bytes_out -= static_cast<long long>(malloc_usable_size(const_cast<void*>(memory)));
}

void result::add(const result& other) {
  functions.insert(other.functions.begin(), other.functions.end());
  scenarios += other.scenarios;
  runs += other.runs;
  faults += other.faults;
  calls += other.calls;
  losses += other.losses;
  for (const auto& [how, count] : other.ended) ended[how] += count;
  for (const auto& [how, count] : other.by_fault) by_fault[how] += count;
}

std::string result::text() const {
  std::string told = std::to_string(scenarios) + " scenarios, " + std::to_string(functions.size()) +
                     " functions, " + std::to_string(faults) + " faults, " + std::to_string(calls) +
                     " calls, " + std::to_string(losses) + " losses; ended";
  const char* mark = " ";
  for (const auto& [how, count] : ended) {
    told += mark + how + " " + std::to_string(count);
    mark = ", ";
  }
  return told;
}

result run(const scenario& what, const peers& with, way how) {
  result all;
  all.scenarios = 1;
  plan planned{.how = how};
  (void)carry_out(what, with,
                  planned);  // no fault; what is made once for the whole program is there after it
  planned.at = 1;
  for (;;) {
    record left = carry_out(what, with, planned);
    if (is_doubtful(left)) left = carry_out(what, with, planned);
    const judge told(what, left, all);
    if (!left.fault.struck || all.losses > most_losses) return all;
    const bool other_code = left.fault.more_codes && how.length == lasting::once;
    planned.code = other_code ? planned.code + 1 : 0;
    planned.at += other_code ? 0 : 1;
  }
}

}  // namespace sweep
