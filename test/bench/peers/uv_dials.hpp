#pragma once
// What the peers on libuv have in common: the loop, and from an address to a connection that is reset again.
#include <uv.h>

#include <memory>
#include <new>

#include "dials.hpp"

namespace bench {

// In a callback it ends the program: callbacks are noexcept.
inline void check_uv(int status, const char* what) {
  if (status < 0) throw std::runtime_error(std::string(what) + ": " + uv_strerror(status));
}

// One piece of memory for each dial.
struct connection {
  uv_tcp_t socket;  // first: the address of the one is that of the other
  uv_connect_t request;
};

class uv_dials : public dials {
 public:
  uv_dials(const char* program, const work& wanted) : dials(program, wanted) {
    check_uv(uv_loop_init(&loop_), "uv_loop_init");
  }

  void run() {
    begin();
    check_uv(uv_run(&loop_, UV_RUN_DEFAULT), "uv_run");
    if (!have_all_ended()) throw std::runtime_error("the loop ended before the dials");
    close();
    check_uv(uv_run(&loop_, UV_RUN_DEFAULT), "uv_run");
    check_uv(uv_loop_close(&loop_), "a handle was left on the loop");
  }

 protected:
  // Closes what the peer has on the loop besides connections. Runs in no callback.
  virtual void close() {}

  // Memory for a connection, and back again when its handle is closed.
  virtual connection* take() {
    void* memory = std::malloc(sizeof(connection));
    if (memory == nullptr) throw std::bad_alloc();
    return new (memory) connection;
  }
  virtual void give_back(connection* closed) { std::free(closed); }

  // The rest of a dial: connects, and resets what is connected.
  void connect(connection* chosen, const sockaddr* address) {
    uv_tcp_t* socket = &chosen->socket;
    check_uv(uv_tcp_init(&loop_, socket), "uv_tcp_init");
    socket->data = this;
    const int status = uv_tcp_connect(&chosen->request, socket, address, on_connected);
    if (status < 0) fail(chosen, status);
  }

  uv_loop_t& loop() { return loop_; }
  void all_have_ended() override { uv_stop(&loop_); }

 private:
  static void on_connected(uv_connect_t* request, int status) noexcept {
    auto* socket = reinterpret_cast<connection*>(request->handle);
    static_cast<uv_dials*>(request->handle->data)->connected(socket, status);
  }

  static void on_closed(uv_handle_t* closed) noexcept {
    static_cast<uv_dials*>(closed->data)->give_back(reinterpret_cast<connection*>(closed));
  }

  void connected(connection* chosen, int status) {
    if (status < 0) {
      fail(chosen, status);
      return;
    }
    check_uv(uv_tcp_nodelay(&chosen->socket, 1), "uv_tcp_nodelay");
    check_uv(uv_tcp_close_reset(&chosen->socket, on_closed), "uv_tcp_close_reset");
    succeeded();
  }

  void fail(connection* chosen, int status) {
    uv_close(reinterpret_cast<uv_handle_t*>(&chosen->socket), on_closed);
    failed(uv_err_name(status));
  }

  uv_loop_t loop_{};
};

}  // namespace bench
