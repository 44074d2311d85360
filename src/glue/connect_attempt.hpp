#pragma once
// One uv_tcp_connect to one address, from its socket to a connected handle or a code.
#include <uv.h>

#include <memory>

#include "glue/handle.hpp"
#include "logic/race.hpp"

namespace uvdial::detail {

class attempt_sink {
 public:
  // From the loop; `status` is 0 or a negative libuv code.
  virtual void attempt_ended(attempt_id id, int status) noexcept = 0;

 protected:
  ~attempt_sink() = default;
};

// Move-only. Destroying it closes the socket, and the sink hears nothing more.
class connect_attempt {
 public:
  explicit connect_attempt(attempt_id id) noexcept : id_(id) {}

  // 0: the sink will hear of it. Negative: it failed at once, and the sink hears nothing.
  int start(uv_loop_t& loop, const endpoint& to, attempt_sink& sink,
            std::shared_ptr<handle_count> count) noexcept;

  attempt_id id() const noexcept { return id_; }
  tcp_handle take() noexcept { return tcp_handle(socket_.release()); }  // after it ended with 0
  uv_tcp_t* native() const noexcept { return socket_.get(); }

 private:
  struct request {
    uv_connect_t connect;
    attempt_id id;
  };
  static void on_connect(uv_connect_t* connect, int status) noexcept;

  uv_handle<uv_tcp_t, request> socket_;
  attempt_id id_;
};

}  // namespace uvdial::detail
