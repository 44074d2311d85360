#pragma once
// One dial from its start to the exit status: what `uvdial` does between its command line and its end.
#include <uv.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/arguments.hpp"
#include "cli/json_events.hpp"
#include "cli/picture_file.hpp"
#include "cli/relay.hpp"
#include "cli/signals.hpp"
#include "cli/trace_view.hpp"
#include "uvdial/ares_resolver.hpp"
#include "uvdial/dialer.hpp"
#include "uvdial/report.hpp"

namespace uvdial::cli {

// Pinned. `loop` and `wanted` outlive it, and the loop has run dry before it dies.
class session {
 public:
  session(uv_loop_t& loop, const arguments& wanted);
  session(const session&) = delete;
  session& operator=(const session&) = delete;
  ~session() = default;

  // Throws usage_error for a picture that cannot be written, and std::invalid_argument for a target, a path or an option that the dialer or the resolver refuses.
  void start();
  int exit_status() const noexcept { return exit_status_; }  // when the loop has run dry

 private:
  void traced(const trace_event& event);
  void dial_host();
  void dial_unix();
  void failed(const error& why, const std::string& json);
  void connected(std::shared_ptr<byte_stream> stream, const std::string& json);
  void relay_ended(const std::string& failure);
  void signalled(int number);
  void draw(const error* why);
  void print(std::string_view lines);
  void finish(int status);

  uv_loop_t& loop_;
  const arguments& wanted_;
  json_events json_{};
  trace_view trace_{};
  dial_report report_{};
  std::optional<signals> signals_{};
  std::shared_ptr<ares_resolver> names_{};
  std::optional<dialer> dialer_{};
  operation dial_{};
  std::optional<relay> relay_{};
  std::optional<picture_file> picture_{};  // of --svg
  bool picture_failed_ = false;
  int print_failure_ = 0;             // a negative libuv code
  std::optional<int> interrupted_{};  // by which signal
  int exit_status_ = 1;
};

}  // namespace uvdial::cli
