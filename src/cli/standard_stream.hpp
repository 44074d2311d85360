#pragma once
// Standard input and output on a loop, whatever they are.
//
// libuv polls pipes, terminals and sockets, and reads and writes files on its thread pool: a file is always
// "ready" and still makes its reader wait. Which of the two a descriptor needs is found out here. What is no
// pipe, terminal or socket (a device such as /dev/null, a directory by mistake) counts as a file.
//
// Both work on a copy of the descriptor (see descriptor.hpp). The thread pool cannot be stopped: an object,
// and the bytes it was given, must live until the loop has run dry.
#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "uvdial/function.hpp"

namespace uvdial::cli {

// From the loop: how many bytes were moved, or a negative libuv code. What is read is 0 at its end.
using transfer_callback = unique_function<void(std::int64_t result)>;

// One transfer at a time. Loop thread only.
class standard_stream {
 public:
  virtual ~standard_stream() = default;

  // Both return 0, or a negative libuv code when the transfer cannot start and `on_done` will not run.
  virtual int read(std::span<std::byte> into, transfer_callback on_done) = 0;
  virtual int write(std::span<const std::byte> bytes, transfer_callback on_done) = 0;  // all of them

  // Ends what is in flight; its callback does not run.
  virtual void close() noexcept = 0;
};

struct opened_stream {
  std::unique_ptr<standard_stream> stream;  // null: failed
  int status;                               // 0, or a negative libuv code
};

// `number` is 0 or 1, an open descriptor, which stays open and is blocking again when the stream is gone.
opened_stream open_standard(uv_loop_t& loop, int number);

}  // namespace uvdial::cli
