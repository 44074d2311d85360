#pragma once
// One question to the C library's own resolver, asked in libuv's thread pool.
//
// A question that a thread has taken up cannot be stopped, and libuv writes its result into the request. So
// the request lives in a block of its own on the heap, which its callback frees. Whoever asked may go away
// before: then the block forgets him, and a question that still waits for a thread is taken out of the queue.
#include <uv.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "glue/handle.hpp"
#include "uvdial/endpoint.hpp"
#include "uvdial/function.hpp"

namespace uvdial::detail {

struct system_reply {
  int status = 0;                     // a libuv code
  std::vector<endpoint> addresses{};  // port 0, each once, in the system's order
  std::string canonical_name{};
  std::string name{};  // of a reverse question
};

// Pinned; loop thread only. One question at a time. A running question counts as an open handle of its count.
class system_request {
 public:
  using listener = unique_function<void(system_reply)>;

  system_request() noexcept = default;
  system_request(const system_request&) = delete;
  system_request& operator=(const system_request&) = delete;
  ~system_request();  // the listener is not called

  // Both return a libuv code. 0: the listener will be called once, from the loop; it may destroy this object.
  // Negative: it will not be called. Throw std::bad_alloc.
  int ask_addresses(uv_loop_t& loop, const std::string& host, std::optional<ip_family> only,
                    std::shared_ptr<handle_count> count, listener told);
  int ask_name(uv_loop_t& loop, const endpoint& address, std::shared_ptr<handle_count> count, listener told);

  // The listener is called with UV_ECANCELED, as soon as the pool lets go of the question.
  void cancel() noexcept;

 private:
  struct block;
  block* block_ = nullptr;  // null: nothing runs
};

}  // namespace uvdial::detail
