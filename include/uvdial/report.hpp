#pragma once
// floor 0
/// \file
/// What one dial did: every question to the resolver and every address tried. Stands in every error, and
/// is written on success too where `dial_options::report` asks for it.
#include <chrono>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "uvdial/endpoint.hpp"
#include "uvdial/export.hpp"

namespace uvdial {

/// One address of the race.
struct attempt {
  /// How it ended.
  enum class state : std::uint8_t {
    failed,    ///< ended with `why`
    open,      ///< still running when the dial ended without it; ended: when it was closed
    filtered,  ///< never tried: the address policy forbids it
    won        ///< became the stream
  };
  state what;                         ///< how it ended
  endpoint to;                        ///< which address
  std::error_code why;                ///< of a failed one the cause, else unset
  std::chrono::microseconds started;  ///< since the start of the dial; of a filtered one when it was filtered
  std::chrono::microseconds ended;    ///< since the start of the dial
};

/// What the resolver said for one family.
struct family_report {
  ip_family family;                    ///< which family
  bool answered = false;               ///< false: still open when the dial ended
  std::vector<endpoint> addresses{};   ///< in the resolver's order
  std::error_code why{};               ///< unset when addresses came
  std::optional<endpoint> server{};    ///< who answered, or was asked last, where known
  std::chrono::microseconds asked{0};  ///< when it was asked, since the start of the dial
  std::chrono::microseconds ended{0};  ///< when it answered; 0 where it had not
  std::string detail{};      ///< what to say beyond `why`: "an empty label"; empty when addresses came
  std::size_t left_out = 0;  ///< so many more addresses came, and the resolver did not keep them
};

/// Why the winner was the one that won.
enum class win_reason : std::uint8_t {
  none,           ///< nobody won
  first_choice,   ///< it headed the order of RFC 6724, and connected
  remembered,     ///< it had won lately, and so went first
  others_failed,  ///< all that started before it had failed
  others_slower   ///< of those that started before it, at least one had not answered yet
};

/// What one dial did. A value, and it owns all that it says. Times count from the start of the dial.
struct dial_report {
  std::string host{};                     ///< as it was given; of a Unix-domain socket "unix:" and the path
  std::uint16_t port = 0;                 ///< host byte order
  std::vector<std::string> names{};       ///< what the host was asked as; empty: as it is, or nothing
  std::vector<family_report> families{};  ///< in the order asked; empty for a literal
  std::vector<attempt> attempts{};        ///< in start order, filtered ones last
  std::optional<std::size_t> winner{};    ///< its place among the attempts
  win_reason why_won = win_reason::none;  ///< why that one
  std::chrono::microseconds elapsed{0};   ///< from the start of the dial to its end
  /// Addresses that came and would never have been tried: one dial has 64 at most, the first ones of each family, and
  /// as many that the policy forbids; with those that the resolver did not keep.
  std::size_t left_out = 0;
};

/// One line about a success: which address and family won and why, and how long it took. Empty where nobody won.
///
/// ```{.unparsed}
/// connected to 192.0.2.7:443 (IPv4) in 260 ms: 1 attempt before it had not answered yet
/// ```
UVDIAL_API std::string explain_win(const dial_report& report);

}  // namespace uvdial
