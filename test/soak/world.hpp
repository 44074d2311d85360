#pragma once
// The servers that the dials of a soak meet. They run in a process of their own: what they need is not counted.
#include <sys/types.h>

#include <string>

#include "demo/ports.hpp"
#include "uvdial/endpoint.hpp"

namespace soak {

struct places {
  uvdial::endpoint dns = uvdial::demo::loopback(uvdial::ip_family::v4);
  std::uint16_t port = 0;      // of all peers
  std::string unix_path = {};  // an abstract name
};

// Starts them; call it before there is a loop. Throws where they cannot be had.
class world {
 public:
  world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;
  ~world();

  const places& where() const noexcept { return where_; }
  bool end();  // whether they ended well; once

 private:
  void start(uvdial::demo::descriptor control, uvdial::demo::descriptor tell);

  places where_{};
  uvdial::demo::descriptor control_{-1};
  pid_t id_ = -1;
};

}  // namespace soak
