#include "dial/dial_sockets.hpp"

#include <algorithm>
#include <utility>

namespace uvdial::detail {

namespace {

void set_options(uv_tcp_t* socket, const dial_options& options) noexcept {
  if (options.no_delay) (void)uv_tcp_nodelay(socket, 1);  // only speed is lost
  if (!options.keep_alive) return;
  const auto idle = static_cast<unsigned>(options.keep_alive->count());
  (void)uv_tcp_keepalive(socket, 1, idle);  // the connection stands without it
}

template <class List>
auto find(List& list, attempt_id id) noexcept {
  return std::find_if(list.begin(), list.end(), [id](const auto& one) { return one.id == id; });
}

}  // namespace

tcp_stream& dial_sockets::establish(attempt_id id, const dial_options& options) {
  auto stream = std::make_unique<tcp_stream>(make_stream(id, options));
  return *standing_.emplace_back(standing{id, std::move(stream)}).stream;
}

tcp_stream dial_sockets::take(attempt_id id, const dial_options& options) {
  const auto found = find(standing_, id);
  if (found == standing_.end()) return make_stream(id, options);
  const auto taken = std::move(found->stream);
  standing_.erase(found);
  return std::move(*taken);
}

void dial_sockets::close(attempt_id id) noexcept {
  std::erase_if(connecting_, [id](const connect_attempt& one) { return one.id() == id; });
  const auto found = find(standing_, id);
  if (found == standing_.end()) return;
  const auto closing = std::move(found->stream);
  standing_.erase(found);
  dispose(std::move(*closing));
}

void dial_sockets::close_all() noexcept {
  connecting_.clear();
  for (const standing& one : std::exchange(standing_, {})) dispose(std::move(*one.stream));
}

// Its handle left the count when it became a stream.
void dial_sockets::dispose(tcp_stream unwanted) noexcept {
  count_->opened();
  unwanted.close([count = count_](const outcome<done>&) { count->closed(); });
}

tcp_stream dial_sockets::make_stream(attempt_id id, const dial_options& options) {
  const auto found = std::find_if(connecting_.begin(), connecting_.end(),
                                  [id](const connect_attempt& one) { return one.id() == id; });
  tcp_handle socket = found->take();
  connecting_.erase(found);
  set_options(socket.get(), options);
  return tcp_stream(std::move(socket));
}

}  // namespace uvdial::detail
