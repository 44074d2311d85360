#pragma once
// SIGINT and SIGTERM, told from the loop.
#include <uv.h>

#include "glue/handle.hpp"
#include "uvdial/function.hpp"

namespace uvdial::cli {

// Pinned. Keeps the loop alive until close() or its end.
class signals {
 public:
  using told_callback = unique_function<void(int number)>;

  // Throws std::system_error when the loop has no room for them. `told` runs once for each signal.
  signals(uv_loop_t& loop, told_callback told);
  signals(const signals&) = delete;
  signals& operator=(const signals&) = delete;
  ~signals() = default;

  void close() noexcept;  // from now on a signal ends the program at once, as it does any other

 private:
  using handle = detail::uv_handle<uv_signal_t>;
  static void on_signal(uv_signal_t* handle, int number) noexcept;
  void listen(uv_loop_t& loop, handle& on, int number);

  told_callback told_;
  handle interrupt_{};
  handle terminate_{};
};

}  // namespace uvdial::cli
