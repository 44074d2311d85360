#pragma once
// Which leaf of the error hierarchy and which code a failed dial comes to, and its text.
#include <string>
#include <system_error>

#include "logic/race.hpp"
#include "uvdial/error.hpp"
#include "uvdial/report.hpp"

namespace uvdial::detail {

struct verdict {
  error_kind kind;
  std::error_code code;
};

// Of a race that ended with finish::how::failed: pure, decided by the report alone.
verdict judge(const dial_report& report);

// One line: "connect example.com:443: 2 attempts failed in 312 ms: [2001:db8::1]:443 connection refused (0 ms), ..."
std::string describe(const dial_report& report, const finish& end, const verdict& why);

}  // namespace uvdial::detail
