#pragma once
// floor 3
/// \file
/// Names as the operating system resolves them: getaddrinfo and getnameinfo, in libuv's thread pool.
#include <memory>
#include <string>
#include <vector>

#include "uvdial/operation.hpp"
#include "uvdial/resolver.hpp"

typedef struct uv_loop_s uv_loop_t;

namespace uvdial {

/// Names as the system resolves them, for those who need what only the system's configuration knows: NSS modules (mDNS,
/// containers, directories). The order of addresses is uvdial's own all the same. Pass it as `dialer_config::names`. It
/// has a price, which ares_resolver has not:
///
/// - Each lookup takes a thread of libuv's pool, and libuv starts that pool. There are 4 threads unless
///   UV_THREADPOOL_SIZE says otherwise, the program's file system work runs on them too, and libuv gives lookups
///   at most half of them: two lookups that wait for a silent server hold up all others.
/// - A lookup that a thread has taken up cannot be stopped. A dial that was dropped, cancelled or has timed out
///   ends at once, but the loop stays alive until the pool is done with its lookup.
/// - Both families come together, so a fast answer for one waits for a slow one for the other, and
///   `resolution_delay` has nothing to do. There is no ttl, and no server that could be named.
///
/// Neither copied nor moved. Loop thread only.
class UVDIAL_API system_resolver final : public resolver {
 public:
  /// `loop` is borrowed: it must outlive this object and run until idle after it is gone.
  explicit system_resolver(uv_loop_t& loop);
  ~system_resolver() override;  ///< lookups that still run go on to their end

  /// Asks the system once, for both families. Failures carry libuv's code (EAI_NONAME, EAI_AGAIN, ...). Names
  /// that no system can have are not asked for, nor are those that old address parsers take for IPv4 ("127.1",
  /// "0x7f000001"): they are not found.
  lookup_handle lookup(const question& asked, answer_sink& sink) override;

  /// As resolver::resolve(): one getaddrinfo for both families.
  operation resolve(const std::string& host, const resolve_options& options,
                    callback<host_entry> on_done) override;

  /// As resolver::reverse(): one name, which the system has for the address.
  operation reverse(const endpoint& address, const resolve_options& options,
                    callback<std::vector<std::string>> on_done) override;

  /// Ends running operations with cancelled_error, and running lookups, as soon as the pool lets go of them,
  /// with a dns_failure whose code is ECANCELED; says when the last handle and request is closed. Further
  /// calls throw std::logic_error.
  void close(callback<done> on_closed);

 private:
  class core;
  std::shared_ptr<core> core_;
};

}  // namespace uvdial
