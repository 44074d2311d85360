#include "service/stream_core.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <vector>

#include "uvdial/error.hpp"

namespace uvdial::detail {

namespace {

class write_call final : public stream_call<std::size_t> {
 public:
  write_call(std::shared_ptr<call_queue> queue, std::size_t size, callback<std::size_t> on_done)
      : stream_call(std::move(queue), "write", size, std::move(on_done)) {}

  // What the kernel takes at once is not copied, unless earlier bytes wait: then libuv has to keep the order.
  void start(uv_stream_t* stream, std::span<const std::byte> bytes) noexcept {
    begin();
    while (!bytes.empty() && !earlier_requests()) {
      uv_buf_t now = buffer_of(bytes);
      const int taken = uv_try_write(stream, &now, 1);
      if (taken < 0 && taken != UV_EAGAIN) return end_later(taken);
      if (taken <= 0) break;
      bytes = bytes.subspan(static_cast<std::size_t>(taken));
    }
    if (bytes.empty() && !earlier_requests()) return end_later(0);
    const int status = queue(stream, bytes);
    if (status < 0) end_later(status);
  }

 private:
  int queue(uv_stream_t* stream, std::span<const std::byte> bytes) noexcept try {
    rest_.assign(bytes.begin(), bytes.end());
    std::vector<uv_buf_t> buffers;
    std::span<const std::byte> left = rest_;
    do {  // one empty buffer for no bytes: it ends when all before it is sent
      buffers.push_back(buffer_of(left));
      left = left.subspan(buffers.back().len);
    } while (!left.empty());
    request_.data = this;
    return uv_write(&request_, stream, buffers.data(), static_cast<unsigned>(buffers.size()), on_written);
  } catch (const std::bad_alloc&) {
    return UV_ENOMEM;
  }
  static uv_buf_t buffer_of(std::span<const std::byte> bytes) noexcept {
    constexpr std::size_t most = std::numeric_limits<int>::max();  // what one result of libuv can say
    auto* begin = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));  // only read
    return uv_buf_init(begin, static_cast<unsigned>(std::min(bytes.size(), most)));
  }
  static void on_written(uv_write_t* request, int status) noexcept {
    auto* self = static_cast<write_call*>(request->data);
    self->rest_ = {};  // the caller may keep its operation for long
    self->end(status);
  }

  uv_write_t request_{};
  std::vector<std::byte> rest_{};
};

class shutdown_call final : public stream_call<done> {
 public:
  shutdown_call(std::shared_ptr<call_queue> queue, callback<done> on_done)
      : stream_call(std::move(queue), "shutdown", done{}, std::move(on_done)) {}

  void start(uv_stream_t* stream) noexcept {
    begin();
    request_.data = this;
    const int status = uv_shutdown(&request_, stream, on_shut_down);
    if (status < 0) end_later(status);
  }

 private:
  static void on_shut_down(uv_shutdown_t* request, int status) noexcept {
    static_cast<shutdown_call*>(request->data)->end(status);
  }

  uv_shutdown_t request_{};
};

}  // namespace

std::shared_ptr<const error> stream_failure(const char* what, int uv_code) noexcept {
  const std::error_code code(uv_code, uv_category());
  error_kind kind = error_kind::stream;
  if (uv_code == UV_ECANCELED) kind = error_kind::cancelled;
  if (uv_code == UV_ECONNRESET || uv_code == UV_EPIPE) kind = error_kind::connection_reset;
  if (uv_code == UV_ENOMEM || uv_code == UV_ENOBUFS) kind = error_kind::out_of_resources;
  try {
    return make_error(kind, code, std::string(what) + ": " + code.message());
  } catch (const std::bad_alloc&) {
    return make_error(kind, code, {});
  }
}

stream_core::stream_core(stream_handle connected) : loop_(*connected->loop), handle_(std::move(connected)) {
  handle_->data = this;
}

operation stream_core::read(std::span<std::byte> into, callback<std::size_t> on_done) {
  need_turn();
  const std::uint32_t ticket = reader_.start(stream(), into, std::move(on_done));
  return {std::shared_ptr<pending>(shared_from_this(), &reader_), ticket};
}

operation stream_core::write(std::span<const std::byte> bytes, callback<std::size_t> on_done) {
  if (shut_down_) throw std::logic_error("stream: write() after shutdown()");
  need_turn();
  auto call = std::make_shared<write_call>(shared_from_this(), bytes.size(), std::move(on_done));
  call->start(stream(), bytes);
  return {std::move(call), 0};
}

operation stream_core::shutdown(callback<done> on_done) {
  if (shut_down_) throw std::logic_error("stream: shutdown() twice");
  need_turn();
  auto call = std::make_shared<shutdown_call>(shared_from_this(), std::move(on_done));
  shut_down_ = true;
  call->start(stream());
  return {std::move(call), 0};
}

void stream_core::close(callback<done> on_closed) {
  reader_.detach();
  if (idle() && !on_closed) {
    turn_.reset();  // an operation that somebody keeps would hold its handles open
    return handle_.reset();
  }
  close_then(std::move(handle_), [self = shared_from_this(), on_closed = std::move(on_closed)]() mutable {
    self->handle_closed(std::move(on_closed));
  });
}

// libuv has ended its requests by now; what is left are results that wait for the check phase, and the read.
void stream_core::handle_closed(callback<done> on_closed) noexcept {
  deliver_due();
  reader_.deliver_closed();
  turn_.reset();
  if (!on_closed) return;
  if (!turn_handles_ || turn_handles_->open() == 0) return on_closed(done{});
  turn_handles_->when_none([on_closed = std::move(on_closed)]() mutable { on_closed(done{}); });
}

stream_handle stream_core::release() noexcept {
  reader_.detach();
  turn_.reset();
  handle_->data = nullptr;
  return std::move(handle_);
}

std::shared_ptr<stream_core> adopt(uv_stream_t* connected, const char* taker) {
  stream_handle owned(connected);
  if (!owned) throw std::invalid_argument(std::string(taker) + ": adopts a null handle");
  return std::make_shared<stream_core>(std::move(owned));
}

// Made before the first call starts, so that none that runs can lack the memory to end.
void stream_core::need_turn() {
  if (turn_) return;
  turn_handles_ = std::make_shared<handle_count>();
  turn_.emplace(loop_, static_cast<turn_client&>(*this), turn_handles_);
}

void stream_core::wake() noexcept {
  turn_->hold(true);
  turn_->wake_soon();
}

void stream_core::woken() noexcept {
  const auto self = shared_from_this();
  turn_->hold(false);
  deliver_due();
}

}  // namespace uvdial::detail
