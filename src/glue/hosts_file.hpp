#pragma once
// The hosts file as it is now, read again only when it has changed.
#include <cstdint>
#include <string>

#include "glue/turn.hpp"
#include "logic/hosts_table.hpp"

namespace uvdial::detail {

class hosts_file {
 public:
  using clock = instant (*)() noexcept;
  explicit hosts_file(std::string path, clock time = now) : path_(std::move(path)), time_(time) {}

  // The table lives until the next call. Looks at the file at most once a second; reading blocks for as long as
  // a local file takes. A file that is not there or cannot be read is an empty table.
  const hosts_table& table();

 private:
  struct version {
    std::int64_t seconds = -1;
    std::int64_t nanoseconds = -1;
    std::int64_t size = -1;
    std::uint64_t inode = 0;
    bool operator==(const version&) const = default;
  };
  version current_version() const noexcept;

  std::string path_;
  clock time_;
  hosts_table table_;
  version read_{};
  instant look_again_{0};
};

}  // namespace uvdial::detail
