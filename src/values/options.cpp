#include "uvdial/options.hpp"

#include <stdexcept>
#include <string>

namespace uvdial {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A year: far more than anybody waits for, and far from where adding it to a time overflows.
constexpr milliseconds longest_timeout = std::chrono::hours(24 * 365);

// Linux refuses a longer idle time (MAX_TCP_KEEPIDLE), and only when the connection is already there.
constexpr seconds longest_keep_alive{32767};

std::string text_of(milliseconds value) { return std::to_string(value.count()) + " ms"; }
std::string text_of(seconds value) { return std::to_string(value.count()) + " s"; }

template <class Duration>
[[noreturn]] void refuse_range(const char* option, Duration value, Duration least, Duration most) {
  throw std::invalid_argument(std::string("bad ") + option + " " + text_of(value) + ": it must be from " +
                              text_of(least) + " to " + text_of(most));
}

template <class Duration>
inline void check_range(const char* option, Duration value, Duration least, Duration most) {
  if (value < least || value > most) [[unlikely]]
    refuse_range(option, value, least, most);
}

bool known(family_policy families) {
  switch (families) {
    case family_policy::v6_first:
    case family_policy::v4_first:
    case family_policy::v6_only:
    case family_policy::v4_only: return true;
  }
  return false;
}

void check_family(const char* option, const std::optional<endpoint>& local, ip_family family) {
  if (!local || local->family() == family) return;
  throw std::invalid_argument(std::string("bad ") + option + " " + local->to_string() + ": it is no " +
                              (family == ip_family::v4 ? "IPv4" : "IPv6") + " address");
}

}  // namespace

void validate(const dial_options& options) {
  // RFC 8305, 8, on the least delay: "MUST NOT be less than 10 milliseconds"; the most it recommends is 2 s.
  check_range("attempt_delay", options.attempt_delay, milliseconds(10), milliseconds(2000));
  check_range("resolution_delay", options.resolution_delay, milliseconds(0), milliseconds(2000));
  if (options.timeout) check_range("timeout", *options.timeout, milliseconds(1), longest_timeout);
  if (options.attempt_timeout)
    check_range("attempt_timeout", *options.attempt_timeout, milliseconds(1), longest_timeout);
  if (options.keep_alive) check_range("keep_alive", *options.keep_alive, seconds(1), longest_keep_alive);
  if (options.confirm && !*options.confirm)
    throw std::invalid_argument("bad confirm: it points to an empty function");
  check_family("bind_v4", options.bind_v4, ip_family::v4);
  check_family("bind_v6", options.bind_v6, ip_family::v6);
  if (!known(options.families))
    throw std::invalid_argument("bad families " + std::to_string(static_cast<int>(options.families)) +
                                ": not a value of family_policy");
}

}  // namespace uvdial
