// What a scenario of a sweep works with. Records, and allocates nothing while it does.
#pragma once

#include <uv.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "support/sweep.hpp"
#include "uvdial/ares_resolver.hpp"
#include "uvdial/confirm.hpp"
#include "uvdial/dialer.hpp"
#include "uvdial/system_resolver.hpp"

namespace sweep {

// Peers in a process of their own, on the loopback, for as long as this lives.
struct peers {
  peers();
  peers(const peers&) = delete;
  peers& operator=(const peers&) = delete;
  ~peers();

  std::uint16_t dns_port = 0;
  // Of 127.0.0.1, and of ::1 where there is one: sends back what comes, to its end.
  std::uint16_t port = 0;
  // Of 127.0.0.1: refuses.
  std::uint16_t closed_port = 0;
  // Of a Unix-domain listener that accepts and closes.
  std::string path{};
  // Of files.
  std::string hosts{};
  std::string resolv_conf{};

 private:
  int child_ = -1;
  int until_ = -1;
};

// One call of the library.
struct heard {
  std::string_view what{};
  std::string_view how = "not begun";
  std::string_view usual = "well";
  // Where another call of the scenario did not end as usual.
  std::string_view otherwise = "well";
  // It ends as usual once it has begun, whatever fails.
  bool always = false;
  // False: the starting call threw.
  bool begun = false;
  // Of the callback.
  int calls = 0;
};

// Of one run: one loop, and what a scenario made on it. Pinned.
class rig {
 public:
  explicit rig(const peers& with);
  rig(const rig&) = delete;
  rig& operator=(const rig&) = delete;
  ~rig() = default;

  uv_loop_t& loop() noexcept { return loop_; }
  const peers& with;

  // One more call, which ends `usual`ly like that.
  heard& call(std::string_view what, std::string_view usual = "well") noexcept;
  // Those so far, which are forgotten here. How many.
  static constexpr std::size_t most_calls = 16;
  std::size_t take_calls(std::array<heard, most_calls>& into) noexcept {
    into = calls_;
    return std::exchange(count_, 0);
  }

  // Runs the loop until its callback has run, or never will.
  void until(const heard& which) noexcept;
  void until_all() noexcept {
    for (std::size_t at = 0; at < count_; ++at) until(calls_[at]);
  }
  // Everything of the scenario goes; then the loop runs dry. What uv_loop_close said.
  int close();
  bool hung() const noexcept { return hung_; }

  void make_names(std::vector<std::string> search = {});
  void make_dialer(uvdial::dialer_config config = {});

  // What scenarios keep.
  std::shared_ptr<uvdial::ares_resolver> names{};
  std::shared_ptr<uvdial::system_resolver> system{};
  std::optional<uvdial::dialer> dials{};
  std::vector<uvdial::endpoint> list{};
  uvdial::dial_options options{};
  uvdial::dial_report report{};
  uvdial::confirm_step step{};
  std::optional<uvdial::confirmation> answer{};
  std::optional<uvdial::tcp_stream> stream{};
  std::optional<uvdial::tcp_stream> second{};
  std::optional<uvdial::pipe_stream> pipe{};
  std::optional<uvdial::host_entry> entry{};
  std::optional<std::vector<std::string>> found{};
  std::array<uvdial::operation, 6> operations{};
  std::size_t steps = 0;  // that a trace was told
  std::size_t chunk_bytes = 0;
  std::array<std::byte, 4096> bytes{};

 private:
  uv_loop_t loop_{};
  std::array<heard, most_calls> calls_{};
  std::size_t count_ = 0;
  bool hung_ = false;
};

extern const std::vector<scenario> dial_scenarios;
extern const std::vector<scenario> stream_scenarios;

}  // namespace sweep
