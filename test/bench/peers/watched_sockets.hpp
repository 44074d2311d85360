#pragma once
// Sockets that a library owns and a libuv loop watches for it, as c-ares and libcurl ask for it: the library says for
// which events, again and again, and at last for none.
#include <uv.h>

#include <functional>
#include <unordered_map>

#include "uv_dials.hpp"

namespace bench {

class watched_sockets {
 public:
  // `ready` gets the socket, a status below 0 if something is wrong with it, and the events.
  using ready_function = std::function<void(uv_os_sock_t, int, int)>;
  watched_sockets(uv_loop_t& loop, ready_function ready) : loop_(loop), ready_(std::move(ready)) {}
  watched_sockets(const watched_sockets&) = delete;
  watched_sockets& operator=(const watched_sockets&) = delete;

  void watch(uv_os_sock_t socket, int events) {
    const auto known = all_.find(socket);
    if (events == 0) {
      if (known != all_.end()) forget(known);
      return;
    }
    watched* one = known != all_.end() ? known->second : add(socket);
    one->events = events;
    check_uv(uv_poll_start(&one->poll, events, on_ready), "uv_poll_start");
  }

 private:
  struct watched {
    uv_poll_t poll;
    watched_sockets* of;
    uv_os_sock_t socket;
    int events;
  };
  using map = std::unordered_map<uv_os_sock_t, watched*>;

  watched* add(uv_os_sock_t socket) {
    auto* one = new watched{{}, this, socket, 0};
    check_uv(uv_poll_init_socket(&loop_, &one->poll, socket), "uv_poll_init_socket");
    one->poll.data = one;
    all_.emplace(socket, one);
    return one;
  }

  // The library closes the socket right after this. uv_close() stops watching it at once, but needs the handle longer.
  void forget(map::iterator known) {
    uv_close(reinterpret_cast<uv_handle_t*>(&known->second->poll),
             [](uv_handle_t* closed) { delete static_cast<watched*>(closed->data); });
    all_.erase(known);
  }

  static void on_ready(uv_poll_t* poll, int status, int events) noexcept {
    const watched& one = *static_cast<watched*>(poll->data);
    one.of->ready(one.socket, status, events);
  }

  // After an error libuv has stopped watching; the library may have forgotten the socket meanwhile, or not.
  void ready(uv_os_sock_t socket, int status, int events) {
    ready_(socket, status, events);
    if (status >= 0) return;
    const auto still = all_.find(socket);
    if (still != all_.end()) watch(socket, still->second->events);
  }

  uv_loop_t& loop_;
  ready_function ready_;
  map all_{};
};

}  // namespace bench
