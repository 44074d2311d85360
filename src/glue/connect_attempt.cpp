#include "glue/connect_attempt.hpp"

namespace uvdial::detail {

int connect_attempt::start(uv_loop_t& loop, const endpoint& to, attempt_sink& sink,
                           std::shared_ptr<handle_count> count) noexcept {
  // libuv would fill in the first link-local interface it finds: a guess, and not the caller's.
  if (to.family() == ip_family::v6 && to.link_local() && to.scope() == 0) return UV_EINVAL;

  const int opened =
      socket_.open(std::move(count), [&loop](uv_tcp_t* handle) { return uv_tcp_init(&loop, handle); });
  if (opened < 0) return opened;
  socket_->data = &sink;
  socket_.extra().id = id_;
  uv_connect_t* connect = &socket_.extra().connect;
  const int status = uv_tcp_connect(connect, socket_.get(), &to.native(), on_connect);
  // Failed at once: libuv calls no callback. The socket closes with this object or right now.
  if (status < 0) socket_.reset();
  return status;
}

void connect_attempt::on_connect(uv_connect_t* connect, int status) noexcept {
  auto* sink = static_cast<attempt_sink*>(connect->handle->data);
  if (!sink) return;  // closed meanwhile: nobody asks any more
  sink->attempt_ended(reinterpret_cast<request*>(connect)->id, status);
}

}  // namespace uvdial::detail
