#pragma once
// The file that --svg names: written whole or not at all. Whether it can be written is found out before anything is
// dialed, as far as that can be known.
//
// A regular file, or one that is not there yet, is replaced by a temporary one beside it, which has its mode. Anything
// else (/dev/stdout, a pipe) is opened at once and written to directly, and so is what one of our own outputs goes to:
// a file in its place would not be where the rest of the output goes.
#include <string>
#include <string_view>

#include "cli/descriptor.hpp"

namespace uvdial::cli {

class picture_file {
 public:
  // Throws usage_error: it cannot be written.
  explicit picture_file(std::string path);

  // Empty; or in one line why it was not written.
  std::string write(std::string_view contents);

 private:
  int replace(std::string_view contents) const;  // a negative libuv code

  std::string path_;      // as it was given, for people
  std::string target_;    // where it is, behind all links
  descriptor opened_{};   // of what is no regular file
  unsigned mode_ = 0666;  // of a new file, before the umask
  bool exists_ = false;
};

}  // namespace uvdial::cli
