#pragma once
// One dial as a picture: each DNS question and each attempt as a bar over one time axis.
//
//                 ms  0         100       200
//   DNS AAAA          ░                             0..1    1 address
//   DNS A             ░                             0..1    1 address
//   [::1]:8080        ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒     1..252  closed: another one won
//   127.0.0.1:8080                            █   251..252  connected
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "uvdial/trace.hpp"

namespace uvdial::cli {

// What the picture needs of a trace_event, which itself lives only as long as the call that tells of it.
struct traced_step {
  explicit traced_step(const trace_event& event)
      : what(event.what),
        at(event.at),
        family(event.family),
        addresses(event.addresses.size()),
        to(event.to),
        code(event.code),
        server(event.server) {}

  trace_event::step what;
  std::chrono::microseconds at;
  std::optional<ip_family> family;
  std::size_t addresses;
  std::optional<endpoint> to;
  std::error_code code;
  std::optional<endpoint> server;
};

// A chart is never wider than its width, but no narrower than this; and a bar over the whole of a wide screen is hard to
// read.
constexpr std::size_t narrowest_chart = 40;
constexpr std::size_t widest_chart = 160;

struct chart_style {
  std::size_t width = 80;  // columns
  bool colour = false;     // ANSI
  bool ascii = false;      // nothing but ASCII
};

// Lines of UTF-8 without line ends. `steps` are those of one dial, in order; a dial that has not ended yet is
// drawn as far as it went. Pure.
std::vector<std::string> draw_chart(std::span<const traced_step> steps, const chart_style& style = {});

// Lines that stand above or below a chart, broken where they are wider than it, and in its characters.
std::vector<std::string> fit_lines(std::span<const std::string> lines, const chart_style& style);

}  // namespace uvdial::cli
