#pragma once
// floor 0
/// \file
/// From a name to addresses. Implement `resolver` to bring your own (a static table, DoH, a test's script):
///
/// ```cpp
/// class table final : public uvdial::resolver {
///  public:
///   uvdial::lookup_handle lookup(const uvdial::question& asked, uvdial::answer_sink& sink) override {
///     for (const auto family : {uvdial::ip_family::v6, uvdial::ip_family::v4}) sink.answered(find(asked, family));
///     return {};  // it has ended already
///   }
/// };
/// ```
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "uvdial/endpoint.hpp"
#include "uvdial/operation.hpp"
#include "uvdial/options.hpp"

namespace uvdial {

/// What a resolver is asked.
struct question {
  std::string host;        ///< a name, never a literal
  std::uint16_t port;      ///< for the endpoints of the answers; host byte order
  family_policy families;  ///< one answer is due for each of them
};

/// What one family's question came to. Without endpoints `why` says the reason (resolve_errc, or a code of
/// another category that counts as one, see to_resolve_errc).
struct answer {
  ip_family family;                    ///< which family
  std::vector<endpoint> endpoints{};   ///< carry the question's port; in the server's order
  std::error_code why{};               ///< unset when there are endpoints
  std::chrono::seconds ttl{0};         ///< the smallest of the records'; nobody but a cache needs it
  std::string canonical_name{};        ///< the name at the end of all aliases; empty: not known
  std::vector<std::string> aliases{};  ///< the names on the way to it
  std::optional<endpoint> server{};    ///< who said so, or was asked last; unset where no server was
  std::vector<std::string> names{};    ///< what was asked, in order; empty: the host as it is, or nothing
  std::string detail{};                ///< what there is to say beyond `why`: "an empty label"
  std::size_t left_out = 0;            ///< so many more came; ares_resolver keeps 256 of one DNS answer
};

/// What a name stands for.
struct host_entry {
  std::string canonical_name{};        ///< the name at the end of all aliases
  std::vector<std::string> aliases{};  ///< the names on the way to it
  std::vector<endpoint> endpoints{};   ///< port 0; the best first (RFC 6724)
};

/// What one resolve() or reverse() may want differently from the next.
struct resolve_options {
  std::chrono::milliseconds timeout{30'000};         ///< for all of it; at least 1 ms
  family_policy families = family_policy::v6_first;  ///< which families are asked for
};

/// Who hears the answers. Implemented by the dialer.
class answer_sink {
 public:
  /// Once for each family asked, in any order, also inside lookup() itself: deferring is the dialer's job. Must not
  /// throw: it may be called from the loop. (The dialer's own does not.)
  virtual void answered(answer received) = 0;

 protected:
  ~answer_sink() = default;
};

/// Owns a running lookup. Destroying it guarantees that the sink is not called again; that may happen inside
/// answered(). Move-only. An empty one is a lookup that has ended already.
class lookup_handle {
 public:
  lookup_handle() noexcept = default;  ///< of a lookup that has ended already

  /// Keeps whatever the lookup lives in, and deletes it as an Owner.
  template <class Owner>
  explicit lookup_handle(std::unique_ptr<Owner> owner) noexcept
      : owner_(owner.release(), [](void* held) { delete static_cast<Owner*>(held); }) {}
  void reset() noexcept { owner_.reset(); }  ///< as destroying it

 private:
  std::unique_ptr<void, void (*)(void*)> owner_{nullptr, [](void*) {}};
};

/// The seam between names and the race. Loop thread only.
class UVDIAL_API resolver {
 public:
  virtual ~resolver();  ///< a dialer shares the ownership of its resolver, so it outlives the lookups of its dials

  /// Looks the host up ONCE for all families asked: each candidate name is asked for both families, so that
  /// one race never mixes two hosts. `sink` outlives the returned handle. Where this throws std::bad_alloc or
  /// out_of_resources, the dial ends so; anything else it throws comes out of connect().
  virtual lookup_handle lookup(const question& asked, answer_sink& sink) = 0;

  /// The whole of what a name stands for, for programs that want more than a connection. A literal stands for
  /// itself. Ends with a resolve_error, timeout_error or cancelled_error where there is no address. Throws
  /// std::invalid_argument for a host or an option that makes no sense. A resolver of yours need not have it:
  /// this one throws std::logic_error.
  virtual operation resolve(const std::string& host, const resolve_options& options,
                            callback<host_entry> on_done);

  /// The names of an address, the best first; never empty. The port does not matter, nor do the families of the
  /// options. Ends and throws as resolve() does.
  virtual operation reverse(const endpoint& address, const resolve_options& options,
                            callback<std::vector<std::string>> on_done);
};

}  // namespace uvdial
