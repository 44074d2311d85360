#include <string_view>

#include "cli/picture.hpp"
#include "cli/safe_text.hpp"
#include "cli/time_text.hpp"
#include "logic/verdict.hpp"
#include "uvdial/error.hpp"

namespace uvdial::cli {

namespace {

bool at_deadline(const picture& drawn) { return drawn.code == std::errc::timed_out; }

bool no_such_record(const bar& one) { return to_resolve_errc(one.code) == resolve_errc::no_address; }

// Which server failed.
std::optional<endpoint> failed_server(const bar& one) { return went_wrong(one) ? one.server : std::nullopt; }

std::string note_of_question(const bar& one, const picture& drawn, note_size size) {
  if (one.now == bar::state::answered)
    return std::to_string(one.addresses) + (one.addresses == 1 ? " address" : " addresses");
  if (one.now == bar::state::unanswered) {
    if (!one.code) return "no address";
    return one_line(detail::describe_answer(
        one.code, size == note_size::with_server ? failed_server(one) : std::nullopt, {}));
  }
  const bool brief = size == note_size::brief;
  if (!drawn.ended) return brief ? "still open" : "not answered yet";
  if (at_deadline(drawn)) return brief ? "no answer" : "no answer by the deadline";
  if (drawn.code) return "no answer";
  return brief ? "not needed" : "not waited for";
}

std::string note_of_failure(const std::error_code& code) {
  std::string_view word = "failed";
  if (code == std::errc::connection_refused) word = "refused";
  if (code == std::errc::timed_out) word = "timed out";
  if (code == std::errc::network_unreachable || code == std::errc::host_unreachable) word = "no way there";
  return std::string(word) + " (" + std::string(code_name(code)) + ")";
}

std::string note_of_attempt(const bar& one, const picture& drawn) {
  if (one.now == bar::state::won) return one.confirming ? "connected and confirmed" : "connected";
  if (one.now == bar::state::blocked) return "blocked by the policy";
  if (one.now == bar::state::failed)
    return one.confirming ? "connected, then " + note_of_failure(one.code) : note_of_failure(one.code);
  const std::string open = one.confirming ? "not confirmed" : "still open";
  if (!drawn.ended) return one.now == bar::state::open ? open : "closed";
  if (!drawn.code) return "closed: another one won";
  if (at_deadline(drawn)) return open + " at the deadline";
  return drawn.code == std::errc::operation_canceled ? "closed: cancelled" : "closed";
}

std::string brief_note_of_attempt(const bar& one, const picture& drawn) {
  if (one.now == bar::state::won) return one.confirming ? "confirmed" : "connected";
  if (one.now == bar::state::blocked) return "blocked";
  if (one.now == bar::state::failed) return std::string(code_name(one.code));
  if (drawn.ended && !at_deadline(drawn)) return "closed";
  return one.now == bar::state::open || drawn.ended ? "still open" : "closed";
}

}  // namespace

bool went_wrong(const bar& one) {
  if (one.now == bar::state::failed) return true;
  return one.now == bar::state::unanswered && one.code && !no_such_record(one);
}

// The zone of an address is the name of an interface, which may be nearly any bytes.
std::string label_of(const bar& one) {
  if (one.to) return one_line(one.to->to_string());
  return one.family == ip_family::v6 ? "DNS AAAA" : "DNS A";
}

std::string times_of(const bar& one, std::size_t decimals) {
  if (one.now == bar::state::blocked) return "";
  return milliseconds_text(one.from, decimals) + ".." + milliseconds_text(one.until, decimals);
}

std::string note_of(const bar& one, const picture& drawn, note_size size) {
  if (!one.to) return note_of_question(one, drawn, size);
  return size == note_size::brief ? brief_note_of_attempt(one, drawn) : note_of_attempt(one, drawn);
}

}  // namespace uvdial::cli
