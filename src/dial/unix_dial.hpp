#pragma once
// One dial of a Unix-domain socket: no name, no race, and hardly any time.
#include <chrono>
#include <memory>
#include <optional>

#include "dial/running_dial.hpp"
#include "glue/unix_socket.hpp"
#include "uvdial/options.hpp"
#include "uvdial/pipe_stream.hpp"

namespace uvdial::detail {

class unix_dial final : public running_dial {
 public:
  struct request {
    unix_address to;
    dial_options options;
    callback<pipe_stream> on_done;
  };

  unix_dial(std::shared_ptr<running_dial_owner> owner, request wanted);
  ~unix_dial() = default;

  void begin() override;
  void tick(instant time) override;
  void step() noexcept override;

  using running_dial::cancel;
  void cancel(std::uint32_t ticket) noexcept override;
  void drop(std::uint32_t ticket) noexcept override;
  bool running(std::uint32_t ticket) const noexcept override;

 private:
  enum class state : std::uint8_t {
    waiting,  // for room at the listener
    settled,  // decided; the callback has not run yet
    ended     // the callback has run, or never will
  };

  void attempt() noexcept;
  void settle(int status) noexcept;
  outcome<pipe_stream> result() noexcept;
  std::string description() const;
  void let_go() noexcept;

  std::shared_ptr<running_dial_owner> owner_;
  instant started_;
  unix_address to_;
  dial_options options_;
  callback<pipe_stream> on_done_;
  dial_report report_{};
  std::chrono::milliseconds pause_;  // before the next attempt
  unix_handle socket_{};             // once connected
  int status_ = 0;                   // once decided: a libuv code, or 0 for connected
  state state_ = state::waiting;
};

}  // namespace uvdial::detail
