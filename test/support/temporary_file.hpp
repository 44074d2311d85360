// A file of a test's own, gone with it.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>

class temporary_file {
 public:
  explicit temporary_file(const std::string& text) : path_(make()) { write(text); }
  ~temporary_file() { remove(); }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;

  // In place; a file that was removed comes back.
  void write(const std::string& text) const { std::ofstream(path_, std::ios::trunc) << text; }

  // By another file that is renamed over this one.
  void replace(const std::string& text) const {
    const std::string other = make();
    std::ofstream(other, std::ios::trunc) << text;
    if (std::rename(other.c_str(), path_.c_str()) != 0) throw std::runtime_error("no rename");
  }

  void remove() const { (void)std::remove(path_.c_str()); }  // it may be gone already
  const std::string& path() const noexcept { return path_; }

 private:
  static std::string make() {
    char path[] = "/tmp/uvdial-test-XXXXXX";
    const int descriptor = mkstemp(path);
    if (descriptor < 0) throw std::runtime_error("no temporary file");
    (void)::close(descriptor);  // empty so far
    return path;
  }

  std::string path_;
};
