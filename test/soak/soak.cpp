// A million dials in one process: each ends once, and nothing is left of any of them.
//
//   soak [DIALS [AT-ONCE [SEED]]]     SOAK_DIALS, SOAK_AT_ONCE and UVDIAL_SEED in the environment say the same
//
// Dials of every kind meet every fault that can be had on the loopback (kinds.hpp); some are cancelled, dropped or
// detached at a random moment, and now and then there are no descriptors left for a while. Twenty thousand dials before
// those that count have the caches and lists of the process filled. After each tenth all that runs is let end, and a
// line says what malloc() has given out then, how much memory is resident, and how many descriptors are open. The
// last line is the sum. The exit status is 1 where a dial was lost, ended twice, or as it cannot; where descriptors or
// handles are left; and, from 200,000 dials on, where one byte is left of all of it, or where memory has grown by more
// than a hundredth since dial 100,000.
#include <malloc.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "dials.hpp"

namespace {

using clock_type = std::chrono::steady_clock;

constexpr std::uint64_t first_to_judge = 100'000;  // dials, after which memory does not grow
constexpr std::uint64_t least_to_judge = 200'000;  // with fewer nobody looks at it

struct memory {
  std::uint64_t allocated = 0;  // bytes
  std::uint64_t resident = 0;   // KiB
};

// What a burst has needed once malloc() keeps, and how long a burst was the machine's other work decides: so it gives
// back first what is free.
memory measure() {
  (void)malloc_trim(0);
  std::uint64_t size = 0;
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> size >> pages;
  return {mallinfo2().uordblks, pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / 1024};
}

double growth(std::uint64_t before, std::uint64_t after) {
  return before == 0 ? 0 : (static_cast<double>(after) / static_cast<double>(before) - 1) * 100;
}

double seconds_since(clock_type::time_point start) {
  return std::chrono::duration<double>(clock_type::now() - start).count();
}

unsigned long long number_of(const char* text) {
  char* end = nullptr;
  const auto value = std::strtoull(text, &end, 10);
  if (*text < '0' || *text > '9' || *end != '\0') {
    std::fprintf(stderr, "soak: not a number: \"%s\"\n", text);
    std::exit(2);
  }
  return value;
}

unsigned long long setting(int place, int count, char** words, const char* variable,
                           unsigned long long usual) {
  if (place < count) return number_of(words[place]);
  const char* const text = std::getenv(variable);
  return text ? number_of(text) : usual;
}

void print_line(const soak::counts& so_far, const memory& now, std::size_t descriptors, double seconds) {
  std::printf("%9llu dials  %8llu bytes allocated  %6llu KiB resident  %zu descriptors  %.1f s\n",
              static_cast<unsigned long long>(so_far.started), static_cast<unsigned long long>(now.allocated),
              static_cast<unsigned long long>(now.resident), descriptors, seconds);
  std::fflush(stdout);
}

void print_failures(const soak::counts& all) {
  for (std::size_t kind = 0; kind < std::size(all.failed_as); ++kind) {
    if (all.failed_as[kind] == 0) continue;
    const std::string_view name = uvdial::kind_name(static_cast<uvdial::error_kind>(kind));
    std::printf("  %9llu %.*s\n", static_cast<unsigned long long>(all.failed_as[kind]),
                static_cast<int>(name.size()), name.data());
  }
}

struct result {
  soak::counts all{};
  std::string mistake{};
  memory first{};  // after the first 100,000
  memory last{};
  std::size_t descriptors_grown = 0;
  bool closes = false;
};

// One dialer and its resolver, from their start to the end of the loop.
result live(const soak::places& where, std::uint64_t dials, std::size_t at_once, unsigned seed, bool tells) {
  result made;
  const std::size_t before = soak::open_descriptors();
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) std::abort();
  const auto start = clock_type::now();
  {
    soak::dials work(loop, where, at_once, seed);
    for (unsigned tenth = 1; tenth <= 10; ++tenth) {
      work.run_to(dials * tenth / 10);
      if (dials >= least_to_judge) work.rest();
      made.last = measure();
      if (made.first.allocated == 0 && work.count().started >= first_to_judge) made.first = made.last;
      if (tells) print_line(work.count(), made.last, soak::open_descriptors(), seconds_since(start));
    }
    made.all = work.count();
    made.mistake = work.first_mistake();
  }
  (void)uv_run(&loop, UV_RUN_DEFAULT);
  made.closes = uv_loop_close(&loop) == 0;
  made.descriptors_grown = soak::open_descriptors() - before;
  return made;
}

int run(std::uint64_t count, std::size_t at_once, unsigned seed) {
  soak::world world;
  std::printf("soak: %llu dials, %zu at a time, seed %u\n", static_cast<unsigned long long>(count), at_once,
              seed);
  (void)live(world.where(), count < least_to_judge ? count / 10 : 20'000, at_once, seed + 1, false);
  const memory before = measure();
  const auto start = clock_type::now();
  const result got = live(world.where(), count, at_once, seed, true);
  const double seconds = seconds_since(start);
  const memory after = measure();
  const bool servers_fine = world.end();

  const soak::counts& all = got.all;
  const auto lost = static_cast<long long>(all.started - all.ended() - all.dropped);
  const auto left = static_cast<long long>(after.allocated) - static_cast<long long>(before.allocated);
  print_failures(all);
  std::printf(
      "soak: %llu dials in %.1f s: %llu connected, %llu failed, %llu cancelled, %llu dropped, %llu streams "
      "talked over; %lld lost, %llu ended twice, %llu ended as they cannot; memory in use %+.2f %%, resident "
      "%+.2f %% since dial 100,000; left of all of it: %lld bytes, %zu descriptors, %s; seed %u\n",
      static_cast<unsigned long long>(all.started), seconds, static_cast<unsigned long long>(all.succeeded),
      static_cast<unsigned long long>(all.failed), static_cast<unsigned long long>(all.cancelled),
      static_cast<unsigned long long>(all.dropped), static_cast<unsigned long long>(all.talked), lost,
      static_cast<unsigned long long>(all.twice), static_cast<unsigned long long>(all.wrong),
      growth(got.first.allocated, got.last.allocated), growth(got.first.resident, got.last.resident), left,
      got.descriptors_grown, got.closes ? "no handle" : "HANDLES", seed);
  if (!got.mistake.empty()) std::printf("soak: first mistake: %s\n", got.mistake.c_str());
  const bool flat =
      count < least_to_judge || (growth(got.first.allocated, got.last.allocated) <= 1 &&
                                 growth(got.first.resident, got.last.resident) <= 1 && left <= 0);
  const bool good = lost == 0 && all.twice == 0 && all.wrong == 0 && got.descriptors_grown == 0 && got.closes;
  return good && flat && servers_fine ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  // What glibc keeps for each thread counts as given out: without that, the figures are exact.
  if (!std::getenv("GLIBC_TUNABLES")) {
    (void)setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
    (void)execv("/proc/self/exe", words);  // goes on without it where this fails
  }
  (void)std::signal(SIGPIPE, SIG_IGN);
  try {
    return run(setting(1, count, words, "SOAK_DIALS", 1'000'000),
               static_cast<std::size_t>(setting(2, count, words, "SOAK_AT_ONCE", 256)),
               static_cast<unsigned>(setting(3, count, words, "UVDIAL_SEED", 1)));
  } catch (const std::exception& why) {
    std::fprintf(stderr, "soak: %s\n", why.what());
    return 1;
  }
}
