#include "dial/dial_sockets.hpp"

#include <algorithm>

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

int dial_sockets::start(uv_loop_t& loop, const start_attempt& command, attempt_sink& sink,
                        const std::shared_ptr<handle_count>& count) {
  connect_attempt& made = connecting_.emplace_back(command.id);
  const int status = made.start(loop, command.to, sink, count);
  if (status < 0) connecting_.pop_back();
  return status;
}

tcp_stream& dial_sockets::establish(attempt_id id, const dial_options& options) {
  tcp_handle socket = take_socket(id);
  set_options(socket.get(), options);
  return *standing_.emplace_back(standing{id, std::make_unique<tcp_stream>(std::move(socket))}).stream;
}

tcp_stream dial_sockets::take(attempt_id id, const dial_options& options) {
  const auto found = find(standing_, id);
  if (found == standing_.end()) {
    tcp_handle socket = take_socket(id);
    set_options(socket.get(), options);
    return tcp_stream(std::move(socket));
  }
  const auto taken = std::move(found->stream);
  standing_.erase(found);
  return std::move(*taken);
}

void dial_sockets::close(attempt_id id) noexcept {
  take_socket(id).reset();
  const auto found = find(standing_, id);
  if (found != standing_.end()) standing_.erase(found);
}

void dial_sockets::close_all() noexcept {
  connecting_.clear();
  standing_.clear();
}

bool dial_sockets::established(attempt_id id) const noexcept {
  return find(standing_, id) != standing_.end();
}

tcp_handle dial_sockets::take_socket(attempt_id id) noexcept {
  const auto found = std::find_if(connecting_.begin(), connecting_.end(),
                                  [id](const connect_attempt& one) { return one.id() == id; });
  if (found == connecting_.end()) return nullptr;
  tcp_handle socket = found->take();
  connecting_.erase(found);
  return socket;
}

}  // namespace uvdial::detail
