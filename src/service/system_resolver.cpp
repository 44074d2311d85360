// The system's resolver behind our seam: each lookup is one request to libuv's pool, told family by family.
#include "uvdial/system_resolver.hpp"

#include <uv.h>

#include <list>
#include <new>
#include <stdexcept>

#include "glue/system_request.hpp"
#include "logic/host_name.hpp"
#include "logic/name_walk.hpp"
#include "service/resolve_calls.hpp"
#include "values/international_name.hpp"

namespace uvdial {

namespace {

using detail::system_reply;
using detail::system_request;

std::error_code code_of(const system_reply& reply) noexcept { return {reply.status, uv_category()}; }

// What the system is asked for, or why it is not. Without libidn2 names beyond ASCII are left to libuv, which encodes
// them without looking at them closely; a NUL would end the name early.
detail::ascii_name name_for_system(const std::string& host) {
  detail::ascii_name found = detail::to_ascii_name(host);
  if (!found.problem.empty() && !detail::knows_international_names() && host.find('\0') == std::string::npos)
    return {host, {}};
  if (!found.problem.empty()) return found;
  if (const char* why = detail::why_impossible(found.name)) found.problem = why;
  return found;
}

answer answer_from(const system_reply& reply, ip_family family, std::uint16_t port) {
  answer told{family};
  for (const endpoint& address : reply.addresses) {
    if (address.family() == family) told.endpoints.push_back(address.with_port(port));
  }
  if (reply.status != 0)
    told.why = code_of(reply);
  else if (told.endpoints.empty())
    told.why = resolve_errc::no_address;
  told.canonical_name = reply.canonical_name;
  return told;
}

std::optional<ip_family> only_family(family_policy policy) {
  const auto families = detail::families_of(policy);
  return families.size() == 1 ? std::optional(families.front()) : std::nullopt;
}

// The requests of one resolver; outlives it while they run.
struct request_group {
  std::list<system_request*> members{};
  callback<done> on_closed{};  // once the resolver is asked to close
};

// What a lookup_handle owns. `sink` is null from the moment it is destroyed: an answer that is being told has
// more than one call to make, and each may be the one that destroys it.
template <class Sink>
class system_lookup {
 public:
  system_lookup(std::shared_ptr<request_group> group, Sink& sink)
      : sink_(std::make_shared<Sink*>(&sink)),
        group_(std::move(group)),
        place_(group_->members.insert(group_->members.end(), &request)) {}
  ~system_lookup() {
    *sink_ = nullptr;
    group_->members.erase(place_);
  }
  system_lookup(const system_lookup&) = delete;
  system_lookup& operator=(const system_lookup&) = delete;

  std::shared_ptr<Sink*> sink() const noexcept { return sink_; }

  system_request request{};

 private:
  std::shared_ptr<Sink*> sink_;
  std::shared_ptr<request_group> group_;
  std::list<system_request*>::iterator place_;
};

// From the loop, where nobody catches, as the next one is.
answer told_of(const system_reply& reply, ip_family family, std::uint16_t port) noexcept try {
  return answer_from(reply, family, port);
} catch (const std::bad_alloc&) {
  return {family, {}, code_of({UV_ENOMEM})};
}

void tell(const std::shared_ptr<answer_sink*>& sink, const question& asked, const system_reply& reply) {
  for (const ip_family family : detail::families_of(asked.families)) {
    if (*sink) (*sink)->answered(told_of(reply, family, asked.port));
  }
}

void tell(const std::shared_ptr<detail::reverse_sink*>& sink, const system_reply& reply) {
  detail::reverse_answer told;
  if (reply.status != 0) told.why = code_of(reply);
  try {
    if (!reply.name.empty()) told.names.push_back(reply.name);
  } catch (const std::bad_alloc&) {
    told.why = code_of({UV_ENOMEM});
  }
  if (*sink) (*sink)->named(std::move(told));
}

}  // namespace

class system_resolver::core {
 public:
  explicit core(uv_loop_t& loop)
      : loop_(loop), calls_(std::make_shared<detail::resolve_calls>(loop, count_)) {
    calls_->open();  // so that close() has something to close
  }

  const std::shared_ptr<detail::resolve_calls>& calls() const noexcept { return calls_; }

  lookup_handle lookup(const question& asked, answer_sink& sink) {
    if (closed_) throw std::logic_error("system_resolver: a lookup after close()");
    const detail::ascii_name name = name_for_system(asked.host);
    if (!name.problem.empty()) {
      for (const ip_family family : detail::families_of(asked.families)) {
        answer told{family, {}, resolve_errc::host_not_found};
        told.detail = name.problem;
        sink.answered(std::move(told));
      }
      return {};
    }
    auto made = std::make_unique<system_lookup<answer_sink>>(group_, sink);
    const int status = made->request.ask_addresses(
        loop_, name.name, only_family(asked.families), count_,
        [sink = made->sink(), asked](const system_reply& reply) { tell(sink, asked, reply); });
    if (status < 0) tell(made->sink(), asked, {status});
    return lookup_handle(std::move(made));
  }

  lookup_handle name_of(const endpoint& address, detail::reverse_sink& sink) {
    auto made = std::make_unique<system_lookup<detail::reverse_sink>>(group_, sink);
    const int status = made->request.ask_name(
        loop_, address, count_, [sink = made->sink()](const system_reply& reply) { tell(sink, reply); });
    if (status < 0) tell(made->sink(), {status});
    return lookup_handle(std::move(made));
  }

  void close(callback<done> on_closed) {
    if (closed_) throw std::logic_error("system_resolver: close() twice");
    closed_ = true;
    group_->on_closed = std::move(on_closed);
    count_->when_none([group = group_] {
      if (auto tell = std::move(group->on_closed)) tell(done{});
    });
    for (system_request* each : group_->members) each->cancel();
    calls_->close();
  }

 private:
  uv_loop_t& loop_;
  std::shared_ptr<detail::handle_count> count_ = std::make_shared<detail::handle_count>();
  std::shared_ptr<request_group> group_ = std::make_shared<request_group>();
  std::shared_ptr<detail::resolve_calls> calls_;
  bool closed_ = false;
};

system_resolver::system_resolver(uv_loop_t& loop) : core_(std::make_shared<core>(loop)) {}

system_resolver::~system_resolver() = default;

lookup_handle system_resolver::lookup(const question& asked, answer_sink& sink) {
  const auto kept = core_;  // the sink may destroy the resolver
  return kept->lookup(asked, sink);
}

operation system_resolver::resolve(const std::string& host, const resolve_options& options,
                                   callback<host_entry> on_done) {
  return core_->calls()->resolve(*this, host, options, std::move(on_done));
}

operation system_resolver::reverse(const endpoint& address, const resolve_options& options,
                                   callback<std::vector<std::string>> on_done) {
  const auto look_up = [this, &address](detail::reverse_sink& sink) { return core_->name_of(address, sink); };
  return core_->calls()->reverse(look_up, address, options, std::move(on_done));
}

void system_resolver::close(callback<done> on_closed) { core_->close(std::move(on_closed)); }

}  // namespace uvdial
