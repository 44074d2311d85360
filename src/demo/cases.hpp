#pragma once
// The dials that `make demo` shows, and what each must come to.
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/chart.hpp"
#include "uvdial/error.hpp"

typedef struct uv_loop_s uv_loop_t;

namespace uvdial::demo {

// What a dial came to; it outlives everything that took part.
struct story {
  std::vector<cli::traced_step> steps{};
  std::optional<endpoint> winner{};
  std::optional<error_kind> failure{};
  std::string text{};  // of the error
  std::chrono::microseconds took{0};
};

struct demo_case {
  std::string_view title;
  std::string_view scene;
  bool needs_v6;
  story (*play)(uv_loop_t& loop);                // leaves nothing but closing handles on the loop
  std::string (*complaint)(const story& ended);  // empty: it came to what it must
};

std::span<const demo_case> cases();

}  // namespace uvdial::demo
