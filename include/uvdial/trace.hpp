#pragma once
// floor 0
/// \file
/// What a dial does while it does it, for logs, pictures and tests.
#include <chrono>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>

#include "uvdial/endpoint.hpp"

namespace uvdial {

/// One step of one dial. Unset fields do not apply to the step. The view and the span live for the call. A dial
/// whose operation is destroyed tells nothing more: nothing runs inside a destructor.
struct trace_event {
  /// What happened.
  enum class step : std::uint8_t {
    question,  ///< the resolver is asked for `family` of `host`; never for a literal
    answer,    ///< it answered: `addresses`, or `code`; and which `server` said so, where known
    filter,    ///< the address policy forbids `to`, which came with the answer or was given; told once
    start,     ///< an attempt to connect to `to`
    confirm,   ///< that attempt is connected, and the confirm step was asked
    fail,      ///< that attempt ended with `code`
    abort,     ///< that attempt was closed: another one won, or the dial ended
    win,       ///< that attempt is the stream
    end        ///< the dial is over; `code` is unset on success
  };
  std::uint32_t dial;                     ///< counts the dials of one dialer, from 1
  step what;                              ///< what happened
  std::chrono::microseconds at;           ///< since the start of the dial
  std::string_view host{};                ///< of a question or an answer: the name
  std::optional<ip_family> family{};      ///< of a question or an answer: for which family
  std::span<const endpoint> addresses{};  ///< of an answer: what came, in the resolver's order
  std::optional<endpoint> to{};           ///< of all steps of an attempt: its address
  std::error_code code{};                 ///< of an answer, a failed attempt or the end: why it failed
  std::optional<endpoint> server{};       ///< of an answer: who said so, where known
  std::size_t left_out = 0;               ///< of an answer: how many more addresses came than `addresses` has
};

}  // namespace uvdial
