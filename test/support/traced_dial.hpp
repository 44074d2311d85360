#pragma once
// A dial written down step by step, as a trace sink would, for the tests of the chart.
#include <chrono>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "cli/chart.hpp"
#include "uvdial/error.hpp"
#include "uvdial/trace.hpp"

namespace fixture {

inline std::error_code uv_code(std::errc code) { return {-static_cast<int>(code), uvdial::uv_category()}; }

struct dial {
  using step = uvdial::trace_event::step;
  using microseconds = std::chrono::microseconds;

  dial& asks(uvdial::ip_family family, microseconds at) {
    return add({.dial = 1, .what = step::question, .at = at, .host = "demo.test", .family = family});
  }
  dial& hears(uvdial::ip_family family, microseconds at, std::size_t count) {
    const std::vector<uvdial::endpoint> addresses(count, uvdial::endpoint::parse("192.0.2.1:80"));
    return add({.dial = 1, .what = step::answer, .at = at, .family = family, .addresses = addresses});
  }
  dial& hears(uvdial::ip_family family, microseconds at, uvdial::resolve_errc why) {
    return add({.dial = 1, .what = step::answer, .at = at, .family = family, .code = why});
  }
  dial& hears(uvdial::ip_family family, microseconds at, uvdial::resolve_errc why, std::string_view server) {
    return add({.dial = 1,
                .what = step::answer,
                .at = at,
                .family = family,
                .code = why,
                .server = uvdial::endpoint::parse(server)});
  }
  dial& does(step what, microseconds at, std::string_view to, std::error_code code = {}) {
    return does(what, at, uvdial::endpoint::parse(to), code);
  }
  dial& does(step what, microseconds at, const uvdial::endpoint& to, std::error_code code = {}) {
    return add({.dial = 1, .what = what, .at = at, .to = to, .code = code});
  }
  dial& ends(microseconds at, std::error_code code = {}) {
    return add({.dial = 1, .what = step::end, .at = at, .code = code});
  }
  dial& add(const uvdial::trace_event& event) {
    steps.emplace_back(event);
    return *this;
  }

  std::string drawn(const uvdial::cli::chart_style& style = {}) const {
    std::string text = "\n";
    for (const std::string& line : uvdial::cli::draw_chart(steps, style)) text += line + "\n";
    return text;
  }
  std::vector<uvdial::cli::traced_step> steps{};
};

}  // namespace fixture
