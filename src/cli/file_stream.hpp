#pragma once
// A file or a device among the standard streams, read and written on libuv's thread pool.
#include "cli/descriptor.hpp"
#include "cli/standard_stream.hpp"

namespace uvdial::cli {

class file_stream final : public standard_stream {
 public:
  explicit file_stream(uv_loop_t& loop) noexcept : loop_(loop) {}

  // 0, or a negative libuv code. `number` is the standard descriptor.
  int open(int number) noexcept;

  int read(std::span<std::byte> into, transfer_callback on_done) override;
  int write(std::span<const std::byte> bytes, transfer_callback on_done) override;
  void close() noexcept override;

 private:
  static void on_read(uv_fs_t* request) noexcept;
  static void on_write(uv_fs_t* request) noexcept;
  int write_rest() noexcept;
  void wrote(std::int64_t result) noexcept;
  std::int64_t take_result() noexcept;
  void done(std::int64_t result) noexcept;

  uv_loop_t& loop_;
  descriptor file_{};
  uv_fs_t request_{};
  bool in_flight_ = false;
  std::span<const std::byte> rest_{};  // still to be written
  std::int64_t written_ = 0;
  transfer_callback on_done_{};
};

}  // namespace uvdial::cli
