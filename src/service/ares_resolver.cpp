// The default resolver: hosts file, then DNS, for both families in one lookup.
#include "uvdial/ares_resolver.hpp"

#include <stdexcept>

#include "glue/dns_channel.hpp"
#include "glue/resolv_conf_file.hpp"
#include "logic/reverse_name.hpp"
#include "service/dns_lookup.hpp"
#include "service/local_names.hpp"
#include "service/resolve_calls.hpp"
#include "service/reverse_lookup.hpp"

namespace uvdial {

namespace {

constexpr std::chrono::milliseconds usual_timeout{2000};
constexpr unsigned usual_tries = 3;

void require(bool holds, const std::string& message) {
  if (!holds) throw std::invalid_argument("ares_resolver_options: " + message);
}

void check(const ares_resolver_options& options) {
  const auto timeout = options.timeout.value_or(usual_timeout).count();
  require(timeout >= 1 && timeout <= 3'600'000,
          "bad timeout " + std::to_string(timeout) + " ms: it must be from 1 ms to 3600000 ms");
  const unsigned tries = options.tries.value_or(usual_tries);
  require(tries >= 1 && tries <= 100, "bad tries " + std::to_string(tries) + ": it must be from 1 to 100");
  require(options.servers.size() <= detail::most_servers,
          "bad servers: there are " + std::to_string(options.servers.size()) + ", and at most " +
              std::to_string(detail::most_servers) + " are taken");
}

// The file's addresses of one family. A name that is in the file is asked of DNS for neither family.
answer answer_from(const detail::hosts_entry& entry, ip_family family, std::uint16_t port) {
  answer found{family};
  for (const endpoint& address : entry.addresses) {
    if (address.family() == family) found.endpoints.push_back(address.with_port(port));
  }
  if (found.endpoints.empty()) found.why = resolve_errc::no_address;
  found.canonical_name = entry.canonical_name;
  found.aliases = entry.aliases;
  return found;
}

answer no_such_host(ip_family family, const std::string& problem) {
  answer told{family, {}, resolve_errc::host_not_found};
  told.detail = problem;
  return told;
}

}  // namespace

class ares_resolver::core {
 public:
  core(uv_loop_t& loop, ares_resolver_options options)
      : loop_(loop),
        options_(std::move(options)),
        local_(options_.hosts_file),
        conf_(options_.resolv_conf),
        group_(std::make_shared<detail::lookup_group>(options_.cache_entries)),
        calls_(std::make_shared<detail::resolve_calls>(loop, count_)) {
    calls_->open();  // so that close() has something to close
  }

  const std::shared_ptr<detail::resolve_calls>& calls() const noexcept { return calls_; }

  lookup_handle lookup(const question& asked, answer_sink& sink) {
    require_open();
    const detail::local_finding found = local_.find(asked.host);
    if (found.entry || !found.problem.empty()) {
      tell(found, asked, sink);
      return {};
    }
    const std::string& name = found.ascii.empty() ? asked.host : found.ascii;
    const auto& rules = current_rules();
    if (detail::tell_known(*group_->desk, asked, name, *rules, sink)) return {};
    auto running = std::make_unique<detail::dns_lookup>(group_, asked, name, rules, sink);
    (void)running->ask();  // nobody has its handle so far: it cannot be gone
    return lookup_handle(std::move(running));
  }

  lookup_handle names_of(const endpoint& address, detail::reverse_sink& sink) {
    require_open();
    if (const std::vector<std::string>* names = local_.names_of(address)) {
      sink.named({*names});
      return {};
    }
    (void)current_rules();  // for the channel
    auto running = std::make_unique<detail::reverse_lookup>(group_, sink);
    running->ask(detail::reverse_name(address));
    return lookup_handle(std::move(running));
  }

  // The last close callback finds the lookups that were cut off and tells them, then the caller. Needs no memory: it is
  // called from the loop when a dialer closes.
  void close(callback<done> on_closed) {
    if (closed_) throw std::logic_error("ares_resolver: close() twice");
    closed_ = true;
    group_->on_closed = std::move(on_closed);
    count_->when_none([group = group_] {
      const std::error_code cancelled = std::make_error_code(std::errc::operation_canceled);
      while (!group->running.empty()) group->running.front().fail(cancelled);
      if (auto tell = std::move(group->on_closed)) tell(done{});
    });
    calls_->close();
    group_->desk->close();
  }

 private:
  void require_open() const {
    if (closed_) throw std::logic_error("ares_resolver: a lookup after close()");
  }

  // All answers are made before the first is told: the sink may look up another name, which may read the file anew.
  static void tell(const detail::local_finding& found, const question& asked, answer_sink& sink) {
    std::vector<answer> answers;
    for (const ip_family family : detail::families_of(asked.families))
      answers.push_back(found.entry ? answer_from(*found.entry, family, asked.port)
                                    : no_such_host(family, found.problem));
    for (answer& each : answers) sink.answered(std::move(each));
  }

  // What the system says is taken over: a channel of its own for the servers of the day, while those who run on the
  // old one end there. Lives until the next call. All that needs memory is made before anything changes.
  const std::shared_ptr<const detail::search_rules>& current_rules() {
    if (group_->desk->take_trouble()) conf_.look_again();
    const detail::resolv_conf& found = conf_.current();
    if (conf_.version() == used_version_) return rules_;
    if (!group_->desk->has_channel() || found != used_) {
      auto rules = std::make_shared<detail::search_rules>(detail::search_rules{
          options_.search.value_or(found.search.domains), options_.ndots.value_or(found.search.ndots)});
      detail::resolv_conf used = found;
      group_->desk->use(std::make_shared<detail::dns_channel>(loop_, channel_options(found), count_));
      used_ = std::move(used);
      rules_ = std::move(rules);
    }
    used_version_ = conf_.version();
    return rules_;
  }

  detail::dns_channel_options channel_options(const detail::resolv_conf& found) const {
    detail::dns_channel_options made;
    made.servers = options_.servers.empty() ? found.servers : options_.servers;
    made.timeout = found.timeout ? std::chrono::milliseconds(*found.timeout) : usual_timeout;
    if (options_.timeout) made.timeout = *options_.timeout;
    made.tries = options_.tries.value_or(found.attempts.value_or(usual_tries));
    made.rotates = options_.rotate.value_or(found.rotate);
    made.tcp_only = options_.tcp_only.value_or(found.tcp_only);
    made.edns = options_.edns.value_or(found.edns);
    made.mixed_case = options_.mixed_case;
    return made;
  }

  uv_loop_t& loop_;
  ares_resolver_options options_;
  std::shared_ptr<detail::handle_count> count_ = std::make_shared<detail::handle_count>();
  detail::local_names local_;
  detail::resolv_conf_file conf_;
  detail::resolv_conf used_{};
  unsigned used_version_ = 0;  // of it; 0: none
  std::shared_ptr<const detail::search_rules> rules_{};
  std::shared_ptr<detail::lookup_group> group_;
  std::shared_ptr<detail::resolve_calls> calls_;
  bool closed_ = false;
};

ares_resolver::ares_resolver(uv_loop_t& loop, ares_resolver_options options) {
  check(options);
  core_ = std::make_shared<core>(loop, std::move(options));
}

ares_resolver::~ares_resolver() = default;

lookup_handle ares_resolver::lookup(const question& asked, answer_sink& sink) {
  const auto kept = core_;  // the sink may destroy the resolver
  return kept->lookup(asked, sink);
}

operation ares_resolver::resolve(const std::string& host, const resolve_options& options,
                                 callback<host_entry> on_done) {
  return core_->calls()->resolve(*this, host, options, std::move(on_done));
}

operation ares_resolver::reverse(const endpoint& address, const resolve_options& options,
                                 callback<std::vector<std::string>> on_done) {
  const auto look_up = [this, &address](detail::reverse_sink& sink) {
    return core_->names_of(address, sink);
  };
  return core_->calls()->reverse(look_up, address, options, std::move(on_done));
}

void ares_resolver::close(callback<done> on_closed) { core_->close(std::move(on_closed)); }

}  // namespace uvdial
