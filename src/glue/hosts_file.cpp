#include "glue/hosts_file.hpp"

#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <optional>

namespace uvdial::detail {

namespace {

constexpr std::chrono::seconds between_looks{1};

std::optional<std::string> contents(const std::string& path) {
  try {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  } catch (const std::ios_base::failure&) {
    return std::nullopt;  // a directory opens, and then cannot be read
  }
}

}  // namespace

hosts_file::version hosts_file::current_version() const noexcept {
  struct stat found {};
  if (path_.empty() || stat(path_.c_str(), &found) != 0) return {};
  return {found.st_mtim.tv_sec, found.st_mtim.tv_nsec, found.st_size, found.st_ino};
}

const hosts_table& hosts_file::table() {
  const instant time = time_();
  if (time < look_again_) return table_;
  look_again_ = time + between_looks;
  const version current = current_version();
  if (current == read_) return table_;
  if (current == version{}) {  // it is gone
    table_ = hosts_table{};
  } else {
    // Where descriptors have run out, the old table stands until the next look.
    const std::optional<std::string> text = contents(path_);
    if (!text) return table_;
    table_ = hosts_table::parse(*text);
  }
  read_ = current;
  return table_;
}

}  // namespace uvdial::detail
