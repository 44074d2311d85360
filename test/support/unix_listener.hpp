// A Unix-domain listener that accepts only when the test says so, and nothing of it is on the loop.
#pragma once

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "demo/ports.hpp"

namespace fixture {

// A folder of a test's own for sockets, gone with it.
class socket_folder {
 public:
  socket_folder() {
    char made[] = "/tmp/uvdial-test-XXXXXX";
    if (!mkdtemp(made)) throw std::runtime_error("no temporary folder");
    path_ = made;
  }
  socket_folder(const socket_folder&) = delete;
  socket_folder& operator=(const socket_folder&) = delete;
  ~socket_folder() { (void)::rmdir(path_.c_str()); }

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

class unix_listener {
 public:
  // A path that begins with '\0' is an abstract name. `backlog` + 1 connections find room unaccepted.
  explicit unix_listener(std::string path, int backlog = 16, int type = SOCK_STREAM)
      : path_(std::move(path)), socket_(::socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    fill_in();
    if (::bind(socket_.get(), address(), size_) != 0) throw std::runtime_error("no Unix-domain socket");
    if (type == SOCK_STREAM && ::listen(socket_.get(), backlog) != 0) throw std::runtime_error("no listener");
  }
  unix_listener(const unix_listener&) = delete;
  unix_listener& operator=(const unix_listener&) = delete;
  ~unix_listener() {
    if (path_.front() != '\0') (void)::unlink(path_.c_str());
  }

  const std::string& path() const noexcept { return path_; }
  int number() const noexcept { return socket_.get(); }
  void deafen() { socket_ = uvdial::demo::descriptor(-1); }  // the file stays

  // What is accepted, non-blocking; -1 where nobody waits.
  uvdial::demo::descriptor accept() const {
    return uvdial::demo::descriptor(::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  }
  void fill() {  // until there is no room for another connection
    for (;;) {
      uvdial::demo::descriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      if (::connect(made.get(), address(), size_) != 0) return;
      filling_.push_back(std::move(made));
    }
  }

 private:
  void fill_in() {
    address_.sun_family = AF_UNIX;
    std::copy(path_.begin(), path_.end(), address_.sun_path);
    const bool is_file = path_.front() != '\0';
    size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size() + (is_file ? 1 : 0));
  }
  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&address_); }

  std::string path_;
  sockaddr_un address_{};
  socklen_t size_ = 0;
  uvdial::demo::descriptor socket_;
  std::vector<uvdial::demo::descriptor> filling_{};
};

inline std::string read_all(const uvdial::demo::descriptor& from) {  // what is there, without waiting
  std::string text(4096, '\0');
  const ssize_t count = ::recv(from.get(), text.data(), text.size(), 0);
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

}  // namespace fixture
