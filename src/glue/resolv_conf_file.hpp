#pragma once
// What the system says about asking for names, as it is now.
#include <string>

#include "glue/watched_file.hpp"
#include "logic/resolv_conf.hpp"

namespace uvdial::detail {

class resolv_conf_file {
 public:
  using clock = watched_file::clock;
  explicit resolv_conf_file(std::string path, clock time = now) : file_(std::move(path), time) {}

  // Lives until the next call. Looks at the file at most once a second; reads the environment (LOCALDOMAIN,
  // RES_OPTIONS) and the machine's name when it reads the file. A file that is not there or may not be read
  // is an empty one; where descriptors have run out, what was read before stands until the next look. Throws
  // std::bad_alloc, and out_of_resources where nothing was.
  const resolv_conf& current();

  // Of what current() gave last; changes whenever the file is read, and is never 0 then.
  unsigned version() const noexcept { return version_; }

  // The next call of current() looks, however soon it comes: names could not be resolved.
  void look_again() noexcept { file_.look_again(); }

 private:
  void read(std::string_view text);

  watched_file file_;
  resolv_conf conf_{};  // without servers: nothing was read yet
  unsigned version_ = 0;
};

}  // namespace uvdial::detail
