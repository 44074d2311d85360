#pragma once
// floor 3
/// \file
/// The default resolver: c-ares on the caller's loop, no threads.
///
/// A dialer makes one by itself. Make your own to give it options, or to share it among dialers of one loop:
///
/// ```cpp
/// auto names = std::make_shared<uvdial::ares_resolver>(loop, uvdial::ares_resolver_options{.cache_entries = 0});
/// uvdial::dialer dials(loop, {.names = names});
/// ```
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "uvdial/operation.hpp"
#include "uvdial/resolver.hpp"

typedef struct uv_loop_s uv_loop_t;

namespace uvdial {

/// Where names are looked up. What is left empty is as the system has it: resolv.conf(5) with LOCALDOMAIN and
/// RES_OPTIONS, read again when the file has changed (looked at no more than once a second, and after failures). While
/// there are no descriptors to read it, or the hosts file, for the first time, lookups throw out_of_resources: what
/// they say is not to be had from anybody else.
struct ares_resolver_options {
  std::vector<endpoint> servers{};                   ///< whom to ask, in this order; at most 32; port 0: 53
  std::string resolv_conf = "/etc/resolv.conf";      ///< empty or not there: a server on 127.0.0.1
  std::string hosts_file = "/etc/hosts";             ///< read before any server is asked; empty: none
  std::optional<std::vector<std::string>> search{};  ///< suffixes for names with few dots
  std::optional<unsigned> ndots{};                   ///< names with so many dots are tried as they are first

  /// The longest wait for one datagram; at least 1 ms, 2 s where the system says nothing. How long one is really
  /// waited for follows the server's usual time: 100 ms at first when it is near.
  std::optional<std::chrono::milliseconds> timeout{};
  /// A question ends as dns_timeout after so many times `timeout` without an answer from any server; at least 1,
  /// 3 where the system says nothing. How often it is asked in that time follows from the waits.
  std::optional<unsigned> tries{};
  std::optional<bool> rotate{};    ///< each question begins with the next server
  std::optional<bool> tcp_only{};  ///< no datagrams
  std::optional<bool> edns{};      ///< answers of up to 1,232 octets in a datagram (RFC 6891)

  /// Whether names are spelled in secret ways ("eXaMPle.TesT"), and a datagram counts only where it repeats that: one
  /// more bit for each letter, up to 64, that a forger has to guess. Where it does not, the question is asked again
  /// over TCP; a server that did not three times is asked in the usual way from then on. Off, because there are servers
  /// of small networks that know their names in one spelling only; it is a gain where a server is asked across networks
  /// of others.
  bool mixed_case = false;

  /// How many answers are remembered, for as long as DNS says that they hold; 0: none. Negative ones for half a
  /// minute at most.
  std::size_t cache_entries = 1024;
};

/// Answers as getaddrinfo does with "hosts: files dns": the hosts file, then DNS along the search list. Thousands of
/// lookups may run at once; questions are paced, shared among those who ask the same, and their answers remembered.
/// Neither copied nor moved. Loop thread only.
class UVDIAL_API ares_resolver final : public resolver {
 public:
  /// `loop` is borrowed: it must outlive this object and run until idle after it is gone. Throws std::invalid_argument
  /// for an option out of range. No socket is opened before the first lookup.
  explicit ares_resolver(uv_loop_t& loop, ares_resolver_options options = {});
  ~ares_resolver() override;  ///< lookups that still run go on to their end

  /// As resolver::lookup(). An answer from the cache or the hosts file comes inside this call. Throws
  /// std::logic_error after close(), and std::bad_alloc or out_of_resources where memory or descriptors are gone.
  lookup_handle lookup(const question& asked, answer_sink& sink) override;

  /// As resolver::resolve().
  operation resolve(const std::string& host, const resolve_options& options,
                    callback<host_entry> on_done) override;

  /// As resolver::reverse(): the names that the hosts file or DNS (PTR records) has for the address.
  operation reverse(const endpoint& address, const resolve_options& options,
                    callback<std::vector<std::string>> on_done) override;

  /// Ends running operations with cancelled_error, and running lookups with a dns_failure whose code is ECANCELED;
  /// says when the last handle is closed. Further calls throw std::logic_error.
  void close(callback<done> on_closed);

 private:
  class core;
  std::shared_ptr<core> core_;
};

}  // namespace uvdial
