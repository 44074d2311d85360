#pragma once
// The steps of a dial put together to bars, and the words that belong to each bar: what a chart draws.
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "cli/chart.hpp"

namespace uvdial::cli {

// One question, one attempt, or one address that was never tried.
struct bar {
  enum class state : std::uint8_t { open, answered, unanswered, failed, aborted, won, blocked };

  std::optional<ip_family> family;  // of a question
  std::optional<endpoint> to;       // of an attempt
  std::chrono::microseconds from;
  std::chrono::microseconds until;
  state now = state::open;
  std::size_t addresses = 0;
  std::error_code code{};
  std::optional<endpoint> server{};
  bool confirming = false;  // it is connected, and the confirm step was asked
};

struct picture {
  std::vector<bar> bars{};
  std::chrono::microseconds length{0};
  bool ended = false;
  std::error_code code{};  // of the end
};

// `steps` are those of one dial, in order. Pure, as all of this is.
picture read_picture(std::span<const traced_step> steps);

std::string label_of(const bar& one);
std::string times_of(const bar& one, std::size_t decimals);  // of what never ran there is none

// What became of it. `with_server`: and which server failed; `brief`: in a word or two.
enum class note_size : std::uint8_t { with_server, plain, brief };
std::string note_of(const bar& one, const picture& drawn, note_size size);

// The attempt failed, or what was answered is a failure. That a name has no such record is none.
bool went_wrong(const bar& one);

}  // namespace uvdial::cli
