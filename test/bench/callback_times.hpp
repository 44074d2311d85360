#pragma once
// How long callbacks took, by their kind.
#include <uv.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

namespace bench {

// Of this thread. Less than the time that has passed where the kernel ran something else meanwhile.
inline std::uint64_t cpu_time() noexcept {
  timespec used{};
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used) != 0) return 0;  // then the table has zeros
  return static_cast<std::uint64_t>(used.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(used.tv_nsec);
}

inline double in_microseconds(std::uint64_t nanoseconds) noexcept {
  return static_cast<double>(nanoseconds) / 1e3;
}

struct duration_of_call {
  std::uint64_t passed = 0;
  std::uint64_t cpu = 0;
};

// The thread's clock is a system call: it is asked outside of what the other one measures.
template <class Call>
duration_of_call time_of(Call call) {
  duration_of_call took;
  const std::uint64_t cpu_before = cpu_time();
  const std::uint64_t before = uv_hrtime();
  call();
  took.passed = uv_hrtime() - before;
  took.cpu = cpu_time() - cpu_before;
  return took;
}

class callback_times {
 public:
  explicit callback_times(std::string name) : name_(std::move(name)) {}

  void add(duration_of_call took) {
    if (took.passed >= longest_.passed) longest_ = took;
    longest_cpu_ = std::max(longest_cpu_, took.cpu);
    total_ += took.passed;
    passed_.push_back(took.passed);
  }

  const std::string& name() const noexcept { return name_; }
  bool none() const noexcept { return passed_.empty(); }
  duration_of_call longest() const noexcept { return longest_; }
  std::uint64_t longest_cpu() const noexcept { return longest_cpu_; }

  static void print_header(std::FILE* into) {
    std::fprintf(into, "%-16s %8s %9s %9s %9s %9s %9s %10s %9s\n", "callback, in us", "calls", "p50", "p99",
                 "p99.9", "longest", "its cpu", "most cpu", "total ms");
  }
  void print(std::FILE* into) {
    std::sort(passed_.begin(), passed_.end());
    std::fprintf(into, "%-16s %8zu %9.1f %9.1f %9.1f %9.1f %9.1f %10.1f %9.2f\n", name_.c_str(),
                 passed_.size(), quantile(0.5), quantile(0.99), quantile(0.999),
                 in_microseconds(longest_.passed), in_microseconds(longest_.cpu),
                 in_microseconds(longest_cpu_), in_microseconds(total_) / 1e3);
  }
  // How many calls took up to 1, 2, 4, 8... us.
  void print_histogram(std::FILE* into) const {
    std::array<std::size_t, 32> counts{};
    for (const std::uint64_t each : passed_) {
      std::size_t place = 0;
      while (place + 1 < counts.size() && (std::uint64_t{1000} << place) < each) ++place;
      ++counts[place];
    }
    std::fprintf(into, "%-16s", name_.c_str());
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (counts[i] > 0) std::fprintf(into, "  <=%lu: %zu", 1UL << i, counts[i]);
    std::fprintf(into, "\n");
  }

 private:
  double quantile(double part) const {  // of the sorted
    const auto place = static_cast<std::size_t>(part * static_cast<double>(passed_.size()));
    return in_microseconds(passed_[std::min(place, passed_.size() - 1)]);
  }

  std::string name_;
  std::vector<std::uint64_t> passed_{};
  duration_of_call longest_{};
  std::uint64_t longest_cpu_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace bench
