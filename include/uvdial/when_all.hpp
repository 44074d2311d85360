#pragma once
// floor 0
/// \file
/// Several things at once, all of them wanted.
///
/// ```cpp
/// auto [stream, entry] = co_await uvdial::when_all(connect(dials, to), resolve(names, "host.test"));
/// ```
#include <deque>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "uvdial/task_group.hpp"

namespace uvdial {

namespace detail {

template <class... Value>
task<std::tuple<held_value<Value>...>> all_of(task<Value>... bodies) {
  task_group group(task_group::decided_by::first_failure);
  std::tuple<member_task<Value>...> members(std::move(bodies)...);
  std::apply([&group](auto&... each) { (group.add(each), ...); }, members);
  co_await group;
  if (group_member* const failed = group.decisive()) std::rethrow_exception(failed->failure());
  co_return std::apply([](auto&... each) { return std::tuple<held_value<Value>...>(each.take()...); },
                       members);
}

}  // namespace detail

/// The values of several awaitables. Starts all of them, in this order, when it is awaited, and ends when the last has
/// ended, with their values; void becomes std::monostate. The first exception stops the others (their frames are
/// destroyed) and is thrown; those that have not been started never are. Awaitables are taken over, borrowed things
/// must live until the end.
template <detail::awaitable... Awaitable>
task<std::tuple<detail::held_result<Awaitable>...>> when_all(Awaitable... awaitables) {
  return detail::all_of(as_task(std::move(awaitables))...);
}

/// when_all() for any number of tasks. None: an empty result. Throws std::logic_error for an empty task.
template <class Value>
requires(!std::is_void_v<Value>) task<std::vector<Value>> when_all(std::vector<task<Value>> bodies) {
  detail::task_group group(detail::task_group::decided_by::first_failure);
  std::deque<detail::member_task<Value>> members;
  for (task<Value>& each : bodies) group.add(members.emplace_back(std::move(each)));
  co_await group;
  if (detail::group_member* const failed = group.decisive()) std::rethrow_exception(failed->failure());
  std::vector<Value> values;
  values.reserve(members.size());
  for (auto& each : members) values.push_back(each.take());
  co_return std::move(values);
}

/// The same for tasks that give nothing.
inline task<void> when_all(std::vector<task<void>> bodies) {
  detail::task_group group(detail::task_group::decided_by::first_failure);
  std::deque<detail::member_task<void>> members;
  for (task<void>& each : bodies) group.add(members.emplace_back(std::move(each)));
  co_await group;
  if (detail::group_member* const failed = group.decisive()) std::rethrow_exception(failed->failure());
}

}  // namespace uvdial
