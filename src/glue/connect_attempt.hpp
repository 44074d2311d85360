#pragma once
// One uv_tcp_connect to one address, from its socket to a connected handle or a code.
//
//   open()  ──►  [whoever wants to look at the socket]  ──►  [bind()]  ──►  connect()  ──►  attempt_ended()
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

// A connection to itself counts as refused: nobody else is there. Who binds to the port that he connects to wants it so.
//
// Move-only. Destroying it closes the socket, and the sink hears nothing more.
class connect_attempt {
 public:
  explicit connect_attempt(attempt_id id) noexcept : id_(id) {}

  // These three give 0, or a negative libuv code: then it has failed, and the sink hears nothing.
  //
  // libuv makes the socket of a plain handle when it connects. `ip_socket::now` is for those that are to be looked at
  // or bound before.
  enum class ip_socket : std::uint8_t { when_connecting, now };
  int open(uv_loop_t& loop, ip_family family, ip_socket made, std::shared_ptr<handle_count> count) noexcept;
  // To an address of this machine, of the same family; port 0: any. A port that is in use is seen in connect().
  int bind(const endpoint& local) noexcept;
  // 0: the sink, which outlives this object, will hear how it ended.
  int connect(const endpoint& to, attempt_sink& sink) noexcept;

  attempt_id id() const noexcept { return id_; }
  tcp_handle take() noexcept { return tcp_handle(socket_.release()); }  // after it ended with 0
  uv_tcp_t* native() const noexcept { return socket_.get(); }
  // Closes one that take() gave, as if it had never been given.
  static void take_back(tcp_handle taken, std::shared_ptr<handle_count> count) noexcept;

 private:
  struct request {
    uv_connect_t connect;
    attempt_id id;
    std::uint16_t port_of_its_own;  // where a socket that came to have it would meet itself; 0: it cannot
  };
  static void on_connect(uv_connect_t* connect, int status) noexcept;

  uv_handle<uv_tcp_t, request> socket_;
  attempt_id id_;
  std::uint16_t chosen_port_ = 0;  // by the caller; 0: by the kernel
};

}  // namespace uvdial::detail
