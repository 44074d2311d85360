#include "glue/handle.hpp"

namespace uvdial {

namespace {

void free_closed(uv_handle_t* handle) noexcept { std::free(handle); }

void tell_closed(uv_handle_t* handle) noexcept {
  auto* const then = static_cast<detail::close_listener*>(handle->data);
  std::free(handle);
  then->handle_closed();
}

}  // namespace

void close_and_free::operator()(uv_stream_t* handle) const noexcept {
  uv_close(reinterpret_cast<uv_handle_t*>(handle), free_closed);
}
void close_and_free::operator()(uv_tcp_t* handle) const noexcept {
  (*this)(reinterpret_cast<uv_stream_t*>(handle));
}
void close_and_free::operator()(uv_pipe_t* handle) const noexcept {
  (*this)(reinterpret_cast<uv_stream_t*>(handle));
}

void detail::close_then(stream_handle handle, close_listener& then) noexcept {
  handle->data = &then;
  uv_close(reinterpret_cast<uv_handle_t*>(handle.release()), tell_closed);
}

}  // namespace uvdial
