#pragma once
// floor 0
/// \file
/// Several things at once, the first of them wanted: timeouts, and whichever comes first.
///
/// ```cpp
/// auto got = co_await uvdial::first_of(read(stream, buffer), sleep(loop, 5s));
/// if (got.index() == 1) ...  // the five seconds have passed
/// ```
#include <deque>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "uvdial/task_group.hpp"

namespace uvdial {

namespace detail {

// The value of the member that decided, or throws what it threw.
template <class Variant, class Members, std::size_t... Index>
Variant take_decisive(const group_member* decisive, Members& members, std::index_sequence<Index...>) {
  std::optional<Variant> value;
  (void)((&std::get<Index>(members) == decisive &&
          (value.emplace(std::in_place_index<Index>, std::get<Index>(members).take()), true)) ||
         ...);
  return std::move(*value);
}

template <class... Value>
task<std::variant<held_value<Value>...>> any_of(task<Value>... bodies) {
  task_group group(task_group::decided_by::first_end);
  std::tuple<member_task<Value>...> members(std::move(bodies)...);
  std::apply([&group](auto&... each) { (group.add(each), ...); }, members);
  co_await group;
  co_return take_decisive<std::variant<held_value<Value>...>>(group.decisive(), members,
                                                              std::index_sequence_for<Value...>());
}

template <class Value>
struct indexed_value {
  using type = std::pair<std::size_t, Value>;
};
template <>
struct indexed_value<void> {
  using type = std::size_t;
};

template <class Value>
task<typename indexed_value<Value>::type> any_of(std::vector<task<Value>> bodies) {
  task_group group(task_group::decided_by::first_end);
  std::deque<member_task<Value>> members;
  for (task<Value>& each : bodies) group.add(members.emplace_back(std::move(each)));
  co_await group;
  std::size_t index = 0;
  while (&members[index] != group.decisive()) ++index;
  if constexpr (std::is_void_v<Value>) {
    members[index].take();
    co_return index;
  } else {
    co_return std::pair<std::size_t, Value>(index, members[index].take());
  }
}

}  // namespace detail

/// The first of several awaitables, the others stopped. Starts them, in this order, when it is awaited. The first to
/// end, well or badly, decides: its value, at its index, or its exception is the end of the whole. The others are
/// stopped (their frames are destroyed); when one ends while they are being started, those after it never are. void
/// becomes std::monostate. Awaitables are taken over; what they borrow must live until the end.
template <detail::awaitable... Awaitable>
requires(sizeof...(Awaitable) >
         0) task<std::variant<detail::held_result<Awaitable>...>> first_of(Awaitable... awaitables) {
  return detail::any_of(as_task(std::move(awaitables))...);
}

/// first_of() for any number of tasks: the index and the value of the first, or of task<void> only the index. Throws
/// std::invalid_argument for none.
template <class Value>
task<typename detail::indexed_value<Value>::type> first_of(std::vector<task<Value>> bodies) {
  if (bodies.empty()) throw std::invalid_argument("first_of: an empty list of tasks");
  return detail::any_of(std::move(bodies));
}

}  // namespace uvdial
