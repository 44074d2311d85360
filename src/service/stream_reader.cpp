#include "service/stream_reader.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "service/stream_core.hpp"

namespace uvdial::detail {

namespace {

stream_reader* reader_of(void* core) noexcept { return &static_cast<stream_core*>(core)->reader(); }

void on_allocate(uv_handle_t* handle, std::size_t, uv_buf_t* buffer) noexcept {
  *buffer = reader_of(handle->data)->buffer();
}

void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t*) noexcept {
  const auto core = static_cast<stream_core*>(stream->data)->shared_from_this();  // the user may destroy it
  core->reader().received(count);
}

}  // namespace

std::uint32_t stream_reader::start(uv_stream_t* stream, std::span<std::byte> into,
                                   callback<std::size_t> on_done) {
  if (busy()) throw std::logic_error("stream: read() while another read runs");
  stream_ = stream;
  into_ = into;
  on_done_ = std::move(on_done);
  ++ticket_;
  if (end_ != 0) {
    post(end_);
  } else if (!reading_) {
    const int status = uv_read_start(stream_, on_allocate, on_read);
    reading_ = status == 0;
    if (status < 0) post(status);
  }
  return ticket_;
}

// A null buffer tells libuv to read nothing now.
uv_buf_t stream_reader::buffer() const noexcept {
  if (!busy() || due_) return uv_buf_init(nullptr, 0);
  const std::size_t most = std::min<std::size_t>(into_.size(), std::numeric_limits<unsigned>::max());
  return uv_buf_init(reinterpret_cast<char*>(into_.data()), static_cast<unsigned>(most));
}

void stream_reader::received(ssize_t count) noexcept {
  if (count == 0) return;  // nothing there after all
  if (!busy() || due_) return pause();
  if (count < 0) {
    reading_ = false;
    end_ = static_cast<int>(count);
    return finish(end_, 0);
  }
  finish(0, static_cast<std::size_t>(count));
  // Who wants the next bytes has asked for them inside the callback; then libuv simply goes on.
  if (!busy()) pause();
}

void stream_reader::finish(int uv_code, std::size_t count) noexcept {
  callback<std::size_t> on_done = std::move(on_done_);
  if (!on_done) return;
  if (uv_code == 0 || uv_code == UV_EOF)
    on_done(count);
  else
    on_done(stream_failure("read", uv_code));
}

void stream_reader::pause() noexcept {
  if (!reading_ || !stream_) return;
  reading_ = false;
  (void)uv_read_stop(stream_);  // cannot fail
}

void stream_reader::post(int uv_code) noexcept {
  due_code_ = uv_code;
  if (std::exchange(due_, true)) return;
  queue_.post(*this);
}

void stream_reader::deliver() noexcept {
  if (!std::exchange(due_, false)) return;  // that read was dropped meanwhile
  finish(due_code_, 0);
}

void stream_reader::cancel(std::uint32_t ticket) noexcept {
  if (!running(ticket)) return;
  pause();
  post(UV_ECANCELED);
}

void stream_reader::drop(std::uint32_t ticket) noexcept {
  if (!running(ticket)) return;
  const callback<std::size_t> silent = std::move(on_done_);
  due_ = false;
  pause();
}

void stream_reader::detach() noexcept {
  pause();
  stream_ = nullptr;
}

void stream_reader::deliver_closed() noexcept { finish(UV_ECANCELED, 0); }

}  // namespace uvdial::detail
