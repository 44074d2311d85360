#pragma once
// The hosts file as it is now, read again only when it has changed.
#include <string>

#include "glue/watched_file.hpp"
#include "logic/hosts_table.hpp"

namespace uvdial::detail {

class hosts_file {
 public:
  using clock = watched_file::clock;
  explicit hosts_file(std::string path, clock time = now) : file_(std::move(path), time) {}

  // The table lives until the next call. Looks at the file at most once a second; reading blocks for as long
  // as a local file takes. A file that is not there or cannot be read is an empty table; where descriptors
  // have run out, the old table stands until the next look. Throws std::bad_alloc, and out_of_resources where there
  // is no old one.
  const hosts_table& table() {
    file_.look([this](std::string_view text) { table_ = hosts_table::parse(text); });
    return table_;
  }

 private:
  watched_file file_;
  hosts_table table_;
};

}  // namespace uvdial::detail
