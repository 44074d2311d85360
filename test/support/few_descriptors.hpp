#pragma once
// A process that may open only so many descriptors more.
#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>

#include <system_error>

#include "demo/ports.hpp"
#include "support/unity.hpp"

namespace fixture {

inline int open_descriptors() {
  int count = -3;  // "." and "..", and the folder itself
  DIR* const folder = opendir("/proc/self/fd");
  if (!folder) return -1;
  while (readdir(folder)) ++count;
  (void)closedir(folder);
  return count;
}

#if defined(__SANITIZE_ADDRESS__)
constexpr bool is_sanitized = true;
#elif defined(__has_feature)
constexpr bool is_sanitized = __has_feature(address_sanitizer) || __has_feature(undefined_behavior_sanitizer);
#else
constexpr bool is_sanitized = false;
#endif

// While it lives: the numbers below the limit that are free are `left` in all. Skips the test where sanitizers are:
// they open pipes to find out whether an address is good, and take every one for bad that they get no pipe for.
class few_descriptors {
 public:
  explicit few_descriptors(int left = 0) {
    if (is_sanitized) TEST_IGNORE_MESSAGE("the sanitizers need descriptors of their own");
    TEST_ASSERT_EQUAL(0, ::getrlimit(RLIMIT_NOFILE, &before_));
    rlimit now = before_;
    now.rlim_cur = number_after(left);
    TEST_ASSERT_EQUAL(0, ::setrlimit(RLIMIT_NOFILE, &now));
  }
  few_descriptors(const few_descriptors&) = delete;
  few_descriptors& operator=(const few_descriptors&) = delete;
  ~few_descriptors() { (void)::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  // The lowest number above so many free ones.
  static rlim_t number_after(int left) {
    int number = 0;
    for (;; ++number) {
      if (::fcntl(number, F_GETFD) >= 0) continue;
      if (left-- == 0) return static_cast<rlim_t>(number);
    }
  }
  rlimit before_{};
};

// Whether the process may have so many, which it then may.
inline bool allow_descriptors(rlim_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max < wanted) return false;
  if (limit.rlim_cur >= wanted) return true;
  limit.rlim_cur = wanted;
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

}  // namespace fixture
