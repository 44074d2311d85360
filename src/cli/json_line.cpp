#include "cli/json_line.hpp"

#include "cli/safe_text.hpp"
#include "cli/time_text.hpp"

namespace uvdial::cli {

namespace {

// The reason an address is not the stream. One that was still running at the end, or that had won when the
// dial was cancelled, was called off by us.
std::string_view reason(const attempt& tried) noexcept {
  switch (tried.what) {
    case attempt::state::failed: return code_name(tried.why);
    case attempt::state::filtered: return "BLOCKED";
    case attempt::state::open:
    case attempt::state::won: break;
  }
  return "ECANCELED";
}

}  // namespace

std::string_view final_code(const error& why) noexcept {
  if (why.kind() == error_kind::timeout) return "ETIMEDOUT";
  if (why.kind() == error_kind::cancelled) return "ECANCELED";
  return code_name(why.code());
}

std::string begin_line(std::string_view event, std::chrono::microseconds at) {
  // Whole microseconds, so that no rounding puts two steps in another order.
  return std::string("{\"event\":\"").append(event).append("\",\"t_ms\":").append(milliseconds_text(at, 3));
}

std::string end_line(std::string line) { return line.append("}\n"); }

void append_text(std::string& line, std::string_view name, std::string_view value) {
  append_json_string(line.append(",\"").append(name).append("\":"), value);
}

void append_texts(std::string& line, std::string_view name, std::span<const std::string> values) {
  line.append(",\"").append(name).append("\":[");
  for (const std::string& each : values) {
    if (line.back() != '[') line += ',';
    append_json_string(line, each);
  }
  line += ']';
}

void append_address(std::string& line, const endpoint& to) {
  append_text(line, "address", to.address_to_string());
  line.append(",\"port\":").append(std::to_string(to.port()));
}

std::string connected_unix_line(std::string_view path, std::chrono::microseconds at) {
  std::string line = begin_line("connected", at);
  append_text(line, "address", path);
  return end_line(std::move(line.append(",\"port\":null,\"local_address\":null")));
}

std::string failed_line(const error& why, std::chrono::microseconds at) {
  std::string line = begin_line("failed", at);
  append_text(line, "error", kind_name(why.kind()));
  append_text(line, "code", final_code(why));
  append_text(line, "message", why.what());
  line += ",\"attempts\":[";
  for (const attempt& each : why.attempts()) {
    line += line.back() == '[' ? "{" : ",{";
    std::string fields;
    append_address(fields, each.to);
    append_text(fields, "error", reason(each));
    line.append(fields, 1).append("}");
  }
  line += ']';
  return end_line(std::move(line));
}

}  // namespace uvdial::cli
