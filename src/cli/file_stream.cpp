#include "cli/file_stream.hpp"

#include <cerrno>
#include <utility>

namespace uvdial::cli {

namespace {

constexpr std::int64_t where_it_stands = -1;  // the position that the descriptor shares with others

uv_buf_t buffer_of(std::span<const std::byte> bytes) noexcept {
  // libuv takes a pointer to char for both ways.
  auto* start = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));
  return uv_buf_init(start, static_cast<unsigned>(bytes.size()));
}

}  // namespace

int file_stream::open(int number) noexcept {
  file_ = own_copy(number);
  if (file_.number() < 0) return uv_translate_sys_error(errno);
  request_.data = this;
  return 0;
}

int file_stream::read(std::span<std::byte> into, transfer_callback on_done) {
  const uv_buf_t buffer = buffer_of(into);
  const int status = uv_fs_read(&loop_, &request_, file_.number(), &buffer, 1, where_it_stands, on_read);
  if (status < 0) return status;
  in_flight_ = true;
  on_done_ = std::move(on_done);
  return 0;
}

int file_stream::write(std::span<const std::byte> bytes, transfer_callback on_done) {
  rest_ = bytes;
  written_ = 0;
  const int status = write_rest();
  if (status == 0) on_done_ = std::move(on_done);
  return status;
}

int file_stream::write_rest() noexcept {
  const uv_buf_t buffer = buffer_of(rest_);
  const int status = uv_fs_write(&loop_, &request_, file_.number(), &buffer, 1, where_it_stands, on_write);
  in_flight_ = status == 0;
  return status;
}

void file_stream::close() noexcept {
  on_done_ = nullptr;
  // The pool may be using the descriptor: then it closes with this object, when the loop has run dry.
  if (!in_flight_) return file_.close();
  (void)uv_cancel(reinterpret_cast<uv_req_t*>(&request_));  // only what has not begun can be cancelled
}

void file_stream::wrote(std::int64_t result) noexcept {
  if (result < 0 || !on_done_) return done(result);
  written_ += result;
  rest_ = rest_.subspan(static_cast<std::size_t>(result));
  if (rest_.empty()) return done(written_);
  // A file takes less than it was given when the disk is full, and says why when asked again.
  if (const int status = result == 0 ? UV_EIO : write_rest(); status < 0) done(status);
}

std::int64_t file_stream::take_result() noexcept {
  const std::int64_t result = request_.result;
  uv_fs_req_cleanup(&request_);
  in_flight_ = false;
  return result;
}

void file_stream::done(std::int64_t result) noexcept {
  auto tell = std::exchange(on_done_, nullptr);
  if (tell) tell(result);
}

void file_stream::on_read(uv_fs_t* request) noexcept {
  auto* self = static_cast<file_stream*>(request->data);
  self->done(self->take_result());
}

void file_stream::on_write(uv_fs_t* request) noexcept {
  auto* self = static_cast<file_stream*>(request->data);
  self->wrote(self->take_result());
}

}  // namespace uvdial::cli
