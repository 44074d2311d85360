#pragma once
#include <utility>

namespace uvdial::detail {

// An object that is never destroyed, so that what points to it stays good while the program ends: an error
// may be read by the destructor of a static object.
template <class Value>
union kept_for_ever {
  template <class... Arguments>
  explicit kept_for_ever(Arguments&&... arguments) : value(std::forward<Arguments>(arguments)...) {}
  kept_for_ever(const kept_for_ever&) = delete;
  kept_for_ever& operator=(const kept_for_ever&) = delete;
  ~kept_for_ever() {}

  Value value;
};

}  // namespace uvdial::detail
