#include "service/write_call.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace uvdial::detail {

namespace {

constexpr std::size_t most_at_once = 1024;  // IOV_MAX of Linux; libuv cuts what is more where it runs
constexpr std::size_t longest_piece = std::numeric_limits<int>::max();  // what one result of libuv can say

uv_buf_t piece_of(std::span<const std::byte> bytes) noexcept {
  auto* begin = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));  // only read
  return uv_buf_init(begin, static_cast<unsigned>(std::min(bytes.size(), longest_piece)));
}

// What of several buffers is still to be sent: the first of `buffers` but its first `sent_of_first` bytes, and all
// the others. None is left, or the first has bytes that are.
struct unsent_part {
  explicit unsent_part(buffer_list all) noexcept : buffers(all) { skip_sent(); }

  bool empty() const noexcept { return buffers.empty(); }
  unsigned fill(std::array<uv_buf_t, most_at_once>& pieces) const noexcept;
  void sent(std::size_t bytes) noexcept;
  void skip_sent() noexcept;

  buffer_list buffers;
  std::size_t sent_of_first = 0;
};

void unsent_part::skip_sent() noexcept {
  while (!buffers.empty() && sent_of_first >= buffers.front().size()) {
    sent_of_first -= buffers.front().size();
    buffers = buffers.subspan(1);
  }
}

// A piece that had to be cut is the last: nothing may stand between it and its rest.
unsigned unsent_part::fill(std::array<uv_buf_t, most_at_once>& pieces) const noexcept {
  unsigned count = 0;
  std::size_t offset = sent_of_first;
  for (const auto& buffer : buffers) {
    const auto bytes = buffer.subspan(std::exchange(offset, 0));
    if (bytes.empty()) continue;
    pieces[count++] = piece_of(bytes);
    if (count == most_at_once || bytes.size() > longest_piece) break;
  }
  return count;
}

void unsent_part::sent(std::size_t bytes) noexcept {
  sent_of_first += bytes;
  skip_sent();
}

}  // namespace

std::size_t size_of(buffer_list buffers) noexcept {
  std::size_t size = 0;
  for (const auto& buffer : buffers) size += buffer.size();
  return size;
}

void write_call::start(uv_stream_t* stream, buffer_list buffers) noexcept {
  begin();
  enter_libuv();
  unsent_part left(buffers);
  while (!left.empty() && !earlier_requests()) {
    std::array<uv_buf_t, most_at_once> pieces;  // filled as far as it is used
    const unsigned count = left.fill(pieces);
    const int taken = uv_try_write(stream, pieces.data(), count);
    if (taken < 0 && taken != UV_EAGAIN) {
      queue().backlog.write_ended(taken);
      return end_later(taken);
    }
    if (taken <= 0) break;
    queue().backlog.handed_over(static_cast<std::size_t>(taken));
    left.sent(static_cast<std::size_t>(taken));
  }
  if (left.empty() && !earlier_requests()) {
    queue().backlog.write_ended(0);
    return end_later(0);
  }
  const int status = copy_to_libuv(stream, left.buffers, left.sent_of_first);
  if (status == 0) return;
  queue().backlog.write_ended(status);
  end_later(status);
}

int write_call::copy_to_libuv(uv_stream_t* stream, buffer_list left, std::size_t sent_of_first) noexcept try {
  rest_.reserve(size_of(left) - sent_of_first);
  for (const auto& buffer : left) {
    const auto bytes = buffer.subspan(std::exchange(sent_of_first, 0));
    rest_.insert(rest_.end(), bytes.begin(), bytes.end());
  }
  std::vector<uv_buf_t> pieces;
  std::span<const std::byte> uncut = rest_;
  do {  // one empty piece for no bytes: it ends when all before it is sent
    pieces.push_back(piece_of(uncut));
    uncut = uncut.subspan(pieces.back().len);
  } while (!uncut.empty());
  request_.data = this;
  const int status =
      uv_write(&request_, stream, pieces.data(), static_cast<unsigned>(pieces.size()), on_written);
  if (status == 0) queue().backlog.handed_over(rest_.size());
  return status;
} catch (const std::bad_alloc&) {
  return UV_ENOMEM;
}

void write_call::on_written(uv_write_t* request, int status) noexcept {
  auto* self = static_cast<write_call*>(request->data);
  self->rest_ = {};  // the caller may keep its operation for long
  self->queue().backlog.write_ended(status);
  self->end(status);
}

void shutdown_call::start(uv_stream_t* stream) noexcept {
  begin();
  enter_libuv();
  request_.data = this;
  const int status = uv_shutdown(&request_, stream, on_shut_down);
  if (status < 0) end_later(status);
}

void shutdown_call::on_shut_down(uv_shutdown_t* request, int status) noexcept {
  static_cast<shutdown_call*>(request->data)->end(status);
}

}  // namespace uvdial::detail
