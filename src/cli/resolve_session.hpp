#pragma once
// One --resolve from its start to what the program has to say about it. Prints nothing itself.
#include <uv.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/exit_status.hpp"
#include "cli/signals.hpp"
#include "uvdial/resolver.hpp"

namespace uvdial::cli {

// Pinned. `loop`, `wanted` and `names` outlive it.
class resolve_session {
 public:
  struct ending {
    int status = exit_status::failure;
    std::string out{};        // whole lines
    std::string complaint{};  // without a line end; empty: none
    std::string advice{};     // so too: what may help
  };

  // `on_end` runs once, from the loop, when nothing more will be asked: the place to close the resolver.
  resolve_session(uv_loop_t& loop, const arguments& wanted, resolver& names, unique_function<void()> on_end);
  resolve_session(const resolve_session&) = delete;
  resolve_session& operator=(const resolve_session&) = delete;
  ~resolve_session() = default;

  // A literal is looked up backwards. Throws std::invalid_argument for a host that the resolver refuses, and
  // for a zone that this machine does not have.
  void start();
  const ending& end() const noexcept { return end_; }  // when the loop has run dry

 private:
  void resolved(const outcome<host_entry>& found);
  void reversed(const outcome<std::vector<std::string>>& found);
  void failed(const error& why);
  void finish(int status, std::string out);
  std::chrono::microseconds elapsed() const noexcept;

  uv_loop_t& loop_;
  const arguments& wanted_;
  resolver& names_;
  unique_function<void()> on_end_;
  std::optional<signals> signals_{};
  std::optional<endpoint> address_{};  // set: backwards
  operation running_{};
  std::chrono::nanoseconds started_{0};
  std::optional<int> interrupted_{};  // by which signal
  ending end_{};
};

}  // namespace uvdial::cli
