// The default resolver: hosts file, then DNS, for both families in one lookup.
#include "uvdial/ares_resolver.hpp"

#include <stdexcept>

#include "glue/dns_channel.hpp"
#include "glue/hosts_file.hpp"
#include "service/dns_lookup.hpp"

namespace uvdial {

namespace {

void require(bool holds, const std::string& message) {
  if (!holds) throw std::invalid_argument("ares_resolver_options: " + message);
}

void check(const ares_resolver_options& options) {
  const auto timeout = options.timeout.count();
  require(timeout >= 1 && timeout <= 3'600'000,
          "timeout: " + std::to_string(timeout) + " ms is not 1..3600000 ms");
  require(options.tries >= 1 && options.tries <= 100,
          "tries: " + std::to_string(options.tries) + " is not 1..100");
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

// RFC 6761, 6.3: such names "always resolve to an IP loopback address", and no server is asked.
detail::hosts_entry loopback_entry() {
  return {{*endpoint::from_literal("::1", 0), *endpoint::from_literal("127.0.0.1", 0)}, "localhost", {}};
}

// All answers are made before the first is told: the sink may look up another name, which may read the file anew.
void tell_from(const detail::hosts_entry& entry, const question& asked, answer_sink& sink) {
  std::vector<answer> answers;
  for (const ip_family family : detail::families_of(asked.families))
    answers.push_back(answer_from(entry, family, asked.port));
  for (answer& each : answers) sink.answered(std::move(each));
}

}  // namespace

class ares_resolver::core {
 public:
  core(uv_loop_t& loop, ares_resolver_options options)
      : options_(std::move(options)),
        hosts_(options_.hosts_file),
        group_(std::make_shared<detail::lookup_group>(std::make_shared<detail::dns_channel>(
            loop, detail::dns_channel_options{options_.servers, options_.timeout, options_.tries}, count_))) {
  }

  lookup_handle lookup(const question& asked, answer_sink& sink) {
    if (closed_) throw std::logic_error("ares_resolver: a lookup after close()");
    if (detail::why_impossible(asked.host)) {
      for (const ip_family family : detail::families_of(asked.families))
        sink.answered(answer{family, {}, resolve_errc::host_not_found});
      return {};
    }
    if (const detail::hosts_entry* entry = hosts_.table().find(asked.host)) {
      tell_from(*entry, asked, sink);
      return {};
    }
    if (detail::is_this_machine(asked.host)) {
      tell_from(loopback_entry(), asked, sink);
      return {};
    }
    auto running = std::make_unique<detail::dns_lookup>(group_, asked, sink,
                                                        detail::candidate_names(asked.host, search_rules()));
    running->ask();
    return lookup_handle(std::move(running));
  }

  // The last close callback finds the lookups that were cut off and tells them, then the caller.
  void close(callback<done> on_closed) {
    if (closed_) throw std::logic_error("ares_resolver: close() twice");
    closed_ = true;
    count_->when_none([group = group_, on_closed = std::move(on_closed)]() mutable {
      const std::error_code cancelled = std::make_error_code(std::errc::operation_canceled);
      while (!group->running.empty()) group->running.front()->fail(cancelled);
      if (on_closed) on_closed(done{});
    });
    group_->channel->close();
    group_->channel.reset();
  }

 private:
  detail::search_rules search_rules() {
    detail::search_rules rules;
    if (!options_.search || !options_.ndots) rules = group_->channel->system_search();
    if (options_.search) rules.domains = *options_.search;
    if (options_.ndots) rules.ndots = *options_.ndots;
    return rules;
  }

  ares_resolver_options options_;
  std::shared_ptr<detail::handle_count> count_ = std::make_shared<detail::handle_count>();
  detail::hosts_file hosts_;
  std::shared_ptr<detail::lookup_group> group_;
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

void ares_resolver::close(callback<done> on_closed) { core_->close(std::move(on_closed)); }

}  // namespace uvdial
