// How read_until takes nothing that lies behind the delimiter: right before libuv reads it asks for a buffer. There
// the socket is peeked into, to the place in the caller's buffer where the bytes will go, and libuv is given a
// buffer of exactly those that may be taken. One byte may always be: the delimiter is not complete without it. So a
// descriptor that cannot be peeked into (a FIFO) is read byte by byte, and where the peek finds nothing, libuv
// finds out with one byte whether that is the end or too early. A failure is found by whoever asks first: the peek.
#include "service/stream_reader.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <stdexcept>
#include <string>

#include "service/stream_core.hpp"

namespace uvdial::detail {

namespace {

constexpr std::size_t longest_peek = 4096;  // bytes; what is peeked is copied twice

stream_reader* reader_of(void* core) noexcept { return &static_cast<stream_core*>(core)->reader(); }

void on_allocate(uv_handle_t* handle, std::size_t, uv_buf_t* buffer) noexcept {
  *buffer = reader_of(handle->data)->buffer();
}

void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t*) noexcept {
  const auto core = static_cast<stream_core*>(stream->data)->shared_from_this();  // the user may destroy it
  core->reader().received(count);
}

}  // namespace

std::uint32_t stream_reader::start(uv_stream_t* stream, const read_demand& demand,
                                   callback<std::size_t> on_done) {
  require_idle(demand.name());
  on_done_ = std::move(on_done);
  return begin(stream, demand);
}

std::uint32_t stream_reader::receive(uv_stream_t* stream, std::span<std::byte> buffer,
                                     chunk_callback on_chunk, callback<std::uint64_t> on_done) {
  const read_demand demand(read_form::pieces, buffer);
  require_idle(demand.name());
  on_chunk_ = std::move(on_chunk);
  on_total_ = std::move(on_done);
  return begin(stream, demand);
}

void stream_reader::require_idle(const char* name) const {
  if (busy()) throw std::logic_error("stream: " + std::string(name) + "() while another read runs");
}

std::uint32_t stream_reader::begin(uv_stream_t* stream, const read_demand& demand) noexcept {
  stream_ = stream;
  demand_ = demand;
  total_ = 0;
  paused_ = false;
  note_progress();
  ++ticket_;
  read_on();
  return ticket_;
}

void stream_reader::read_on() noexcept {
  if (kept_.size() != 0) return post(0);
  if (end_ != 0) return post(end_);
  if (!reading_) {
    const int status = uv_read_start(stream_, on_allocate, on_read);
    reading_ = status == 0;
    if (status < 0) post(status);
  }
  queue_.settle();
}

// A null buffer tells libuv to read nothing now.
uv_buf_t stream_reader::buffer() noexcept {
  if (!wants_bytes()) return uv_buf_init(nullptr, 0);
  std::size_t size = demand_.rest().size();
  if (demand_.form() == read_form::until) size = std::max<std::size_t>(demand_.may_take(peek_socket()), 1);
  const std::size_t most = std::min<std::size_t>(size, std::numeric_limits<unsigned>::max());
  return uv_buf_init(reinterpret_cast<char*>(demand_.rest().data()), static_cast<unsigned>(most));
}

// Zero where there is nothing, also where there is no telling: libuv's own read says which, but for a failure.
std::size_t stream_reader::peek_socket() noexcept {
  if (no_socket_) return 0;
  uv_os_fd_t descriptor = -1;
  if (uv_fileno(reinterpret_cast<const uv_handle_t*>(stream_), &descriptor) < 0) return 0;
  const auto rest = demand_.rest();
  ssize_t count = 0;
  do {
    count = ::recv(descriptor, rest.data(), std::min(rest.size(), longest_peek), MSG_PEEK | MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  no_socket_ = count < 0 && (errno == ENOTSOCK || errno == EOPNOTSUPP);
  if (count < 0 && !no_socket_ && errno != EAGAIN) peeked_failure_ = uv_translate_sys_error(errno);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

// The system tells of a failure once: where a write or the peek was told, libuv sees an orderly end. It also takes a
// connection that is over for one that has ended well, where a read before had left room in its buffer: then the system
// has not told anybody yet.
int stream_reader::failure_behind_the_end() const noexcept {
  if (peeked_failure_ != 0) return peeked_failure_;
  if (const int told = queue_.backlog.connection_failure()) return told;
  uv_os_fd_t descriptor = -1;
  int untold = 0;
  socklen_t size = sizeof untold;
  if (uv_fileno(reinterpret_cast<const uv_handle_t*>(stream_), &descriptor) < 0 ||
      ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &untold, &size) != 0)
    return 0;
  return untold == 0 ? 0 : uv_translate_sys_error(untold);
}

void stream_reader::received(ssize_t count) noexcept {
  if (count == 0) return;  // nothing there after all
  if (!wants_bytes()) return stop();
  if (count < 0) {
    reading_ = false;
    const int failure = count == UV_EOF ? failure_behind_the_end() : 0;
    end_ = failure != 0 ? failure : static_cast<int>(count);
    return finish(end_);
  }
  note_progress();
  took(static_cast<std::size_t>(count));
  // Who wants the next bytes has asked for them inside the callback; then libuv simply goes on.
  if (!wants_bytes()) stop();
}

void stream_reader::took(std::size_t count) noexcept {
  if (demand_.form() == read_form::pieces) return give_chunk(count);
  switch (demand_.took(count)) {
    case read_demand::state::goes_on: return;
    case read_demand::state::complete: return finish(0);
    case read_demand::state::full: return finish(UV_EMSGSIZE);
  }
}

// The user may destroy everything, this function's captures with it: so it runs on the stack.
void stream_reader::give_chunk(std::size_t count) noexcept {
  total_ += count;
  const std::uint32_t ticket = ticket_;
  chunk_callback on_chunk = std::move(on_chunk_);
  on_chunk(demand_.buffer().first(count));
  if (running(ticket)) on_chunk_ = std::move(on_chunk);
}

void stream_reader::give_kept() noexcept {
  const std::uint32_t ticket = ticket_;
  while (running(ticket) && wants_bytes() && kept_.size() != 0) {
    const std::size_t count = demand_.may_take(kept_.peek(demand_.rest()));
    kept_.take(count);
    took(count);
  }
  if (running(ticket) && wants_bytes()) read_on();
}

void stream_reader::finish(int code) noexcept {
  const chunk_callback silent = std::move(on_chunk_);
  callback<std::uint64_t> on_total = std::move(on_total_);
  callback<std::size_t> on_done = std::move(on_done_);
  if (!on_done && !on_total) return;
  const bool told_the_end = code == UV_EOF && (on_total || demand_.form() == read_form::some);
  if (code == 0 || told_the_end) {
    if (on_total) return on_total(total_);
    return on_done(demand_.got().size());
  }
  const auto why = failure(code);
  put_back();
  if (on_total) return on_total(why);
  on_done(why);
}

std::shared_ptr<const error> stream_reader::failure(int code) const noexcept {
  if (code == idle_too_long)
    return read_timeout(demand_.name(), std::chrono::duration_cast<std::chrono::milliseconds>(
                                            timeout_.value_or(std::chrono::nanoseconds{})));
  if (code == UV_EOF && demand_.form() == read_form::exactly)
    return ended_early(demand_.got().size(), demand_.buffer().size());
  if (code == UV_EOF) return ended_undelimited(demand_.got().size());
  if (code == UV_EMSGSIZE && demand_.form() == read_form::until) return no_delimiter(demand_.got().size());
  return call_failure(demand_.name(), code);
}

// Bytes that cannot be kept are lost: nobody may read on as if they had never been.
void stream_reader::put_back() noexcept {
  if (!kept_.put_back(demand_.got())) {
    kept_ = {};
    end_ = UV_ENOMEM;
  }
  demand_.forget();
}

void stream_reader::post(int code) noexcept {
  due_code_ = code;
  if (std::exchange(due_, true)) return;
  queue_.post(*this);
}

void stream_reader::deliver() noexcept {
  if (!std::exchange(due_, false)) return;  // that read was dropped meanwhile
  if (due_code_ != 0) return finish(due_code_);
  give_kept();
}

void stream_reader::pause() noexcept {
  if (!on_total_) return;
  paused_ = true;
  stop();
  queue_.settle();
}

void stream_reader::resume() noexcept {
  if (!on_total_ || !std::exchange(paused_, false)) return;
  note_progress();
  if (wants_bytes()) return read_on();
  queue_.settle();
}

void stream_reader::set_timeout(std::optional<std::chrono::nanoseconds> idle) noexcept {
  timeout_ = idle;
  note_progress();
}

void stream_reader::note_progress() noexcept {
  if (timeout_) moved_ = now();
}

std::optional<instant> stream_reader::deadline() const noexcept {
  if (!timeout_ || !wants_bytes()) return std::nullopt;
  return moved_ + *timeout_;
}

void stream_reader::expire(instant time) noexcept {
  const auto end = deadline();
  if (!end || time < *end) return;
  stop();
  post(idle_too_long);
}

void stream_reader::cancel(std::uint32_t ticket) noexcept {
  if (!running(ticket)) return;
  stop();
  post(UV_ECANCELED);
}

void stream_reader::drop(std::uint32_t ticket) noexcept {
  if (!running(ticket)) return;
  const callback<std::size_t> silent = std::move(on_done_);
  const callback<std::uint64_t> silent_total = std::move(on_total_);
  const chunk_callback silent_chunk = std::move(on_chunk_);
  due_ = false;
  put_back();
  stop();
  queue_.settle();
}

void stream_reader::stop() noexcept {
  if (!reading_ || !stream_) return;
  reading_ = false;
  (void)uv_read_stop(stream_);  // cannot fail
}

void stream_reader::detach() noexcept {
  stop();
  stream_ = nullptr;
}

}  // namespace uvdial::detail
