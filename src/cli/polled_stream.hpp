#pragma once
// A pipe, terminal or socket among the standard streams.
#include <optional>

#include "cli/descriptor.hpp"
#include "cli/standard_stream.hpp"
#include "glue/handle.hpp"

namespace uvdial::cli {

class polled_stream final : public standard_stream {
 public:
  // 0, or a negative libuv code. `number` is the standard descriptor.
  int open(uv_loop_t& loop, int number) noexcept;

  int read(std::span<std::byte> into, transfer_callback on_done) override;
  int write(std::span<const std::byte> bytes, transfer_callback on_done) override;
  void close() noexcept override;

 private:
  static void on_allocate(uv_handle_t* handle, std::size_t, uv_buf_t* into) noexcept;
  static void on_read(uv_stream_t* handle, ssize_t count, const uv_buf_t*) noexcept;
  static void on_write(uv_write_t* request, int status) noexcept;
  int open_handle(uv_loop_t& loop, int number) noexcept;
  void got(ssize_t count) noexcept;
  void done(std::int64_t result) noexcept;

  // First, so that it dies last: standard input and output may be one socket, and blocking again too early
  // would make the other one block.
  std::optional<blocking_again> restored_{};

  // One of the two is open, and `handle_` points into it. The request lives beside it: libuv ends it first.
  detail::uv_handle<uv_pipe_t, uv_write_t> pipe_{};
  detail::uv_handle<uv_tty_t, uv_write_t> terminal_{};
  uv_stream_t* handle_ = nullptr;
  uv_write_t* request_ = nullptr;

  std::span<std::byte> into_{};
  std::int64_t writing_ = 0;  // bytes
  transfer_callback on_done_{};
};

}  // namespace uvdial::cli
