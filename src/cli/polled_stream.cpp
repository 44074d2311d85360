#include "cli/polled_stream.hpp"

#include <cerrno>
#include <utility>

namespace uvdial::cli {

int polled_stream::open(uv_loop_t& loop, int number) noexcept {
  restored_.emplace(number);
  descriptor copy = own_copy(number);
  if (copy.number() < 0) return uv_translate_sys_error(errno);
  const int status = open_handle(loop, copy.number());
  if (status < 0) return status;
  (void)copy.release();  // the handle's now
  handle_->data = this;
  return 0;
}

int polled_stream::open_handle(uv_loop_t& loop, int number) noexcept {
  if (uv_guess_handle(number) == UV_TTY) {
    constexpr int unused = 0;
    const int status = terminal_.open(
        nullptr, [&loop, number](uv_tty_t* handle) { return uv_tty_init(&loop, handle, number, unused); });
    if (status < 0) return status;
    handle_ = reinterpret_cast<uv_stream_t*>(terminal_.get());
    request_ = &terminal_.extra();
    return 0;
  }
  constexpr int no_passing_of_handles = 0;
  const int status = pipe_.open(
      nullptr, [&loop](uv_pipe_t* handle) { return uv_pipe_init(&loop, handle, no_passing_of_handles); });
  if (status < 0) return status;
  handle_ = reinterpret_cast<uv_stream_t*>(pipe_.get());
  request_ = &pipe_.extra();
  return uv_pipe_open(pipe_.get(), number);
}

int polled_stream::read(std::span<std::byte> into, transfer_callback on_done) {
  into_ = into;
  const int status = uv_read_start(handle_, on_allocate, on_read);
  if (status == 0) on_done_ = std::move(on_done);
  return status;
}

int polled_stream::write(std::span<const std::byte> bytes, transfer_callback on_done) {
  // libuv takes a pointer to char that it does not write through.
  auto* start = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));
  const uv_buf_t buffer = uv_buf_init(start, static_cast<unsigned>(bytes.size()));
  const int status = uv_write(request_, handle_, &buffer, 1, on_write);
  if (status < 0) return status;
  writing_ = static_cast<std::int64_t>(bytes.size());
  on_done_ = std::move(on_done);
  return 0;
}

void polled_stream::close() noexcept {
  on_done_ = nullptr;
  handle_ = nullptr;
  pipe_.reset();
  terminal_.reset();
}

void polled_stream::got(ssize_t count) noexcept {
  if (count == 0) return;       // nothing was there after all
  (void)uv_read_stop(handle_);  // always 0
  done(count == UV_EOF ? 0 : count);
}

void polled_stream::done(std::int64_t result) noexcept {
  auto tell = std::exchange(on_done_, nullptr);
  if (tell) tell(result);
}

void polled_stream::on_allocate(uv_handle_t* handle, std::size_t, uv_buf_t* into) noexcept {
  const auto* self = static_cast<polled_stream*>(handle->data);
  const auto free = self ? self->into_ : std::span<std::byte>();
  *into = uv_buf_init(reinterpret_cast<char*>(free.data()), static_cast<unsigned>(free.size()));
}

void polled_stream::on_read(uv_stream_t* handle, ssize_t count, const uv_buf_t*) noexcept {
  if (auto* self = static_cast<polled_stream*>(handle->data)) self->got(count);
}

void polled_stream::on_write(uv_write_t* request, int status) noexcept {
  auto* self = static_cast<polled_stream*>(request->handle->data);
  if (self) self->done(status < 0 ? status : self->writing_);
}

}  // namespace uvdial::cli
