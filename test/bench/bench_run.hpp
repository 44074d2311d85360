#pragma once
// What each program of this folder that dials has in common, so that all of them do the same work: their arguments,
// the names, and the line that says how it went.
//
//   PROGRAM PATTERN PORT N CONCURRENCY
//
// N dials, CONCURRENCY at a time, to PORT of the names that the printf pattern makes ("h%d.v4.bench.test": h0, h1, ...;
// a pattern without %d is one name, or an address). Each connection is reset as soon as it is up: no wait for what was
// sent, and no port that stays taken for a minute. Prints one line, and the failures by kind on the error output:
//
//   uvdial dials/s 31240.1 failed 0 cpu_us/dial 24.113 rss_kb 9120 wall 0.640205
#include <sys/resource.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace bench {

inline unsigned number_from(const char* text, unsigned most) {
  char* end = nullptr;
  const unsigned long value = std::strtoul(text, &end, 10);
  if (*text < '0' || *text > '9' || *end != '\0' || value == 0 || value > most)
    throw std::invalid_argument("not a number of 1.." + std::to_string(most) + ": \"" + text + "\"");
  return static_cast<unsigned>(value);
}

struct work {
  std::string before;  // of the pattern, around the number
  std::string after;
  bool numbered = false;
  std::uint16_t port = 0;
  unsigned dials = 0;
  unsigned at_once = 0;

  // The host of dial `number`, into the same string again and again.
  void write_host(unsigned number, std::string& into) const {
    into = before;
    if (!numbered) return;
    into += std::to_string(number);
    into += after;
  }
};

inline work work_from(int count, char** words) {
  if (count != 5) throw std::invalid_argument("usage: PROGRAM PATTERN PORT N CONCURRENCY");
  const std::string_view pattern = words[1];
  const std::size_t number = pattern.find('%');
  work chosen;
  chosen.before = pattern.substr(0, number);
  if (number != std::string_view::npos) {
    const std::string_view rest = pattern.substr(number);
    if (!rest.starts_with("%d") || rest.find('%', 1) != std::string_view::npos)
      throw std::invalid_argument("a pattern has one %d and no other %: \"" + std::string(pattern) + "\"");
    chosen.after = rest.substr(2);
    chosen.numbered = true;
  }
  chosen.port = static_cast<std::uint16_t>(number_from(words[2], 65535));
  chosen.dials = number_from(words[3], 10'000'000);
  chosen.at_once = number_from(words[4], 10'000'000);
  return chosen;
}

inline void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    throw std::system_error(errno, std::generic_category(), "getrlimit");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
    throw std::system_error(errno, std::generic_category(), "setrlimit");
}

inline rusage used_until_now() {
  rusage used{};
  if (getrusage(RUSAGE_SELF, &used) != 0)
    throw std::system_error(errno, std::generic_category(), "getrusage");
  return used;
}

inline double cpu_microseconds(const rusage& used) noexcept {
  const auto in_microseconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return in_microseconds(used.ru_utime) + in_microseconds(used.ru_stime);
}

// Begins to measure when it is made; the last dial's end is when print() is called.
class tally {
 public:
  void failed(std::string_view kind) { ++failures_[std::string(kind)]; }

  void print(const char* program, const work& done, std::FILE* into = stdout) const {
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start_;
    const rusage used = used_until_now();
    unsigned failed = 0;
    for (const auto& [kind, number] : failures_) {
      failed += number;
      std::fprintf(stderr, "%s: %u %s\n", program, number, kind.c_str());
    }
    std::fprintf(into, "%s dials/s %.1f failed %u cpu_us/dial %.3f rss_kb %ld wall %.6f\n", program,
                 done.dials / wall.count(), failed, (cpu_microseconds(used) - cpu_start_) / done.dials,
                 used.ru_maxrss, wall.count());
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double cpu_start_ = cpu_microseconds(used_until_now());
  std::map<std::string, unsigned> failures_{};
};

// What this program cannot do with these arguments, though another may: no error, and exit status 3.
class impossible : public std::runtime_error {
 public:
  using runtime_error::runtime_error;
};

// The main() of such a program: `run` gets the work.
template <class Run>
int main_of(int count, char** words, Run run) {
  try {
    const work wanted = work_from(count, words);
    raise_descriptor_limit();
    run(wanted);
    return 0;
  } catch (const impossible& reason) {
    std::fprintf(stderr, "%s: %s\n", words[0], reason.what());
    return 3;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "%s: %s\n", words[0], failure.what());
    return 1;
  }
}

}  // namespace bench
