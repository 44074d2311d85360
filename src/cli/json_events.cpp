#include "cli/json_events.hpp"

#include <algorithm>

#include "cli/json_line.hpp"

namespace uvdial::cli {

namespace {

std::string_view family_name(ip_family family) noexcept { return family == ip_family::v4 ? "ipv4" : "ipv6"; }

}  // namespace

std::string json_events::step(const trace_event& event) {
  using enum trace_event::step;
  at_ = std::max(at_, event.at);
  switch (event.what) {
    case question: {
      std::string line = begin_line("resolve_start", at_);
      append_text(line, "family", family_name(event.family.value()));
      return end_line(std::move(line));
    }
    case answer: return answered(event);
    case filter: break;  // it stands among the attempts of `failed`
    case start: return started(event.to.value());
    case fail: return ended("attempt_failed", event);
    case abort: return ended("attempt_cancelled", event);
    case win: winner_ = event.to; break;
    case confirm:
    case end: break;
  }
  return {};
}

std::string json_events::answered(const trace_event& event) const {
  std::string line = begin_line("resolve_done", at_);
  append_text(line, "family", family_name(event.family.value()));
  std::vector<std::string> addresses;
  for (const endpoint& each : event.addresses) addresses.push_back(each.address_to_string());
  append_texts(line, "addresses", addresses);
  if (event.code)
    append_text(line, "error", code_name(event.code));
  else
    line += ",\"error\":null";
  return end_line(std::move(line));
}

std::string json_events::started(const endpoint& to) {
  open_.push_back(to);
  std::string line = begin_line("attempt_start", at_);
  append_address(line, to);
  return end_line(std::move(line));
}

std::string json_events::ended(std::string_view event, const trace_event& of) {
  const auto found = std::find(open_.begin(), open_.end(), of.to.value());
  if (found == open_.end()) return {};  // its end was told, or its start never was
  open_.erase(found);
  std::string line = begin_line(event, at_);
  append_address(line, *of.to);
  if (of.what == trace_event::step::fail) append_text(line, "error", code_name(of.code));
  return end_line(std::move(line));
}

std::string json_events::cancel_open() {
  std::string lines;
  for (const endpoint& each : open_) {
    std::string line = begin_line("attempt_cancelled", at_);
    append_address(line, each);
    lines += end_line(std::move(line));
  }
  open_.clear();
  return lines;
}

std::string json_events::connected(const std::optional<endpoint>& local) {
  std::erase(open_, winner_.value());
  std::string lines = cancel_open();
  std::string line = begin_line("connected", at_);
  append_address(line, *winner_);
  if (local)
    append_text(line, "local_address", local->address_to_string());
  else
    line += ",\"local_address\":null";
  return lines + end_line(std::move(line));
}

std::string json_events::failed(const error& why) { return cancel_open() + failed_line(why, at_); }

}  // namespace uvdial::cli
