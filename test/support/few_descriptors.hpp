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

// While it lives: the numbers below the limit that are free are `left` in all.
class few_descriptors {
 public:
  explicit few_descriptors(int left = 0) {
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
