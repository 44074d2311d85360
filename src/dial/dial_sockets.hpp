#pragma once
// The sockets of one dial: those that connect, and those that stand and wait for their confirm step.
#include <vector>

#include "glue/connect_attempt.hpp"
#include "uvdial/options.hpp"
#include "uvdial/tcp_stream.hpp"

namespace uvdial::detail {

class dial_sockets {
 public:
  // `count` hears of each handle that closes here, those of streams, too.
  explicit dial_sockets(std::shared_ptr<handle_count> count) noexcept : count_(std::move(count)) {}
  dial_sockets(const dial_sockets&) = delete;
  dial_sockets& operator=(const dial_sockets&) = delete;
  ~dial_sockets() { close_all(); }

  // Lives until it is established, taken or closed, or until another one is added.
  connect_attempt& add(attempt_id id) { return connecting_.emplace_back(id); }

  // Makes the connected socket of this attempt a stream, which waits here. Throws std::bad_alloc; then the socket
  // is closed. The stream stays where it is until it is taken or closed.
  tcp_stream& establish(attempt_id id, const dial_options& options);
  // The stream of this attempt, established now or before. Throws as above.
  tcp_stream take(attempt_id id, const dial_options& options);
  void close(attempt_id id) noexcept;
  void close_all() noexcept;
  void dispose(tcp_stream unwanted) noexcept;

 private:
  struct standing {
    attempt_id id;
    std::unique_ptr<tcp_stream> stream;
  };
  tcp_stream make_stream(attempt_id id, const dial_options& options);  // of one that has connected

  std::shared_ptr<handle_count> count_;
  std::vector<connect_attempt> connecting_{};
  std::vector<standing> standing_{};
};

}  // namespace uvdial::detail
