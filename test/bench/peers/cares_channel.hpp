#pragma once
// A c-ares channel on a libuv loop, written by hand: its sockets, and one timer for what it wants to send again.
#define CARES_NO_DEPRECATED  // newer releases have other functions for what is used here, 1.18 only these
#include <ares.h>
#include <uv.h>

#include <algorithm>

#include "watched_sockets.hpp"

namespace bench {

inline void check_ares(int status, const char* what) {
  if (status != ARES_SUCCESS) throw std::runtime_error(std::string(what) + ": " + ares_strerror(status));
}

class cares_channel {
 public:
  cares_channel(uv_loop_t& loop, int flags)
      : sockets_(loop,
                 [this](uv_os_sock_t socket, int status, int events) { ready(socket, status, events); }) {
    check_uv(uv_timer_init(&loop, &timer_), "uv_timer_init");
    timer_.data = this;
    check_ares(ares_library_init(ARES_LIB_INIT_ALL), "ares_library_init");
    ares_options options{};
    options.flags = flags;
    options.sock_state_cb = on_socket;
    options.sock_state_cb_data = this;
    check_ares(ares_init_options(&channel_, &options, ARES_OPT_FLAGS | ARES_OPT_SOCK_STATE_CB),
               "ares_init_options");
    if (const char* server = chosen_server())
      check_ares(ares_set_servers_ports_csv(channel_, server), "ares_set_servers_ports_csv");
  }
  cares_channel(const cares_channel&) = delete;
  cares_channel& operator=(const cares_channel&) = delete;

  // For a question; look_after_it() follows.
  ares_channel get() { return channel_; }

  // A running timer is left alone: it comes soon enough.
  void look_after_it() {
    if (!uv_is_active(reinterpret_cast<uv_handle_t*>(&timer_))) set_timer();
  }

  // In no callback of c-ares. The loop has to run once more.
  void close() {
    uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
    ares_destroy(channel_);
    ares_library_cleanup();
  }

 private:
  static void on_socket(void* data, ares_socket_t socket, int readable, int writable) noexcept {
    static_cast<cares_channel*>(data)->sockets_.watch(
        socket, (readable != 0 ? UV_READABLE : 0) | (writable != 0 ? UV_WRITABLE : 0));
  }

  static void on_time(uv_timer_t* timer) noexcept {
    static_cast<cares_channel*>(timer->data)->time_has_come();
  }

  // A socket in trouble is read and written, so that c-ares sees for itself.
  void ready(ares_socket_t socket, int status, int events) {
    const bool readable = status < 0 || (events & UV_READABLE) != 0;
    const bool writable = status < 0 || (events & UV_WRITABLE) != 0;
    ares_process_fd(channel_, readable ? socket : ARES_SOCKET_BAD, writable ? socket : ARES_SOCKET_BAD);
  }

  void time_has_come() {
    ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    set_timer();
  }

  // ares_timeout() looks at all open questions, so it is not asked after each of them. A timer that comes at least once
  // a second does instead: c-ares waits for longer than that before it sends something again.
  void set_timer() {
    timeval left{};
    if (ares_timeout(channel_, nullptr, &left) == nullptr) return;
    const auto milliseconds = static_cast<std::uint64_t>(left.tv_sec) * 1000 +
                              static_cast<std::uint64_t>(left.tv_usec + 999) / 1000;
    check_uv(uv_timer_start(&timer_, on_time, std::clamp<std::uint64_t>(milliseconds, 1, 1000), 0),
             "uv_timer_start");
  }

  watched_sockets sockets_;
  uv_timer_t timer_{};
  ares_channel channel_ = nullptr;
};

}  // namespace bench
