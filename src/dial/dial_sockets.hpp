#pragma once
// The sockets of one dial: those that connect, and those that stand and wait for their confirm step.
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "glue/connect_attempt.hpp"
#include "logic/few.hpp"
#include "uvdial/tcp_stream.hpp"

namespace uvdial::detail {

// What a connection is given when it is made a stream.
struct socket_options {
  bool no_delay;
  std::optional<std::chrono::seconds> keep_alive;
};

class dial_sockets {
 public:
  // `count` hears of each handle that closes here, those of streams, too; it outlives all that is added here.
  explicit dial_sockets(const std::shared_ptr<handle_count>& count) noexcept : count_(count) {}
  dial_sockets(const dial_sockets&) = delete;
  dial_sockets& operator=(const dial_sockets&) = delete;
  ~dial_sockets() { close_all(); }

  // Lives until it is established, taken or closed, or until another one is added.
  connect_attempt& add(attempt_id id) { return connecting_.add(id); }

  // Makes the connected socket of this attempt a stream, which waits here. Null where memory is gone. The stream stays
  // where it is until it is taken or closed.
  tcp_stream* establish(attempt_id id, const socket_options& options) noexcept;
  // The stream of this attempt, established now or before.
  tcp_stream take(attempt_id id, const socket_options& options) noexcept;
  void close(attempt_id id) noexcept;
  void close_all() noexcept;
  void close_all_but(attempt_id id) noexcept;

 private:
  using stream_place = std::optional<tcp_stream>;  // which is there before its stream
  struct standing {
    standing(attempt_id its_id, std::unique_ptr<stream_place> its_stream) noexcept
        : attempt(its_id), stream(std::move(its_stream)) {}
    attempt_id id() const noexcept { return attempt; }
    attempt_id attempt;
    std::unique_ptr<stream_place> stream;
  };
  tcp_stream make_stream(connect_attempt* connected, const socket_options& options) noexcept;
  void dispose(tcp_stream unwanted) noexcept;

  const std::shared_ptr<handle_count>& count_;
  few<connect_attempt, 1> connecting_{};
  std::vector<standing> standing_{};
};

}  // namespace uvdial::detail
