#pragma once
#include <string>
#include <vector>

#include "uvdial/report.hpp"

namespace uvdial::cli {

// What a picture of the steps does not say: which names the host was asked as, where those are not the host alone,
// and who won and why. Lines without ends, indented as the chart is. Pure.
std::vector<std::string> closing_lines(const dial_report& report);

}  // namespace uvdial::cli
