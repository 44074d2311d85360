#include "cli/json_events.hpp"

#include <algorithm>

#include "cli/safe_text.hpp"

namespace uvdial::cli {

namespace {

void append_text(std::string& line, std::string_view name, std::string_view value) {
  append_json_string(line.append(",\"").append(name).append("\":"), value);
}

void append_address(std::string& line, const endpoint& to) {
  append_text(line, "address", to.address_to_string());
  line.append(",\"port\":").append(std::to_string(to.port()));
}

// Whole microseconds, so that no rounding puts two steps in another order.
std::string milliseconds_text(std::chrono::microseconds at) {
  const auto count = at.count();
  const auto parts = std::to_string(count % 1000);
  return std::to_string(count / 1000) + "." + std::string(3 - parts.size(), '0') + parts;
}

std::string_view family_name(ip_family family) noexcept { return family == ip_family::v4 ? "ipv4" : "ipv6"; }

std::string finished(std::string line) { return line.append("}\n"); }

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

std::string_view final_code(const error& why) noexcept {
  if (why.kind() == error_kind::timeout) return "ETIMEDOUT";
  if (why.kind() == error_kind::cancelled) return "ECANCELED";
  return code_name(why.code());
}

}  // namespace

std::string json_events::begin(std::string_view event) const {
  return std::string("{\"event\":\"").append(event).append("\",\"t_ms\":").append(milliseconds_text(at_));
}

std::string json_events::step(const trace_event& event) {
  using enum trace_event::step;
  at_ = std::max(at_, event.at);
  switch (event.what) {
    case question: {
      std::string line = begin("resolve_start");
      append_text(line, "family", family_name(event.family.value()));
      return finished(std::move(line));
    }
    case answer: return answered(event);
    case start: return started(event.to.value());
    case fail: return ended("attempt_failed", event);
    case abort: return ended("attempt_cancelled", event);
    case win: winner_ = event.to; break;
    case end: break;
  }
  return {};
}

std::string json_events::answered(const trace_event& event) const {
  std::string line = begin("resolve_done");
  append_text(line, "family", family_name(event.family.value()));
  line += ",\"addresses\":[";
  for (const endpoint& each : event.addresses) {
    if (line.back() != '[') line += ',';
    append_json_string(line, each.address_to_string());
  }
  line += ']';
  if (event.code)
    append_text(line, "error", code_name(event.code));
  else
    line += ",\"error\":null";
  return finished(std::move(line));
}

std::string json_events::started(const endpoint& to) {
  open_.push_back(to);
  std::string line = begin("attempt_start");
  append_address(line, to);
  return finished(std::move(line));
}

std::string json_events::ended(std::string_view event, const trace_event& of) {
  const auto found = std::find(open_.begin(), open_.end(), of.to.value());
  if (found == open_.end()) return {};  // its end was told, or its start never was
  open_.erase(found);
  std::string line = begin(event);
  append_address(line, *of.to);
  if (of.what == trace_event::step::fail) append_text(line, "error", code_name(of.code));
  return finished(std::move(line));
}

std::string json_events::cancel_open() {
  std::string lines;
  for (const endpoint& each : open_) {
    std::string line = begin("attempt_cancelled");
    append_address(line, each);
    lines += finished(std::move(line));
  }
  open_.clear();
  return lines;
}

std::string json_events::connected(const std::optional<endpoint>& local) {
  std::erase(open_, winner_.value());
  std::string lines = cancel_open();
  std::string line = begin("connected");
  append_address(line, *winner_);
  if (local)
    append_text(line, "local_address", local->address_to_string());
  else
    line += ",\"local_address\":null";
  return lines + finished(std::move(line));
}

std::string json_events::failed(const error& why) {
  std::string lines = cancel_open();
  std::string line = begin("failed");
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
  return lines + finished(std::move(line));
}

}  // namespace uvdial::cli
