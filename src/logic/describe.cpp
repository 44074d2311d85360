// The text of an error: one line that names the target, what was tried, and why each try failed.
//
//   connect HOST:PORT: 2 attempts failed in 312 ms: ENDPOINT reason (N ms), ENDPOINT reason (N ms)
//   connect HOST:PORT: timed out after 5000 ms while connecting: 1 attempt: ENDPOINT still open (5000 ms)
//   resolve HOST: host not found (NXDOMAIN from 192.0.2.53) after 12 ms
//   resolve HOST: host not found (an empty label) after 0 ms
//   reverse ADDRESS: no name (NXDOMAIN from 192.0.2.53) after 12 ms
//
// The time of an attempt is its own, from its start to its end. Milliseconds are rounded down. A lookup that
// failed beside one that brought addresses stands at the end: it is often the reason why only one family was
// tried. That a name has no address of the other family is no failure, and not told.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "logic/verdict.hpp"
#include "values/utf8.hpp"

namespace uvdial::detail {
namespace {

std::string milliseconds_of(std::chrono::microseconds time) {
  return std::to_string(std::chrono::floor<std::chrono::milliseconds>(time).count()) + " ms";
}

// What is longer than any name is no name, and the front of it is enough to find it by.
std::string host_of(const dial_report& report) {
  constexpr std::size_t longest_name = 255, shown = 200;
  if (report.host.size() <= longest_name) return report.host;
  return std::string(utf8_cut(report.host, shown)) + "...";
}

std::string target_of(const dial_report& report) {
  const bool literal = report.host.find(':') != std::string::npos;
  return (literal ? "[" + report.host + "]" : host_of(report)) + ":" + std::to_string(report.port);
}

// Messages of foreign categories may end in a dot or be empty.
std::string reason_of(const std::error_code& code) {
  std::string text = code.message();
  while (!text.empty() && (text.back() == '.' || text.back() == ' ' || text.back() == '\n')) text.pop_back();
  return text.empty() ? "unknown error" : text;
}

std::string name_of(const std::error_code& code) {
  const std::string_view name = code_name(code);
  return name == "UNKNOWN" ? reason_of(code) : std::string(name);
}

std::string_view name_of(ip_family family) { return family == ip_family::v6 ? "IPv6" : "IPv4"; }

// "2 attempts"; nothing for none.
std::string count_of(const std::vector<attempt>& attempts) {
  const auto count = std::count_if(attempts.begin(), attempts.end(),
                                   [](const attempt& one) { return one.what != attempt::state::filtered; });
  if (count == 0) return "";
  return std::to_string(count) + (count == 1 ? " attempt" : " attempts");
}

bool is_open(const attempt& one) { return one.what == attempt::state::open; }

std::string line_of(const attempt& one) {
  const std::string to = one.to.to_string();
  const std::string time = " (" + milliseconds_of(one.ended - one.started) + ")";
  switch (one.what) {
    case attempt::state::filtered: return to + " blocked by the address policy";
    case attempt::state::open: return to + " still open" + time;
    case attempt::state::won: return to + " connected" + time;
    case attempt::state::failed: break;
  }
  return to + " " + reason_of(one.why) + time;
}

std::string list_of(const std::vector<attempt>& attempts) {
  std::string text;
  for (const attempt& one : attempts) {
    if (!text.empty()) text += ", ";
    text += line_of(one);
  }
  return text;
}

// Of these two nobody answered: the server is the one that was asked last.
std::string_view preposition_of(std::string_view answer) {
  return answer == "DNSTIMEOUT" || answer == "DNSUNREACHABLE" ? " at " : " from ";
}

std::string answer_of(const family_report& family) {
  const std::error_code code = family.why ? family.why : make_error_code(resolve_errc::no_address);
  return describe_answer(code, family.server, family.detail);
}

// What the lookups have to do with it, when it is not they that failed the dial.
std::string lookups_of(const dial_report& report) {
  std::string text;
  for (const family_report& family : report.families) {
    const std::string lookup = "; " + std::string(name_of(family.family)) + " lookup ";
    if (!family.answered) {
      text += lookup + "still open";
    } else if (family.why && to_resolve_errc(family.why) != resolve_errc::no_address) {
      text += lookup + "failed: " + answer_of(family);
    }
  }
  return text;
}

std::string answers_of(const dial_report& report) {
  std::string text;
  bool alike = true;
  for (const family_report& family : report.families) {
    alike = alike && answer_of(family) == answer_of(report.families.front());
  }
  for (const family_report& family : report.families) {
    if (!text.empty() && alike) break;
    if (!text.empty()) text += ", ";
    if (!alike) text += std::string(name_of(family.family)) + " ";
    text += answer_of(family);
  }
  return text;
}

std::string_view words_of(error_kind kind) {
  if (kind == error_kind::host_not_found) return "host not found";
  if (kind == error_kind::no_address) return "no address";
  if (kind == error_kind::dns_timeout) return "no answer from DNS";
  if (kind == error_kind::out_of_resources) return "out of resources";
  return "DNS failure";
}

std::string describe_lookup(const dial_report& report, const verdict& why) {
  if (report.families.empty())
    return "connect " + target_of(report) + ": no address of the families asked for";
  return "resolve " + host_of(report) + ": " + std::string(words_of(why.kind)) + " (" + answers_of(report) +
         ") after " + milliseconds_of(report.elapsed);
}

std::string describe_failure(const dial_report& report) {
  const std::string count = count_of(report.attempts);
  const std::string what = count.empty() ? "no address allowed after " : count + " failed in ";
  return "connect " + target_of(report) + ": " + what + milliseconds_of(report.elapsed) + ": " +
         list_of(report.attempts) + lookups_of(report);
}

std::string_view phase_of(const dial_report& report) {
  if (std::any_of(report.attempts.begin(), report.attempts.end(), is_open)) return "connecting";
  const bool waits = std::any_of(report.families.begin(), report.families.end(),
                                 [](const family_report& one) { return !one.answered; });
  return waits ? "resolving" : "connecting";
}

// A deadline or a cancel: what was going on when it came.
std::string describe_stop(const dial_report& report, std::string_view what) {
  std::string text = "connect " + target_of(report) + ": " + std::string(what) + " after " +
                     milliseconds_of(report.elapsed) + " while " + std::string(phase_of(report));
  const std::string count = count_of(report.attempts);
  if (!count.empty()) text += ": " + count;
  if (!report.attempts.empty()) text += ": " + list_of(report.attempts);
  return text + lookups_of(report);
}

std::string describe_end(const dial_report& report, const finish& end, const verdict& why) {
  switch (end.end) {
    case finish::how::timed_out: return describe_stop(report, "timed out");
    case finish::how::stopped:
      return describe_stop(report, why.kind == error_kind::cancelled ? "cancelled" : reason_of(why.code));
    case finish::how::won:
      return "connect " + target_of(report) + ": connected in " + milliseconds_of(report.elapsed);
    case finish::how::failed: break;
  }
  return report.attempts.empty() ? describe_lookup(report, why) : describe_failure(report);
}

// What was asked for is a name there, and not an address.
std::string_view words_of(question_kind kind, error_kind why) {
  const bool absent = why == error_kind::host_not_found || why == error_kind::no_address;
  return kind == question_kind::reverse && absent ? "no name" : words_of(why);
}

// Which of two lookups a deadline cut off is worth telling where the other one had ended.
std::string open_lookups_of(const dial_report& report) {
  const bool any_answered = std::any_of(report.families.begin(), report.families.end(),
                                        [](const family_report& one) { return one.answered; });
  return any_answered ? lookups_of(report) : "";
}

std::string question_end(question_kind kind, const dial_report& report, finish::how end, const verdict& why) {
  const std::string after = " after " + milliseconds_of(report.elapsed);
  if (end == finish::how::timed_out) return "timed out" + after + open_lookups_of(report);
  if (end == finish::how::stopped) return "cancelled" + after + open_lookups_of(report);
  if (report.families.empty()) return "no address of the families asked for";
  return std::string(words_of(kind, why.kind)) + " (" + answers_of(report) + ")" + after;
}

// Host names and foreign messages may hold anything; the promise is one line that can be printed.
std::string in_one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char one) { return one < 0x20 || one == 0x7f; }, ' ');
  std::string line;
  for (std::string_view rest = text; !rest.empty();) append_readable(line, rest);
  return line;
}

}  // namespace

std::string describe_answer(const std::error_code& why, const std::optional<endpoint>& server,
                            std::string_view detail) {
  const std::string code = name_of(why);
  std::string text = detail.empty() ? code : std::string(detail);
  if (!server) return text;
  constexpr std::uint16_t usual_port = 53;
  const bool usual = server->port() == usual_port;
  text += preposition_of(code);
  return text + (usual ? server->address_to_string() : server->to_string());
}

std::string describe(const dial_report& report, const finish& end, const verdict& why) {
  return in_one_line(describe_end(report, end, why));
}

std::string describe_question(question_kind kind, const dial_report& report, finish::how end,
                              const verdict& why) {
  const std::string verb = kind == question_kind::resolve ? "resolve " : "reverse ";
  return in_one_line(verb + host_of(report) + ": " + question_end(kind, report, end, why));
}

}  // namespace uvdial::detail
