#pragma once
#include <cerrno>

namespace uvdial::detail {

// An errno that says that this machine has no more to give for now; verdict.hpp knows the same of codes.
inline bool is_shortage(int number) noexcept {
  return number == EMFILE || number == ENFILE || number == ENOBUFS || number == ENOMEM;
}

}  // namespace uvdial::detail
