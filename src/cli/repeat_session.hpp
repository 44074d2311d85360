#pragma once
// --repeat: dials one host many times, one dial after the other, and adds them up. Prints nothing itself.
//
// Each dial begins as that of a program that was just started: with a resolver and a dialer of its own, so that no
// answer, no winner and no server's usual time is remembered from the one before, and no question of it goes on.
#include <uv.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "cli/arguments.hpp"
#include "cli/exit_status.hpp"
#include "cli/picture_file.hpp"
#include "cli/signals.hpp"
#include "cli/summary.hpp"
#include "uvdial/ares_resolver.hpp"
#include "uvdial/dialer.hpp"
#include "uvdial/report.hpp"

namespace uvdial::cli {

// Pinned. `loop` and `wanted`, whose `repeat` is set, outlive it.
class repeat_session {
 public:
  struct ending {
    int status = exit_status::failure;
    std::string out{};        // whole lines
    std::string complaint{};  // without a line end; empty: none
  };

  repeat_session(uv_loop_t& loop, const arguments& wanted);
  repeat_session(const repeat_session&) = delete;
  repeat_session& operator=(const repeat_session&) = delete;
  ~repeat_session() = default;

  // Throws usage_error for a picture that cannot be written, and std::invalid_argument for a target, a path or an option that the dialer or the resolver refuses.
  void start();
  const ending& end() const noexcept { return end_; }  // when the loop has run dry

 private:
  void dial();
  void dial_next() noexcept;
  void ended(const error* why, std::optional<ip_family> family);
  void let_go() noexcept;
  void finish(int status);
  void draw();

  uv_loop_t& loop_;
  const arguments& wanted_;
  summary sum_{};
  dial_report report_{};  // of the dial that runs
  std::chrono::nanoseconds started_{0};
  std::optional<signals> signals_{};
  std::shared_ptr<ares_resolver> names_{};
  std::optional<dialer> dialer_{};
  operation running_{};
  std::optional<int> interrupted_{};       // by which signal
  std::optional<picture_file> picture_{};  // of --svg
  ending end_{};
};

}  // namespace uvdial::cli
