#include "glue/handle.hpp"

namespace uvdial {

namespace {

void free_closed(uv_handle_t* handle) noexcept { std::free(handle); }

void tell_closed(uv_handle_t* handle) noexcept {
  std::unique_ptr<unique_function<void()>> then(static_cast<unique_function<void()>*>(handle->data));
  std::free(handle);
  (*then)();
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

// Out of memory here is std::terminate: a close that nobody hears of would break every promise above it.
void detail::close_then(stream_handle handle, unique_function<void()> then) noexcept {
  handle->data = new unique_function<void()>(std::move(then));
  uv_close(reinterpret_cast<uv_handle_t*>(handle.release()), tell_closed);
}

}  // namespace uvdial
