#pragma once
// floor 3
/// \file
/// A connection that stands is not always one that works: a middlebox accepts for everybody, a TLS handshake
/// fails. A confirm step looks at a fresh connection before it may win, while the race goes on beside it.
///
/// ```cpp
/// uvdial::confirm_step greeted = [this](uvdial::tcp_stream& fresh, const uvdial::endpoint& to,
///                                       uvdial::confirmation answer) { ... };
/// dialer.connect(to, {.confirm = &greeted}, ...);
/// ```
#include <cstdint>
#include <memory>
#include <system_error>

#include "uvdial/export.hpp"
#include "uvdial/options.hpp"
#include "uvdial/tcp_stream.hpp"

namespace uvdial {

namespace detail {

class confirming {
 public:
  virtual void confirmed(std::uint32_t attempt) noexcept = 0;
  virtual void denied(std::uint32_t attempt, std::error_code why) noexcept = 0;
  virtual bool confirms(std::uint32_t attempt) const noexcept = 0;

 protected:
  ~confirming() = default;
};

}  // namespace detail

/// The answer that one confirm step owes. Move-only; loop thread only.
///
/// The step runs from the loop, once for each
/// attempt that connects, several at a time perhaps; it may answer inside itself or later. It must not throw, and
/// must not destroy the confirm_step that it is. `fresh` lives until the answer, or until the dial ends without it
/// (another one won, the deadline, a cancel). It must not be moved from, closed or released before. After a yes
/// the dial's callback gets the stream, with the calls that are in flight on it; else it is closed, and they end
/// with cancelled_error. The deadline and attempt_timeout go on meanwhile; the next attempt starts attempt_delay
/// after the connection.
class UVDIAL_API confirmation {
 public:
  /// Made by the dial.
  confirmation(std::weak_ptr<detail::confirming> dial, std::uint32_t attempt) noexcept;
  confirmation(confirmation&& other) noexcept;             ///< the other one owes nothing any more
  confirmation& operator=(confirmation&& other) noexcept;  ///< what this one owed is answered with no
  ~confirmation();                                         ///< no, if there was no answer: ECONNABORTED

  /// This connection wins, unless the dial has ended. Once; later answers do nothing, here as below.
  void yes() noexcept;

  /// This connection does not win, and the race goes on: as an attempt that failed with `why`, which must not be zero
  /// (then it is ECONNABORTED).
  void no(std::error_code why) noexcept;

  /// Whether the dial still waits for this answer.
  bool wanted() const noexcept;

 private:
  std::weak_ptr<detail::confirming> dial_;
  std::uint32_t attempt_;
};

}  // namespace uvdial
