#include "cli/closing_lines.hpp"

#include "cli/safe_text.hpp"

namespace uvdial::cli {

namespace {

constexpr std::string_view indent = "  ";

bool only_the_host(const dial_report& report) {
  return report.names.size() == 1 && report.names[0] == report.host;
}

}  // namespace

std::vector<std::string> closing_lines(const dial_report& report) {
  std::vector<std::string> lines;
  if (!report.names.empty() && !only_the_host(report)) {
    std::string asked = std::string(indent) + "asked: ";
    for (std::size_t index = 0; index < report.names.size(); ++index)
      asked.append(index == 0 ? "" : ", ").append(one_line(report.names[index]));
    lines.push_back(std::move(asked));
  }
  if (report.left_out > 0)
    lines.push_back(std::string(indent) + "left out: " + std::to_string(report.left_out) + " more addresses");
  if (const std::string why = explain_win(report); !why.empty())
    lines.push_back(std::string(indent) + one_line(why));
  return lines;
}

}  // namespace uvdial::cli
