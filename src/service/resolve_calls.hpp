#pragma once
// The resolve() and reverse() calls of one resolver: any number of them on one turn of the loop.
//
// A resolver keeps one of these and forwards its two members to it. It asks the resolver only inside the
// starting call and keeps nothing of it: calls that run when the resolver goes away end by what their lookups
// bring.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "glue/source_sockets.hpp"
#include "glue/turn.hpp"
#include "service/resolve_call.hpp"

namespace uvdial::detail {

// Made with make_shared: calls hold shares while they run. Loop thread only.
class resolve_calls final : public std::enable_shared_from_this<resolve_calls>,
                            public call_owner,
                            private turn_client {
 public:
  // Opens nothing before the first call. `loop` outlives this object and its calls.
  resolve_calls(uv_loop_t& loop, std::shared_ptr<handle_count> count)
      : loop_(loop), count_(std::move(count)) {}

  // The handles that a call would open, earlier. Throws out_of_resources.
  void open();

  // As resolver::resolve(). `names` is asked inside this call only, and what it throws goes through.
  operation resolve(resolver& names, const std::string& host, const resolve_options& options,
                    callback<host_entry> on_done);

  // As resolver::reverse(). `look_up` is called inside this call, and tells its sink once, unless the handle
  // that it gives is destroyed before.
  using reverse_lookup = unique_function<lookup_handle(reverse_sink&)>;
  operation reverse(reverse_lookup look_up, const endpoint& address, const resolve_options& options,
                    callback<std::vector<std::string>> on_done);

  // Calls that run end with cancelled_error, from the loop; then the handles close. Starting another one
  // throws std::logic_error.
  void close() noexcept;

  source_finder& sources() noexcept override { return sources_; }
  void post(running_call& one) noexcept override;
  void remove(running_call& one) noexcept override;

 private:
  std::optional<instant> next_wake() noexcept override { return wakes_.earliest(); }
  void woken() noexcept override;

  void check(const char* name, bool has_callback, const resolve_options& options) const;
  template <class Ask>
  operation start(const std::shared_ptr<running_call>& made, std::chrono::milliseconds timeout, Ask ask);

  uv_loop_t& loop_;
  std::shared_ptr<handle_count> count_;
  source_sockets sources_;
  wake_queue wakes_;
  call_list asked_{};
  call_list posted_{};
  std::optional<turn> turn_{};
  bool closed_ = false;
};

}  // namespace uvdial::detail
