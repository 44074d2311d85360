#include "dial/dial_sockets.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "uvdial/error.hpp"

namespace uvdial::detail {

namespace {

void set_options(uv_tcp_t* socket, const socket_options& options) noexcept {
  if (options.no_delay) (void)uv_tcp_nodelay(socket, 1);  // only speed is lost
  if (!options.keep_alive) return;
  const auto idle = static_cast<unsigned>(options.keep_alive->count());
  (void)uv_tcp_keepalive(socket, 1, idle);  // the connection stands without it
}

template <class List>
auto* find(List& list, attempt_id id) noexcept {
  const auto found = std::find_if(list.begin(), list.end(), [id](const auto& one) { return one.id() == id; });
  return found == list.end() ? nullptr : &*found;
}

}  // namespace

tcp_stream* dial_sockets::establish(attempt_id id, const socket_options& options) noexcept try {
  standing_.reserve(standing_.size() + 1);
  auto fresh = std::make_unique<stream_place>();
  fresh->emplace(make_stream(find(connecting_, id), options));
  return &**standing_.emplace_back(id, std::move(fresh)).stream;
} catch (const std::bad_alloc&) {
  return nullptr;
}

tcp_stream dial_sockets::take(attempt_id id, const socket_options& options) noexcept {
  standing* const found = find(standing_, id);
  if (!found) return make_stream(find(connecting_, id), options);
  const auto taken = std::move(found->stream);
  standing_.erase(standing_.begin() + (found - standing_.data()));
  return std::move(**taken);
}

void dial_sockets::close(attempt_id id) noexcept {
  if (connect_attempt* const closing = find(connecting_, id)) connecting_.erase(closing);
  standing* const found = find(standing_, id);
  if (!found) return;
  const auto closing = std::move(found->stream);
  standing_.erase(standing_.begin() + (found - standing_.data()));
  dispose(std::move(**closing));
}

void dial_sockets::close_all() noexcept {
  connecting_.clear();
  for (const standing& one : std::exchange(standing_, {})) dispose(std::move(**one.stream));
}

void dial_sockets::close_all_but(attempt_id id) noexcept {
  for (std::size_t place = connecting_.size(); place-- > 0;) {
    if (connecting_[place].id() != id) connecting_.erase(&connecting_[place]);
  }
  for (std::size_t place = standing_.size(); place-- > 0;) {
    if (standing_[place].id() != id) close(standing_[place].id());
  }
}

// Its handle left the count when it became a stream. One that was never used may lack the memory to say when it is
// closed: then it is what it was before.
void dial_sockets::dispose(tcp_stream unwanted) noexcept {
  count_->opened();
  try {
    unwanted.close([count = count_](const outcome<done>&) { count->closed(); });
  } catch (const out_of_resources&) {
    connect_attempt::take_back(std::move(unwanted).release(), count_);
    count_->closed();
  }
}

tcp_stream dial_sockets::make_stream(connect_attempt* connected, const socket_options& options) noexcept {
  tcp_handle socket = connected->take();
  connecting_.erase(connected);
  set_options(socket.get(), options);
  return tcp_stream(std::move(socket));
}

}  // namespace uvdial::detail
