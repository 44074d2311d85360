#pragma once
// Which leaf of the error hierarchy and which code a failed dial comes to, and its text.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "logic/race.hpp"
#include "uvdial/error.hpp"
#include "uvdial/report.hpp"

namespace uvdial::detail {

struct verdict {
  error_kind kind;
  std::error_code code;
};

// Descriptors, buffers, memory or local ports (EAGAIN) of this machine have run out.
bool is_shortage(const std::error_code& code) noexcept;

// Of a race that ended with finish::how::failed: pure, decided by the report alone.
verdict judge(const dial_report& report);

// One line: "connect example.com:443: 2 attempts failed in 312 ms: [2001:db8::1]:443 connection refused (0 ms), ..."
std::string describe(const dial_report& report, const finish& end, const verdict& why);

// What a lookup without addresses came to: "NXDOMAIN from 192.0.2.53", "DNSTIMEOUT at 192.0.2.53:5353". A
// detail ("an empty label") says more than the name of the code, and stands in its place.
std::string describe_answer(const std::error_code& why, const std::optional<endpoint>& server,
                            std::string_view detail);

enum class question_kind : std::uint8_t { resolve, reverse };

// The same for a question that was asked for its own sake: "resolve example.com: timed out after 5000 ms". The
// report has no attempts, `end` did not win.
std::string describe_question(question_kind kind, const dial_report& report, finish::how end,
                              const verdict& why);

}  // namespace uvdial::detail
