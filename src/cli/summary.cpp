#include "cli/summary.hpp"

#include <algorithm>
#include <array>

#include "cli/json_line.hpp"
#include "cli/safe_text.hpp"
#include "cli/time_text.hpp"

namespace uvdial::cli {

namespace {

using std::chrono::microseconds;
using time_list = std::vector<microseconds>;

struct family_row {
  std::string_view label;
  std::string_view json;
  std::optional<ip_family> family;  // nullopt: all
};
constexpr std::array families = {family_row{"all", "all", std::nullopt},
                                 family_row{"IPv4", "ipv4", ip_family::v4},
                                 family_row{"IPv6", "ipv6", ip_family::v6}};

struct column {
  std::string_view label;
  std::string_view json;
  std::size_t percent;  // 0: the least
};
constexpr std::array columns = {column{"min", "min_ms", 0}, column{"median", "median_ms", 50},
                                column{"p99", "p99_ms", 99}, column{"max", "max_ms", 100}};

microseconds value_of(const column& which, const time_list& sorted) {
  return which.percent == 0 ? sorted.front() : percentile(sorted, which.percent);
}

constexpr std::size_t label_width = 8;  // "  IPv6" and a gap
constexpr std::size_t count_width = 6;
constexpr std::size_t least_time_width = 8;

std::string right(std::string_view text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ').append(text);
}

std::string left(std::string_view text, std::size_t width) {
  return std::string(text).append(width - std::min(width, text.size()), ' ');
}

std::string count_text(std::size_t count, std::string_view what) {
  return std::to_string(count).append(" ").append(what).append(count == 1 ? "" : "s");
}

std::string table_head(std::size_t time_width) {
  std::string line = std::string(label_width, ' ') + right("dials", count_width);
  for (const column& each : columns) line += right(each.label, time_width);
  return line + "\n";
}

std::string table_row(std::string_view label, const time_list& sorted, std::size_t time_width) {
  std::string line = left("  " + std::string(label), label_width);
  line += right(std::to_string(sorted.size()), count_width);
  for (const column& each : columns) line += right(milliseconds_text(value_of(each, sorted), 1), time_width);
  return line + "  ms\n";
}

void append_times(std::string& line, std::string_view name, const time_list& sorted) {
  line.append(",\"").append(name).append("\":{\"dials\":").append(std::to_string(sorted.size()));
  for (const column& each : columns) {
    line.append(",\"").append(each.json).append("\":");
    line += sorted.empty() ? "null" : milliseconds_text(value_of(each, sorted), 3);
  }
  line += '}';
}

}  // namespace

void summary::connected(std::optional<ip_family> family, microseconds took) {
  connected_.push_back({family, took});
}

void summary::failed(const error& why) {
  ++failed_;
  const std::string_view code = final_code(why);
  const auto known = std::find_if(failures_.begin(), failures_.end(), [&](const failure& one) {
    return one.kind == why.kind() && one.code == code;
  });
  if (known != failures_.end())
    ++known->count;
  else
    failures_.push_back({why.kind(), code, why.what(), 1});
}

time_list summary::sorted_times(std::optional<ip_family> family) const {
  time_list found;
  for (const timed_dial& each : connected_) {
    if (!family || each.family == family) found.push_back(each.took);
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string summary::counts(std::size_t wanted) const {
  const std::string made = dials() < wanted ? std::to_string(dials()) + " of " : "";
  return made + count_text(wanted, "dial") + ", " + std::to_string(failed_) + " failed";
}

std::string summary::times() const {
  if (connected_.empty()) return {};
  const auto sorted = sorted_times(std::nullopt);
  std::string text;
  for (const column& each : columns) {
    text.append(text.empty() ? "" : ", ").append(each.label).append(" ");
    text.append(milliseconds_text(value_of(each, sorted), 1)).append(" ms");
  }
  return text;
}

std::vector<std::string> summary::failures() const {
  std::vector<std::string> lines;
  for (const failure& each : failures_) {
    std::string line = std::to_string(each.count) + "  ";
    line.append(kind_name(each.kind)).append(" (").append(each.code).append(")");
    lines.push_back(line + (each.count > 1 ? ", the first: " : ": ") + one_line(each.first));
  }
  return lines;
}

std::string summary::text(std::string_view host, std::size_t wanted) const {
  std::string text = one_line(host) + ": " + counts(wanted) + "\n";

  if (!connected_.empty()) {
    const std::size_t longest = milliseconds_text(sorted_times(std::nullopt).back(), 1).size();
    const std::size_t width = std::max(least_time_width, longest + 2);
    text += table_head(width);
    for (const family_row& each : families) {
      const time_list sorted = sorted_times(each.family);
      if (!sorted.empty()) text += table_row(each.label, sorted, width);
    }
  }
  if (!failures_.empty()) text += "  failed:\n";
  for (const std::string& each : failures()) {
    const std::size_t digits = each.find(' ');
    text += std::string(label_width - std::min(label_width, digits), ' ') + each + "\n";
  }
  return text;
}

std::string summary::line(microseconds at) const {
  std::string line = begin_line("summary", at);
  line.append(",\"dials\":").append(std::to_string(dials()));
  line.append(",\"failed\":").append(std::to_string(failed_));
  for (const family_row& each : families) append_times(line, each.json, sorted_times(each.family));
  line += ",\"errors\":[";
  for (const failure& each : failures_) {
    line += line.back() == '[' ? "{" : ",{";
    std::string fields;
    append_text(fields, "error", kind_name(each.kind));
    append_text(fields, "code", each.code);
    line.append(fields, 1).append(",\"count\":").append(std::to_string(each.count)).append("}");
  }
  return end_line(std::move(line.append("]")));
}

}  // namespace uvdial::cli
