#pragma once
// floor 3
// The default resolver: c-ares on the caller's loop, no threads.
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "uvdial/operation.hpp"
#include "uvdial/resolver.hpp"

typedef struct uv_loop_s uv_loop_t;

namespace uvdial {

// Where names are looked up. What is left empty is as the system has it (resolv.conf).
struct ares_resolver_options {
  std::vector<endpoint> servers{};                   // port 0: 53
  std::string hosts_file = "/etc/hosts";             // read before any server is asked; empty: none
  std::optional<std::vector<std::string>> search{};  // suffixes for names with few dots
  std::optional<unsigned> ndots{};                   // names with so many dots are tried as they are first
  std::chrono::milliseconds timeout{2000};           // for the first try at a server; at least 1 ms
  unsigned tries = 3;                                // at each server; at least 1
};

class UVDIAL_API ares_resolver final : public resolver {
 public:
  // `loop` must outlive this object and run until idle after it is gone. Throws std::invalid_argument for
  // an option out of range. No socket is opened before the first lookup.
  explicit ares_resolver(uv_loop_t& loop, ares_resolver_options options = {});
  ~ares_resolver() override;  // lookups that still run go on to their end

  lookup_handle lookup(const question& asked, answer_sink& sink) override;

  // Ends running lookups with a dns_failure whose code is ECANCELED, and says when the last handle is closed.
  // Further lookups throw std::logic_error.
  void close(callback<done> on_closed);

 private:
  class core;
  std::shared_ptr<core> core_;
};

}  // namespace uvdial
